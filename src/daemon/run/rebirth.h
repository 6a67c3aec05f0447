/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_REBIRTH_H
#define DAEMON_RUN_REBIRTH_H

/*
 * A server that begins anew, as the same process: so neither the service manager nor the program
 * that started it (daemon/run/parent.h) sees it end.
 */
struct rebirth {
	char **arguments;   /* NULL where there was no memory */
	char **environment; /* as it was; NULL where there was no memory */
	int parent;         /* a copy of its descriptor; -1: there is none */
	char parent_text[32];
};

/* First of all in a process, before its environment and arguments are changed. The texts stay the
 * caller's; arguments are those after the program's name. */
void rebirth_init(struct rebirth *rebirth, char *program, int count, char *const *arguments);

/* Leaves this argument out. */
void rebirth_drop(struct rebirth *rebirth, const char *argument);

/* Returns only where that failed. What is open and not to be inherited is closed by it. */
void rebirth_begin(struct rebirth *rebirth);

void rebirth_finish(struct rebirth *rebirth);

#endif
