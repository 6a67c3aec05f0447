/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_PROMPT_H
#define CLI_KIT_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Asks for one line: on a terminal with the question, and without showing what is typed where
 * `hidden` is set; else the next line of standard input is the answer. Nothing behind that line is
 * read. The caller wipes out. what: "password", for messages. Returns OPTIONS_RUN, or an exit
 * status after trouble that was reported.
 */
int prompt_line(const char *question, const char *what, bool hidden, char *out, size_t capacity);

/* The same; `missing` is reported, and CLI_NOT_ALLOWED returned, where the input ends without an
 * answer. */
int prompt_line_or(const char *question, const char *what, const char *missing, char *out,
		   size_t capacity);

/* A secret that is to be kept: on a terminal it is asked for twice, unseen; else it is the line of
 * standard input. */
int prompt_new_secret(const char *what, char *out, size_t capacity);

/* Whether there is a person to ask. */
bool prompt_is_terminal(void);

#endif
