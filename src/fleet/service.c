/* SPDX-License-Identifier: MIT */
#include "fleet/service.h"

#include "base/json/writer.h"
#include "base/memory/list.h"
#include "fleet/id_table.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_SIZE 32
#define MS_PER_S    1000.0

struct entry {
	struct service_command command;
	struct list place; /* in all */
	struct list ended; /* in ended, once it is over */
	uint64_t key;      /* its digest; 0: it has none */
	uint64_t request;  /* the digest of what was asked for */
	char *report_text; /* owned */
	char *warning;     /* owned; NULL: none */
	char detail[COMMAND_DETAIL_MAX];
};

struct service {
	struct fleet *fleet; /* NULL once it has ended */
	struct fleet_listener listener;
	struct service_options options;
	struct list all;
	struct list ended;
	size_t ended_count;
	struct id_table by_id;
	struct id_table by_key;
};

static struct entry *entry_at(const struct list *place)
{
	return LIST_OF(place, struct entry, place);
}

/* --- digests --- */

static void add_bytes(EVP_MD_CTX *digest, const void *bytes, size_t length)
{
	(void)EVP_DigestUpdate(digest, bytes, length);
}

/* With its end, so that two texts do not make up a third. */
static void add_text(EVP_MD_CTX *digest, const char *text)
{
	add_bytes(digest, text ? text : "", text ? strlen(text) + 1 : 1);
}

/* 0 where there is no memory. */
static uint64_t finish_digest(EVP_MD_CTX *digest)
{
	unsigned char bytes[DIGEST_SIZE];
	uint64_t number = 0;

	if (EVP_DigestFinal_ex(digest, bytes, NULL) == 1) {
		memcpy(&number, bytes, sizeof(number));
		number += number == 0;
	}
	EVP_MD_CTX_free(digest);
	return number;
}

static EVP_MD_CTX *begin_digest(void)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();

	if (digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(digest);
		return NULL;
	}
	return digest;
}

/* A key is of who asks, and of the printer. */
static uint64_t digest_key(const struct service_request *request)
{
	EVP_MD_CTX *digest = begin_digest();

	if (!digest) {
		return 0;
	}
	add_text(digest, request->asker);
	add_text(digest, fleet_printer_serial(request->printer));
	add_text(digest, request->key);
	return finish_digest(digest);
}

static uint64_t digest_request(const struct command_request *request)
{
	EVP_MD_CTX *digest = begin_digest();
	const bool flags[] = {request->force, request->relative, request->no_wait,
			      request->as_known};

	if (!digest) {
		return 0;
	}
	add_bytes(digest, &request->kind, sizeof(request->kind));
	add_bytes(digest, &request->value, sizeof(request->value));
	add_bytes(digest, request->position_mm, sizeof(request->position_mm));
	add_bytes(digest, &request->distance_mm, sizeof(request->distance_mm));
	add_bytes(digest, &request->feed_mm_s, sizeof(request->feed_mm_s));
	add_bytes(digest, flags, sizeof(flags));
	add_text(digest, request->text);
	return finish_digest(digest);
}

/* --- what is known --- */

static void drop(struct service *service, struct entry *entry)
{
	if (entry->command.over) {
		list_remove(&entry->ended);
		service->ended_count--;
	}
	list_remove(&entry->place);
	(void)id_table_take(&service->by_id, entry->command.id);
	(void)id_table_take(&service->by_key, entry->key);
	free(entry->report_text);
	free(entry->warning);
	free(entry);
}

static struct entry *make_entry(const struct service_request *request, uint64_t id)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry) {
		return NULL;
	}
	struct service_command *command = &entry->command;
	list_init(&entry->place);
	list_init(&entry->ended);
	command->id = id;
	command->printer = request->printer;
	command->kind = request->command->kind;
	command->value = request->command->value;
	command->force = request->command->force;
	snprintf(command->serial, sizeof(command->serial), "%s",
		 fleet_printer_serial(request->printer));
	snprintf(command->name, sizeof(command->name), "%s",
		 fleet_printer_state(request->printer)->name);
	snprintf(command->text, sizeof(command->text), "%s",
		 request->command->text ? request->command->text : "");
	snprintf(command->asker, sizeof(command->asker), "%s", request->asker);
	command->report.detail = entry->detail;
	command->report.text = "";
	command->warning = "";
	return entry;
}

