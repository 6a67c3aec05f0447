/* SPDX-License-Identifier: MIT */
#ifndef CLI_QUEUE_ANSWER_H
#define CLI_QUEUE_ANSWER_H

#include <cjson/cJSON.h>

/* A member of what the gateway answered; "" or 0 where there is none of that kind. */
const char *answer_text(const cJSON *object, const char *name);
double answer_number(const cJSON *object, const char *name);

/* As a line of JSON. CLI_DONE, or CLI_FAILED after trouble that was told. */
int answer_print(const cJSON *value);

/* Says so, and gives CLI_FAILED. */
int answer_needs_memory(void);

#endif
