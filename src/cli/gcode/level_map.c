/* SPDX-License-Identifier: MIT */
#include "cli/gcode/level_map.h"

#include "cli/gcode/level_map_print.h"
#include "cli/kit/cli.h"
#include "cli/target/live.h"
#include "printer/bed/heard.h"
#include "printer/bed/reading.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
	struct bed_heard heard; /* not understood */
	size_t asked;           /* of the plan of bed_reading_command */
	bool waiting;           /* for the end of a command */
	unsigned int misses;    /* commands in a row that were not answered */
	bool answered;          /* at least one was */
	bool reads_table;       /* and no settings, of which most say nothing of the bed */
	bool told;              /* the line of JSON is out */
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
static __attribute__((format(printf, 2, 3))) void level_map_say(struct level_map *map,
								const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(map->detail, sizeof(map->detail), format, arguments);
	va_end(arguments);
	cli_error("%s", map->detail);
}

static void level_map_tell_json(struct level_map *map, const char *detail)
{
	const struct target *target = map->targets.printers;
	const struct level_map_line line = {
		.mesh = &map->mesh,
		.heard = &map->heard,
		.serial = target->serial,
		.name = target->name,
		.detail = detail,
	};

	(void)level_map_print_json(&line, stdout);
	map->told = true;
}

static void level_map_print(struct level_map *map)
{
	if (map->options->json) {
		level_map_tell_json(map, map->detail[0] != '\0' ? map->detail : NULL);
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
		level_map_say(map,
			      "printer %s: its table of heights is not one of %d by %d points; "
			      "flagship gcode \"M420 V\" shows it as it is",
			      label, BED_MESH_SIZE, BED_MESH_SIZE);
	} else {
		level_map_say(
			map,
			"printer %s answered, but told no height: if its bed was never probed, "
			"flagship level does that",
			label);
	}
	return CLI_FAILED;
}

/* Whether all points are there; what is missing is told. */
static bool level_map_explain_gaps(struct level_map *map)
{
	size_t empty = bed_mesh_empty(&map->mesh);
	size_t unheard = bed_mesh_unknown(&map->mesh) - empty;
	char names[LEVEL_MAP_UNKNOWN_MAX];

	if (empty > 0) {
		level_map_say(map,
			      "printer %s: %zu of %d points were never probed; flagship level "
			      "probes the bed",
			      live_label(map->printer), empty, BED_MESH_SIZE * BED_MESH_SIZE);
	}
	if (unheard > 0) {
		level_map_say(map,
			      "printer %s: %zu of %d heights are not known, its replies did not "
			      "hold them: %s; run it again",
			      live_label(map->printer), unheard, BED_MESH_SIZE * BED_MESH_SIZE,
			      level_map_name_unknown(&map->mesh, names));
	}
	return empty + unheard == 0;
}

/* All that can be had is there. */
static void level_map_conclude(struct level_map *map)
{
	size_t unknown = bed_mesh_unknown(&map->mesh);
	int status;

	if (unknown == (size_t)BED_MESH_SIZE * BED_MESH_SIZE) {
		status = level_map_explain_nothing(map);
		level_map_print_heard(&map->heard, live_label(map->printer));
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
		level_map_print_heard(&map->heard, live_label(map->printer));
	}
	live_stop(&map->live, status);
}

static void level_map_ask(struct level_map *map)
{
	const char *line = bed_reading_command(map->asked);
	struct command_request request = {.kind = COMMAND_GCODE, .text = line};

	if (line == NULL || map->misses >= LEVEL_MAP_MISSES_MAX) {
		level_map_conclude(map);
		return;
	}
	if (bed_reading_begins(map->asked)) {
		bed_reading_clear(&map->reading);
		map->reads_table = strcmp(line, LEVEL_MAP_TABLE) == 0;
	}
	request.timeout_ms = map->targets.timeout_given ? map->targets.timeout_ms : 0;
	map->waiting = true;
	fleet_command(map->printer, &request);
}

static void level_map_done(void *context, struct fleet_printer *printer,
			   const struct command_report *report)
{
	struct level_map *map = context;

	map->waiting = false;
	switch (report->outcome) {
	case COMMAND_REFUSED:
		level_map_say(map, "printer %s refused %s: %s", live_label(printer),
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
		bed_heard_add(&map->heard, map->reading.text, map->reading.length);
	}
	if (bed_mesh_unknown(&map->mesh) == bed_mesh_empty(&map->mesh)) {
		level_map_conclude(map);
		return;
	}
	map->asked++;
	level_map_ask(map);
}

static void level_map_payload(void *context, struct fleet_printer *printer,
			      enum flagship_topic_kind kind, const uint8_t *plaintext,
			      size_t length)
{
	struct level_map *map = context;
	struct flagship_payload payload;
	struct flagship_message message;

	(void)printer;
	if (kind != FLAGSHIP_TOPIC_COMMAND_REPLY || !map->waiting) {
		return;
	}
	flagship_payload_init(&payload, plaintext, length);
	while (flagship_payload_next(&payload, &message) > 0) {
		bed_reading_add(&map->reading, &message);
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
	int result;

	if (options->json && options->csv) {
		cli_error("--json and --csv exclude each other");
		return CLI_USAGE;
	}
	output_init(&map.output, stdout);
	bed_mesh_init(&map.mesh);
	result = targets_init(&map.targets, targets, TARGETS_ONE);
	if (result == OPTIONS_RUN) {
		result = live_run(&map.live, &map.targets, &level_map_handlers, &map);
		if (result != CLI_DONE && options->json && !map.told) {
			level_map_tell_json(&map, map.detail[0] != '\0'
							  ? map.detail
							  : live_name_failure(result));
		}
	}
	targets_finish(&map.targets);
	return result;
}
