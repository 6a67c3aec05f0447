/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_FOLDER_LOCK_H
#define GATEWAY_COMMANDS_FOLDER_LOCK_H

/* Makes the gateway's folder where there is none, and locks it: one gateway runs in a folder.
 * *lock is closed by the caller. Mistakes are reported. OPTIONS_RUN or an exit status. */
int folder_lock_take(const char *folder, int *lock) __attribute__((warn_unused_result));

#endif
