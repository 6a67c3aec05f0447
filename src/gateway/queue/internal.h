/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_QUEUE_INTERNAL_H
#define GATEWAY_QUEUE_INTERNAL_H

#include "base/memory/list.h"
#include "base/text_index.h"
#include "gateway/queue/queue.h"
#include "gateway/queue/tables.h"
#include "store/database/writer.h"

/* What the parts of the queue share. */

#define QUEUE_LOG_PART "queue"

struct queue_item;

/* A file that is being read on a thread; the item may be gone meanwhile. */
struct queue_check {
	uv_work_t request;
	struct queue *queue;
	int64_t id;
	char place[PATH_MAX];
	struct printer_profile profile;
	struct print_file *file;
	struct problem problem;
	int result;
};

struct queue_item {
	struct list place; /* by rank, then by id */
	struct queue *queue;
	struct queue_entry entry;
	bool is_stale;    /* on the disk it is otherwise: that failed, and is tried again */
	bool is_resumed;  /* what it did was under way when the gateway ended */
	bool is_writing;  /* a step that is taken once it is on the disk */
	bool is_gone;     /* from the queue, and on its way from the disk */
	bool was_sent;    /* of STARTING: the printer said yes */
	int64_t since_ms; /* steady: of STARTING, since when its job could have been seen */
	int64_t percent;  /* of the upload */
	char job_before[PRINTER_TEXT_MAX]; /* what the printer showed last, before the upload */
	struct queue_check *check;         /* that is under way */
	struct print_file *file;
	struct queue_transfer *transfer;
};

/* Known from when it was first seen, or something was set of it, until the end. */
struct queue_printer {
	struct queue_plate plate;
	struct queue_view view;
	bool is_here;              /* one of the gateway's */
	bool is_stale;             /* its plate, as of an item */
	struct queue_item *active; /* of choose.c: the one that has it, in this choice */
	uint64_t choice;
	/* Of coming.c, while it looks. */
	const struct queue_item *coming;
	bool is_occupied;
	bool is_looked_at;
	int64_t busy_until_ms; /* steady: nothing is sent to it before */
	char busy[QUEUE_REASON_SIZE];
};

struct queue {
	uv_loop_t *loop;
	struct log *log;
	struct queue_options options;
	struct fleet_listener listener;
	struct list items;
	struct list listeners;
	struct queue_printer **printers;
	size_t printer_count;
	size_t printer_capacity;
	struct text_index by_serial;
	int64_t last_id;
	size_t checks;   /* on threads */
	uint64_t choice; /* how many times it was chosen what comes next */
	uv_timer_t timer;
	struct database_writer *writer;
	char trouble[PROBLEM_MAX];
	char detail[PROBLEM_MAX]; /* of an answer that is being given */
	bool closing;
	bool writer_closed;
	void (*on_closed)(void *context);
	void *closed_context;
};

/* --- queue.c --- */

struct queue_item *queue_item_of(const struct queue *queue, int64_t id);
/* Made where it was not known; NULL for want of memory. */
struct queue_printer *queue_printer_of(struct queue *queue, const char *serial);
struct queue_printer *queue_known_printer(const struct queue *queue, const char *serial);
/* Where its rank has it. */
void queue_place(struct queue *queue, struct queue_item *item);
void queue_drop(struct queue_item *item);
void queue_report(struct queue_item *item);
void queue_report_gone(struct queue_item *item);
void queue_check_closed(struct queue *queue);

/* --- save.c: on the disk --- */

/* Called on the loop once it is on the disk, or is not: item NULL where it is gone by then. */
typedef void queue_saved(struct queue *queue, struct queue_item *item, const char *fault,
			 void *context);
/* then may be NULL. With the plate of the printer that has it, where that is stale. */
void queue_save(struct queue_item *item, queue_saved *then, void *context);
/* From the disk; the item is dropped once that is done. */
void queue_save_gone(struct queue_item *item, queue_saved *then, void *context);
void queue_save_plate(struct queue *queue, struct queue_printer *printer, queue_saved *then,
		      void *context);
/* What could not be written before. */
void queue_save_stale(struct queue *queue);

/* --- choose.c: which is the next --- */

/* Gives each printer that is free the first entry that is for it, and the others a reason. */
void queue_choose(struct queue *queue);
/* It has a printer. */
bool queue_is_active(const struct queue_item *item);

/* --- send.c: from the file to the order to print --- */

void queue_begin(struct queue_item *item, struct queue_printer *printer,
		 const struct queue_found *found);
/* Nothing of it goes on afterwards. */
void queue_give_up(struct queue_item *item);

/* --- follow.c: what becomes of it --- */

void queue_follow(struct queue *queue, struct queue_printer *printer);
/* reason: copied. */
void queue_end(struct queue_item *item, enum queue_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A step further, or back to WAITING. */
void queue_turn(struct queue_item *item, enum queue_state state);
/* Whether the printer shows this job. */
bool queue_shows(const struct queue_view *view, const struct queue_entry *entry);
/* What was going on when the gateway ended. */
void queue_resume(struct queue_item *item);
/* What was printed last, and is over, makes place. */
void queue_tidy(struct queue *queue);
const char *queue_printer_name(const struct queue *queue, const char *serial);

#endif
