/* SPDX-License-Identifier: MIT */
#ifndef FLEET_SERVICE_H
#define FLEET_SERVICE_H

#include "fleet/fleet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The one way in for commands, whoever asks: command line, gateway, bridge. Knows each command by
 * its id from when it is asked for until SERVICE_REPORTS_MAX others have ended after it: who asked
 * for it, of which printer, and what came of it. What a printer's queue does not take ends as
 * FAILED like any other (printer/command/command.h), so that each has its report.
 *
 * It is the first listener of its fleet where it is made before others subscribe: they find what
 * they are notified of by its id.
 */
#define SERVICE_REPORTS_MAX 100
#define SERVICE_KEY_MAX     128 /* characters of an idempotency key */
#define SERVICE_ASKER_MAX   128
#define SERVICE_TEXT_MAX    256 /* of what was asked for, as far as it is kept */
/* Of an audit line: whatever is in its texts, of which JSON makes six characters of one. */
#define SERVICE_AUDIT_MAX                                                                    \
	(6 * (SERVICE_ASKER_MAX + PRINTER_TEXT_MAX + SERVICE_TEXT_MAX + COMMAND_DETAIL_MAX + \
	      FLAGSHIP_SERIAL_LENGTH_MAX) +                                                  \
	 512)

struct service;

/* Valid until it is dropped: keep the id, and not this, beyond a callback. */
struct service_command {
	uint64_t id;
	struct fleet_printer *printer; /* NULL once that was removed */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char name[PRINTER_TEXT_MAX];
	enum command_kind kind;
	int64_t value;
	bool force;
	char text[SERVICE_TEXT_MAX]; /* of the request; cut */
	char asker[SERVICE_ASKER_MAX + 1];
	int64_t asked_ms; /* on the fleet's clock */
	int64_t ended_ms;
	bool over;
	bool held;                    /* what follows from it here is still being done */
	const char *warning;          /* what of that did not work, with what to do; "": nothing */
	struct command_report report; /* once it is over; its texts are kept */
};

struct service_options {
	/* Each end of a command, as one line of JSON without its newline; may be NULL. */
	void (*on_audit)(void *context, const char *line);
	/* What followed from a command is done; may be NULL. */
	void (*on_settled)(void *context, uint64_t id);
	void *context;
};

/* Errors: MEMORY. options may be NULL. */
int service_create(struct fleet *fleet, const struct service_options *options,
		   struct service **service);

/* Before or after the fleet's end. NULL is accepted. */
void service_destroy(struct service *service);

struct service_request {
	struct fleet_printer *printer;
	const struct command_request *command; /* copied */
	const char *asker;                     /* who asks, for the audit: "cli", "api: anna" */
	/*
	 * Makes the request safe to be repeated, or NULL: who asks with it again, for the same
	 * printer and while the command is known, gets the id of the first one, and nothing is
	 * done.
	 */
	const char *key;
};

/*
 * *id is never 0 where this returns 0; the end of the command may have been reported by then.
 * Errors: ARGUMENT (a key or asker that is too long, a key of another request, or a fleet that has
 * ended), MEMORY: then nothing was asked for.
 */
int service_submit(struct service *service, const struct service_request *request, uint64_t *id);

/* False where it is over, or not known. Its end is reported as that of any other. */
bool service_cancel(struct service *service, uint64_t id);

/*
 * Something follows here from a command, once it is over, and takes its time: who asked hears of
 * it, too. Nothing where the command is not known.
 */
void service_hold(struct service *service, uint64_t id);
/* That is done; warning: what of it did not work, one sentence for people with what to do, copied;
 * NULL: nothing. Also of a command that was not held. */
void service_settle(struct service *service, uint64_t id, const char *warning);
/* Whether all that is to be told of it is known. */
bool service_command_is_settled(const struct service_command *command);

/* NULL where it is not known (any more). */
const struct service_command *service_find(const struct service *service, uint64_t id);

/* For loops over all that are known, in the order in which they were asked for: the first after
 * NULL. */
const struct service_command *service_next(const struct service *service,
					   const struct service_command *command);

/* --- guards, as data --- */

enum service_verdict {
	SERVICE_ALLOWED,
	SERVICE_UNKNOWN,     /* hangs on what the printer has not told yet: it is asked first */
	SERVICE_NEEDS_FORCE, /* refused without `force` */
	SERVICE_NEVER,       /* nothing overrides that */
};

struct service_guard {
	enum service_verdict verdict;
	char reason[COMMAND_DETAIL_MAX]; /* one sentence for people; "" where nothing refuses it */
};

/* What would become of this now. request->force is not looked at. */
void service_guard(const struct fleet_printer *printer, const struct command_request *request,
		   struct service_guard *guard);

/* "allowed", "unknown", "needs force", "never" */
const char *service_verdict_name(enum service_verdict verdict);

#endif
