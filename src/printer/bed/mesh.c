/* SPDX-License-Identifier: MIT */
#include "printer/bed/mesh.h"

#include "printer/bed/line.h"

#include <stdlib.h>
#include <string.h>

/* What a height needs to be known, and what says how much of it. */
#define EVIDENCE_KNOWN 2
#define EVIDENCE_PROOF 2
#define EVIDENCE_SEEN  1

/* The same height, once with three decimals and once with five. */
#define ROUNDING_UM 1

#define CELLS       ((size_t)BED_MESH_SIZE * BED_MESH_SIZE)

/* What is being read: the heights that one reply tells. */
struct reading {
	struct bed_mesh_cell cells[BED_MESH_SIZE][BED_MESH_SIZE];
	enum bed_mesh_text kind;
	bool subdivided; /* from here on the table is a finer one that was calculated */
	bool title;      /* the line before was the title of the table */
	bool other_size;
};

void bed_mesh_init(struct bed_mesh *mesh)
{
	*mesh = (struct bed_mesh){0};
}

static void note(struct reading *reading, size_t x, size_t y, struct bed_mesh_cell reported)
{
	struct bed_mesh_cell *cell = &reading->cells[y][x];

	if (reported.evidence > cell->evidence) {
		*cell = reported;
	}
}

/* As it follows the table. */
static bool is_blank_point(const struct bed_line *line)
{
	return line->terminated && line->length == 0;
}

/* Whether nothing can be missing in a row that has all its columns. */
static bool is_proven(const struct reading *reading, const struct bed_row *row,
		      const struct bed_line *line, const struct bed_line *next)
{
	if (row->uneven && reading->kind == BED_MESH_SPLICED) {
		return false;
	}
	if (row->y + 1 < BED_MESH_SIZE) {
		return bed_line_begins_row(next, row->y + 1);
	}
	if (row->named && reading->kind == BED_MESH_CUT) {
		return line->terminated;
	}
	return is_blank_point(next) || (row->named && bed_line_is_state(next));
}

/* What a row of the table proves, with the line after it. */
static uint8_t weigh_row(const struct reading *reading, const struct bed_row *row,
			 const struct bed_line *line, const struct bed_line *next)
{
	bool spliced = reading->kind == BED_MESH_SPLICED;

	if (row->count == BED_MESH_SIZE) {
		if (is_proven(reading, row, line, next)) {
			return EVIDENCE_PROOF;
		}
		return spliced || !line->terminated ? 0 : EVIDENCE_SEEN;
	}
	/* Less than a row is only the end that was cut off. */
	return spliced || line->terminated ? 0 : EVIDENCE_SEEN;
}

static void read_row(struct reading *reading, const struct bed_line *line,
		     const struct bed_line *next)
{
	struct bed_row row;

	if (reading->subdivided || !bed_line_read_row(line, &row) || row.y >= BED_MESH_SIZE ||
	    row.count > BED_MESH_SIZE) {
		return;
	}
	uint8_t evidence = weigh_row(reading, &row, line, next);
	for (size_t x = 0; x < row.count && evidence > 0; x++) {
		note(reading, x, row.y,
		     (struct bed_mesh_cell){row.empty[x] ? 0 : row.micrometres[x], evidence,
					    row.empty[x]});
	}
}

static void read_point(struct reading *reading, const struct bed_line *line,
		       const struct bed_line *next)
{
	struct bed_point point;
	struct bed_mesh_cell reported = {0};

	if (!line->terminated || !bed_line_read_point(line, &point) || point.x >= BED_MESH_SIZE ||
	    point.y >= BED_MESH_SIZE) {
		return;
	}
	reported.micrometres = point.micrometres;
	size_t after = point.y * BED_MESH_SIZE + point.x + 1;
	if (bed_line_begins_point(next, after % BED_MESH_SIZE, after / BED_MESH_SIZE) ||
	    (after == CELLS && bed_line_is_after_points(next))) {
		reported.evidence = EVIDENCE_PROOF;
	} else if (reading->kind == BED_MESH_CUT) {
		reported.evidence = EVIDENCE_SEEN;
	}
	note(reading, point.x, point.y, reported);
}

