/* SPDX-License-Identifier: MIT */
#include "cli/gcode/level_map.h"

#include "cli/kit/cli.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cli/target/live.h"
#include "printer/bed/mesh.h"
#include "printer/bed/reading.h"
#include "printer/bed/received.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What makes one line of JSON. */
struct level_map_line {
	const struct bed_mesh *mesh;
	const struct bed_received *received;
	const char *serial;
	const char *name;   /* or NULL */
	const char *detail; /* what went wrong, or NULL */
};

#define LEVEL_MAP_UNKNOWN_MAX 256
#define UM_PER_MM             1000.0
#define MM_DECIMALS           3
#define CELL_WIDTH            8
#define LABEL_WIDTH           6
#define UNKNOWN_CELL          "?"
#define UNKNOWN_REPORTED      6
#define BELOW                 ((size_t)BED_MESH_SIZE - 1)

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

/* The bed as people see it who stand before the printer: the back at the top. Heights that are not
 * known are shown as "?". label: of the printer. */
static void level_map_print_page(const struct output *output, const struct bed_mesh *mesh,
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

/* One line for each row from the front to the back, mm from left to right; nothing between two
 * commas where a height is not known. */
static void level_map_print_csv(const struct bed_mesh *mesh, FILE *out)
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
			json_member_int(writer, "x", (int64_t)x);
			json_member_int(writer, "y", (int64_t)y);
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

static void write_received(const struct bed_received *received, struct json_writer *writer)
{
	const char *text;
	size_t length;
	size_t at = 0;

	json_key(writer, "heard");
	json_array_begin(writer);
	while (bed_received_next(received, &at, &text, &length)) {
		json_string_n(writer, text, length);
	}
	json_array_end(writer);
}

static void write_line(struct json_writer *writer, const void *context)
{
	const struct level_map_line *line = context;

	json_object_begin(writer);
	json_member_string(writer, "serial", line->serial);
	json_member_string(writer, "printer", line->serial);
	json_member_string(writer, "name", line->name);
	json_member_bool(writer, "complete", bed_mesh_unknown(line->mesh) == 0);
	write_heights(line->mesh, writer);
	write_unknown(line->mesh, writer);
	write_range(line->mesh, writer);
	write_received(line->received, writer);
	json_member_string(writer, "detail", line->detail);
	json_object_end(writer);
}

static int level_map_print_json(const struct level_map_line *line, FILE *out)
{
	return json_line_print(write_line, line, out);
}

/* What was received and not understood, a line each, on stderr. label: of the printer. */
static void level_map_print_received(const struct bed_received *received, const char *label)
{
	struct output output;
	const char *text;
	size_t length;
	size_t at = 0;

	output_init(&output, stderr);
	while (bed_received_next(received, &at, &text, &length)) {
		print_to(stderr, "printer %s said: ", label);
		output_text(&output, OUTPUT_PLAIN, text, length, false);
		fputc('\n', stderr);
	}
	if (received->more) {
		print_to(stderr, "printer %s said more; flagship gcode \"M420 V\" shows it\n",
			 label);
	}
}

/* Which points are not known though the printer may know them, as "x 3, y 0; x 4, y 0", or the
 * first of them and how many more. */
static const char *level_map_name_unknown(const struct bed_mesh *mesh,
					  char out[LEVEL_MAP_UNKNOWN_MAX])
{
	size_t reported = 0;
	size_t length = 0;
	size_t all = bed_mesh_unknown(mesh) - bed_mesh_empty(mesh);
	int32_t height;

	out[0] = '\0';
	for (size_t i = 0; i < (size_t)BED_MESH_SIZE * BED_MESH_SIZE && reported < UNKNOWN_REPORTED;
	     i++) {
		size_t x = i % BED_MESH_SIZE;
		size_t y = i / BED_MESH_SIZE;

		if (!bed_mesh_height(mesh, x, y, &height) && !bed_mesh_is_empty(mesh, x, y)) {
			length += (size_t)snprintf(out + length, LEVEL_MAP_UNKNOWN_MAX - length,
						   "%sx %zu, y %zu", reported++ > 0 ? "; " : "", x,
						   y);
		}
	}
	if (all > reported) {
		snprintf(out + length, LEVEL_MAP_UNKNOWN_MAX - length, " and %zu more",
			 all - reported);
	}
	return out;
}

/* So many commands in a row without an answer: the next would have none either. */
#define LEVEL_MAP_MISSES_MAX  2

#define LEVEL_MAP_INTERRUPTED 130
#define LEVEL_MAP_DETAIL_MAX  512
#define LEVEL_MAP_TABLE       "M420 V"

enum level_map_timer {
	LEVEL_MAP_TIMER_CONNECT,
};

struct level_map {
	struct live live;
	struct targets targets;
	const struct level_map_options *options;
	struct output output;
	struct fleet_printer *printer;
	struct bed_mesh mesh;
	struct bed_reading reading;
	struct bed_received received; /* not understood */
	size_t asked;                 /* of the plan of bed_reading_command */
	bool waiting;                 /* for the end of a command */
	unsigned int misses;          /* commands in a row that were not answered */
	bool answered;                /* at least one was */
	bool reads_table;             /* and no settings, of which most say nothing of the bed */
	bool reported;                /* the line of JSON is out */
	char detail[LEVEL_MAP_DETAIL_MAX];
};

static const struct options_option level_map_table[] = {
	{.name = "map",
	 .kind = OPTIONS_FLAG,
	 .help = "show the heights that were found when the bed was probed last; nothing moves",
	 .offset = offsetof(struct level_map_options, map)},
	{.name = "csv",
	 .kind = OPTIONS_FLAG,
	 .help = "with --map: print them as CSV, the front of the bed first",
	 .offset = offsetof(struct level_map_options, csv)},
};

const struct options_group level_map_options_group = OPTIONS_GROUP("Map", level_map_table);

/* Tells it, and keeps it for the line of JSON. */
static __attribute__((format(printf, 2, 3))) void level_map_report(struct level_map *map,
								   const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(map->detail, sizeof(map->detail), format, arguments);
	va_end(arguments);
	cli_error("%s", map->detail);
}

static void level_map_report_json(struct level_map *map, const char *detail)
{
	const struct target *target = map->targets.printers;
	const struct level_map_line line = {
		.mesh = &map->mesh,
		.received = &map->received,
		.serial = target->serial,
		.name = target->name,
		.detail = detail,
	};

	(void)level_map_print_json(&line, stdout);
	map->reported = true;
}

static void level_map_print(struct level_map *map)
{
	if (map->options->json) {
		level_map_report_json(map, map->detail[0] != '\0' ? map->detail : NULL);
	} else if (map->options->csv) {
		level_map_print_csv(&map->mesh, stdout);
	} else {
		level_map_print_page(&map->output, &map->mesh, live_label(map->printer));
	}
}

static int level_map_explain_nothing(struct level_map *map)
{
	const char *label = live_label(map->printer);

	if (!map->answered) {
		return live_explain_silence(&map->live, map->printer, map->targets.timeout_ms);
	}
	if (map->mesh.other_size) {
		level_map_report(map,
				 "printer %s: its table of heights is not one of %d by %d points; "
				 "flagship gcode \"M420 V\" shows it as it is",
				 label, BED_MESH_SIZE, BED_MESH_SIZE);
	} else {
		level_map_report(
			map,
			"printer %s answered, but told no height: if its bed was never probed, "
			"flagship level does that",
			label);
	}
	return CLI_FAILED;
}

/* Whether all points are there; what is missing is reported. */
static bool level_map_explain_gaps(struct level_map *map)
{
	size_t empty = bed_mesh_empty(&map->mesh);
	size_t unreceived = bed_mesh_unknown(&map->mesh) - empty;
	char names[LEVEL_MAP_UNKNOWN_MAX];

	if (empty > 0) {
		level_map_report(map,
				 "printer %s: %zu of %d points were never probed; flagship level "
				 "probes the bed",
				 live_label(map->printer), empty, BED_MESH_SIZE * BED_MESH_SIZE);
	}
	if (unreceived > 0) {
		level_map_report(map,
				 "printer %s: %zu of %d heights are not known, its replies did not "
				 "hold them: %s; run it again",
				 live_label(map->printer), unreceived,
				 BED_MESH_SIZE * BED_MESH_SIZE,
				 level_map_name_unknown(&map->mesh, names));
	}
	return empty + unreceived == 0;
}

/* All that can be had is there. */
static void level_map_conclude(struct level_map *map)
{
	size_t unknown = bed_mesh_unknown(&map->mesh);
	int status;

	if (unknown == (size_t)BED_MESH_SIZE * BED_MESH_SIZE) {
		status = level_map_explain_nothing(map);
		level_map_print_received(&map->received, live_label(map->printer));
		live_stop(&map->live, status);
		return;
	}
	status = level_map_explain_gaps(map) ? CLI_DONE : CLI_FAILED;
	level_map_print(map);
	if (map->mesh.changed) {
		cli_warn("printer %s: its heights changed while they were read",
			 live_label(map->printer));
	}
	if (unknown > 0) {
		level_map_print_received(&map->received, live_label(map->printer));
	}
	live_stop(&map->live, status);
}

static void level_map_ask(struct level_map *map)
{
	const char *line = bed_reading_command(map->asked);
	struct command_request request = {.kind = COMMAND_GCODE, .text = line};

	if (!line || map->misses >= LEVEL_MAP_MISSES_MAX) {
		level_map_conclude(map);
		return;
	}
	if (bed_reading_begins(map->asked)) {
		bed_reading_clear(&map->reading);
		map->reads_table = strcmp(line, LEVEL_MAP_TABLE) == 0;
	}
	request.timeout_ms = map->targets.timeout_given ? map->targets.timeout_ms : 0;
	map->waiting = true;
	live_command(&map->live, map->printer, &request);
}

static void level_map_done(void *context, struct fleet_printer *printer,
			   const struct command_report *report)
{
	struct level_map *map = context;

	map->waiting = false;
	switch (report->outcome) {
	case COMMAND_REFUSED:
		level_map_report(map, "printer %s refused %s: %s", live_label(printer),
				 bed_reading_command(map->asked), report->detail);
		live_stop(&map->live, CLI_REFUSED);
		return;
	case COMMAND_FAILED:
		/* Asked again when the connection is back. */
		return;
	case COMMAND_UNANSWERED:
		map->misses++;
		break;
	default:
		map->misses = 0;
		map->answered = true;
		break;
	}
	bed_reading_finish(&map->reading, &map->mesh);
	if (map->reads_table) {
		bed_received_add(&map->received, map->reading.text, map->reading.length);
	}
	if (bed_mesh_unknown(&map->mesh) == bed_mesh_empty(&map->mesh)) {
		level_map_conclude(map);
		return;
	}
	map->asked++;
	level_map_ask(map);
}

static void level_map_payload(void *context, struct fleet_printer *printer,
			      enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	struct level_map *map = context;

	(void)printer;
	if (kind != FLAGSHIP_TOPIC_COMMAND_REPLY || !map->waiting) {
		return;
	}
	for (size_t i = 0; i < payload->count; i++) {
		bed_reading_add(&map->reading, &payload->messages[i]);
	}
}

static void level_map_give_up(void *context)
{
	struct level_map *map = context;

	live_stop(&map->live,
		  live_explain_silence(&map->live, map->printer, map->targets.timeout_ms));
}

static void level_map_start(void *context)
{
	struct level_map *map = context;

	map->printer = fleet_next_printer(map->live.fleet, NULL);
	live_timer_start(&map->live, LEVEL_MAP_TIMER_CONNECT, map->targets.timeout_ms, 0,
			 level_map_give_up);
}

static void level_map_ready(void *context, struct fleet_printer *printer)
{
	struct level_map *map = context;

	(void)printer;
	live_timer_stop(&map->live, LEVEL_MAP_TIMER_CONNECT);
	if (!map->waiting) {
		level_map_ask(map);
	}
}

static void level_map_lost(void *context, struct fleet_printer *printer)
{
	struct level_map *map = context;

	(void)printer;
	live_timer_start(&map->live, LEVEL_MAP_TIMER_CONNECT, map->targets.timeout_ms, 0,
			 level_map_give_up);
}

static const struct live_handlers level_map_handlers = {
	.on_start = level_map_start,
	.on_ready = level_map_ready,
	.on_payload = level_map_payload,
	.on_done = level_map_done,
	.on_lost = level_map_lost,
};

int level_map_run(const struct level_map_options *options, struct target_options *targets)
{
	struct level_map map = {
		.live.interrupt_status = LEVEL_MAP_INTERRUPTED,
		.options = options,
	};

	if (options->json && options->csv) {
		cli_error("--json and --csv exclude each other");
		return CLI_USAGE;
	}
	output_init(&map.output, stdout);
	bed_mesh_init(&map.mesh);
	int result = targets_init(&map.targets, targets, TARGETS_ONE);
	if (result == OPTIONS_RUN) {
		result = live_run(&map.live, &map.targets, &level_map_handlers, &map);
		if (result != CLI_DONE && options->json && !map.reported) {
			level_map_report_json(&map, map.detail[0] != '\0'
							    ? map.detail
							    : live_name_failure(result));
		}
	}
	targets_finish(&map.targets);
	return result;
}
