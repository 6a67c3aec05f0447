/* SPDX-License-Identifier: MIT */
#include "printer/guard/rules.h"

#include <flagship/mqtt.h>

/* An E1 has neither nozzle nor bed nor axes: whatever speaks of them is refused there. */
#define MESSAGE(type, condition, m5, m5c, e1, reason)                                        \
	{                                                                                    \
		GUARD_MESSAGE, type, type, GUARD_##condition, NULL, GUARD_##m5, GUARD_##m5c, \
			GUARD_##e1, reason                                                   \
	}
#define CODES(letter, first, last, condition, letters, m5, m5c, reason)                           \
	{                                                                                         \
		GUARD_##letter, first, last, GUARD_##condition, letters, GUARD_##m5, GUARD_##m5c, \
			GUARD_ALWAYS, reason                                                      \
	}
#define CODE(letter, number, m5, m5c, reason) \
	CODES(letter, number, number, ANY, NULL, m5, m5c, reason)
#define CODE_IF(letter, number, condition, letters, m5, m5c, reason) \
	CODES(letter, number, number, condition, letters, m5, m5c, reason)
#define MOTION(letter, first, last) CODES(letter, first, last, ANY, NULL, JOB, JOB, TEXT_MOVES)

#define TEXT_MOVES                                                                         \
	"a job is running, and moving the printer, or changing how moves are read, would " \
	"spoil it"
#define TEXT_FILAMENT "a job is running, and moving the filament would spoil it"
#define TEXT_LEVELS   "a job is running, and levelling would drive the nozzle through it"
#define TEXT_HOMES_Z  "homing Z drove the nozzle of such a printer into its plate"
#define TEXT_HOMES_Z_ALONE \
	"homing Z drove the nozzle of such a printer into its plate: name X, Y or both"
#define TEXT_FILES    "a job is running, and what asks for files or starts one disturbs it"
#define TEXT_NO_PROBE "it moves a probe that not every printer has"
#define TEXT_PROBE    "it changes how the nozzle's board probes the bed, or moves Z to try it"
#define TEXT_BEHIND   "it acts on the job behind the back of the printer's own software"

