/* SPDX-License-Identifier: MIT */
#include "store/settings.h"

#include "store/settings_check.h"

/* How a model is commanded: printer_profile_set takes the values. */
#define PROFILE_HELP_PAUSE  "The value of message 1008 that pauses a job."
#define PROFILE_HELP_RESUME "The value of message 1008 that resumes it."
#define PROFILE_HELP_STOP   "The value of message 1008 that stops it."
#define PROFILE_HELP_AGAIN  "The value of message 1008 that prints the last job again, or never."
#define PROFILE_HELP_NAMES  "Whether pause and resume also name the job and its user: true or false."
#define PROFILE_HELP_GCODE  "G-code that is sent along with a stop; nothing for none."
#define PROFILE_HELP_NOZZLE "The highest target of the nozzle in degrees Celsius without --force."
#define PROFILE_HELP_BED    "The highest target of the bed in degrees Celsius without --force."
#define PROFILE_HELP_SPEED  "The highest print speed in mm/s without --force."
#define PROFILE_HELP_HOME   "Whether homing Z alone is refused without --force: true or false."
#define PROFILE_HELP_WAIT   "How long to wait for the state that proves a command, in milliseconds."

#define PROFILE_KEYS(model)                                                                    \
	{model, "pause_value", "", PROFILE_HELP_PAUSE, settings_check_integer},                \
		{model, "resume_value", "", PROFILE_HELP_RESUME, settings_check_integer},      \
		{model, "stop_value", "", PROFILE_HELP_STOP, settings_check_integer},          \
		{model, "again_value", "", PROFILE_HELP_AGAIN, settings_check_again},          \
		{model, "control_names_job", "", PROFILE_HELP_NAMES, settings_check_boolean},  \
		{model, "stop_gcode", "", PROFILE_HELP_GCODE, settings_check_gcode},           \
		{model, "nozzle_max_c", "", PROFILE_HELP_NOZZLE, settings_check_integer},      \
		{model, "bed_max_c", "", PROFILE_HELP_BED, settings_check_integer},            \
		{model, "speed_max_mm_s", "", PROFILE_HELP_SPEED, settings_check_integer},     \
		{model, "z_home_is_dangerous", "", PROFILE_HELP_HOME, settings_check_boolean}, \
	{                                                                                      \
		model, "confirm_ms", "", PROFILE_HELP_WAIT, settings_check_integer             \
	}

static const struct settings_key table[] = {
	{"printer", "default", "",
	 "The printer that a command is about where none is named with -p: serial number, the\n"
	 "beginning of one, name, or number in `flagship printers`. Not needed where there is one.",
	 NULL},
	{"broker", "url", "",
	 "The broker, in place of the account's own: mqtts://HOST:PORT, or mqtt:// without TLS.",
	 settings_check_broker},
	{"broker", "ca", "", "Trust a broker whose certificate this CA issued: a PEM file.", NULL},
	{"broker", "pin", "",
	 "Trust the broker's certificate with this SHA-256 fingerprint and no other.",
	 settings_check_pin},
	{"cli", "timeout", "10",
	 "How long a command waits for an answer: seconds, or a number with ms, s, m or h.",
	 settings_check_duration},
	{"cli", "colour", "auto",
	 "Colours in the output: auto (on a terminal), always or never. Where the environment has\n"
	 "NO_COLOR there are none; FLAGSHIP_COLOUR counts more than this setting.",
	 settings_check_colour},
	{"api", "timeout", "15", "How long a call of the vendor's HTTPS API may take.",
	 settings_check_duration},
	{"api", "retries", "3",
	 "How often a call is repeated after a failure that may pass, 0 to 10.",
	 settings_check_retries},
	PROFILE_KEYS("m5"),
	PROFILE_KEYS("m5c"),
	PROFILE_KEYS("e1"),
};

const struct settings_key *settings_keys(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}
