/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_REST_QUEUE_BODY_H
#define GATEWAY_REST_QUEUE_BODY_H

#include "base/problem.h"
#include "gateway/files/receive.h"
#include "gateway/queue/queue.h"

#include <cjson/cJSON.h>

/* What is asked of the queue, as a form or as JSON. */
#define QUEUE_VALUE_SIZE QUEUE_PATH_SIZE

struct queue_body {
	struct queue_request request; /* path and material, where they came, are here: */
	char path[QUEUE_VALUE_SIZE];
	char material[QUEUE_MATERIAL_SIZE];
};

/* False with problem where a value is wrong. Of JSON there has to be a path. */
bool queue_body_of_form(const struct files_form *form, struct queue_body *body,
			struct problem *problem);
bool queue_body_of_json(const cJSON *json, struct queue_body *body, struct problem *problem);
/* Its texts are in the body. */
bool queue_change_of_json(const cJSON *json, struct queue_body *body, struct queue_change *change,
			  struct problem *problem);
bool queue_read_material(const char *value, char material[QUEUE_MATERIAL_SIZE],
			 struct problem *problem);

#endif
