/* SPDX-License-Identifier: MIT */
#include "cli/target/live.h"

#include "cli/target/live_internal.h"
#include "transport/tls/trust_reason.h"

#include <flagship/flagship.h>

#include <stdio.h>

#define MS_PER_S              1000
#define PRINTERS_REPORTED_MAX 3
#define MORE_MAX              32 /* " and 17 more" */
#define LOGIN_LABEL_MAX       (PRINTERS_REPORTED_MAX * (TARGET_LABEL_MAX + 2) + MORE_MAX)

/* The printer's label, or whose login it is: the first printers, and how many
 * more. */
static const char *live_login_label(const struct live *live, const struct fleet_login *login,
				    char out[LOGIN_LABEL_MAX])
{
	size_t count = 0;
	size_t used = 0;

	for (size_t i = 0; i < live->targets->count; i++) {
		const struct live_printer *printer = &live->printers[i];

		if (fleet_printer_login(printer->printer) != login) {
			continue;
		}
		if (count++ < PRINTERS_REPORTED_MAX) {
			int length = snprintf(out + used, LOGIN_LABEL_MAX - used, "%s%s",
					      used > 0 ? ", " : "", printer->label);

			used += length > 0 && (size_t)length < LOGIN_LABEL_MAX - used
					? (size_t)length
					: 0;
		}
	}
	if (count > PRINTERS_REPORTED_MAX) {
		snprintf(out + used, LOGIN_LABEL_MAX - used, " and %zu more",
			 count - PRINTERS_REPORTED_MAX);
	}
	return out;
}

static void live_fail_printer(struct live *live, struct live_printer *printer, int status)
{
	size_t failed = 0;

	printer->failed = true;
	if (live->handlers->on_failed) {
		live->handlers->on_failed(live->context, printer->printer, status);
		return;
	}
	for (size_t i = 0; i < live->targets->count; i++) {
		failed += live->printers[i].failed;
	}
	if (failed == live->targets->count) {
		live_stop(live, status);
	}
}

static void live_fail_login(struct live *live, const struct fleet_login *login, int status)
{
	for (size_t i = 0; i < live->targets->count && !live->stopping; i++) {
		struct live_printer *printer = &live->printers[i];

		if (fleet_printer_login(printer->printer) == login && !printer->failed) {
			live_fail_printer(live, printer, status);
		}
	}
}

static bool live_login_was_ready(const struct live *live, const struct fleet_login *login)
{
	for (size_t i = 0; i < live->targets->count; i++) {
		if (fleet_printer_login(live->printers[i].printer) == login &&
		    live->printers[i].was_ready) {
			return true;
		}
	}
	return false;
}

void live_report_connect_failed(struct live *live, const struct fleet_event *event)
{
	const struct target_login *login = fleet_login_context(event->login);
	const struct mqtt_session_event *session = event->session;
	char label[LOGIN_LABEL_MAX];

	if (live_login_was_ready(live, event->login) && !session->final) {
		return;
	}
	cli_error("printer %s: cannot connect to the broker %s: %s",
		  live_login_label(live, event->login, label), login->endpoint, session->detail);
	if (session->failure == MQTT_SESSION_FAILURE_LOGIN && login->account) {
		cli_error("the broker does not take the stored login any more: run flagship "
			  "refresh, or flagship login");
	} else if (session->failure == MQTT_SESSION_FAILURE_LOGIN) {
		cli_error("check --username and --password-file");
	} else if (session->failure == MQTT_SESSION_FAILURE_RESOLVE ||
		   session->failure == MQTT_SESSION_FAILURE_CONNECT) {
		cli_error("check that the broker runs, and host and port of --broker; flagship "
			  "doctor looks at each step");
	}
	live_fail_login(live, event->login, CLI_CANNOT_CONNECT);
}

static void live_lose_printers(struct live *live, const struct fleet_login *login)
{
	for (size_t i = 0; i < live->targets->count && !live->stopping; i++) {
		struct fleet_printer *printer = live->printers[i].printer;

		if (fleet_printer_login(printer) == login && live->handlers->on_lost) {
			live->handlers->on_lost(live->context, printer);
		}
	}
}

void live_report_lost(struct live *live, const struct fleet_event *event)
{
	char label[LOGIN_LABEL_MAX];

	cli_warn("printer %s: %s; trying again in %.1f s",
		 live_login_label(live, event->login, label), event->session->detail,
		 event->session->retry_in_ms / 1000.0);
	live_lose_printers(live, event->login);
}

