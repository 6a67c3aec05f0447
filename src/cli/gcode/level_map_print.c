/* SPDX-License-Identifier: MIT */
#include "cli/gcode/level_map_print.h"

#include "cli/output/json_line.h"
#include "cli/output/print.h"

#include <stdlib.h>
#include <string.h>

#define UM_PER_MM    1000.0
#define MM_DECIMALS  3
#define CELL_WIDTH   8
#define LABEL_WIDTH  6
#define UNKNOWN_CELL "?"
#define UNKNOWN_TOLD 6
#define BELOW        ((size_t)BED_MESH_SIZE - 1)

/* A flat bed shows no colours: what differs less than this is as good as level. */
#define SCALE_LEAST_UM 50

#define COLOUR_RESET   "\033[0m"
#define COLOUR_FORMAT  "\033[38;5;16;48;5;%dm"

/* From low to high, of the 256 colours that terminals know. */
static const int colours[] = {27, 33, 75, 117, 153, 255, 223, 216, 209, 203, 196};

#define COLOUR_COUNT  ((int32_t)(sizeof(colours) / sizeof(colours[0])))
#define COLOUR_MIDDLE (COLOUR_COUNT / 2)

static int colour_of(int32_t micrometres, int32_t middle, int32_t scale)
{
	int32_t step = (micrometres - middle) * COLOUR_MIDDLE / scale;

	step = step < -COLOUR_MIDDLE ? -COLOUR_MIDDLE : step;
	step = step > COLOUR_MIDDLE ? COLOUR_MIDDLE : step;
	return colours[COLOUR_MIDDLE + step];
}

static int32_t scale_of(const struct bed_mesh_range *range)
{
	int32_t up = range->highest - range->mean;
	int32_t down = range->mean - range->lowest;
	int32_t scale = up > down ? up : down;

	return scale > SCALE_LEAST_UM ? scale : SCALE_LEAST_UM;
}

static void print_cell(const struct output *output, const struct bed_mesh *mesh, size_t x, size_t y,
		       const struct bed_mesh_range *range)
{
	int32_t height;

	if (!bed_mesh_height(mesh, x, y, &height)) {
		output_print(output, OUTPUT_YELLOW, "%*s ", CELL_WIDTH - 1, UNKNOWN_CELL);
		return;
	}
	if (output->colour) {
		print_to(output->stream, COLOUR_FORMAT,
			 colour_of(height, range->mean, scale_of(range)));
	}
	print_to(output->stream, "%+*.3f ", CELL_WIDTH - 1, height / UM_PER_MM);
	if (output->colour) {
		fputs(COLOUR_RESET, output->stream);
	}
}

static const char *row_label(size_t y)
{
	if (y == BELOW) {
		return "back";
	}
	return y == 0 ? "front" : "";
}

static void print_summary(const struct output *output, const struct bed_mesh_range *range)
{
	output_print(output, OUTPUT_PLAIN,
		     "lowest %+.3f mm, highest %+.3f mm, mean %+.3f mm: %.3f mm between them\n",
		     range->lowest / UM_PER_MM, range->highest / UM_PER_MM, range->mean / UM_PER_MM,
		     (range->highest - range->lowest) / UM_PER_MM);
}

void level_map_print_page(const struct output *output, const struct bed_mesh *mesh,
			  const char *label)
{
	struct bed_mesh_range range;
	bool known = bed_mesh_measure(mesh, &range);

	output_text(output, OUTPUT_BOLD, label, strlen(label), false);
	output_print(output, OUTPUT_PLAIN, ": heights of the bed in mm\n");
	for (size_t i = 0; i < BED_MESH_SIZE; i++) {
		size_t y = BELOW - i;

		output_print(output, OUTPUT_DIM, "%*s %zu ", LABEL_WIDTH, row_label(y), y);
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			print_cell(output, mesh, x, y, &range);
		}
		fputc('\n', output->stream);
	}
	output_print(output, OUTPUT_DIM, "%*s   ", LABEL_WIDTH, "");
	for (size_t x = 0; x < BED_MESH_SIZE; x++) {
		output_print(output, OUTPUT_DIM, "%*zu ", CELL_WIDTH - 1, x);
	}
	fputc('\n', output->stream);
	if (known) {
		print_summary(output, &range);
	}
}

void level_map_print_csv(const struct bed_mesh *mesh, FILE *out)
{
	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			int32_t height;

			if (bed_mesh_height(mesh, x, y, &height)) {
				print_to(out, "%.3f", height / UM_PER_MM);
			}
			fputc(x == BELOW ? '\n' : ',', out);
		}
	}
}

