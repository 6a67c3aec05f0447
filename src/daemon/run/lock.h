/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_LOCK_H
#define DAEMON_RUN_LOCK_H

#include "cloud/commands/cloud.h"

#include <stdbool.h>

/*
 * Held by a cloud that runs, for as long as its process lives. Returns a descriptor to be closed,
 * or -1: errno is EWOULDBLOCK where another process holds it.
 */
int run_lock_take(const struct cloud *cloud);

/* Whether a process holds it now. */
bool run_lock_is_held(const struct cloud *cloud);

/* Held by whoever makes the files of a cloud: init and restore, of which only one may. Told where
 * it cannot be had, at once. Returns a descriptor to be closed, or -1. */
int run_lock_take_making(const struct cloud *cloud);

#endif
