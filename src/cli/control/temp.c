/* SPDX-License-Identifier: MIT */
#include "cli/control/control.h"
#include "cli/control/heat_progress.h"
#include "cli/control/value.h"
#include "cli/kit/cli.h"
#include "cli/output/print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* temp: a target for nozzle or bed, and with --wait until it is reached. */

#define TEMP_ARGUMENTS        2
#define TEMP_MAX_C            500.0
#define TEMP_CENTI            100.0
#define TEMP_ASK_AFTER_MS     4000
#define TEMP_GIVE_UP_AFTER_MS 30000

struct temp_options {
	bool wait;
};

/* What is followed on one printer. */
struct temp_printer {
	bool followed;
	struct heat_progress progress;
	int64_t asked_ms;
};

struct temp {
	struct temp_options options;
	struct temp_printer *printers; /* as many as targets; NULL before the first goes on */
	size_t shown;                  /* whose line stands on the terminal */
};

static const struct options_option temp_table[] = {
	{.name = "wait",
	 .kind = OPTIONS_FLAG,
	 .help = "wait until it is as warm, or after off as cool, as that",
	 .offset = offsetof(struct temp_options, wait)},
};

static const struct options_group temp_group = OPTIONS_GROUP("Temperature", temp_table);

static struct temp_printer *temp_find(struct control *control, const struct fleet_printer *printer)
{
	struct temp *temp = control->own;

	return &temp->printers[live_target(printer) - control->targets.printers];
}

static const struct printer_temperature *temp_of(const struct control *control,
						 const struct fleet_printer *printer)
{
	const struct printer_state *state = fleet_printer_state(printer);

	return control->request.kind == COMMAND_NOZZLE_TARGET ? &state->nozzle : &state->bed;
}

static const char *temp_part(const struct control *control)
{
	return control->request.kind == COMMAND_NOZZLE_TARGET ? "nozzle" : "bed";
}

static bool temp_go_on(struct control *control, struct fleet_printer *printer)
{
	struct temp *temp = control->own;
	const struct printer_temperature *heat = temp_of(control, printer);

	if (!temp->options.wait) {
		return false;
	}
	if (!temp->printers) {
		temp->printers = calloc(control->targets.count, sizeof(*temp->printers));
	}
	if (!temp->printers) {
		cli_error("out of memory");
		return false;
	}
	struct temp_printer *own = temp_find(control, printer);
	own->followed = true;
	own->asked_ms = live_monotonic_ms(&control->live);
	heat_progress_init(&own->progress, control->request.value, heat->current_centi_c,
			   live_monotonic_ms(&control->live));
	return true;
}

static void temp_clear(struct temp *temp)
{
	if (temp->printers) {
		heat_progress_clear(&temp->printers[temp->shown].progress, stderr);
	}
}

/* Of several, the one that is furthest behind has the line. */
static void temp_show(struct control *control, struct fleet_printer *printer)
{
	struct temp *temp = control->own;
	struct temp_printer *own = temp_find(control, printer);
	int64_t current = temp_of(control, printer)->current_centi_c;
	struct fleet_printer *other = NULL;
	char what[TARGET_LABEL_MAX + sizeof(" nozzle")];

	while ((other = fleet_next_printer(control->live.fleet, other))) {
		const struct temp_printer *theirs = temp_find(control, other);

		if (theirs->followed &&
		    heat_progress_percent(&theirs->progress,
					  temp_of(control, other)->current_centi_c) <
			    heat_progress_percent(&own->progress, current)) {
			return;
		}
	}
	temp_clear(temp);
	temp->shown = (size_t)(own - temp->printers);
	snprintf(what, sizeof(what), "%s %s", live_label(printer), temp_part(control));
	heat_progress_show(&own->progress, stderr,
			   control->targets.count > 1 ? what : temp_part(control), current,
			   live_monotonic_ms(&control->live));
}

