/* SPDX-License-Identifier: MIT */
#ifndef STORE_FILE_JSON_H
#define STORE_FILE_JSON_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* One value, and nothing after it but white space. NULL where it is none (errno: 0), and where
 * memory is short (errno: ENOMEM), which is no fault of the text. */
cJSON *store_json_parse(const char *text, size_t length);

#endif
