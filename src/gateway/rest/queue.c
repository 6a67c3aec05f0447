/* SPDX-License-Identifier: MIT */
#include "gateway/rest/internal.h"
#include "gateway/rest/queue_body.h"
#include "gateway/sentences/sentences.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOCATION_SIZE 64
#define DECIMAL       10

/* --- what is there --- */

/* What no printer has yet is for those who have all of them. */
static bool may_see(const struct http_request *request, const struct queue_entry *entry)
{
	const char *serial = entry->taken_by[0] != '\0' ? entry->taken_by : entry->serial;

	return access_may_see(request, serial);
}

struct shown_entries {
	const struct queue *queue;
	const struct http_request *request;
	const char *serial; /* NULL: of all printers */
};

static void write_entries(struct json_writer *writer, const struct shown_entries *shown)
{
	const struct queue_entry *entry = NULL;

	json_array_begin(writer);
	while ((entry = queue_next(shown->queue, entry))) {
		if (may_see(shown->request, entry) &&
		    (!shown->serial || queue_is_of(entry, shown->serial))) {
			queue_write(shown->queue, writer, entry);
		}
	}
	json_array_end(writer);
}

static void write_queue(struct json_writer *writer, const void *context)
{
	write_entries(writer, context);
}

void rest_get_queue(struct http_request *request, void *context)
{
	const struct rest *rest = context;
	const struct shown_entries shown = {.queue = rest->queue, .request = request};

	rest_respond(request, REST_OK, write_queue, &shown);
}

static void write_plate(struct json_writer *writer, const struct queue *queue, const char *serial)
{
	const struct queue_plate plate = queue_plate_of(queue, serial);

	json_object_begin(writer);
	json_member_bool(writer, "clear", plate.is_clear);
	json_member_bool(writer, "auto_clear", plate.auto_clear);
	json_member_known(writer, "material", plate.material);
	json_object_end(writer);
}

static void write_printer_queue(struct json_writer *writer, const void *context)
{
	const struct shown_entries *shown = context;

	json_object_begin(writer);
	json_member_string(writer, "printer", shown->serial);
	sentence_member(writer, "cannot_send", queue_lacks_sender(shown->queue, shown->serial));
	json_key(writer, "plate");
	write_plate(writer, shown->queue, shown->serial);
	json_key(writer, "entries");
	write_entries(writer, shown);
	json_object_end(writer);
}

void rest_get_printer_queue(struct http_request *request, void *context)
{
	const struct rest *rest = context;
	const struct fleet_printer *printer = rest_find_printer(request, rest);

	if (printer) {
		const struct shown_entries shown = {.queue = rest->queue,
						    .request = request,
						    .serial = fleet_printer_serial(printer)};

		rest_respond(request, REST_OK, write_printer_queue, &shown);
	}
}

struct shown_entry {
	const struct queue *queue;
	const struct queue_entry *entry;
};

static void write_queue_entry(struct json_writer *writer, const void *context)
{
	const struct shown_entry *shown = context;

	queue_write(shown->queue, writer, shown->entry);
}

/* The one that the route names; NULL where that was answered already. */
static const struct queue_entry *find_entry(struct http_request *request, const struct rest *rest)
{
	const char *word = http_request_parameter(request, "entry");
	char *tail;
	int64_t id = strtoll(word, &tail, DECIMAL);
	const struct queue_entry *entry = *tail == '\0' ? queue_find(rest->queue, id) : NULL;

	if (entry && may_see(request, entry)) {
		return entry;
	}
	rest_respond_problem(request, REST_NOT_FOUND, "there is no such entry in the queue");
	return NULL;
}

void rest_get_queue_entry(struct http_request *request, void *context)
{
	const struct rest *rest = context;
	const struct shown_entry shown = {rest->queue, find_entry(request, rest)};

	if (shown.entry) {
		rest_respond(request, REST_OK, write_queue_entry, &shown);
	}
}

/* --- who waits for the disk --- */

static void on_printing_asker_gone(void *context)
{
	struct rest_queue_wait *pending = context;

	pending->request = NULL;
}

