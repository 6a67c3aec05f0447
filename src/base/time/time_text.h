/* SPDX-License-Identifier: MIT */
#ifndef BASE_TIME_TIME_TEXT_H
#define BASE_TIME_TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A time as people and programs write it: Unix seconds; "2026-11-28", with "T15:04", ":51", ".123"
 * and "Z" or "+01:00" after it; or "90s", "10m", "2h", "3d", "1w", which is so long before now_ms.
 * Without a zone it is local time if `local`, else UTC. False where it is none of these, or before
 * 1970.
 */
bool time_text_read(const char *text, int64_t now_ms, bool local, int64_t *unix_ms);
/* The same of what is to come: "2h" is in two hours. */
bool time_text_read_ahead(const char *text, int64_t now_ms, bool local, int64_t *unix_ms);

#endif
