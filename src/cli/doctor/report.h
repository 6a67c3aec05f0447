/* SPDX-License-Identifier: MIT */
#ifndef CLI_DOCTOR_REPORT_H
#define CLI_DOCTOR_REPORT_H

#include "base/json/writer.h"
#include "cli/output/output.h"

#include <flagship/topic.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What doctor finds: two chains, the one by the broker and the one over the local network, each
 * with its links in order, up to the first that is broken. */

#define DOCTOR_LINKS_MAX  32
#define DOCTOR_DETAIL_MAX 2048
#define DOCTOR_ADVICE_MAX 640

enum doctor_state {
	DOCTOR_SKIPPED, /* one before it is broken */
	DOCTOR_IDLE,    /* this printer has no such link, or it is not tried */
	DOCTOR_WELL,
	DOCTOR_BROKEN,
};

enum doctor_chain {
	DOCTOR_BROKER,
	DOCTOR_LAN,
	DOCTOR_CHAINS,
};

struct doctor_link {
	const char *name;
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1]; /* of a subscription, else "" */
	enum doctor_state state;
	int64_t elapsed_ms;
	char detail[DOCTOR_DETAIL_MAX];
	char advice[DOCTOR_ADVICE_MAX]; /* what to do; "" where nothing */
	/* Adds members to the JSON object of the link; NULL: none. */
	void (*write_facts)(struct json_writer *writer, const void *context);
	const void *facts;
};

struct doctor_report {
	struct output output;
	bool json;
	struct doctor_link links[DOCTOR_LINKS_MAX];
	size_t count;
	enum doctor_chain chain;     /* whose links are looked at */
	int statuses[DOCTOR_CHAINS]; /* an enum cli_exit: of the first link that is broken */
	bool any_well[DOCTOR_CHAINS];
	bool wants_lan; /* its state counts for the exit status too */
};

/* The link of the chain is being looked at; topic may be NULL. Where one before it is broken it is
 * skipped, and the answer is false. */
bool doctor_begin(struct doctor_report *report, const char *name, const char *topic);

/* Ends the link that was begun last, and prints it. */
void doctor_well(struct doctor_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_broken(struct doctor_report *report, int status, const char *advice, const char *format,
		   ...) __attribute__((format(printf, 4, 5)));

/* It is no link of this printer's chain, or is not tried, as the text says. */
void doctor_idle(struct doctor_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What to do though the link that was ended last is well or idle; before it is printed, so called
 * first. */
void doctor_advise(struct doctor_report *report, const char *advice);

/* Facts of the link that was begun last, for JSON; context must outlast the report. */
void doctor_set_facts(struct doctor_report *report,
		      void (*write)(struct json_writer *writer, const void *context),
		      const void *context);

/* The last words: the JSON, or a line for people. Returns the exit status. */
int doctor_conclude(const struct doctor_report *report);

/* Milliseconds of a clock that never steps. */
int64_t doctor_now_ms(void);

#endif
