/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_PRINTER_COMMAND_CASES_H
#define TESTS_UNIT_PRINTER_COMMAND_CASES_H

#include "bench.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define M5           FLAGSHIP_MODEL_M5
#define M5C          FLAGSHIP_MODEL_M5C
#define AT_REST      "0:s0+h"
#define OK           "+ringbuf:0,512,1|ok|"
#define FOREVER_MS   200000

struct case_ {
	const char *what;
	enum flagship_model model;
	struct command_request request;
	const char *before; /* steps until it is submitted, at second 10 */
	const char *steps;  /* from second 10 on */
	const char *sent;   /* all of it, from second 10 on */
	enum command_outcome outcome;
	const char *detail;
	double end_s; /* when it ended */
	unsigned int attempts;
};

/* Runs one from its beginning to its end, and compares. */
void run_case(const struct case_ *c);

#endif
