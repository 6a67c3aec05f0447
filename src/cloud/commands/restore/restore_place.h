/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_RESTORE_RESTORE_PLACE_H
#define CLOUD_COMMANDS_RESTORE_RESTORE_PLACE_H

#include "cloud/commands/cloud.h"

/*
 * How a restored cloud takes the place of another one, so that a crash at any moment leaves the old
 * or the new one: it is made in the folder RESTORE_NEW, synced, and that is renamed to
 * RESTORE_READY, which is the one moment at which it becomes the cloud. Its files are moved from
 * there into their places then, and the folder goes last; where that is broken off, the next
 * command of any kind goes on with it.
 */
#define RESTORE_NEW   "restoring"
#define RESTORE_READY "restored"

/* Each reports mistakes, and returns OPTIONS_RUN or an exit status. The caller holds the run lock,
 * but for restore_mend. */

/* Whether each file can take its place. */
int restore_check_places(const struct cloud *cloud);

/* RESTORE_NEW becomes RESTORE_READY, for good. */
int restore_commit(const struct cloud *cloud);

/* Moves what is in RESTORE_READY into its place, and removes RESTORE_NEW. */
int restore_tidy(const struct cloud *cloud);

/* Removes RESTORE_NEW, of a restore that did not come to its end. */
void restore_drop_new(const struct cloud *cloud);

/* Before a cloud is opened: goes on with a restore that was broken off. */
int restore_mend(const struct cloud *cloud);

#endif