/* NULL where that was answered already. */
struct rest_queue_wait *rest_await_queue(const struct rest *rest, struct http_request *request,
					 int status)
{
	struct rest_queue_wait *pending = calloc(1, sizeof(*pending));

	if (!pending) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return NULL;
	}
	*pending = (struct rest_queue_wait){.request = request,
					    .queue = rest->queue,
					    .status = status,
					    .status_missing = REST_NOT_FOUND};
	http_request_watch(request, on_printing_asker_gone, pending);
	return pending;
}

static int status_of_queue(const struct rest_queue_wait *wait, enum queue_result result)
{
	return result == QUEUE_NOT_FOUND  ? wait->status_missing
	       : result == QUEUE_CONFLICT ? REST_CONFLICT
					  : REST_UNAVAILABLE;
}

static void write_plate_of(struct json_writer *writer, const void *context)
{
	const struct rest_queue_wait *pending = context;

	write_plate(writer, pending->queue, pending->serial);
}

static void respond_done(const struct rest_queue_wait *pending, const struct queue_entry *entry)
{
	const struct shown_entry shown = {pending->queue, entry};
	char location[LOCATION_SIZE];

	if (pending->serial[0] != '\0') {
		rest_respond(pending->request, pending->status, write_plate_of, pending);
	} else if (!entry) {
		http_respond(pending->request, &(struct http_response){.status = REST_NO_CONTENT});
	} else if (pending->status == REST_CREATED) {
		snprintf(location, sizeof(location), REST_ROOT "/queue/%" PRId64, entry->id);
		rest_respond_at(pending->request, pending->status, location, write_queue_entry,
				&shown);
	} else {
		rest_respond(pending->request, pending->status, write_queue_entry, &shown);
	}
}

void rest_on_queue_done(void *context, enum queue_result result, const struct queue_entry *entry,
			const char *detail)
{
	struct rest_queue_wait pending = *(struct rest_queue_wait *)context;

	free(context);
	if (!pending.request) {
		return;
	}
	http_request_watch(pending.request, NULL, NULL);
	if (result == QUEUE_DONE) {
		respond_done(&pending, entry);
	} else {
		rest_respond_problem(pending.request, status_of_queue(&pending, result), "%s",
				     detail);
	}
}

/* --- changes --- */

/* A line of the log: who changed what. Who asked for an entry is in its own. */
static void audit(const struct rest *rest, const struct http_request *request, const char *action,
		  const char *subject)
{
	char asker[SERVICE_ASKER_MAX + 1];

	rest_name_asker(request, asker);
	queue_audit(rest->queue, asker, action, subject);
}

static struct rest_queue_wait *await_change(const struct rest *rest, struct http_request *request,
					    const char *action)
{
	struct rest_queue_wait *wait = rest_await_queue(rest, request, REST_OK);

	if (wait) {
		audit(rest, request, action, http_request_parameter(request, "entry"));
	}
	return wait;
}

void rest_patch_queue_entry(struct http_request *request, void *context)
{
	struct rest *rest = context;
	const struct queue_entry *entry = find_entry(request, rest);
	cJSON *json = entry ? rest_read_body(request, "hold force copies not_before material")
			    : NULL;
	struct queue_change change;
	struct queue_body body;
	struct problem problem = {""};

	if (!json) {
		return;
	}
	if (!queue_change_of_json(json, &body, &change, &problem)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "%s", problem.text);
	} else {
		struct rest_queue_wait *pending = await_change(rest, request, "change");

		if (pending) {
			queue_change(rest->queue, entry->id, &change, rest_on_queue_done, pending);
		}
	}
	cJSON_Delete(json);
}

void rest_delete_queue_entry(struct http_request *request, void *context)
{
	struct rest *rest = context;
	const struct queue_entry *entry = find_entry(request, rest);
	struct rest_queue_wait *pending = entry ? await_change(rest, request, "remove") : NULL;

	if (pending) {
		queue_remove(rest->queue, entry->id, rest_on_queue_done, pending);
	}
}

