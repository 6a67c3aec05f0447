/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/moonraker/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The printer's queue, as Moonraker tells of its own: what waits, up to where it is printed. It
 * stands ("paused") until somebody says that the plate is clear, which is what "start" means here;
 * "pause" takes that back.
 */

#define ID_SIZE   24
#define ID_FORMAT "%06llX" /* as that of a job of the past */
#define ID_BASE   16

/* --- what is told --- */

static bool is_queued(const struct queue_entry *entry, const char *serial)
{
	return entry->state < QUEUE_PRINTING && queue_is_of(entry, serial);
}

static const struct queue_entry *next_queued(const struct queue *queue, const char *serial,
					     const struct queue_entry *entry)
{
	while ((entry = queue_next(queue, entry))) {
		if (is_queued(entry, serial)) {
			break;
		}
	}
	return entry;
}

static const char *state_of(const struct queue *queue, const char *serial)
{
	const struct queue_entry *first = next_queued(queue, serial, NULL);
	const struct queue_plate plate = queue_plate_of(queue, serial);

	if (first && first->state == QUEUE_STARTING) {
		return "starting";
	}
	if (first && first->state != QUEUE_WAITING) {
		return "loading";
	}
	return plate.is_clear || plate.auto_clear ? "ready" : "paused";
}

static void write_queued_job(struct json_writer *writer, const struct queue_entry *entry,
			     double now_s)
{
	double added_s = (double)entry->asked_ms / MOONRAKER_MS_PER_S;
	char id[ID_SIZE];

	snprintf(id, sizeof(id), ID_FORMAT, (unsigned long long)entry->id);
	json_object_begin(writer);
	json_member_string(writer, "filename", entry->path);
	json_member_string(writer, "job_id", id);
	json_key(writer, "time_added");
	json_real(writer, added_s);
	json_key(writer, "time_in_queue");
	json_real(writer, now_s > added_s ? now_s - added_s : 0);
	json_object_end(writer);
}

static void write_queued_jobs(struct json_writer *writer, const struct queue *queue,
			      const char *serial)
{
	double now_s = (double)clock_unix_ms() / MOONRAKER_MS_PER_S;
	const struct queue_entry *entry = NULL;

	json_array_begin(writer);
	while ((entry = next_queued(queue, serial, entry))) {
		write_queued_job(writer, entry, now_s);
	}
	json_array_end(writer);
}

static void write_queue(struct json_writer *writer, const void *context)
{
	const struct moonraker_printer *printer = context;
	const struct queue *queue = printer->moonraker->options.queue;

	json_object_begin(writer);
	json_key(writer, "queued_jobs");
	write_queued_jobs(writer, queue, printer->serial);
	json_member_string(writer, "queue_state", state_of(queue, printer->serial));
	json_object_end(writer);
}

/* False where it was answered. */
static bool has_queue(struct moonraker_call *call)
{
	if (!call->moonraker->options.queue) {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, MOONRAKER_NO_QUEUE);
	}
	return call->moonraker->options.queue;
}

void moonraker_job_queue_status(struct moonraker_call *call)
{
	if (has_queue(call)) {
		moonraker_answer(call, write_queue, call->printer);
	}
}

/* --- changes that are told --- */

static void write_queue_change(struct json_writer *writer, const void *context)
{
	const struct moonraker_printer *printer = context;
	const struct queue *queue = printer->moonraker->options.queue;

	json_object_begin(writer);
	json_member_string(writer, "action", "state_changed");
	json_key(writer, "updated_queue");
	write_queued_jobs(writer, queue, printer->serial);
	json_member_string(writer, "queue_state", state_of(queue, printer->serial));
	json_object_end(writer);
}

/* Pages of others show no reason: that of the first comes as a line of the console. */
static void respond_reason(struct moonraker_printer *printer, const struct queue_entry *entry)
{
	const struct queue_plate plate = queue_plate_of(printer->moonraker->options.queue,
							printer->serial);
	char text[QUEUE_PATH_SIZE + QUEUE_REASON_SIZE];
	int length = snprintf(
		text, sizeof(text), "// %.200s waits: %s%s", entry->path, entry->reason,
		plate.is_clear || plate.auto_clear ? "" : "\n// PLATE_CLEAR says that it is clear");

	moonraker_respond_gcode(printer, text, (size_t)length);
}

void moonraker_tell_queue(struct moonraker_printer *printer)
{
	const struct queue_entry *first = next_queued(printer->moonraker->options.queue,
						      printer->serial, NULL);
	const char *reason = first && first->state == QUEUE_WAITING ? first->reason : "";

	printer->queue_changed = false;
	moonraker_notify(printer->moonraker, printer, "notify_job_queue_changed",
			 write_queue_change, printer);
	if (reason[0] != '\0' &&
	    (first->id != printer->queue_first || strcmp(reason, printer->queue_reason) != 0)) {
		respond_reason(printer, first);
	}
	printer->queue_first = first ? first->id : 0;
	snprintf(printer->queue_reason, sizeof(printer->queue_reason), "%s", reason);
}

