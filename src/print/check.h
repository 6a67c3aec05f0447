/* SPDX-License-Identifier: MIT */
#ifndef PRINT_CHECK_H
#define PRINT_CHECK_H

#include "gcode/extent.h"
#include "gcode/metadata.h"
#include "printer/profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether a G-code file suits a printer, before it is sent to it: where its moves go, what it heats
 * to, for which machine it was sliced, and whether lines of it are what the guard refuses from
 * anybody (protocol.md 3.5). Pure.
 */
#define PRINT_FINDING_MAX  256
#define PRINT_FINDINGS_MAX 8

enum print_severity {
	PRINT_WARNING,
	PRINT_REFUSED, /* unless it is forced */
};

struct print_finding {
	enum print_severity severity;
	int64_t line;                 /* of the file, from 1; 0: it is about the whole */
	char text[PRINT_FINDING_MAX]; /* a sentence for people, without its full stop */
};

struct print_findings {
	struct print_finding list[PRINT_FINDINGS_MAX]; /* the first of each */
	size_t count;
	size_t more;  /* that are not in the list */
	bool refused; /* one of them, listed or not, is a refusal */
};

struct print_check {
	struct printer_profile profile;
	struct gcode_moves moves;
	struct print_findings findings;
};

void print_check_init(struct print_check *check, const struct printer_profile *profile);

/* A gcode_line, whose context is the check. */
void print_check_line(void *context, int64_t number, const char *line, bool whole);

/* The file is at its end; findings are complete then. */
void print_check_end(struct print_check *check, const struct gcode_metadata *metadata);

#endif
