/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RELOAD_WATCH_H
#define DAEMON_RELOAD_WATCH_H

#include <uv.h>

/*
 * Files that other programs replace, looked after on a loop: by the events of their folder where
 * the system has them, and by a slow look for what has none (a folder that is made later, a file
 * system of the network). What comes within a tenth of a second is one change.
 */
struct watch;

/* `changed` is called after any of the files is another one than before, was made or was removed.
 * Strings are copied. Errors: MEMORY. */
int watch_start(uv_loop_t *loop, const char *const *paths, size_t count,
		void (*changed)(void *context), void *context, struct watch **watch)
	__attribute__((warn_unused_result));

/* No call follows; its memory is released by the loop. NULL is accepted. */
void watch_stop(struct watch *watch);

#endif