void live_report_detached(struct live *live, const struct fleet_event *event)
{
	char label[LOGIN_LABEL_MAX];

	if (event->detail) {
		cli_warn("printer %s: %s", live_login_label(live, event->login, label),
			 event->detail);
	}
	if (event->error) {
		live_stop(live, live_explain_start(live, event->error));
	} else if (live_login_was_ready(live, event->login)) {
		live_lose_printers(live, event->login);
	}
}

void live_report_refused(struct live *live, const struct fleet_event *event)
{
	cli_error("printer %s: %s to %s: this login may not follow this printer; give another "
		  "one by --username and --password-file, or log in and use -p",
		  live_label(event->printer), event->session->detail, event->topic);
	live_fail_printer(live, live_of(event->printer), CLI_NOT_ALLOWED);
}

/* Else it was given, be it with -p: then refresh helps nobody. */
static bool live_key_is_stored(const struct target *target)
{
	return target->stored && !target->key_given;
}

void live_report_payload(const struct fleet_event *event)
{
	struct live_printer *printer = live_of(event->printer);
	size_t index = (size_t)-event->error;
	bool wrong_key = event->error == FLAGSHIP_ERROR_PADDING ||
			 event->error == FLAGSHIP_ERROR_AUTHENTICATION;
	const char *advice = "";

	if (index >= LIVE_ERRORS_MAX || printer->reported[index]) {
		return;
	}
	printer->reported[index] = true;
	if (wrong_key) {
		advice = live_key_is_stored(printer->target)
				 ? "; the stored key may be an old one: run flagship refresh"
				 : "; check that --key-file holds the key of this printer";
	}
	cli_warn("printer %s: a message of %zu bytes was refused: %s%s", printer->label,
		 event->length, flagship_strerror(event->error), advice);
}

int live_explain_start(const struct live *live, int error)
{
	char reason[TRUST_DETAIL_MAX];

	for (size_t l = 0; l < live->targets->login_count; l++) {
		const char *file = live->targets->logins[l].session.trust.ca_file;

		if (error == FLAGSHIP_ERROR_CRYPTO && file) {
			trust_reason_of_file(file, reason, sizeof(reason));
			cli_error("%s", reason);
			return CLI_NOT_CONFIGURED;
		}
		if (error == FLAGSHIP_ERROR_SERIAL && live->targets->logins[l].user_id) {
			cli_error("--user-id: %s", flagship_strerror(error));
			return CLI_USAGE;
		}
	}
	cli_error("cannot prepare the connection: %s", flagship_strerror(error));
	return CLI_FAILED;
}

const char *live_name_failure(int status)
{
	switch (status) {
	case CLI_NOT_CONFIGURED:
		return "no printer is known here, or its key is not";
	case CLI_CANNOT_CONNECT:
		return "no connection to the broker";
	case CLI_NO_ANSWER:
		return "no answer";
	case CLI_REFUSED:
		return "refused";
	default:
		return "it failed, or was interrupted";
	}
}

int live_explain_silence(const struct live *live, const struct fleet_printer *printer,
			 int64_t waited_ms)
{
	const struct live_printer *own = live_of(printer);
	const struct target_login *login = &live->targets->logins[own->target->login];
	const struct fleet_counts *counts = fleet_printer_counts(printer);
	double seconds = (double)waited_ms / MS_PER_S;
	bool stored = live_key_is_stored(own->target);

	if (!own->was_ready) {
		cli_error("printer %s: no connection to the broker %s within %g s", own->label,
			  login->endpoint, seconds);
		return CLI_CANNOT_CONNECT;
	}
	if (counts->payloads == 0 && counts->wrong_key > 0) {
		cli_error("printer %s: messages came, but the key does not fit them: %s",
			  own->label,
			  stored ? "run flagship refresh, or flagship doctor to look for the "
				   "right one"
				 : "check that --key-file or FLAGSHIP_KEY holds the key of this "
				   "printer");
		return CLI_FAILED;
	}
	cli_error("printer %s: no answer within %g s; check that\n"
		  "  - it is switched on and in the network\n"
		  "  - it is connected to the same broker, %s (the cloud has one a "
		  "region)\n"
		  "  - its serial number is %s\n"
		  "  - the key is its own: a printer says nothing to what it cannot "
		  "decrypt",
		  own->label, seconds, login->endpoint, own->target->serial);
	if (counts->retained > 0) {
		cli_warn("printer %s: the broker kept an old message of it, which proves nothing "
			 "of the present",
			 own->label);
	}
	return CLI_NO_ANSWER;
}
