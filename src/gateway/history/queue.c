/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/history/internal.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

/* --- lists of records --- */

void records_init(struct record_lists *lists)
{
	*lists = (struct record_lists){0};
	list_init(&lists->jobs);
	list_init(&lists->entries);
	list_init(&lists->samples);
}

bool records_are_empty(const struct record_lists *lists)
{
	return list_is_empty(&lists->jobs) && list_is_empty(&lists->entries) &&
	       list_is_empty(&lists->samples);
}

static void add_counts(struct record_lists *to, struct record_lists *from)
{
	to->job_count += from->job_count;
	to->entry_count += from->entry_count;
	to->sample_count += from->sample_count;
	from->job_count = 0;
	from->entry_count = 0;
	from->sample_count = 0;
}

void records_move(struct record_lists *to, struct record_lists *from)
{
	list_move_all(&to->jobs, &from->jobs);
	list_move_all(&to->entries, &from->entries);
	list_move_all(&to->samples, &from->samples);
	add_counts(to, from);
}

void records_return(struct record_lists *to, struct record_lists *from)
{
	/* What came meanwhile goes behind, and all of it back. */
	records_move(from, to);
	records_move(to, from);
}

static void free_list(struct list *list, size_t offset)
{
	while (!list_is_empty(list)) {
		struct list *place = list->next;

		/* It is in the list no more. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		list_remove(place);
		free((char *)place - offset);
	}
}

void records_free(struct record_lists *lists)
{
	free_list(&lists->jobs, offsetof(struct job_record, place));
	free_list(&lists->entries, offsetof(struct entry_record, place));
	free_list(&lists->samples, offsetof(struct sample_record, place));
	records_init(lists);
}

/* --- what is told --- */

void queue_announce(struct history *history, const struct job_record *record)
{
	struct list *next;

	if (!record->is_announced) {
		return;
	}
	for (struct list *at = history->listeners.next; at != &history->listeners; at = next) {
		struct history_listener *listener = LIST_OF(at, struct history_listener, place);

		next = at->next;
		listener->changed(listener->context, record->action, &record->job);
	}
}

static void count_dropped(struct history *history, size_t count)
{
	history->dropped += (int64_t)count;
	if (!history->is_dropping) {
		history->is_dropping = true;
		log_event(history->log, LOG_LEVEL_WARNING, HISTORY_LOG_PART,
			  "there is no more room for what cannot be written: the oldest of it is "
			  "dropped");
	}
}

static void drop_job(struct history *history)
{
	struct job_record *record = LIST_OF(history->queue.jobs.next, struct job_record, place);

	list_remove(&record->place);
	history->queue.job_count--;
	queue_announce(history, record);
	free(record);
	count_dropped(history, 1);
}

static void drop_entry(struct history *history)
{
	struct list *place = history->queue.entries.next;

	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	list_remove(place);
	history->queue.entry_count--;
	free(LIST_OF(place, struct entry_record, place));
	count_dropped(history, 1);
}

static void drop_samples(struct history *history)
{
	struct sample_record *record = LIST_OF(history->queue.samples.next, struct sample_record,
					       place);

	list_remove(&record->place);
	history->queue.sample_count -= record->count;
	count_dropped(history, record->count);
	free(record);
}

static void bound(struct history *history)
{
	while (history->queue.job_count > QUEUE_JOBS_MAX) {
		drop_job(history);
	}
	while (history->queue.entry_count > QUEUE_ENTRIES_MAX) {
		drop_entry(history);
	}
	while (history->queue.sample_count > QUEUE_SAMPLES_MAX) {
		drop_samples(history);
	}
}

/* --- records --- */

struct entry_record *queue_make_entry(struct history *history, struct known_printer *known)
{
	struct entry_record *record = known ? calloc(1, sizeof(*record)) : NULL;

	if (!record) {
		count_dropped(history, 1);
		return NULL;
	}
	struct history_entry *entry = &record->entry;
	record->printer = &known->table;
	entry->id = ++history->entry_id;
	entry->job = known->job ? known->job->id : PRINTER_NEVER;
	entry->elapsed_ms = PRINTER_NEVER;
	entry->command = PRINTER_NEVER;
	memcpy(entry->serial, known->table.serial, sizeof(entry->serial));
	memcpy(entry->printer_name, known->name, sizeof(entry->printer_name));
	return record;
}

void queue_entry(struct history *history, struct entry_record *record)
{
	list_insert(&history->queue.entries, &record->place);
	history->queue.entry_count++;
	history->sequence++;
	bound(history);
}

void queue_job(struct history *history, struct known_printer *known, bool is_announced,
	       enum history_action action)
{
	struct job_record *record = malloc(sizeof(*record));

	if (!record) {
		count_dropped(history, 1);
		return;
	}
	*record = (struct job_record){.printer = &known->table,
				      .is_announced = is_announced,
				      .action = action,
				      .job = *known->job};
	list_insert(&history->queue.jobs, &record->place);
	history->queue.job_count++;
	history->sequence++;
	bound(history);
	if (is_announced) {
		disk_flush(history);
	}
}

void queue_samples(struct history *history, struct sample_record *record)
{
	list_insert(&history->queue.samples, &record->place);
	history->queue.sample_count += record->count;
	history->sequence++;
	bound(history);
}

/* --- who waits for the disk --- */

static void release(struct awaiting *awaiting)
{
	void (*written)(void *) = awaiting->written;
	void *context = awaiting->context;

	list_remove(&awaiting->place);
	free(awaiting);
	written(context);
}

/* Each callback may add and forget others. */
static void release_if(struct history *history, uint64_t sequence, int64_t since_ms)
{
	struct list *at = history->awaiting.next;

	while (at != &history->awaiting) {
		struct awaiting *awaiting = LIST_OF(at, struct awaiting, place);

		/* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		if (awaiting->sequence <= sequence || awaiting->since_ms < since_ms) {
			release(awaiting);
			at = history->awaiting.next;
		} else {
			at = at->next;
		}
	}
}

void queue_settle(struct history *history, uint64_t sequence)
{
	history->settled = sequence;
	release_if(history, sequence, INT64_MIN);
}

void queue_release(struct history *history, int64_t now_ms)
{
	release_if(history, 0, now_ms - HISTORY_WAIT_MS);
}

void history_await(struct history *history, void (*written)(void *context), void *context)
{
	struct awaiting *awaiting = NULL;

	if (history->settled < history->sequence && history->disk == DISK_OPEN &&
	    !history->is_broken && !history->closing) {
		awaiting = calloc(1, sizeof(*awaiting));
	}
	if (!awaiting) {
		written(context);
		return;
	}
	awaiting->sequence = history->sequence;
	awaiting->since_ms = clock_steady_ms();
	awaiting->written = written;
	awaiting->context = context;
	list_insert(&history->awaiting, &awaiting->place);
	disk_flush(history);
}

void history_forget_waiting(struct history *history, const void *context)
{
	struct list *next;

	for (struct list *at = history->awaiting.next; at != &history->awaiting; at = next) {
		struct awaiting *awaiting = LIST_OF(at, struct awaiting, place);

		next = at->next;
		if (awaiting->context == context) {
			list_remove(&awaiting->place);
			free(awaiting);
		}
	}
}
