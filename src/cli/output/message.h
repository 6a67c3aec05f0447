/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_MESSAGE_H
#define CLI_OUTPUT_MESSAGE_H

/* How every command ends: the exit status that scripts go by. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_NOT_CONFIGURED = 3,
	CLI_CANNOT_CONNECT = 4,
	CLI_NOT_ALLOWED = 5,
	CLI_NO_ANSWER = 6,
	CLI_REFUSED = 7,
	CLI_NOT_CONFIRMED = 8,
};

/* One line on stderr, after "flagship: ". No newline in the format. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same after "flagship: warning: ". */
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

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