static void temp_end(struct control *control, struct fleet_printer *printer, int status,
		     const char *text)
{
	struct temp *temp = control->own;

	temp_clear(temp);
	temp_find(control, printer)->followed = false;
	if (status != CLI_DONE) {
		cli_error("printer %s: the %s %s", live_label(printer), temp_part(control), text);
	} else if (!control->options.json) {
		output_text(&control->output, OUTPUT_PLAIN, live_label(printer),
			    strlen(live_label(printer)), false);
		print_to(stdout, ": the %s %s\n", temp_part(control), text);
		fflush(stdout);
	}
	control_end(control, printer, status);
}

/* Asks a printer that has fallen silent. True where it was silent for too long. */
static bool temp_is_lost(struct control *control, struct fleet_printer *printer, int64_t age_ms)
{
	struct temp_printer *own = temp_find(control, printer);
	int64_t now_ms = live_monotonic_ms(&control->live);

	if (age_ms >= TEMP_ASK_AFTER_MS && now_ms - own->asked_ms >= TEMP_ASK_AFTER_MS) {
		own->asked_ms = now_ms;
		fleet_ask_status(printer);
	}
	return age_ms >= TEMP_GIVE_UP_AFTER_MS;
}

static void temp_look(struct control *control, struct fleet_printer *printer)
{
	const struct heat_progress *progress = &temp_find(control, printer)->progress;
	const struct printer_temperature *heat = temp_of(control, printer);
	int64_t target = control->request.value;

	if (heat->target_centi_c != PRINTER_NEVER && heat->target_centi_c != target) {
		temp_end(control, printer, CLI_NOT_CONFIRMED, "was given another target meanwhile");
	} else if (heat_progress_reached(progress, heat->current_centi_c)) {
		temp_end(control, printer, CLI_DONE,
			 target == 0 ? "is cool" : "has reached its target");
	} else if (temp_is_lost(control, printer,
				fleet_silence_ms(control->live.fleet, heat->received_ms))) {
		temp_end(control, printer, CLI_NO_ANSWER, "is not heard of any more");
	} else {
		temp_show(control, printer);
	}
}

static int temp_read(struct control *control, int argc, char **argv)
{
	static const char *const parts[] = {"nozzle", "bed", NULL};
	size_t part = 0;

	if (argc < TEMP_ARGUMENTS) {
		return control_lacks("temp", "nozzle or bed, and degrees or off");
	}
	int result = control_read_choice("temp", argv[0], parts, &part);
	if (result != OPTIONS_RUN) {
		return result;
	}
	control->request.kind = part == 0 ? COMMAND_NOZZLE_TARGET : COMMAND_BED_TARGET;
	if (strcmp(argv[1], "off") == 0) {
		return OPTIONS_RUN;
	}
	return control_read_scaled(parts[part], argv[1], 0, TEMP_MAX_C, TEMP_CENTI,
				   &control->request.value);
}

static int temp_run(const struct cli_command *command, int argc, char **argv)
{
	struct temp temp = {0};
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, &temp.options);

	if (result == OPTIONS_RUN) {
		result = temp_read(&control, argc, argv);
	}
	if (result == OPTIONS_RUN && temp.options.wait && control.options.no_wait) {
		cli_error("--wait and --no-wait do not go together");
		result = CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	control.many = true;
	control.own = &temp;
	control.go_on = temp_go_on;
	control.look = temp_look;
	result = control_run(&control);
	temp_clear(&temp);
	free(temp.printers);
	return result;
}

const struct cli_command temp_command = {
	.name = "temp",
	.section = "Control",
	.summary = "set what nozzle or bed is heated to",
	.arguments = "nozzle|bed DEGREES|off",
	.arguments_max = TEMP_ARGUMENTS,
	.description =
		"Sets the target in degrees Celsius, as the app does and by G-code (M104, M140),\n"
		"since the first alone may not heat, and waits until the printer shows the "
		"target.\n"
		"With --wait shows how the heating goes, until it is reached; off then means cool\n"
		"enough to touch, 50 degrees. Refused above what the model bears (nozzle 260 on an "
		"M5,\n"
		"310 on an M5C; bed 100 and 115), and where it would spoil a job that runs. A "
		"target\n"
		"that the printer's firmware cuts to its own limit is told, with exit status 8.",
	.groups = (const struct options_group *const[]){&temp_group, CONTROL_GROUPS, NULL},
	.run = temp_run,
};
