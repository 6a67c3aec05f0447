/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_REST_COMMAND_BODY_H
#define GATEWAY_REST_COMMAND_BODY_H

#include "base/json/writer.h"
#include "base/problem.h"
#include "printer/command/command.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A command as JSON: {"command": "bed", "target_c": 60}, with "force" and "timeout_s" where they
 * are wanted. docs/api.md has the members of each.
 */
struct command_body {
	struct command_request request; /* its texts are in `json` and `text` */
	cJSON *json;
	bool lacks_memory; /* that is why it was not understood */
	char *text;
};

/* False where it cannot be understood (with problem), also where it has a member that this command
 * does not know: what was meant would not be done. command_body_finish is due either way. */
bool command_body_read(struct command_body *body, const char *text, size_t length,
		       struct problem *problem) __attribute__((warn_unused_result));
void command_body_finish(struct command_body *body);

/* The JSON Schema of what it takes. */
void command_body_write_schema(struct json_writer *writer);

#endif