static void read_line(struct reading *reading, const struct bed_line *line,
		      const struct bed_line *next)
{
	size_t columns;

	if (reading->title && line->terminated && bed_line_read_columns(line, &columns) &&
	    (columns > BED_MESH_SIZE ||
	     (columns < BED_MESH_SIZE && reading->kind == BED_MESH_CUT))) {
		reading->other_size = true;
	}
	reading->title = bed_line_is_title(line);
	reading->subdivided = reading->subdivided || bed_line_is_subdivided(line);
	read_row(reading, line, next);
	read_point(reading, line, next);
}

static bool differs(const struct bed_mesh_cell *left, const struct bed_mesh_cell *right)
{
	return left->empty != right->empty ||
	       abs(left->micrometres - right->micrometres) > ROUNDING_UM;
}

/* Both cannot be true at a time: the bed was probed anew between the two. */
static bool contradicts(const struct bed_mesh *mesh, const struct reading *reading)
{
	for (size_t i = 0; i < CELLS; i++) {
		const struct bed_mesh_cell *old = &mesh->cells[0][0] + i;
		const struct bed_mesh_cell *new = &reading->cells[0][0] + i;

		if (old->evidence >= EVIDENCE_KNOWN && new->evidence >= EVIDENCE_PROOF &&
		    differs(old, new)) {
			return true;
		}
	}
	return false;
}

static void merge(struct bed_mesh_cell *cell, const struct bed_mesh_cell *new)
{
	if (new->evidence == 0) {
		return;
	}
	if (cell->evidence > 0 && !differs(cell, new)) {
		cell->evidence = EVIDENCE_KNOWN;
	} else if (cell->evidence < EVIDENCE_KNOWN || new->evidence >= EVIDENCE_PROOF) {
		*cell = *new;
	}
}

static bool next_line(const char **cursor, const char *end, struct bed_line *line)
{
	bool more;

	do {
		more = bed_line_next(cursor, end, line);
	} while (more && bed_line_is_busy(line));
	return more;
}

void bed_mesh_read(struct bed_mesh *mesh, const char *text, size_t length, enum bed_mesh_text kind)
{
	struct reading reading = {.kind = kind};
	const char *cursor = text;
	const char *end = text + length;
	struct bed_line line;
	struct bed_line next;
	bool more = next_line(&cursor, end, &line);

	while (more) {
		more = next_line(&cursor, end, &next);
		read_line(&reading, &line, &next);
		line = next;
	}
	if (reading.other_size) {
		mesh->other_size = true;
		return;
	}
	if (contradicts(mesh, &reading)) {
		memset(mesh->cells, 0, sizeof(mesh->cells));
		mesh->changed = true;
	}
	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			merge(&mesh->cells[y][x], &reading.cells[y][x]);
		}
	}
}

bool bed_mesh_height(const struct bed_mesh *mesh, size_t x, size_t y, int32_t *micrometres)
{
	const struct bed_mesh_cell *cell = &mesh->cells[y][x];

	*micrometres = cell->micrometres;
	return cell->evidence >= EVIDENCE_KNOWN && !cell->empty;
}

bool bed_mesh_is_empty(const struct bed_mesh *mesh, size_t x, size_t y)
{
	const struct bed_mesh_cell *cell = &mesh->cells[y][x];

	return cell->evidence >= EVIDENCE_KNOWN && cell->empty;
}

size_t bed_mesh_empty(const struct bed_mesh *mesh)
{
	size_t count = 0;

	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			count += bed_mesh_is_empty(mesh, x, y);
		}
	}
	return count;
}

size_t bed_mesh_unknown(const struct bed_mesh *mesh)
{
	size_t count = 0;
	int32_t ignored;

	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			count += !bed_mesh_height(mesh, x, y, &ignored);
		}
	}
	return count;
}

bool bed_mesh_measure(const struct bed_mesh *mesh, struct bed_mesh_range *range)
{
	int32_t count = 0;
	int32_t sum = 0;

	*range = (struct bed_mesh_range){.lowest = INT32_MAX, .highest = INT32_MIN};
	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			int32_t height;

			if (!bed_mesh_height(mesh, x, y, &height)) {
				continue;
			}
			range->lowest = height < range->lowest ? height : range->lowest;
			range->highest = height > range->highest ? height : range->highest;
			sum += height;
			count++;
		}
	}
	if (count == 0) {
		*range = (struct bed_mesh_range){0};
		return false;
	}
	range->mean = (sum + (sum < 0 ? -count : count) / 2) / count;
	return true;
}
