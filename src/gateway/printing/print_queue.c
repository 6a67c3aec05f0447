/* SPDX-License-Identifier: MIT */
#include "gateway/printing/print_queue.h"

#include <stdio.h>
#include <string.h>

#define ENTRY_JSON_MAX 24576 /* of an entry with all its texts, each byte of which takes six */
#define EVENT_TYPE     "queue"

/* --- files --- */

static bool is_wanted(const struct files_entry *entry, const char *hash)
{
	return entry && !entry->is_folder && entry->hash[0] != '\0' &&
	       (hash[0] == '\0' || strcmp(entry->hash, hash) == 0);
}

/* What was moved or copied since is the same file. */
static const struct files_entry *find_by_hash(const struct files *files, const char *hash)
{
	const struct files_entry *entry = NULL;

	while ((entry = files_next(files, entry))) {
		if (is_wanted(entry, hash)) {
			break;
		}
	}
	return entry;
}

/* What was replaced or deleted since it was to be printed. */
static bool find_by_hash_alone(const struct files *files, const char *hash, const char *path,
			       struct queue_found *found)
{
	struct files_kept kept;

	if (!files_find_kept(files, hash, &kept)) {
		return false;
	}
	snprintf(found->place, sizeof(found->place), "%s", kept.place);
	snprintf(found->path, sizeof(found->path), "%s", path);
	snprintf(found->hash, sizeof(found->hash), "%s", hash);
	snprintf(found->material, sizeof(found->material), "%s", kept.material);
	return true;
}

static bool find_kept(void *context, const char *hash, const char *path, struct queue_found *found)
{
	const struct print_queue *print = context;
	const struct files_entry *entry = files_find(print->files, path);

	if (!is_wanted(entry, hash)) {
		entry = hash[0] != '\0' ? find_by_hash(print->files, hash) : NULL;
	}
	if (!entry || !files_place(print->files, entry->path, found->place)) {
		return find_by_hash_alone(print->files, hash, path, found);
	}
	snprintf(found->path, sizeof(found->path), "%s", entry->path);
	snprintf(found->hash, sizeof(found->hash), "%s", entry->hash);
	snprintf(found->material, sizeof(found->material), "%s",
		 entry->metadata ? entry->metadata->filament_type : "");
	return true;
}

/* --- changes --- */

/* From the moment that it waits, and once more with each time that it is printed. */
static void keep_file(const struct print_queue *print, const struct queue_entry *entry)
{
	struct files_kept kept;

	if (entry->state == QUEUE_CHECKING ||
	    (entry->state == QUEUE_WAITING && !files_find_kept(print->files, entry->hash, &kept))) {
		files_keep(print->files, entry->hash);
	}
}

static const char *next_needed(void *context, const void **place)
{
	const struct print_queue *print = context;
	const struct queue_entry *entry = *place;

	do {
		entry = queue_next(print->queue, entry);
	} while (entry && queue_state_is_over(entry->state));
	*place = entry;
	return entry ? entry->hash : NULL;
}

static void tell(void *context, const struct queue_entry *entry, bool gone)
{
	const struct print_queue *print = context;
	char json[ENTRY_JSON_MAX];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, json, sizeof(json));
	if (gone) {
		json_object_begin(&writer);
		json_member_int(&writer, "id", entry->id);
		json_member_string(&writer, "state", NULL);
		json_object_end(&writer);
	} else {
		keep_file(print, entry);
		queue_write(print->queue, &writer, entry);
	}
	if (json_writer_finish(&writer, &length) == 0) {
		gateway_events_tell(print->events, EVENT_TYPE,
				    entry->taken_by[0] != '\0' ? entry->taken_by : entry->serial,
				    json, length);
	}
}

/* --- life --- */

static void on_print_queue_closed(void *context)
{
	(void)context;
}

/* The printers may go at once: what is left is on its way to the disk, for which the loop runs on.
 */
static void stop_print_queue(void *context)
{
	struct print_queue *print = context;

	queue_close(print->queue, on_print_queue_closed, NULL);
	daemon_part_ended(print->daemon, &print->part);
}

int print_queue_start(struct print_queue *print, struct daemon *daemon,
		      const struct print_queue_sources *sources)
{
	const struct queue_options options = {
		.folder = sources->folder,
		.log = sources->log,
		.printers = sources->printers,
		.find_file = find_kept,
		.sender = &print->sender.sender,
		.context = print,
	};

	lan_sender_init(&print->sender, &daemon->loop, sources->printers, sources->cameras);
	print->files = sources->files;
	print->events = sources->events;
	print->daemon = daemon;
	int error = queue_create(&daemon->loop, &options, &print->queue);

	if (!error) {
		print->listener = (struct queue_listener){.changed = tell, .context = print};
		queue_subscribe(print->queue, &print->listener);
		/* What waits in a queue that cannot be read may be any of them. */
		if (queue_is_known(print->queue)) {
			files_spare(print->files, next_needed, print);
		}
		print->part = (struct daemon_part){
			.name = "queue", .stop = stop_print_queue, .context = print};
		daemon_add(daemon, &print->part);
	}
	return error;
}

void print_queue_finish(struct print_queue *print)
{
	if (print->queue) {
		queue_unsubscribe(&print->listener);
	}
	queue_destroy(print->queue);
	print->queue = NULL;
}
