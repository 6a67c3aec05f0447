/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_JOB_COMMANDS_H
#define SIMULATOR_PRINTER_JOB_COMMANDS_H

#include <flagship/message.h>

struct virtual_printer;

/* What a handler of a command returns: `reply`, or one of these. */
enum {
	REPLY_IGNORED = -2, /* as if it had not come */
	REPLY_NONE,         /* the handler answered, or there is no answer */
	REPLY_TAKEN,
	REPLY_REFUSED,
};

/* Commands about jobs and files: 1008, 1009, 1010, 1032 (protocol.md 3.2, 3.6). */
int job_commands_control(struct virtual_printer *printer, const struct flagship_message *message);
int job_commands_list(struct virtual_printer *printer, const struct flagship_message *message);
int job_commands_select(struct virtual_printer *printer, const struct flagship_message *message);
int job_commands_delete(struct virtual_printer *printer, const struct flagship_message *message);

/* Where 1008 and M2024 stop a job together: M2024 came. */
void job_commands_stop_where_asked_twice(struct virtual_printer *printer);

#endif
