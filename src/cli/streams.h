/* SPDX-License-Identifier: MIT */
#ifndef CLI_STREAMS_H
#define CLI_STREAMS_H

/* Holds the places of standard input, output and error where they are closed, so that no socket or
 * file gets one of them; writing to what was closed fails then. The first thing that a program
 * does. */
void streams_hold(void);

#endif
