/* SPDX-License-Identifier: MIT */
#include "printer/command/internal.h"

#include "printer/guard/gcode_words.h"

#include <flagship/gcode.h>
#include <flagship/message.h>

#include <string.h>

#define ANSWER_MS INT64_C(10000)
#define EFFECT_MS INT64_C(15000)
#define MOTION_MS INT64_C(30000)
#define HOMING_MS INT64_C(60000)

const struct command_trait *command_trait(enum command_kind kind)
{
	static const struct command_trait traits[] = {
		[COMMAND_PAUSE] = {"pause", ANSWER_MS, 0, false},
		[COMMAND_RESUME] = {"resume", ANSWER_MS, 0, false},
		[COMMAND_STOP] = {"stop", ANSWER_MS, 0, false},
		[COMMAND_NOZZLE_TARGET] = {"nozzle", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_BED_TARGET] = {"bed", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_COOLDOWN] = {"cooldown", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_FAN] = {"fan", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_SPEED] = {"speed", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_HOME] = {"home", HOMING_MS, HOMING_MS, false},
		[COMMAND_MOVE] = {"move", MOTION_MS, EFFECT_MS, false},
		[COMMAND_EXTRUDE] = {"extrude", MOTION_MS, EFFECT_MS, false},
		[COMMAND_Z_OFFSET] = {"z-offset", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_LEVEL] = {"level", ANSWER_MS, 0, false},
		[COMMAND_RENAME] = {"rename", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_FILES] = {"files", ANSWER_MS, EFFECT_MS, true},
		[COMMAND_DELETE] = {"delete", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_START] = {"start", ANSWER_MS, 0, false},
		[COMMAND_LIGHT] = {"light", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_GCODE] = {"gcode", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_SEND] = {"send", ANSWER_MS, EFFECT_MS, false},
		[COMMAND_QUERY] = {"query", ANSWER_MS, EFFECT_MS, true},
		[COMMAND_STATUS] = {"status", ANSWER_MS, EFFECT_MS, true},
	};

	if ((size_t)kind >= sizeof(traits) / sizeof(traits[0])) {
		return &traits[COMMAND_SEND];
	}
	return &traits[kind];
}

const char *command_kind_name(enum command_kind kind)
{
	return command_trait(kind)->name;
}

const char *command_outcome_name(enum command_outcome outcome)
{
	static const char *const names[] = {
		[COMMAND_CONFIRMED] = "confirmed", [COMMAND_ACCEPTED] = "accepted",
		[COMMAND_REFUSED] = "refused",     [COMMAND_UNANSWERED] = "unanswered",
		[COMMAND_FAILED] = "failed",
	};

	if ((size_t)outcome >= sizeof(names) / sizeof(names[0])) {
		return names[COMMAND_FAILED];
	}
	return names[outcome];
}

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
		return request->text && line_heats(request->text);
	case COMMAND_SEND:
		return request->text && payload_heats(request->text);
	default:
		return false;
	}
}