/* False where there is no memory. */
static bool enlist_command(struct service *service, struct entry *entry)
{
	if (!id_table_add(&service->by_id, entry->command.id, entry)) {
		return false;
	}
	if (entry->key && !id_table_add(&service->by_key, entry->key, entry)) {
		(void)id_table_take(&service->by_id, entry->command.id);
		return false;
	}
	list_insert(&service->all, &entry->place);
	return true;
}

/* --- audit --- */

static void write_printer(struct json_writer *writer, const struct service_command *command)
{
	json_member_string(writer, "printer", command->serial);
	json_member_known(writer, "name", command->name);
}

static void write_asked(struct json_writer *writer, const struct service_command *command)
{
	json_member_string(writer, "command", command_kind_name(command->kind));
	json_member_int(writer, "value", command->value);
	json_member_known(writer, "text", command->text);
	json_member_bool(writer, "force", command->force);
}

static void audit(const struct service *service, const struct service_command *command)
{
	char line[SERVICE_AUDIT_MAX];
	struct json_writer writer;
	size_t length;

	if (!service->options.on_audit) {
		return;
	}
	json_writer_init(&writer, line, sizeof(line));
	json_object_begin(&writer);
	json_member_int(&writer, "id", (int64_t)command->id);
	json_member_string(&writer, "by", command->asker);
	write_printer(&writer, command);
	write_asked(&writer, command);
	json_member_string(&writer, "outcome", command_outcome_name(command->report.outcome));
	json_member_string(&writer, "detail", command->report.detail);
	json_member_int(&writer, "attempts", command->report.attempts);
	json_key(&writer, "elapsed_s");
	json_real(&writer, (double)command->report.elapsed_ms / MS_PER_S);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length) == 0) {
		line[length] = '\0';
		service->options.on_audit(service->options.context, line);
	}
}

/* --- what the fleet tells --- */

static void keep_report(struct entry *entry, const struct command_report *report)
{
	struct service_command *command = &entry->command;

	command->report = *report;
	snprintf(entry->detail, sizeof(entry->detail), "%s", report->detail);
	command->report.detail = entry->detail;
	command->report.gcode = NULL;
	entry->report_text = report->text_length > 0 ? malloc(report->text_length + 1) : NULL;
	if (entry->report_text) {
		memcpy(entry->report_text, report->text, report->text_length);
		entry->report_text[report->text_length] = '\0';
	} else {
		command->report.text_whole = report->text_whole && report->text_length == 0;
		command->report.text_length = 0;
	}
	command->report.text = entry->report_text ? entry->report_text : "";
}

static void on_command_done(void *context, struct fleet_printer *printer,
			    const struct command_report *report)
{
	struct service *service = context;
	struct entry *entry = id_table_find(&service->by_id, report->id);

	(void)printer;
	if (!entry || entry->command.over) {
		return;
	}
	keep_report(entry, report);
	entry->command.over = true;
	entry->command.ended_ms = fleet_now_ms(service->fleet);
	list_insert(&service->ended, &entry->ended);
	service->ended_count++;
	if (service->ended_count > SERVICE_REPORTS_MAX) {
		drop(service, LIST_OF(service->ended.next, struct entry, ended));
	}
	audit(service, &entry->command);
}

/* --- what follows from it --- */

void service_hold(struct service *service, uint64_t id)
{
	struct entry *entry = id_table_find(&service->by_id, id);

	if (entry) {
		entry->command.held = true;
	}
}

void service_settle(struct service *service, uint64_t id, const char *warning)
{
	struct entry *entry = id_table_find(&service->by_id, id);

	if (entry) {
		free(entry->warning);
		entry->warning = warning ? strdup(warning) : NULL;
		entry->command.warning = entry->warning ? entry->warning
					 : warning      ? "out of memory"
							: "";
		entry->command.held = false;
	}
	if (service->options.on_settled) {
		service->options.on_settled(service->options.context, id);
	}
}

bool service_command_is_settled(const struct service_command *command)
{
	return command->over && !command->held;
}

/* What is over keeps its words; what is not ends before the printer does. */
static void on_event(void *context, const struct fleet_event *event)
{
	struct service *service = context;

	if (event->kind != FLEET_PRINTER_REMOVED) {
		return;
	}
	for (struct list *at = service->all.next; at != &service->all; at = at->next) {
		struct service_command *command = &entry_at(at)->command;

		command->printer = command->printer == event->printer ? NULL : command->printer;
	}
}

static void on_closed(void *context)
{
	struct service *service = context;

	service->fleet = NULL;
	for (struct list *at = service->all.next; at != &service->all; at = at->next) {
		entry_at(at)->command.printer = NULL;
	}
}

/* --- life --- */

