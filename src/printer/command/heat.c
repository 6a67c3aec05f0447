/* SPDX-License-Identifier: MIT */
#include "printer/command/internal.h"
#include "printer/guard/gcode_words.h"

#include <flagship/gcode.h>
#include <flagship/message.h>

#include <string.h>

/* Which commands heat, cool or blow, by their effect and not by their spelling. */

#define LINE_MAX_SIZE 256

static bool is_of_heat(const struct gcode_word *word)
{
	static const int codes[] = {104, 106, 107, 109, 140, 190};

	for (size_t i = 0; word->letter == 'M' && i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (word->number == codes[i]) {
			return true;
		}
	}
	return false;
}

static bool line_heats(const char *line)
{
	const char *cursor = line;
	struct gcode_word word;

	while (gcode_words_next(line, &cursor, &word)) {
		if (is_of_heat(&word)) {
			return true;
		}
	}
	return false;
}

static bool message_heats(const struct flagship_message *message)
{
	char line[LINE_MAX_SIZE];

	switch (message->type) {
	case FLAGSHIP_MESSAGE_NOZZLE_TEMP:
	case FLAGSHIP_MESSAGE_HOTBED_TEMP:
	case FLAGSHIP_MESSAGE_FAN_SPEED:
	case FLAGSHIP_MESSAGE_PREHEAT_CONFIG:
		return true;
	case FLAGSHIP_MESSAGE_GCODE_COMMAND:
		if ((message->as.gcode_command.present & FLAGSHIP_GCODE_COMMAND_HAS_COMMAND) == 0) {
			return false;
		}
		flagship_text_copy(message->as.gcode_command.command, line, sizeof(line));
		return line_heats(line);
	default:
		return false;
	}
}

static bool payload_heats(const char *text)
{
	struct flagship_payload payload;
	struct flagship_message message;

	flagship_payload_init(&payload, text, strlen(text));
	while (flagship_payload_next(&payload, &message) == 1) {
		if (message_heats(&message)) {
			return true;
		}
	}
	return false;
}

bool command_heats(const struct command_request *request)
{
	switch (request->kind) {
	case COMMAND_NOZZLE_TARGET:
	case COMMAND_BED_TARGET:
	case COMMAND_COOLDOWN:
	case COMMAND_FAN:
		return true;
	case COMMAND_GCODE:
		return request->text != NULL && line_heats(request->text);
	case COMMAND_SEND:
		return request->text != NULL && payload_heats(request->text);
	default:
		return false;
	}
}
