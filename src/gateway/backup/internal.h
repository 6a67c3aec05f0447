/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_BACKUP_INTERNAL_H
#define GATEWAY_BACKUP_INTERNAL_H

#include "gateway/backup/backup.h"
#include "gateway/backup/place.h"

#include <stdint.h>

#define CARRY_REASON_MAX PROBLEM_MAX

/*
 * A child whose output is the body of an answer, or that is given the body of a request: never more
 * than a piece of it is in memory.
 */
struct carry {
	struct backup *backup;
	struct http_request *request; /* that is still to be answered, or is being; NULL: gone */
	bool restores;
	bool streams; /* the answer has begun, and reads from here */
	uv_process_t process;
	uv_pipe_t input;
	uv_pipe_t output;
	uv_pipe_t errors;
	unsigned int held;    /* handles that are not closed, and the answer */
	unsigned int awaited; /* its end, and that of its output and errors */
	bool runs;
	int64_t status; /* how it exited; -1: not by itself */
	size_t length;  /* of its output that is here, */
	size_t taken;   /* and how much of that went out */
	char error_line[CARRY_REASON_MAX];
	size_t error_length;
	char reason[CARRY_REASON_MAX];
	char bytes[BACKUP_COPY];
};

struct backup {
	uv_loop_t *loop;
	struct backup_options options;
	char program[PATH_MAX];
	char folder[PATH_MAX];
	struct carry *carry; /* NULL: nothing goes on */
	bool stopped;
};

/* arguments: of flagship-serve, NULL-terminated. Answers where it cannot be started. */
void carry_begin(struct backup *backup, struct http_request *request, const char *const *arguments,
		 bool restores);
/* It is killed; whoever waits is left without an answer. NULL is accepted. */
void carry_kill(struct carry *carry);

/* --- backup.c: what becomes of it --- */

/* The first bytes are there: an answer by this source begins. */
void backup_answer(struct carry *carry, const struct http_source *source);
/* The child has ended, and nothing was answered yet. */
void backup_ended(struct carry *carry, const struct http_source *source);
/* It is what goes on no more. */
void backup_forget(struct carry *carry);

#endif
