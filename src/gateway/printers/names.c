/* SPDX-License-Identifier: MIT */
#include "base/shown_text.h"
#include "gateway/printers/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One printer that took a new name, which is to be kept. */
struct naming {
	struct list place;
	uv_work_t work;
	struct gateway_printers *printers;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char name[COMMAND_NAME_MAX + 1];
	int error;
	struct problem problem;
};

static struct naming *first_naming(const struct gateway_printers *printers)
{
	return LIST_OF(printers->namings.next, struct naming, place);
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

	naming->error = store_accounts_update(naming->printers->accounts_path, edit_name, naming,
					      &naming->problem);
}

/* --- on the loop --- */

static void report_naming(const struct naming *naming)
{
	struct log *log = naming->printers->log;

	if (!naming->error) {
		log_event(log, LOG_LEVEL_INFO, PRINTERS_LOG_PART, "a printer has a new name",
			  LOG_TEXT("printer", naming->serial), LOG_TEXT("name", naming->name));
	} else if (naming->error == FLAGSHIP_ERROR_ARGUMENT) {
		log_event(log, LOG_LEVEL_WARNING, PRINTERS_LOG_PART,
			  "a printer has a new name, but no account of accounts.json has it: name "
			  "it in the cloud on this machine, too",
			  LOG_TEXT("printer", naming->serial), LOG_TEXT("name", naming->name));
	} else {
		log_event(log, LOG_LEVEL_ERROR, PRINTERS_LOG_PART,
			  "a printer has a new name, which cannot be kept here: it is shown until "
			  "the gateway ends",
			  LOG_TEXT("printer", naming->serial), LOG_TEXT("name", naming->name),
			  LOG_TEXT("reason", naming->problem.text[0] != '\0'
						     ? naming->problem.text
						     : flagship_strerror(naming->error)));
	}
}

static void on_name_kept(uv_work_t *work, int status);

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

/* The watch of the file sees it, and has it taken over. */
static void on_name_kept(uv_work_t *work, int status)
{
	struct naming *naming = work->data;
	struct gateway_printers *printers = naming->printers;

	(void)status;
	report_naming(naming);
	list_remove(&naming->place);
	free(naming);
	begin_naming(printers);
	printers_end(printers);
}

static void take_name(struct gateway_printers *printers, struct fleet_printer *printer,
		      const char *name)
{
	struct naming *naming = calloc(1, sizeof(*naming));
	bool is_first = list_is_empty(&printers->namings);

	fleet_printer_set_name(printer, name);
	if (!naming) {
		log_event(printers->log, LOG_LEVEL_ERROR, PRINTERS_LOG_PART,
			  "a printer has a new name, which cannot be kept here: out of memory",
			  LOG_TEXT("printer", fleet_printer_serial(printer)));
		return;
	}
	naming->printers = printers;
	snprintf(naming->serial, sizeof(naming->serial), "%s", fleet_printer_serial(printer));
	snprintf(naming->name, sizeof(naming->name), "%s", name);
	list_insert(&printers->namings, &naming->place);
	if (is_first) {
		begin_naming(printers);
	}
}

/* What was sent without waiting may have been refused. */
static bool took(const struct command_report *report)
{
	return report->outcome == COMMAND_CONFIRMED ||
	       (report->outcome == COMMAND_ACCEPTED && report->has_reply);
}

void names_on_done(struct gateway_printers *printers, struct fleet_printer *printer,
		   const struct command_report *report)
{
	const struct service_command *command = report->kind == COMMAND_RENAME && took(report)
							? service_find(printers->commands,
								       report->id)
							: NULL;

	if (!command) {
		return;
	}
	/* Force sends what the guard refuses; what is kept here is shown to people. */
	if (strlen(command->text) > COMMAND_NAME_MAX ||
	    !shown_text_is_clean(command->text, strlen(command->text))) {
		log_event(printers->log, LOG_LEVEL_WARNING, PRINTERS_LOG_PART,
			  "a printer took a name that is not kept here: it is too long, or holds "
			  "control characters",
			  LOG_TEXT("printer", command->serial));
		return;
	}
	take_name(printers, printer, command->text);
}