static bool read_place(const cJSON *json, int64_t *before)
{
	const cJSON *other = cJSON_GetObjectItemCaseSensitive(json, "before");
	const char *to = rest_body_text(json, "to");

	if (cJSON_IsNumber(other) && other->valuedouble >= 1 && to[0] == '\0') {
		*before = (int64_t)other->valuedouble;
		return true;
	}
	*before = strcmp(to, "front") == 0 ? QUEUE_TO_FRONT : QUEUE_TO_BACK;
	return !other && (strcmp(to, "front") == 0 || strcmp(to, "back") == 0);
}

void rest_move_queue_entry(struct http_request *request, void *context)
{
	struct rest *rest = context;
	const struct queue_entry *entry = find_entry(request, rest);
	cJSON *json = entry ? rest_read_body(request, "before to") : NULL;
	int64_t before;

	if (!json) {
		return;
	}
	if (!read_place(json, &before)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "the body is to be {\"before\": ID} or {\"to\": \"front\"} or "
				     "{\"to\": \"back\"}");
	} else {
		struct rest_queue_wait *pending = await_change(rest, request, "move");

		if (pending) {
			queue_move(rest->queue, entry->id, before, rest_on_queue_done, pending);
		}
	}
	cJSON_Delete(json);
}

/* No body is as good as an empty one. */
static bool read_retry(struct http_request *request, bool *force)
{
	size_t length;
	const char *text = http_request_body(request, &length);
	cJSON *json = length > 0 ? rest_parse_body(request, text, length, "force") : NULL;
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "force");
	bool good = !item || cJSON_IsBool(item);

	*force = cJSON_IsTrue(item);
	if (!good) {
		rest_respond_problem(request, REST_BAD_REQUEST, "'force' is to be true or false");
	}
	good = good && (json || length == 0);
	cJSON_Delete(json);
	return good;
}

void rest_retry_queue_entry(struct http_request *request, void *context)
{
	struct rest *rest = context;
	const struct queue_entry *entry = find_entry(request, rest);
	struct rest_queue_wait *pending = NULL;
	bool force;

	if (entry && read_retry(request, &force)) {
		pending = await_change(rest, request, force ? "force" : "retry");
	}
	if (pending) {
		(force ? queue_retry_forced : queue_retry)(rest->queue, entry->id,
							   rest_on_queue_done, pending);
	}
}

/* --- the plate --- */

static bool read_wanted_flag(const cJSON *json, const char *name, int *flag)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

	*flag = item ? cJSON_IsTrue(item) : -1;
	return !item || cJSON_IsBool(item);
}

static bool read_plate(const cJSON *json, struct queue_plate_change *change,
		       char material[QUEUE_MATERIAL_SIZE], struct problem *problem)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "material");

	change->material = NULL;
	if (!read_wanted_flag(json, "clear", &change->clear) ||
	    !read_wanted_flag(json, "auto_clear", &change->auto_clear)) {
		problem_set(problem, "'clear' and 'auto_clear' are to be true or false");
		return false;
	}
	if (!item) {
		return true;
	}
	change->material = material;
	material[0] = '\0';
	if (cJSON_IsNull(item)) {
		return true;
	}
	return queue_read_material(cJSON_IsString(item) ? item->valuestring : "\n", material,
				   problem);
}

void rest_post_plate(struct http_request *request, void *context)
{
	struct rest *rest = context;
	const struct fleet_printer *printer = rest_find_printer(request, rest);
	cJSON *json = printer ? rest_read_body(request, "clear auto_clear material") : NULL;
	struct queue_plate_change change;
	char material[QUEUE_MATERIAL_SIZE];
	struct problem problem;

	if (!json) {
		return;
	}
	if (!read_plate(json, &change, material, &problem)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "%s", problem.text);
	} else {
		struct rest_queue_wait *pending = rest_await_queue(rest, request, REST_OK);

		if (pending) {
			snprintf(pending->serial, sizeof(pending->serial), "%s",
				 fleet_printer_serial(printer));
			audit(rest, request, "plate", pending->serial);
			queue_set_plate(rest->queue, fleet_printer_serial(printer), &change,
					rest_on_queue_done, pending);
		}
	}
	cJSON_Delete(json);
}
