/* SPDX-License-Identifier: MIT */
#include "printer/command/internal.h"

#define ANSWER_MS  INT64_C(10000)
#define CONFIRM_MS INT64_C(15000)
#define MOTION_MS  INT64_C(30000)
#define HOMING_MS  INT64_C(60000)

const struct command_trait *command_trait(enum command_kind kind)
{
	static const struct command_trait traits[] = {
		[COMMAND_PAUSE] = {"pause", ANSWER_MS, 0, false},
		[COMMAND_RESUME] = {"resume", ANSWER_MS, 0, false},
		[COMMAND_STOP] = {"stop", ANSWER_MS, 0, false},
		[COMMAND_NOZZLE_TARGET] = {"nozzle", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_BED_TARGET] = {"bed", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_COOLDOWN] = {"cooldown", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_FAN] = {"fan", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_SPEED] = {"speed", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_HOME] = {"home", HOMING_MS, HOMING_MS, false},
		[COMMAND_MOVE] = {"move", MOTION_MS, CONFIRM_MS, false},
		[COMMAND_EXTRUDE] = {"extrude", MOTION_MS, CONFIRM_MS, false},
		[COMMAND_Z_OFFSET] = {"z-offset", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_LEVEL] = {"level", ANSWER_MS, 0, false},
		[COMMAND_RENAME] = {"rename", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_FILES] = {"files", ANSWER_MS, CONFIRM_MS, true},
		[COMMAND_DELETE] = {"delete", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_START] = {"start", ANSWER_MS, 0, false},
		[COMMAND_LIGHT] = {"light", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_GCODE] = {"gcode", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_SEND] = {"send", ANSWER_MS, CONFIRM_MS, false},
		[COMMAND_QUERY] = {"query", ANSWER_MS, CONFIRM_MS, true},
		[COMMAND_STATUS] = {"status", ANSWER_MS, CONFIRM_MS, true},
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
