/* SPDX-License-Identifier: MIT */
#include "printer/command/gcode_reply.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

/* One message, unescaped: the printer sends 512 bytes at most. */
#define GCODE_REPLY_PIECE_MAX 2048

void gcode_reply_clear(struct gcode_reply *reply)
{
	char *text = reply->text;

	*reply = (struct gcode_reply){.text = text, .class = FLAGSHIP_GCODE_QUEUED};
	if (text) {
		text[0] = '\0';
	}
}

void gcode_reply_finish(struct gcode_reply *reply)
{
	free(reply->text);
	*reply = (struct gcode_reply){0};
}

void gcode_reply_begin(struct gcode_reply *reply, const char *line, size_t length,
		       enum flagship_model model)
{
	gcode_reply_clear(reply);
	reply->class = flagship_gcode_class_of(line, length, model);
}

bool gcode_reply_is_strange(const struct gcode_reply *reply, const struct flagship_message *message)
{
	char text[GCODE_REPLY_PIECE_MAX];
	size_t length;

	/* A piece that goes on says nothing by its shape. */
	if (reply->length > 0 ||
	    (message->as.gcode_command.present & FLAGSHIP_GCODE_COMMAND_HAS_RESULT) == 0) {
		return false;
	}
	length = flagship_text_copy(message->as.gcode_command.result, text, sizeof(text));
	return length < sizeof(text) && !flagship_gcode_reply_fits(reply->class, text, length);
}

static void gcode_reply_append(struct gcode_reply *reply, struct flagship_text text)
{
	size_t room = GCODE_REPLY_MAX - reply->length;
	size_t length = flagship_text_copy(text, reply->text + reply->length, room);

	if (length >= room) {
		reply->truncated = true;
		length = strlen(reply->text + reply->length);
	}
	reply->length += length;
}

int gcode_reply_add(struct gcode_reply *reply, const struct flagship_message *message)
{
	const struct flagship_gcode_command *command = &message->as.gcode_command;
	bool has_length = (command->present & FLAGSHIP_GCODE_COMMAND_HAS_RESULT_LENGTH) != 0;

	if (!reply->text) {
		reply->text = malloc(GCODE_REPLY_MAX);
		if (!reply->text) {
			return FLAGSHIP_ERROR_MEMORY;
		}
		reply->text[0] = '\0';
	}
	reply->messages++;
	if (message->has_reply && message->reply != 0) {
		reply->refused_code = message->reply;
	}
	if ((command->present & FLAGSHIP_GCODE_COMMAND_HAS_RESULT_CODE) != 0) {
		reply->result_code = command->result_code;
	}
	if ((command->present & FLAGSHIP_GCODE_COMMAND_HAS_RESULT) != 0) {
		gcode_reply_append(reply, command->result);
	}
	/* Each message tells its own length, so that of several says nothing of the whole. */
	reply->told_length = has_length && reply->messages == 1 ? command->result_length : -1;
	flagship_gcode_reply_parse(reply->class, reply->text, reply->length, reply->told_length,
				   &reply->parsed);
	return 0;
}

bool gcode_reply_is_queued(const struct gcode_reply *reply)
{
	return reply->class == FLAGSHIP_GCODE_NOT_AWAITED ||
	       reply->class == FLAGSHIP_GCODE_NOT_AWAITED_EARLY;
}

enum gcode_reply_stage gcode_reply_stage(const struct gcode_reply *reply)
{
	const struct flagship_gcode_reply *parsed = &reply->parsed;

	if (gcode_reply_is_queued(reply) && !parsed->complete) {
		return parsed->body_length == 0 ? GCODE_REPLY_ACKNOWLEDGED : GCODE_REPLY_PART;
	}
	if (!parsed->complete) {
		return parsed->body_length == 0 && reply->messages > 0 ? GCODE_REPLY_ACKNOWLEDGED
								       : GCODE_REPLY_PART;
	}
	/* Oks alone may be the acknowledgement before the answer. */
	return parsed->body_length == 0 && reply->class != FLAGSHIP_GCODE_INTERCEPTED
		       ? GCODE_REPLY_ACKNOWLEDGED
		       : GCODE_REPLY_WHOLE;
}