static const struct guard_rule rules[] = {
	MESSAGE(FLAGSHIP_MESSAGE_ALLOW_FIRMWARE_UPDATE, ANY, ALWAYS, ALWAYS, ALWAYS,
		"1011 lets the printer replace its firmware"),
	MESSAGE(FLAGSHIP_MESSAGE_RECOVER_FACTORY, ANY, ALWAYS, ALWAYS, ALWAYS,
		"1029 resets the printer to factory settings, or its network: Wi-Fi can only be "
		"set up again by the phone app"),
	MESSAGE(FLAGSHIP_MESSAGE_STEST_GCODE_TRANSPOR, ANY, ALWAYS, ALWAYS, ALWAYS,
		"2018 is the factory's self-test"),
	MESSAGE(FLAGSHIP_MESSAGE_AUTO_LEVELING, ANY, JOB, JOB, ALWAYS, TEXT_LEVELS),
	MESSAGE(FLAGSHIP_MESSAGE_EXTRUSION_STEP, ANY, JOB, JOB, ALWAYS, TEXT_FILAMENT),
	MESSAGE(FLAGSHIP_MESSAGE_ENTER_OR_QUIT_MATERIEL, ANY, JOB, JOB, ALWAYS, TEXT_FILAMENT),
	MESSAGE(FLAGSHIP_MESSAGE_ENTER_OR_QUIT_MATERIEL, FEEDS, JUDGED, JUDGED, ALWAYS, NULL),
	MESSAGE(FLAGSHIP_MESSAGE_MOVE_STEP, ANY, JOB, JOB, ALWAYS, TEXT_MOVES),
	MESSAGE(FLAGSHIP_MESSAGE_MOVE_DIRECTION, ANY, JOB, JOB, ALWAYS, TEXT_MOVES),
	MESSAGE(FLAGSHIP_MESSAGE_MOVE_ZERO, HOMES_XY, JOB, JOB, ALWAYS, TEXT_MOVES),
	MESSAGE(FLAGSHIP_MESSAGE_MOVE_ZERO, HOMES_Z, Z_AT_RISK, Z_AT_RISK, ALWAYS, TEXT_HOMES_Z),
	MESSAGE(FLAGSHIP_MESSAGE_FILE_LIST_REQUEST, ANY, JOB, JOB, ALWAYS,
		"a job is running, and listing the files disturbs it"),
	MESSAGE(FLAGSHIP_MESSAGE_PRINT_CONTROL, CONTROLS_JOB, JUDGED, JUDGED, JUDGED, NULL),
	MESSAGE(FLAGSHIP_MESSAGE_NOZZLE_TEMP, SETS_NOZZLE, JUDGED, JUDGED, ALWAYS, NULL),
	MESSAGE(FLAGSHIP_MESSAGE_HOTBED_TEMP, SETS_BED, JUDGED, JUDGED, ALWAYS, NULL),
	MESSAGE(FLAGSHIP_MESSAGE_PREHEAT_CONFIG, SETS_BOTH, JUDGED, JUDGED, ALWAYS, NULL),
	MESSAGE(FLAGSHIP_MESSAGE_FAN_SPEED, SETS_FAN, JUDGED, JUDGED, ALWAYS, NULL),
	MESSAGE(FLAGSHIP_MESSAGE_PRINT_SPEED, SETS_SPEED, JUDGED, JUDGED, JUDGED, NULL),
	MESSAGE(FLAGSHIP_MESSAGE_Z_AXIS_RECOUP, SETS_OFFSET, JUDGED, JUDGED, ALWAYS, NULL),
	MESSAGE(FLAGSHIP_MESSAGE_DELETE_GCODE_FILE, DELETES, JUDGED, JUDGED, JUDGED, NULL),
	MESSAGE(FLAGSHIP_MESSAGE_DEVICE_NAME_SET, NAMES, JUDGED, JUDGED, JUDGED, NULL),
	MESSAGE(FLAGSHIP_MESSAGE_GCODE_COMMAND, CARRIES_GCODE, JUDGED, JUDGED, ALWAYS, NULL),

	/* Z, and what probes it. */
	CODE_IF(G, 28, HOMES_Z, NULL, Z_AT_RISK, Z_AT_RISK, TEXT_HOMES_Z_ALONE),
	CODE_IF(G, 28, HOMES_XY, NULL, JOB, JOB, TEXT_MOVES),
	CODE(G, 29, JOB, JOB, TEXT_LEVELS),
	CODE(G, 36, Z_AT_RISK, Z_AT_RISK,
	     "G36 homes and aligns both sides of Z, which drove the nozzle of such a printer into "
	     "its plate"),
	CODE(G, 2001, ALWAYS, ALWAYS, "G2001 homes Z without any of G28's checks"),
	CODE(M, 2006, ALWAYS, ALWAYS, "M2006 makes the sensing of Z insensitive, then homes Z"),
	CODE(M, 401, Z_AT_RISK, Z_AT_RISK, TEXT_NO_PROBE),
	CODE(M, 402, Z_AT_RISK, Z_AT_RISK, TEXT_NO_PROBE),

	/* Moves, and what changes how they are read. */
	MOTION(G, 0, 3),
	CODES(G, 0, 3, MOVES, NULL, JUDGED, JUDGED, NULL),
	MOTION(G, 5, 5),
	MOTION(G, 10, 12),
	MOTION(G, 20, 21),
	MOTION(G, 26, 27),
	MOTION(G, 30, 30),
	MOTION(G, 33, 35),
	MOTION(G, 38, 38),
	MOTION(G, 42, 42),
	MOTION(G, 60, 61),
	MOTION(G, 76, 76),
	MOTION(G, 80, 80),
	MOTION(G, 90, 92),
	MOTION(G, 425, 425),
	MOTION(M, 17, 18),
	MOTION(M, 48, 48),
	MOTION(M, 82, 84),
	MOTION(M, 125, 125),
	MOTION(M, 428, 428),
	MOTION(M, 600, 600),
	MOTION(M, 603, 603),
	MOTION(M, 701, 703),
	CODE(M, 108, JOB, JOB, "a job is running, and M108 breaks off what it waits for"),
	CODE(M, 410, JOB, JOB, "a job is running, and M410 drops the moves that are planned"),
	CODES(M, 20, 32, ANY, NULL, JOB, JOB, TEXT_FILES),
	CODE(M, 524, JOB, JOB, TEXT_BEHIND),
	CODE(M, 928, JOB, JOB, TEXT_FILES),

	/* What halts, and what lifts a halt. */
	CODE(M, 112, ALWAYS, ALWAYS, "M112 halts the printer until it is switched off and on"),
	CODE(M, 81, ALWAYS, ALWAYS, "M81 switches heaters, fans and motors off"),
	CODE(M, 999, ALWAYS, ALWAYS, "M999 lifts the halt after an error"),

	/* Heat, fans, offset. */
	CODE_IF(M, 104, SETS_NOZZLE, NULL, JUDGED, JUDGED, NULL),
	CODE_IF(M, 109, SETS_NOZZLE, NULL, JUDGED, JUDGED, NULL),
	CODE_IF(M, 140, SETS_BED, NULL, JUDGED, JUDGED, NULL),
	CODE_IF(M, 190, SETS_BED, NULL, JUDGED, JUDGED, NULL),
	CODES(M, 106, 107, SETS_FAN, NULL, JUDGED, JUDGED, NULL),
	CODE_IF(M, 290, CHANGES_OFFSET, NULL, JUDGED, JUDGED, NULL),
	CODE(M, 303, ALWAYS, ALWAYS, "M303 heats up by itself to tune the heater"),
	CODE(M, 2201, ALWAYS, ALWAYS, "M2201 heats up by itself to tune the nozzle's heater"),
	CODE_IF(M, 3015, WITH_LETTERS, "S", ALWAYS, ALWAYS,
		"M3015 sets the fan that cools the heat break: off while it is hot, the nozzle "
		"clogs"),
	CODE_IF(M, 3016, WITH_LETTERS, "S", ALWAYS, ALWAYS,
		"M3016 sets the fans by hand: with the throat's off while it is hot, the nozzle "
		"clogs"),

	/* What protects. */
	CODE_IF(M, 302, WITH_ARGUMENT, NULL, ALWAYS, ALWAYS, "M302 allows cold extrusion"),
	CODE_IF(M, 211, OPENS_END_STOPS, NULL, ALWAYS, ALWAYS,
		"M211 S0 switches off the soft end stops"),
	CODE_IF(M, 2004, WITH_LETTERS, "S", ALWAYS, ALWAYS,
		"M2004 S1 allows moves before the printer is homed"),

	/* Settings. */
	CODE_IF(M, 851, WITH_ARGUMENT, NULL, ALWAYS, ALWAYS, "M851 changes the probe's offset"),
	CODE_IF(M, 92, WITH_ARGUMENT, NULL, ALWAYS, ALWAYS, "M92 changes the steps a millimetre"),
	CODE_IF(M, 301, WITH_ARGUMENT, NULL, ALWAYS, ALWAYS,
		"M301 changes the tuning of the nozzle's heater"),
	CODE_IF(M, 304, WITH_ARGUMENT, NULL, ALWAYS, ALWAYS,
		"M304 changes the tuning of the bed's heater"),
	CODE_IF(M, 906, WITH_ARGUMENT, NULL, ALWAYS, ALWAYS, "M906 changes the motors' currents"),
	CODES(M, 913, 915, WITH_ARGUMENT, NULL, ALWAYS, ALWAYS,
	      "it changes thresholds of the motors' drivers"),
	CODE(M, 500, ALWAYS, ALWAYS, "M500 overwrites the settings that the printer keeps"),
	CODE(M, 501, ALWAYS, ALWAYS, "M501 replaces the settings in use by those that are kept"),
	CODE(M, 502, ALWAYS, ALWAYS, "M502 replaces the settings in use by the factory's"),
	CODE(M, 575, ALWAYS, ALWAYS,
	     "M575 changes the speed of the line between the printer's two computers, and so cuts "
	     "it"),
	CODE(M, 997, ALWAYS, ALWAYS, "M997 makes the printer replace its firmware"),
	CODE_IF(M, 4899, WITH_LETTERS, "T", JOB, JOB,
		"a job is running, and M4899 replaces its accelerations, speeds and driver modes"),

	/* The vendor's own. What one model's published firmware lacks another may have. */
	CODE_IF(M, 2000, WITH_LETTERS, "S", ALWAYS, ALWAYS,
		"M2000 switches the power of the probe"),
	CODE_IF(M, 2003, WITH_ARGUMENT, NULL, ALWAYS, ALWAYS,
		"M2003 changes the thresholds of homing"),
	CODES(M, 2007, 2008, ANY, NULL, ALWAYS, ALWAYS, "it moves the printer to tune its drivers"),
	CODE(M, 2009, ALWAYS, ALWAYS,
	     "M2009 tilts the mesh that is in use at every call: M420 V shows it"),
	CODE(M, 2011, ALWAYS, ALWAYS, "M2011 calibrates Z"),
	CODES(M, 2012, 2014, ANY, NULL, ALWAYS, ALWAYS, TEXT_PROBE),
	CODES(M, 2202, 2204, ANY, NULL, ALWAYS, ALWAYS, TEXT_PROBE),
	CODE(M, 2300, ALWAYS, ALWAYS, TEXT_PROBE),
	CODES(M, 2022, 2025, ANY, NULL, ALWAYS, ALWAYS, TEXT_BEHIND),
	CODE_IF(M, 3003, WITH_LETTERS, "VAB", ALWAYS, ALWAYS,
		"M3003 changes the probe's thresholds and saves them"),
	CODE_IF(M, 3020, WITH_LETTERS, "V", ALWAYS, ALWAYS,
		"M3020 changes the levelling threshold and saves it"),
	CODE_IF(M, 3013, WITH_LETTERS, "W", ALWAYS, ALWAYS,
		"M3013 writes the serial number of the nozzle's board"),
	CODE(M, 3031, ALWAYS, ALWAYS, "M3031 is the test mode of the production"),
};

const struct guard_rule *guard_rules(size_t *count)
{
	*count = sizeof(rules) / sizeof(rules[0]);
	return rules;
}

static enum guard_when worse(enum guard_when a, enum guard_when b)
{
	return a > b ? a : b;
}

enum guard_when guard_rule_when(const struct guard_rule *rule, enum flagship_model model)
{
	switch (model) {
	case FLAGSHIP_MODEL_M5:
		return rule->m5;
	case FLAGSHIP_MODEL_M5C:
		return rule->m5c;
	case FLAGSHIP_MODEL_E1:
		return rule->e1;
	default:
		return worse(rule->m5, rule->m5c);
	}
}
