/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_BED_MESH_H
#define PRINTER_BED_MESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The heights of the bed, as a printer tells them in answer to M420 V (a table) and in M503 (a line
 * for each point), put together from replies of which parts are missing (protocol.md 3.3). A height
 * is never guessed: it is known once a reply proves that nothing can be missing inside of it, or
 * once two replies agree on it.
 *
 * What proves a row of the table: it has all its columns, all of one width, and the row after it,
 * or the blank line after the last, follows. Whatever is missing in between would shorten it, or
 * leave out a number. A row that begins with BL-Grid-N names itself; in place of one width its
 * heights have as many decimals one as the other, and behind the last row stands whether levelling
 * is on; where nothing but the end can be missing, its line break is enough.
 */
#define BED_MESH_SIZE 7 /* points along each side (M5 and M5C) */

struct bed_mesh_cell {
	int32_t micrometres;
	uint8_t evidence; /* private */
	bool empty;       /* private: the printer says that it was never probed */
};

struct bed_mesh {
	struct bed_mesh_cell cells[BED_MESH_SIZE][BED_MESH_SIZE]; /* [y][x] */
	bool changed;    /* the printer told other heights meanwhile: the older ones were dropped */
	bool other_size; /* its table has another number of columns: nothing is taken from it */
};

void bed_mesh_init(struct bed_mesh *mesh);

/* Where a text is a whole reply, or what came of one. */
enum bed_mesh_text {
	BED_MESH_CUT,     /* the end may be missing, nothing else */
	BED_MESH_SPLICED, /* anything may be missing, anywhere */
};

/* Takes what a reply says of the bed; anything else in it is passed over. */
void bed_mesh_read(struct bed_mesh *mesh, const char *text, size_t length, enum bed_mesh_text kind);

/* False where the height is not known. x: 0 … BED_MESH_SIZE - 1, from left to right; y: from the
 * front to the back. */
bool bed_mesh_height(const struct bed_mesh *mesh, size_t x, size_t y, int32_t *micrometres);

size_t bed_mesh_unknown(const struct bed_mesh *mesh);

/* Whether its height is not known because the printer itself has none, and how many are so. */
bool bed_mesh_is_empty(const struct bed_mesh *mesh, size_t x, size_t y);
size_t bed_mesh_empty(const struct bed_mesh *mesh);

struct bed_mesh_range {
	int32_t lowest; /* µm */
	int32_t highest;
	int32_t mean;
};

/* Of the heights that are known; false where none is. */
bool bed_mesh_measure(const struct bed_mesh *mesh, struct bed_mesh_range *range);

#endif
