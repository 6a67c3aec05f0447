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

#endif
