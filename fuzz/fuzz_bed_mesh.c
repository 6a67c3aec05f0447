/* SPDX-License-Identifier: MIT */
#include "printer/bed/mesh.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct bed_mesh *mesh)
{
	const size_t cells = (size_t)BED_MESH_SIZE * BED_MESH_SIZE;
	struct bed_mesh_range range;
	size_t unknown = bed_mesh_unknown(mesh);

	assert(unknown <= cells);
	assert(bed_mesh_measure(mesh, &range) == (unknown < cells));
	assert(range.lowest <= range.mean && range.mean <= range.highest);
}

/* The first byte: where one reply ends and the next begins. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bed_mesh mesh;
	struct bed_mesh once;

	if (size == 0) {
		return 0;
	}
	/* Copies end where the text does, so that a step beyond is seen. */
	size_t first = data[0] * (size - 1) / UINT8_MAX;
	char *text = malloc(size);
	assert(text != NULL);
	memcpy(text, data + 1, size - 1);
	bed_mesh_init(&mesh);
	bed_mesh_read(&mesh, text, first, BED_MESH_CUT);
	check(&mesh);
	bed_mesh_read(&mesh, text + first, size - 1 - first, BED_MESH_SPLICED);
	check(&mesh);
	/* What a spliced reply proves needs no other one, and is not more with each telling. */
	bed_mesh_init(&once);
	bed_mesh_read(&once, text, size - 1, BED_MESH_SPLICED);
	mesh = once;
	bed_mesh_read(&mesh, text, size - 1, BED_MESH_SPLICED);
	assert(bed_mesh_unknown(&mesh) == bed_mesh_unknown(&once));
	free(text);
	return 0;
}
