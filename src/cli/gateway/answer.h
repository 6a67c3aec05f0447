/* SPDX-License-Identifier: MIT */
#ifndef CLI_GATEWAY_ANSWER_H
#define CLI_GATEWAY_ANSWER_H

#include <cjson/cJSON.h>

#include <stddef.h>

/* A member of what the gateway answered; "" or 0 where there is none of that kind. */
const char *answer_text(const cJSON *object, const char *name);
double answer_number(const cJSON *object, const char *name);

/* As a line of JSON. CLI_DONE, or CLI_FAILED after trouble that was told. */
int answer_print(const cJSON *value);

/* Says so, and gives CLI_FAILED. */
int answer_needs_memory(void);

/* How the items of a list make a table on standard output. */
#define ANSWER_CELL_SIZE 1024

struct answer_table {
	const char *const *headings;
	size_t columns; /* of them, and of each row */
	void (*write_row)(const cJSON *item, const void *context, char (*cells)[ANSWER_CELL_SIZE]);
	const void *context;
};

/* CLI_DONE, or CLI_FAILED for want of memory, which was told. */
int answer_print_table(const cJSON *list, const struct answer_table *table);

#endif
