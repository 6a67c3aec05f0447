/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_STREAMS_H
#define CLI_KIT_STREAMS_H

/* Holds the places of standard input, output and error where they are closed, so that no socket or
 * file gets one of them; writing to what was closed fails then. The first thing that a program
 * does. */
void streams_hold(void);

/*
 * The last thing that a program does: what standard output still holds is written. Tells where
 * anything of it was not, and returns the exit status that is due: CLI_FAILED in place of CLI_DONE.
 */
int streams_end(int status);

#endif
