/* SPDX-License-Identifier: MIT */
#ifndef TEST_VECTORS_H
#define TEST_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/* Bytes that the test frees. */
struct bytes {
	uint8_t *data;
	size_t length;
};

/* A whole file with a NUL behind it; data is NULL where it cannot be read. */
struct bytes vectors_read_file(const char *path);

/* A file in JSON, which has to be there. The caller deletes it. */
cJSON *vectors_read_json(const char *path);

/* A string or number member, which has to be there. */
const char *vectors_string(const cJSON *entry, const char *name);
double vectors_number(const cJSON *entry, const char *name);

struct bytes vectors_decode_hex(const char *hex);
struct bytes vectors_decode_gzip_base64(const char *text, size_t capacity);

#endif
