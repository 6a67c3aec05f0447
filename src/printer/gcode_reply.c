/* SPDX-License-Identifier: MIT */
#include "printer/gcode_reply.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

void gcode_reply_clear(struct gcode_reply *reply)
{
	char *text = reply->text;

	*reply = (struct gcode_reply){.text = text};
	if (text != NULL) {
		text[0] = '\0';
	}
}

void gcode_reply_finish(struct gcode_reply *reply)
{
	free(reply->text);
	*reply = (struct gcode_reply){0};
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

	if (reply->text == NULL) {
		reply->text = malloc(GCODE_REPLY_MAX);
		if (reply->text == NULL) {
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
	flagship_gcode_reply_parse(reply->text, reply->length,
				   has_length && reply->messages == 1 ? command->result_length : -1,
				   &reply->parsed);
	return 0;
}

enum gcode_reply_stage gcode_reply_stage(const struct gcode_reply *reply)
{
	if (!reply->parsed.complete) {
		return reply->length == 0 && reply->messages > 0 ? GCODE_REPLY_ACKNOWLEDGED
								 : GCODE_REPLY_PART;
	}
	return reply->parsed.body_length == 0 ? GCODE_REPLY_ACKNOWLEDGED : GCODE_REPLY_WHOLE;
}
