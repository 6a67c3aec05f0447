/* SPDX-License-Identifier: MIT */
#include "base/shown_text.h"
#include "gateway/printers/internal.h"

#include <flagship/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For how long a printer may take to answer whom nobody waits for any more. */
#define EXPECTED_MS  INT64_C(30000)
#define EXPECTED_MAX 256

/* One printer that took a new name, which is to be kept. */
struct naming {
	struct list place;
	uv_work_t work;
	struct gateway_printers *printers;
	uint64_t command; /* that named it */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char name[COMMAND_NAME_MAX + 1];
	bool in_accounts;  /* accounts.json may have it */
	bool in_cloud;     /* the cloud on this machine has it */
	bool cloud_failed; /* that one alone does not keep it */
	int error;
	struct problem problem;
};

/* One that was given a name by whom nobody waits for: it may yet say that it took it. */
struct expected_name {
	struct list place;
	uint64_t command;
	int64_t until_ms;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char name[COMMAND_NAME_MAX + 1];
};

static struct naming *first_naming(const struct gateway_printers *printers)
{
	return LIST_OF(printers->namings.next, struct naming, place);
}

/* Whoever asked is told: it has its new name, and here is what is not as he thinks. */
__attribute__((format(printf, 3, 4))) static void warn_asker(
	const struct gateway_printers *printers, uint64_t command, const char *format, ...)
{
	char warning[PROBLEM_MAX + COMMAND_DETAIL_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(warning, sizeof(warning), format, arguments);
	va_end(arguments);
	service_settle(printers->commands, command, warning);
}

/* --- on another thread: another program may hold the file's lock --- */

static int edit_name(void *context, struct store_accounts *accounts)
{
	const struct naming *naming = context;

	return store_accounts_rename_printer(accounts, naming->serial, naming->name);
}

static void keep_name(uv_work_t *work)
{
	struct naming *naming = work->data;

	naming->error = naming->in_accounts
				? store_accounts_update(naming->printers->accounts_path, edit_name,
							naming, &naming->problem)
				: FLAGSHIP_ERROR_ARGUMENT;
}

/* --- on the loop --- */

static const char *reason_of(const struct naming *naming)
{
	return naming->problem.text[0] != '\0' ? naming->problem.text
					       : flagship_strerror(naming->error);
}

static void report_naming(const struct naming *naming)
{
	struct gateway_printers *printers = naming->printers;

	if (!naming->error) {
		log_event(printers->log, LOG_LEVEL_INFO, PRINTERS_LOG_PART,
			  "a printer has a new name", LOG_TEXT("printer", naming->serial),
			  LOG_TEXT("name", naming->name));
		service_settle(printers->commands, naming->command, NULL);
		return;
	}
	log_event(printers->log, LOG_LEVEL_ERROR, PRINTERS_LOG_PART,
		  "a printer has a new name, which cannot be kept here: it is shown until the "
		  "gateway ends",
		  LOG_TEXT("printer", naming->serial), LOG_TEXT("name", naming->name),
		  LOG_TEXT("reason", reason_of(naming)));
	warn_asker(printers, naming->command,
		   naming->cloud_failed
			   ? "the printer has its new name, but the cloud on this machine keeps "
			     "its old one: %s; mend that, and rename it again"
			   : "the printer has its new name, but here it is lost once the gateway "
			     "ends: %s; mend that, and rename it again",
		   reason_of(naming));
}

static void begin_naming(struct gateway_printers *printers);

static void end_naming(struct naming *naming)
{
	struct gateway_printers *printers = naming->printers;

	report_naming(naming);
	list_remove(&naming->place);
	free(naming);
	begin_naming(printers);
	printers_end(printers);
}

/* Its file is watched, and has the name taken over. */
static void on_named_in_cloud(void *context, const char *why)
{
	struct naming *naming = context;

	/* What went wrong before it stays the reason. */
	if (why && !naming->error) {
		naming->error = FLAGSHIP_ERROR_STORE;
		naming->cloud_failed = true;
		problem_set(&naming->problem, "%s", why);
	}
	end_naming(naming);
}

/* The watch of the file sees it, and has it taken over. */
static void on_name_kept(uv_work_t *work, int status)
{
	struct naming *naming = work->data;
	struct gateway_printers *printers = naming->printers;

	(void)status;
	if (naming->error == FLAGSHIP_ERROR_ARGUMENT) {
		/* No account of accounts.json has it. */
		naming->error = naming->in_cloud ? 0 : FLAGSHIP_ERROR_STORE;
		problem_set(&naming->problem, "%s", "no account has this printer any more");
	}
	if (naming->in_cloud && printers->name_in_cloud) {
		printers->name_in_cloud(printers->context, naming->serial, naming->name,
					on_named_in_cloud, naming);
		return;
	}
	end_naming(naming);
}

/* One after the other, so that the last name of a printer stays. */
static void begin_naming(struct gateway_printers *printers)
{
	while (!list_is_empty(&printers->namings)) {
		struct naming *naming = first_naming(printers);

		naming->work.data = naming;
		/* What it is given to may have ended already: its error is not to be touched. */
		if (!uv_queue_work(printers->loop, &naming->work, keep_name, on_name_kept)) {
			return;
		}
		naming->error = FLAGSHIP_ERROR_MEMORY;
		report_naming(naming);
		list_remove(&naming->place);
		free(naming);
	}
}

static void take_name(struct gateway_printers *printers, struct fleet_printer *printer,
		      uint64_t command, const char *name)
{
	const struct store_account *account = gateway_printers_account(printers, printer);
	struct naming *naming = calloc(1, sizeof(*naming));
	bool is_first = list_is_empty(&printers->namings);

	fleet_printer_set_name(printer, name);
	if (!naming) {
		log_event(printers->log, LOG_LEVEL_ERROR, PRINTERS_LOG_PART,
			  "a printer has a new name, which cannot be kept here: out of memory",
			  LOG_TEXT("printer", fleet_printer_serial(printer)));
		warn_asker(printers, command, "out of memory");
		return;
	}
	naming->printers = printers;
	naming->command = command;
	snprintf(naming->serial, sizeof(naming->serial), "%s", fleet_printer_serial(printer));
	snprintf(naming->name, sizeof(naming->name), "%s", name);
	naming->in_cloud = local_cloud_has(&printers->cloud, naming->serial);
	naming->in_accounts = !account || !account->local;
	service_hold(printers->commands, command);
	list_insert(&printers->namings, &naming->place);
	if (is_first) {
		begin_naming(printers);
	}
}

/* --- names that nobody waits for --- */

static void drop_expected(struct expected_name *expected)
{
	list_remove(&expected->place);
	free(expected);
}

/* The first of this printer; NULL: none. Those that were not answered in time are gone. */
static struct expected_name *find_expected(struct gateway_printers *printers, const char *serial)
{
	int64_t now_ms = fleet_now_ms(printers->fleet);
	struct list *next;

	for (struct list *at = printers->expected_names.next; at != &printers->expected_names;
	     at = next) {
		struct expected_name *expected = LIST_OF(at, struct expected_name, place);

		next = at->next;
		if (now_ms >= expected->until_ms) {
			drop_expected(expected);
		} else if (strcmp(expected->serial, serial) == 0) {
			return expected;
		}
	}
	return NULL;
}

/* It took one that was given later. */
static void drop_expected_of(struct gateway_printers *printers, const char *serial)
{
	struct expected_name *expected;

	while ((expected = find_expected(printers, serial))) {
		drop_expected(expected);
	}
}

static size_t count_expected(const struct gateway_printers *printers)
{
	size_t count = 0;

	for (const struct list *at = printers->expected_names.next; at != &printers->expected_names;
	     at = at->next) {
		count++;
	}
	return count;
}

static void expect_name(struct gateway_printers *printers, const struct service_command *command)
{
	(void)find_expected(printers, ""); /* Those of long ago make room. */
	struct expected_name *expected = count_expected(printers) < EXPECTED_MAX
						 ? calloc(1, sizeof(*expected))
						 : NULL;

	if (!expected) {
		return;
	}
	expected->command = command->id;
	expected->until_ms = fleet_now_ms(printers->fleet) + EXPECTED_MS;
	snprintf(expected->serial, sizeof(expected->serial), "%s", command->serial);
	snprintf(expected->name, sizeof(expected->name), "%s", command->text);
	list_insert(&printers->expected_names, &expected->place);
}

static void take_reply(struct gateway_printers *printers, struct fleet_printer *printer,
		       const struct flagship_message *message)
{
	struct expected_name *expected =
		message->type == FLAGSHIP_MESSAGE_DEVICE_NAME_SET && message->has_reply
			? find_expected(printers, fleet_printer_serial(printer))
			: NULL;

	if (expected && message->reply == 0) {
		take_name(printers, printer, expected->command, expected->name);
	}
	if (expected) {
		drop_expected(expected);
	}
}

void names_on_replies(struct gateway_printers *printers, struct fleet_printer *printer,
		      const struct channel_payload *payload)
{
	for (size_t i = 0; !list_is_empty(&printers->expected_names) && i < payload->count; i++) {
		take_reply(printers, printer, &payload->messages[i]);
	}
}

void names_finish(struct gateway_printers *printers)
{
	while (!list_is_empty(&printers->expected_names)) {
		drop_expected(LIST_OF(printers->expected_names.next, struct expected_name, place));
	}
}

/* --- what came of commands --- */

/* Force sends what the guard refuses; what is kept here is shown to people. */
static bool can_be_kept(const char *name)
{
	return strlen(name) <= COMMAND_NAME_MAX && shown_text_is_clean(name, strlen(name));
}

/* What comes of what was sent without waiting, or answered too late, is still to be heard. */
static bool may_be_taken_yet(const struct command_report *report)
{
	return report->attempts > 0 && !report->has_reply &&
	       (report->outcome == COMMAND_ACCEPTED || report->outcome == COMMAND_UNANSWERED);
}

static bool took(const struct command_report *report)
{
	return report->outcome == COMMAND_CONFIRMED ||
	       (report->outcome == COMMAND_ACCEPTED && report->has_reply);
}

void names_on_done(struct gateway_printers *printers, struct fleet_printer *printer,
		   const struct command_report *report)
{
	const struct service_command *command = report->kind == COMMAND_RENAME
							? service_find(printers->commands,
								       report->id)
							: NULL;

	if (!command || !took(report)) {
		if (command && may_be_taken_yet(report) && can_be_kept(command->text)) {
			expect_name(printers, command);
		}
		return;
	}
	drop_expected_of(printers, command->serial);
	if (!can_be_kept(command->text)) {
		log_event(printers->log, LOG_LEVEL_WARNING, PRINTERS_LOG_PART,
			  "a printer took a name that is not kept here: it is too long, or holds "
			  "control characters",
			  LOG_TEXT("printer", command->serial));
		warn_asker(printers, report->id,
			   "the printer's own name is too long for here, or holds control "
			   "characters: here it has its old one; give it another");
		return;
	}
	take_name(printers, printer, report->id, command->text);
}
