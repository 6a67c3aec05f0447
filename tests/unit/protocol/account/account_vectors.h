/* SPDX-License-Identifier: MIT */
#ifndef ACCOUNT_VECTORS_H
#define ACCOUNT_VECTORS_H

#include <cjson/cJSON.h>

#include <stddef.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Reads tests/vectors/NAME, or fails the test. Ends with cJSON_Delete. */
cJSON *vectors_read(const char *name);

/* The text or list member of this name, or fails the test. */
const char *vectors_text(const cJSON *object, const char *name);
const cJSON *vectors_list(const cJSON *object, const char *name);

#endif