static void write_height(const struct bed_mesh *mesh, size_t x, size_t y,
			 struct json_writer *writer)
{
	int32_t height;

	if (bed_mesh_height(mesh, x, y, &height)) {
		json_scaled(writer, height, MM_DECIMALS);
	} else {
		json_null(writer);
	}
}

static void write_heights(const struct bed_mesh *mesh, struct json_writer *writer)
{
	json_key(writer, "heights_mm");
	json_array_begin(writer);
	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		json_array_begin(writer);
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			write_height(mesh, x, y, writer);
		}
		json_array_end(writer);
	}
	json_array_end(writer);
}

static void write_unknown(const struct bed_mesh *mesh, struct json_writer *writer)
{
	int32_t height;

	json_key(writer, "unknown");
	json_array_begin(writer);
	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			if (bed_mesh_height(mesh, x, y, &height)) {
				continue;
			}
			json_object_begin(writer);
			json_key(writer, "x");
			json_int(writer, (int64_t)x);
			json_key(writer, "y");
			json_int(writer, (int64_t)y);
			json_object_end(writer);
		}
	}
	json_array_end(writer);
}

static void write_range(const struct bed_mesh *mesh, struct json_writer *writer)
{
	struct bed_mesh_range range;
	bool known = bed_mesh_measure(mesh, &range);
	const struct {
		const char *key;
		int32_t value;
	} members[] = {
		{"lowest_mm", range.lowest},
		{"highest_mm", range.highest},
		{"mean_mm", range.mean},
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_key(writer, members[i].key);
		if (known) {
			json_scaled(writer, members[i].value, MM_DECIMALS);
		} else {
			json_null(writer);
		}
	}
}

static void write_heard(const struct bed_heard *heard, struct json_writer *writer)
{
	const char *text;
	size_t length;
	size_t at = 0;

	json_key(writer, "heard");
	json_array_begin(writer);
	while (bed_heard_next(heard, &at, &text, &length)) {
		json_string_n(writer, text, length);
	}
	json_array_end(writer);
}

static void write_line(const void *context, struct json_writer *writer)
{
	const struct level_map_line *line = context;

	json_object_begin(writer);
	json_key(writer, "serial");
	json_string(writer, line->serial);
	json_key(writer, "printer");
	json_string(writer, line->serial);
	json_key(writer, "name");
	json_string(writer, line->name);
	json_key(writer, "complete");
	json_bool(writer, bed_mesh_unknown(line->mesh) == 0);
	write_heights(line->mesh, writer);
	write_unknown(line->mesh, writer);
	write_range(line->mesh, writer);
	write_heard(line->heard, writer);
	json_key(writer, "detail");
	json_string(writer, line->detail);
	json_object_end(writer);
}

int level_map_print_json(const struct level_map_line *line, FILE *out)
{
	return json_line_print(write_line, line, out);
}

void level_map_print_heard(const struct bed_heard *heard, const char *label)
{
	struct output output;
	const char *text;
	size_t length;
	size_t at = 0;

	output_init(&output, stderr);
	while (bed_heard_next(heard, &at, &text, &length)) {
		print_to(stderr, "printer %s said: ", label);
		output_text(&output, OUTPUT_PLAIN, text, length, false);
		fputc('\n', stderr);
	}
	if (heard->more) {
		print_to(stderr, "printer %s said more; flagship gcode \"M420 V\" shows it\n",
			 label);
	}
}

const char *level_map_name_unknown(const struct bed_mesh *mesh, char out[LEVEL_MAP_UNKNOWN_MAX])
{
	size_t told = 0;
	size_t length = 0;
	size_t all = bed_mesh_unknown(mesh) - bed_mesh_empty(mesh);
	int32_t height;

	out[0] = '\0';
	for (size_t i = 0; i < (size_t)BED_MESH_SIZE * BED_MESH_SIZE && told < UNKNOWN_TOLD; i++) {
		size_t x = i % BED_MESH_SIZE;
		size_t y = i / BED_MESH_SIZE;

		if (!bed_mesh_height(mesh, x, y, &height) && !bed_mesh_is_empty(mesh, x, y)) {
			length += (size_t)snprintf(out + length, LEVEL_MAP_UNKNOWN_MAX - length,
						   "%sx %zu, y %zu", told++ > 0 ? "; " : "", x, y);
		}
	}
	if (all > told) {
		snprintf(out + length, LEVEL_MAP_UNKNOWN_MAX - length, " and %zu more", all - told);
	}
	return out;
}
