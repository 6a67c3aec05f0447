/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_COMMAND_PLAN_H
#define PRINTER_COMMAND_PLAN_H

#include "printer/command/internal.h"

#define PLAN_JSON_MAX  8192
#define PLAN_GCODE_MAX 256

/* A command on its way into steps. After the first error nothing is added any more. */
struct plan {
	const struct command_engine *engine;
	struct command *command;
	char json[PLAN_JSON_MAX]; /* of the last step */
	size_t length;
	struct command_step nowhere; /* for what is written to a step that was not added */
	int error;
};

/* Each adds a step and returns it; never NULL. */
__attribute__((format(printf, 2, 3))) struct command_step *plan_add_gcode(struct plan *plan,
									  const char *format, ...);
/* What a flagship_build_… wrote into plan->json, and what it returned. */
struct command_step *plan_add_built(struct plan *plan, int64_t type, int error);
struct command_step *plan_add_message(struct plan *plan, const struct flagship_message *message,
				      unsigned int direction);

void plan_set_goal(struct plan *plan, enum command_goal_kind kind, int64_t value);

const char *plan_user_id(const struct command_request *request);
/* 1008 that starts the file of this path. */
int plan_start_json(const struct command_request *request, const char *path, char *json,
		    size_t capacity, size_t *length);

/* files.c */
void plan_files(struct plan *plan);
void plan_start(struct plan *plan);
void plan_delete(struct plan *plan);

#endif
