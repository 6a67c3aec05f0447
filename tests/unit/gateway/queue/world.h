/* SPDX-License-Identifier: MIT */
#ifndef TEST_QUEUE_WORLD_H
#define TEST_QUEUE_WORLD_H

#include "gateway/queue/queue.h"

/*
 * One printer and the way to it, in memory that outlives the process of the queue, which may kill
 * itself on the way.
 */
#define WORLD_SERIAL "WORLD1"
#define WORLD_NAMES  600

enum world_point {
	WORLD_NOWHERE,
	WORLD_BEGUN,
	WORLD_HALF_SENT,
	WORLD_LOADED,
	WORLD_ORDERED, /* and the order has not reached the printer */
	WORLD_OBEYED,  /* it has, and nobody knows yet */
	WORLD_ANSWERED,
	WORLD_OVER,     /* the printer has finished, and nobody knows yet */
	WORLD_REPORTED, /* with WORLD_REPORTED + a state: it is in memory, and not on the disk */
	WORLD_POINTS = WORLD_REPORTED + QUEUE_STATES,
};

struct world {
	enum world_point kill_at;
	int moment_us; /* to live; 0: as it likes */
	/* The printer. */
	bool prints;
	bool offline;
	enum queue_ended ended;
	int steps_left; /* of the job */
	int task;
	int starts[WORLD_NAMES]; /* of "job-N.gcode" */
	int added;
	bool promised[WORLD_NAMES]; /* to be kept */
	char job[QUEUE_NAME_SIZE];
	/* What the printer says to the order. */
	enum queue_sent answer;
	bool heats;   /* while a file is coming, as new firmware does */
	bool is_deaf; /* it says yes, and does nothing */
	char words[64];
	int step_ms;
};

struct world_queue {
	struct world *world;
	uv_loop_t loop;
	uv_timer_t timer;
	struct queue *queue;
	struct queue_listener listener;
	struct queue_sender sender;
	struct log log;
	bool is_closed;
	const char *lacks;
	enum queue_result result; /* of the last answer */
	char detail[256];
	int64_t id;
	bool answered;
	bool file_is_gone;
	char material[QUEUE_MATERIAL_SIZE];
	char file[PATH_MAX];
};

struct world *world_create(void);
/* Of a folder, in which there is a file "part.gcode". */
void world_open(struct world_queue *open, struct world *world, const char *folder);
void world_close(struct world_queue *open);
/* Makes a file of G-code, and returns the folder that it is in. */
void world_make_folder(char folder[PATH_MAX]);
void world_remove_folder(const char *folder);

/* An entry "job-N.gcode" of that printer, and waits until it is kept. */
int64_t world_add(struct world_queue *open, int number, struct queue_request request);
/* For the answer to come. */
void world_done(void *context, enum queue_result result, const struct queue_entry *entry,
		const char *detail);
void world_await(struct world_queue *open);
/* Runs until the entry is so. */
void world_until(struct world_queue *open, int64_t id, enum queue_state state);
void world_until_doubtful(struct world_queue *open, int64_t id);
void world_until_reason(struct world_queue *open, int64_t id, const char *words);
void world_plate(struct world_queue *open, int clear, int auto_clear, const char *material);

#endif
