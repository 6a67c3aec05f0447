/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_QUEUE_QUEUE_H
#define GATEWAY_QUEUE_QUEUE_H

#include "base/memory/list.h"
#include "base/problem.h"
#include "daemon/log/log.h"
#include "gateway/printers/printers.h"
#include "gateway/queue/entry.h"
#include "gateway/queue/sender.h"
#include "gateway/queue/view.h"

#include <uv.h>

/*
 * What is to be printed, in the order in which it is to be: one queue for all printers, of which
 * each takes the first entry that is for it. Kept in queue.db of the gateway's folder; what is
 * reported as done outlasts a power cut. docs/internals/queue.md tells how a start is never made
 * twice.
 */
struct queue;

#define QUEUE_FILE           "queue.db"
#define QUEUE_ENTRIES_MAX    2000            /* that are not over */
#define QUEUE_KEPT_MAX       200             /* that are over: the oldest are forgotten */
#define QUEUE_START_LIMIT_MS INT64_C(120000) /* in which a printer shows the job that it took */

/* A file that is kept. */
struct queue_found {
	char place[PATH_MAX]; /* on the disk */
	char path[QUEUE_PATH_SIZE];
	char hash[QUEUE_HASH_SIZE];
	char material[QUEUE_MATERIAL_SIZE];
};

struct queue_options {
	const char *folder;
	struct log *log;
	struct gateway_printers *printers; /* before gateway_printers_open; NULL: queue_observe */
	/* A file of this hash, best the one of this path; hash "": of this path. */
	bool (*find_file)(void *context, const char *hash, const char *path,
			  struct queue_found *found);
	const struct queue_sender *sender; /* outlives it */
	void *context;                     /* of find_file */
	int64_t start_limit_ms;            /* 0: QUEUE_START_LIMIT_MS */
};

/* Errors: MEMORY. Where there is no database, the log and each answer say why, and nothing is
 * printed. */
int queue_create(uv_loop_t *loop, const struct queue_options *options, struct queue **queue)
	__attribute__((warn_unused_result));
/* While the printers are still there. Uploads are given up; on_closed follows, later. NULL for
 * queue calls back at once. */
void queue_close(struct queue *queue, void (*on_closed)(void *context), void *context);
/* After on_closed. NULL is accepted. */
void queue_destroy(struct queue *queue);

/* An entry is new or other than before. Gone: it is in the queue no more. Not of what is read from
 * the disk at the beginning, nor once the queue is being closed. */
struct queue_listener {
	void (*changed)(void *context, const struct queue_entry *entry, bool gone);
	void *context;
	struct list place; /* private */
};

void queue_subscribe(struct queue *queue, struct queue_listener *listener);
/* Before queue_destroy. */
void queue_unsubscribe(struct queue_listener *listener);

/* What a printer looks like now; for tests, which have no fleet. */
void queue_observe(struct queue *queue, const struct queue_view *view);

/* --- what is there --- */

/* Whether the database could be read. */
bool queue_is_known(const struct queue *queue);
/* NULL where there is none. Valid until the loop goes on. */
const struct queue_entry *queue_find(const struct queue *queue, int64_t id);
/* In their order: the first after NULL. Those that are over stand where they stood. */
const struct queue_entry *queue_next(const struct queue *queue, const struct queue_entry *entry);
/* Whole percent of an upload; -1: it does not upload. */
int64_t queue_progress(const struct queue *queue, const struct queue_entry *entry);
/* Whether this printer has it, or it is for it. */
bool queue_is_of(const struct queue_entry *entry, const char *serial);
void queue_write(const struct queue *queue, struct json_writer *writer,
		 const struct queue_entry *entry);
/* Of a printer that nobody said anything of: not clear. */
struct queue_plate queue_plate_of(const struct queue *queue, const char *serial);
/* NULL where files can be sent to it, else why not. */
const char *queue_lacks_sender(const struct queue *queue, const char *serial);

/* Whether whoever asks may see what is of this printer; serial "": of none yet. */
typedef bool queue_sight(const void *context, const char *serial);
/* {SERIAL: {"name", "wants_plate"}}: the entry that each printer would print next, and whether
 * nothing but the word that its plate is clear keeps it from that. */
void queue_write_coming(const struct queue *queue, struct json_writer *writer, queue_sight *may_see,
			const void *context);

/* A line of the log: who did what, with which entry or printer. */
void queue_audit(const struct queue *queue, const char *asker, const char *action,
		 const char *subject);

/* --- changes --- */

enum queue_result {
	QUEUE_DONE,
	QUEUE_NOT_FOUND,
	QUEUE_CONFLICT, /* not as it is now */
	QUEUE_BROKEN,   /* the disk, or the gateway ends */
};

/* Once, later or from inside of the call. The entry: NULL where there is none (any more); detail:
 * for people where that is not DONE. */
typedef void queue_done(void *context, enum queue_result result, const struct queue_entry *entry,
			const char *detail);

struct queue_request {
	const char *serial;        /* NULL: of any printer that fits */
	enum flagship_model model; /* of any: UNKNOWN: whichever */
	const char *path;          /* in the file area */
	const char *hash;          /* NULL: of the file that is there now */
	const char *material;      /* NULL: as the file says */
	const char *asker;
	int64_t copies; /* from 1 on */
	int64_t not_before_ms;
	bool hold;
	bool force;
	bool front; /* of all that waits */
};

void queue_add(struct queue *queue, const struct queue_request *request, queue_done *done,
	       void *context);

/* What of it is to be other than it is; negative and NULL: stays. */
struct queue_change {
	int hold;
	int force;
	int64_t copies;
	int64_t not_before_ms; /* 0: at any time */
	const char *material;
};
#define QUEUE_NO_CHANGE                                                    \
	{                                                                  \
		.hold = -1, .force = -1, .copies = -1, .not_before_ms = -1 \
	}

/* Of one that waits. */
void queue_change(struct queue *queue, int64_t id, const struct queue_change *change,
		  queue_done *done, void *context);
/* In front of another one; 0: behind all, -1: in front of all. */
#define QUEUE_TO_BACK  INT64_C(0)
#define QUEUE_TO_FRONT INT64_C(-1)
void queue_move(struct queue *queue, int64_t id, int64_t before, queue_done *done, void *context);
/* One that failed, was cancelled, or is to be decided on waits again. */
void queue_retry(struct queue *queue, int64_t id, queue_done *done, void *context);
/* The same, and whatever the check of its file finds. */
void queue_retry_forced(struct queue *queue, int64_t id, queue_done *done, void *context);
/* Cancels one that is not over; one that is, is forgotten. CONFLICT while it prints. */
void queue_remove(struct queue *queue, int64_t id, queue_done *done, void *context);

struct queue_plate_change {
	int clear; /* negative: stays */
	int auto_clear;
	const char *material; /* NULL: stays */
};
/* done gets no entry. */
void queue_set_plate(struct queue *queue, const char *serial,
		     const struct queue_plate_change *change, queue_done *done, void *context);

#endif