int service_create(struct fleet *fleet, const struct service_options *options, struct service **out)
{
	static const struct fleet_handlers handlers = {
		.on_event = on_event,
		.on_done = on_command_done,
		.on_closed = on_closed,
	};
	struct service *service = calloc(1, sizeof(*service));

	*out = service;
	if (!service) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	service->fleet = fleet;
	service->options = options ? *options : (struct service_options){0};
	service->listener.handlers = &handlers;
	service->listener.context = service;
	list_init(&service->all);
	list_init(&service->ended);
	fleet_subscribe(fleet, &service->listener);
	return 0;
}

void service_destroy(struct service *service)
{
	if (!service) {
		return;
	}
	fleet_unsubscribe(&service->listener);
	while (!list_is_empty(&service->all)) {
		drop(service, entry_at(service->all.next));
	}
	id_table_finish(&service->by_id);
	id_table_finish(&service->by_key);
	free(service);
}

/* --- requests --- */

static bool is_acceptable(const struct service *service, const struct service_request *request)
{
	return service->fleet && request->asker && strlen(request->asker) <= SERVICE_ASKER_MAX &&
	       (!request->key ||
		(request->key[0] != '\0' && strlen(request->key) <= SERVICE_KEY_MAX));
}

static void hand_over(struct service *service, struct entry *entry,
		      const struct command_request *request)
{
	struct command_request own = *request;

	own.id = entry->command.id;
	entry->command.asked_ms = fleet_now_ms(service->fleet);
	(void)fleet_command(entry->command.printer, &own);
}

int service_submit(struct service *service, const struct service_request *request, uint64_t *id)
{
	uint64_t key = 0;
	uint64_t asked = 0;

	*id = 0;
	if (!is_acceptable(service, request)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (request->key) {
		key = digest_key(request);
		asked = digest_request(request->command);
		if (!key || !asked) {
			return FLAGSHIP_ERROR_MEMORY;
		}
		const struct entry *before = id_table_find(&service->by_key, key);
		if (before) {
			*id = before->request == asked ? before->command.id : 0;
			return *id ? 0 : FLAGSHIP_ERROR_ARGUMENT;
		}
	}
	struct entry *entry = make_entry(request, fleet_make_command_id(service->fleet));
	if (!entry) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	entry->key = key;
	entry->request = asked;
	if (!enlist_command(service, entry)) {
		free(entry);
		return FLAGSHIP_ERROR_MEMORY;
	}
	*id = entry->command.id;
	hand_over(service, entry, request->command);
	return 0;
}

bool service_cancel(struct service *service, uint64_t id)
{
	const struct entry *entry = id_table_find(&service->by_id, id);

	if (!entry || entry->command.over || !entry->command.printer) {
		return false;
	}
	fleet_cancel(entry->command.printer, id);
	return true;
}

const struct service_command *service_find(const struct service *service, uint64_t id)
{
	const struct entry *entry = id_table_find(&service->by_id, id);

	return entry ? &entry->command : NULL;
}

const struct service_command *service_next(const struct service *service,
					   const struct service_command *command)
{
	const struct list *next =
		command ? ((const struct entry *)(const void *)command)->place.next
			: service->all.next;

	return next == &service->all ? NULL : &entry_at(next)->command;
}

/* --- guards --- */

static const char *judge(const struct fleet_printer *printer, const struct command_request *request,
			 bool force)
{
	struct command_request own = *request;

	own.force = force;
	return fleet_guard(printer, &own);
}

void service_guard(const struct fleet_printer *printer, const struct command_request *request,
		   struct service_guard *guard)
{
	struct command_request unforced = *request;
	const char *reason = judge(printer, request, true);

	unforced.force = false;
	*guard = (struct service_guard){.verdict = SERVICE_NEVER};
	if (!reason) {
		reason = judge(printer, request, false);
		guard->verdict = reason ? SERVICE_NEEDS_FORCE : SERVICE_ALLOWED;
		if (fleet_guard_lacks(printer, &unforced)) {
			guard->verdict = SERVICE_UNKNOWN;
			reason = NULL;
		}
	}
	snprintf(guard->reason, sizeof(guard->reason), "%s", reason ? reason : "");
}

const char *service_verdict_name(enum service_verdict verdict)
{
	static const char *const names[] = {
		[SERVICE_ALLOWED] = "allowed",
		[SERVICE_UNKNOWN] = "unknown",
		[SERVICE_NEEDS_FORCE] = "needs force",
		[SERVICE_NEVER] = "never",
	};

	return names[verdict];
}
