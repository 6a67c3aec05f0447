/* SPDX-License-Identifier: MIT */
#include "printer/bed/reading.h"

#include <string.h>

#define OK            "ok\n"
#define OK_BLANK      "ok\n\n"
#define RING          "+ringbuf:"
#define MESSAGE_LIMIT 512 /* bytes; beyond it the middle is missing (protocol.md 3.3) */

/* M420 V tells the table; M503 all settings, heights among them, of which it loses other parts.
 * M114, the position, brings what was left over. */
#define ASK_TABLE     "M420 V"
#define ASK_POINTS    "M503"
#define ASK_LEFT_OVER "M114"

static const char *const reading_steps[] = {
	ASK_TABLE,  ASK_LEFT_OVER, ASK_TABLE, ASK_LEFT_OVER, ASK_TABLE,  ASK_LEFT_OVER,
	ASK_POINTS, ASK_LEFT_OVER, ASK_TABLE, ASK_LEFT_OVER, ASK_POINTS, ASK_LEFT_OVER,
};

void bed_reading_clear(struct bed_reading *reading)
{
	reading->length = 0;
	reading->messages = 0;
	reading->handed = 0;
	reading->at_limit = false;
	reading->truncated = false;
}

static bool begins_with(const char *text, const char *end, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(end - text) >= length && memcmp(text, word, length) == 0;
}

/* Where the text goes on behind the lines that only acknowledge: "ok" with a blank line after it,
 * and that of the ring buffer. */
static const char *skip_acknowledgements(const char *text, const char *end)
{
	for (;;) {
		if (begins_with(text, end, OK_BLANK)) {
			text += strlen(OK_BLANK);
		} else if (begins_with(text, end, OK)) {
			text += strlen(OK);
		} else if (begins_with(text, end, RING) &&
			   memchr(text, '\n', (size_t)(end - text))) {
			text = (const char *)memchr(text, '\n', (size_t)(end - text)) + 1;
		} else {
			return text;
		}
	}
}

void bed_reading_add(struct bed_reading *reading, const struct flagship_message *message)
{
	const struct flagship_gcode_command *answer = &message->as.gcode_command;
	char *start = reading->text + reading->length;
	size_t room = sizeof(reading->text) - reading->length;

	if (message->type != FLAGSHIP_MESSAGE_GCODE_COMMAND ||
	    (answer->present & FLAGSHIP_GCODE_COMMAND_HAS_RESULT) == 0) {
		return;
	}
	size_t length = flagship_text_copy(answer->result, start, room);
	reading->at_limit = reading->at_limit || length >= MESSAGE_LIMIT;
	if (length >= room) {
		reading->truncated = true;
		length = strlen(start);
	}
	if (length == 0) {
		return;
	}
	reading->messages++;
	if (reading->length > 0) {
		const char *rest = skip_acknowledgements(start, start + length);

		length -= (size_t)(rest - start);
		memmove(start, rest, length);
	}
	reading->length += length;
}

void bed_reading_finish(struct bed_reading *reading, struct bed_mesh *mesh)
{
	bool spliced = reading->at_limit || reading->truncated || reading->messages > 1;

	if (reading->messages == reading->handed) {
		return;
	}
	reading->handed = reading->messages;
	bed_mesh_read(mesh, reading->text, reading->length,
		      spliced ? BED_MESH_SPLICED : BED_MESH_CUT);
}

const char *bed_reading_command(size_t asked)
{
	return asked < sizeof(reading_steps) / sizeof(reading_steps[0]) ? reading_steps[asked]
									: NULL;
}

bool bed_reading_begins(size_t asked)
{
	const char *command = bed_reading_command(asked);

	return command && strcmp(command, ASK_LEFT_OVER) != 0;
}
