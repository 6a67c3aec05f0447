/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONTROL_REPORT_H
#define CLI_CONTROL_REPORT_H

#include "cli/output/output.h"
#include "printer/command/command.h"

#include <stdbool.h>
#include <stddef.h>

/* What came of one command with one printer. Pointers are borrowed. */
struct control_report {
	const char *serial;
	const char *name;  /* of the printer, or NULL */
	const char *label; /* of the printer, for people */
	const char *command;
	bool sent_only; /* --no-wait: what came of it is not known, and `report` is NULL */
	const struct command_report *report;
	const char *replies; /* what the printer answered: a JSON array, or NULL */
	size_t replies_length;
};

/* One line of JSON on standard output. */
void control_report_print_json(const struct control_report *report, const struct output *output);

/* For people: what was done on standard output, what was not on standard error. */
void control_report_print(const struct control_report *report, const struct output *output);

/* The exit status that it means. */
int control_report_status(const struct command_report *report);

/* Which of two exit statuses counts for a command with several printers. */
int control_worse_status(int left, int right);

#endif
