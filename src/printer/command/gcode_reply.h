/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_COMMAND_GCODE_REPLY_H
#define PRINTER_COMMAND_GCODE_REPLY_H

#include <flagship/gcode.h>
#include <flagship/message.h>
#include <flagship/model.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than any command was ever answered with. */
#define GCODE_REPLY_MAX ((size_t)64 * 1024)

/* The answer to one command, which may come in several messages (protocol.md 3.3). */
struct gcode_reply {
	char *text; /* unescaped, NUL-terminated */
	size_t length;
	size_t messages;
	bool truncated;                  /* more came than GCODE_REPLY_MAX */
	int64_t refused_code;            /* `reply` where it was not 0, else 0 */
	int64_t result_code;             /* resCode of the last message */
	int64_t told_length;             /* resLen of the only message, else -1 */
	enum flagship_gcode_class class; /* of the command; set before the first message */
	struct flagship_gcode_reply parsed;
};

/* A zeroed value is an empty reply to a QUEUED command. Clearing makes it one again. */
void gcode_reply_clear(struct gcode_reply *reply);

/* Clears it for the reply to this line. */
void gcode_reply_begin(struct gcode_reply *reply, const char *line, size_t length,
		       enum flagship_model model);

/* Whether what this message says is surely no reply to the command: one to another, that came
 * late. */
bool gcode_reply_is_strange(const struct gcode_reply *reply,
			    const struct flagship_message *message);

void gcode_reply_finish(struct gcode_reply *reply);

/* Takes a 1043 from the printer. 0, or FLAGSHIP_ERROR_MEMORY. */
int gcode_reply_add(struct gcode_reply *reply, const struct flagship_message *message);

enum gcode_reply_stage {
	GCODE_REPLY_WHOLE,
	GCODE_REPLY_ACKNOWLEDGED, /* only oks so far: the answer itself may follow */
	GCODE_REPLY_PART,         /* does not end as a whole one does */
};

/* Whether its text comes, if any, when nobody waits for it: the ring line is all there is to see.
 */
bool gcode_reply_is_queued(const struct gcode_reply *reply);

enum gcode_reply_stage gcode_reply_stage(const struct gcode_reply *reply);

#endif