void moonraker_on_queue(void *context, const struct queue_entry *entry, bool gone)
{
	struct moonraker *moonraker = context;

	(void)gone;
	for (struct list *at = moonraker->printers.next; at != &moonraker->printers;
	     at = at->next) {
		struct moonraker_printer *printer = LIST_OF(at, struct moonraker_printer, place);

		if (queue_is_of(entry, printer->serial)) {
			moonraker_touch_queue(printer);
		}
	}
}

/* --- changes that are asked for --- */

/* Until the last of them is done. */
struct job_change {
	struct moonraker_call *call;
	size_t pending;
	enum queue_result result; /* the first that is not DONE */
	char detail[QUEUE_REASON_SIZE];
};

static int status_of_result(enum queue_result result)
{
	return result == QUEUE_NOT_FOUND  ? MOONRAKER_NOT_FOUND
	       : result == QUEUE_CONFLICT ? MOONRAKER_CONFLICT
					  : MOONRAKER_UNAVAILABLE;
}

static void leave_change(struct job_change *change)
{
	if (--change->pending > 0) {
		return;
	}
	if (change->result == QUEUE_DONE) {
		moonraker_answer(change->call, write_queue, change->call->printer);
	} else {
		moonraker_fail(change->call, status_of_result(change->result), "%s",
			       change->detail);
	}
	free(change);
}

static void on_job_changed(void *context, enum queue_result result, const struct queue_entry *entry,
			   const char *detail)
{
	struct job_change *change = context;

	(void)entry;
	if (result != QUEUE_DONE && change->result == QUEUE_DONE) {
		change->result = result;
		snprintf(change->detail, sizeof(change->detail), "%s", detail);
	}
	leave_change(change);
}

/* NULL where it was answered. */
static struct job_change *begin_change(struct moonraker_call *call)
{
	struct job_change *change = calloc(1, sizeof(*change));

	if (!change) {
		moonraker_fail(call, MOONRAKER_BROKEN, "out of memory");
		return NULL;
	}
	change->call = call;
	change->pending = 1;
	moonraker_keep(call);
	return change;
}

static void set_plate(struct moonraker_call *call, bool is_clear)
{
	static const struct queue_plate_change to[] = {{.clear = 0, .auto_clear = -1},
						       {.clear = 1, .auto_clear = -1}};
	struct job_change *change = has_queue(call) ? begin_change(call) : NULL;

	if (change) {
		queue_set_plate(call->moonraker->options.queue, call->printer->serial,
				&to[is_clear], on_job_changed, change);
	}
}

void moonraker_job_queue_start(struct moonraker_call *call)
{
	set_plate(call, true);
}

void moonraker_job_queue_pause(struct moonraker_call *call)
{
	const struct queue *queue = call->moonraker->options.queue;

	if (queue && queue_plate_of(queue, call->printer->serial).auto_clear) {
		moonraker_fail(call, MOONRAKER_CONFLICT,
			       "%.200s is set as one whose plate is always clear: its queue cannot "
			       "be paused, but entries can be held on the gateway's page",
			       moonraker_printer_name(call->printer));
		return;
	}
	set_plate(call, false);
}

/* A list of texts, or one with commas in it: each is given to `take`, until one returns false. */
static bool walk_texts(struct flagship_json params, const char *name,
		       bool (*take)(void *context, const char *text), void *context)
{
	char text[QUEUE_PATH_SIZE];
	struct json_value value;
	struct json_value item;
	struct json_walk walk;

	if (!rpc_param(params, name, &value)) {
		return false;
	}
	if (value.kind == JSON_STRING) {
		char *rest = text;

		if (flagship_text_copy(value.text, text, sizeof(text)) >= sizeof(text)) {
			return false;
		}
		for (const char *one; (one = strsep(&rest, ","));) {
			if (!take(context, one)) {
				return false;
			}
		}
		return true;
	}
	if (value.kind != JSON_ARRAY) {
		return false;
	}
	json_walk_init_valid(&walk, &value);
	while (json_walk_item(&walk, &item)) {
		if (item.kind != JSON_STRING ||
		    flagship_text_copy(item.text, text, sizeof(text)) >= sizeof(text) ||
		    !take(context, text)) {
			return false;
		}
	}
	return true;
}

/* What is named, as far as it is there. */
struct named {
	const struct moonraker_call *call;
	const struct files_entry *files[MOONRAKER_JOBS_MAX];
	int64_t ids[MOONRAKER_JOBS_MAX];
	size_t count;
};

static bool take_file(void *context, const char *text)
{
	struct named *named = context;
	const struct files_entry *entry = files_find(named->call->moonraker->options.files, text);

	if (!entry || entry->is_folder || named->count == MOONRAKER_JOBS_MAX) {
		return false;
	}
	named->files[named->count++] = entry;
	return true;
}

static bool is_named(const struct named *named, int64_t id)
{
	for (size_t i = 0; i < named->count; i++) {
		if (named->ids[i] == id) {
			return true;
		}
	}
	return false;
}

