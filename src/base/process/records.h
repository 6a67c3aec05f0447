/* SPDX-License-Identifier: MIT */
#ifndef BASE_PROCESS_RECORDS_H
#define BASE_PROCESS_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What is said between the gateway and a program that fetches something for it (flagship-webcam,
 * -rtsp): records on standard input and output, each with its length in front, as four bytes, most
 * significant first. A length with the highest bit is that of a sentence: why no more come
 * (gateway/children/converter.c reads them).
 */

/* A text that is not empty, from standard input, which is not buffered: what comes after it shows
 * to poll. False where there is none that fits. */
bool records_read_text(char *out, size_t capacity) __attribute__((warn_unused_result));

/* To standard output, at once. False where nobody reads it any more. length: less than 2 GiB. */
bool records_write(const void *bytes, size_t length) __attribute__((warn_unused_result));
bool records_write_sentence(const char *sentence) __attribute__((warn_unused_result));

#endif
