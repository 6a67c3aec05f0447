/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include "printer/command/command.h"

#include <stddef.h>

#define BENCH_LOG_MAX     8192
#define BENCH_REPORTS_MAX 64

/* What a report said, kept. */
struct bench_report {
	struct command_report report; /* detail and text lead to below */
	char detail[COMMAND_DETAIL_MAX];
	char text[1024];
	int64_t t_ms;
};

/*
 * A command engine with a scripted printer. What was sent is a line: "SECONDS:WHAT" each, with
 * c1008=2 for a command and its value, q1027 for a query, g[M104 S200] for a G-code.
 *
 * Steps: "SECONDS:WHAT[+WHAT…]", separated by spaces:
 *	r1008=0		reply on command/reply		r1008	the same without `reply`
 *	G[TEXT]		reply to a G-code, | is a line break	O[TEXT]	the same with another type
 *	s1		notice: 1000, value 1		v1006=90, f1006=90	value, in a notice
 *or in an answer to a query t20000, b6000	nozzle and bed target		t, b	without a
 *target n[NAME]		notice: 1001 with this name lost, back	the connection
 *cancel	the first command	h	the nozzle is hot
 *	J[JSON], N[JSON]	a reply to a command, a notice; ~ is a space
 */
struct bench {
	struct printer_state state;
	struct printer_profile profile;
	struct command_engine *engine;
	int64_t now_ms;
	bool send_fails;
	char log[BENCH_LOG_MAX];
	size_t length;
	struct bench_report reports[BENCH_REPORTS_MAX];
	size_t report_count;
	size_t told; /* objects */
};

void bench_init(struct bench *bench, enum flagship_model model);
void bench_finish(struct bench *bench);

uint64_t bench_submit(struct bench *bench, const struct command_request *request);

/* To this time, deadline by deadline. */
void bench_wait_until(struct bench *bench, int64_t t_ms);
void bench_hear(struct bench *bench, enum flagship_topic_kind kind, const char *json);
void bench_do(struct bench *bench, const char *what);
void bench_run(struct bench *bench, const char *steps);

#endif
