/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_HTTP_RETRY_H
#define TRANSPORT_HTTP_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a later try of the same request may fare better: 429 and 5xx. */
bool http_retry_status(long status);

/*
 * The value of Retry-After (RFC 9110, 10.2.3): seconds, or a date as "Sun, 06 Nov 1994 08:49:37
 * GMT"; white space at either end is skipped. now_s: Unix seconds. *seconds: from now on, 0 for
 * what is past. False where the text is neither.
 */
bool http_retry_after_parse(const char *text, size_t length, int64_t now_s, int64_t *seconds);

#endif
