/* SPDX-License-Identifier: MIT */
#ifndef TESTS_GATEWAY_RUNNING_H
#define TESTS_GATEWAY_RUNNING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A whole gateway on a thread of the test, in a folder of its own, with one account whose printers
 * are held over sessions of fleet/fake_session.h: Left prints, Right was heard, Quiet was not.
 */
#define RUNNING_LEFT  "AK7ALEFT"
#define RUNNING_RIGHT "AK7ARIGHT"
#define RUNNING_QUIET "AK7AQUIET"

/* Once it answers. */
void running_begin(void);
/* As a service manager ends it; its exit status. */
int running_end(void);

/* Or on the test's own thread: one life after the other in the same folder, each ended as soon as
 * it is ready. The exit status. All sessions are closed then. */
void running_prepare(void);
int running_live(void);
void running_clear(void);

/* Whether a command of the shell is answered that would go by it; false: it was sent away. */
bool running_greets(void);

#define ANSWER_MAX (256 * 1024)

struct answer {
	int status; /* 0: the connection was closed */
	size_t length;
	char text[ANSWER_MAX]; /* with its headers, and cut */
};

/* On a connection of its own. body: NULL: none. */
void running_ask(const char *method, const char *path, const char *type, const char *body,
		 struct answer *answer);

#endif
