/* SPDX-License-Identifier: MIT */
#include "gcode/header.h"
#include "print/check.h"

#include <assert.h>
#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_extent(const struct gcode_extent *extent)
{
	for (size_t axis = 0; axis < GCODE_AXES; axis++) {
		assert(!isnan(extent->min_mm[axis]) && !isnan(extent->max_mm[axis]));
	}
}

static void check_findings(const struct print_findings *findings, int64_t lines)
{
	assert(findings->count <= PRINT_FINDINGS_MAX);
	assert(findings->more == 0 || findings->count == PRINT_FINDINGS_MAX);
	for (size_t i = 0; i < findings->count; i++) {
		assert(findings->list[i].text[0] != '\0');
		assert(findings->list[i].line >= 0 && findings->list[i].line <= lines);
		assert(findings->refused || findings->list[i].severity == PRINT_WARNING);
	}
}

/* The first byte says for which model. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct printer_profile profile;
	struct print_check check;
	struct gcode_reader reader;
	struct gcode_metadata metadata;
	struct problem problem;
	char header[GCODE_HEADER_MAX];

	if (size < 1) {
		return 0;
	}
	printer_profile_init(&profile, (enum flagship_model)(data[0] % (FLAGSHIP_MODEL_E1 + 1)));
	print_check_init(&check, &profile);
	gcode_reader_init(&reader);
	reader.on_line = print_check_line;
	reader.context = &check;
	int error = gcode_reader_feed(&reader, data + 1, size - 1, &problem);
	if (!error) {
		error = gcode_reader_end(&reader, &metadata, &problem);
	}
	int64_t lines = reader.lines;
	gcode_reader_finish(&reader);
	check_extent(&check.moves.extent);
	if (!error) {
		print_check_end(&check, &metadata);
		assert(gcode_header_write(&metadata, header) == strlen(header));
	}
	check_findings(&check.findings, lines);
	return 0;
}
