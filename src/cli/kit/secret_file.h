/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_SECRET_FILE_H
#define CLI_KIT_SECRET_FILE_H

#include <stddef.h>

/*
 * Reads the whole of a file ("-": standard input) that holds a secret and is shorter than capacity;
 * warns where others can read it. what: "key file", for messages. *length in bytes of UTF-8,
 * without a byte order mark, also where the file is UTF-16; no NUL is added. The caller wipes out,
 * also after a failure. Returns OPTIONS_RUN, or an enum cli_exit after a mistake that was reported.
 */
int secret_file_read(const char *name, const char *what, char *out, size_t capacity,
		     size_t *length);

#endif