/* One that is named again is the same one. */
static bool take_id(void *context, const char *text)
{
	struct named *named = context;
	char *end = NULL;
	int64_t id = strtoll(text, &end, ID_BASE);
	const struct queue_entry *entry = queue_find(named->call->moonraker->options.queue, id);

	if (end == text || *end != '\0' || !entry ||
	    !is_queued(entry, named->call->printer->serial)) {
		return false;
	}
	if (is_named(named, id)) {
		return true;
	}
	if (named->count == MOONRAKER_JOBS_MAX) {
		return false;
	}
	named->ids[named->count++] = id;
	return true;
}

static void name_all(struct named *named)
{
	const struct queue *queue = named->call->moonraker->options.queue;
	const char *serial = named->call->printer->serial;
	const struct queue_entry *entry = NULL;

	while (named->count < MOONRAKER_JOBS_MAX && (entry = next_queued(queue, serial, entry))) {
		named->ids[named->count++] = entry->id;
	}
}

static void add_job(struct job_change *change, const struct files_entry *file)
{
	struct moonraker_call *call = change->call;
	char asker[QUEUE_ASKER_SIZE];

	snprintf(asker, sizeof(asker), "moonraker: %.100s", call->client);
	const struct queue_request request = {
		.serial = call->printer->serial,
		.path = file->path,
		.hash = file->hash,
		.asker = asker,
		.copies = 1,
	};

	change->pending++;
	queue_add(call->moonraker->options.queue, &request, on_job_changed, change);
}

/* What waits for this file, and was not taken by one before it, goes to the end. */
static bool keep_job(struct job_change *change, struct named *old, const struct files_entry *file)
{
	struct queue *queue = change->call->moonraker->options.queue;

	for (size_t i = 0; i < old->count; i++) {
		const struct queue_entry *entry = queue_find(queue, old->ids[i]);

		if (!entry || strcmp(entry->path, file->path) != 0) {
			continue;
		}
		old->ids[i] = 0;
		if (entry->state == QUEUE_WAITING) {
			change->pending++;
			queue_move(queue, entry->id, QUEUE_TO_BACK, on_job_changed, change);
		}
		return true;
	}
	return false;
}

static void drop_jobs(struct job_change *change, const struct named *named)
{
	for (size_t i = 0; i < named->count; i++) {
		if (named->ids[i] != 0) {
			change->pending++;
			queue_remove(change->call->moonraker->options.queue, named->ids[i],
				     on_job_changed, change);
		}
	}
}

/* As pages change order and number: those that stay are the same entries. */
static void post_jobs(struct job_change *change, const struct named *files, bool anew)
{
	struct named old = {.call = change->call};

	if (anew) {
		name_all(&old);
	}
	for (size_t i = 0; i < files->count; i++) {
		if (!keep_job(change, &old, files->files[i])) {
			add_job(change, files->files[i]);
		}
	}
	drop_jobs(change, &old);
}

void moonraker_job_queue_post(struct moonraker_call *call)
{
	struct named named = {.call = call};

	if (!has_queue(call)) {
		return;
	}
	const char *lacks = queue_lacks_sender(call->moonraker->options.queue,
					       call->printer->serial);
	bool anew = rpc_param_flag(call->params, "reset");
	if (lacks) {
		moonraker_fail(call, MOONRAKER_CONFLICT, "%s", lacks);
	} else if (!walk_texts(call->params, "filenames", take_file, &named) ||
		   (named.count == 0 && !anew)) {
		moonraker_fail(call, MOONRAKER_BAD_REQUEST,
			       "filenames are to be 1 to %d files that are here",
			       MOONRAKER_JOBS_MAX);
	} else {
		struct job_change *change = begin_change(call);

		if (change) {
			post_jobs(change, &named, anew);
			leave_change(change);
		}
	}
}

void moonraker_job_queue_delete(struct moonraker_call *call)
{
	struct named named = {.call = call};

	if (!has_queue(call)) {
		return;
	}
	if (rpc_param_flag(call->params, "all")) {
		name_all(&named);
	} else if (!walk_texts(call->params, "job_ids", take_id, &named) || named.count == 0) {
		moonraker_fail(call, MOONRAKER_NOT_FOUND,
			       "job_ids are to be 1 to %d of those in the queue",
			       MOONRAKER_JOBS_MAX);
		return;
	}
	struct job_change *change = begin_change(call);

	if (change) {
		drop_jobs(change, &named);
		leave_change(change);
	}
}

void moonraker_job_queue_jump(struct moonraker_call *call)
{
	struct named named = {.call = call};

	if (!has_queue(call)) {
		return;
	}
	if (!walk_texts(call->params, "job_id", take_id, &named) || named.count != 1) {
		moonraker_fail(call, MOONRAKER_NOT_FOUND,
			       "job_id is to be one of those in the queue");
		return;
	}
	struct job_change *change = begin_change(call);

	if (change) {
		queue_move(call->moonraker->options.queue, named.ids[0], QUEUE_TO_FRONT,
			   on_job_changed, change);
	}
}
