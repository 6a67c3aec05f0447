/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_MEMORY_H
#define DAEMON_RUN_MEMORY_H

/*
 * Gives back what only starting needed: free pages of the heap, and pages of this program's code
 * and constants and of its libraries', which come back from the file as they are used again. Most
 * of these were never used: where one is, Linux maps the fifteen beside it too. Each place where
 * that cannot be done is left as it is.
 */
void memory_give_back(void);

#endif
