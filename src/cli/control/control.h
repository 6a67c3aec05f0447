/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONTROL_CONTROL_H
#define CLI_CONTROL_CONTROL_H

#include "cli/output/output.h"
#include "cli/target/live.h"
#include "cli/target/targets.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Runs one command of the engine (printer/command/command.h) on one printer or several: connects,
 * waits until the printer has told its state, so that guards know the job, submits the request, and
 * prints what came of it.
 */
struct control_options {
	bool json;
	bool no_wait;
	bool force;
	bool yes;
};

/* --json, --no-wait, --force, --yes; its target is a struct control_options. */
extern const struct options_group control_options_group;

/* For a command's groups, after its own if it has one. */
#define CONTROL_GROUPS &control_options_group, TARGET_GROUPS

struct control_printer; /* control.c */

struct control {
	/* Set these before control_run. */
	const char *name; /* of the command, as reports call it: "pause" */
	struct command_request request;
	bool many;             /* -p all is possible */
	bool keeps_replies;    /* prints what the printer answered */
	const char *question;  /* asked first on a terminal: "Delete x.gcode from"; NULL for none */
	bool yes_overrides;    /* who says yes to it needs no --force any more */
	bool asks_people_only; /* without a terminal it is done unasked */
	const char *doubt;     /* a mistake, where no guard refuses it; NULL for none */
	/* Why this makes no sense with the printer as it is, or NULL; NULL for none. */
	const char *(*objection)(const struct printer_state *state);
	/* In place of printing the replies one by one, and of the report where that is good, also
	 * for --json; NULL for that. */
	void (*print_replies)(struct control *control, const struct target *target,
			      const char *replies, size_t length);
	/* After a command with exit status 0: true where it goes on, until control_end. */
	bool (*go_on)(struct control *control, struct fleet_printer *printer);
	/* While it goes on: the printer's state may have changed; called once a second too. */
	void (*look)(struct control *control, struct fleet_printer *printer);
	void *own; /* for the callbacks */

	/* Set by control_parse. */
	struct control_options options;
	struct target_options target_options;

	/* Private, but to the callbacks. */
	struct live live;
	struct targets targets;
	struct output output;
	struct control_printer *printers; /* as many as targets.count */
	size_t left;                      /* not ended yet */
	int64_t deadline_ms;              /* for the connection and the state */
	int64_t wake_ms;                  /* when time alone changes something; 0: never */
	int status;
};

#define CONTROL_DEFAULT                                   \
	{                                                 \
		.target_options = TARGET_OPTIONS_DEFAULT, \
	}

/*
 * options_parse with the groups of CONTROL_GROUPS; own: the target of the group before them, NULL
 * where there is none. Sets control->name to the command's.
 */
int control_parse(struct control *control, const struct cli_command *command, int *argc,
		  char **argv, void *own);

/* Finds the printers, asks where it must, and runs it. Returns the exit status. */
int control_run(struct control *control);

/* The part of control_run that is about connections. */
int control_run_live(struct control *control);

/* The end of what go_on began. */
void control_end(struct control *control, struct fleet_printer *printer, int status);

#endif
