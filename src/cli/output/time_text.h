/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_TIME_TEXT_H
#define CLI_OUTPUT_TIME_TEXT_H

#include <stdint.h>

#define TIME_TEXT_MAX 64

/*
 * RFC 3339 in UTC with milliseconds, "2026-11-28T15:04:51.123Z", as every time in our JSON. Returns
 * out, or NULL where there is no such time: json_string makes null of it.
 */
const char *time_text_write(int64_t unix_ms, char out[TIME_TEXT_MAX]);

#endif
