/* SPDX-License-Identifier: MIT */
#include "store/settings/settings.h"

#include "store/settings/check.h"

#include <string.h>

/* How a model is commanded: printer_profile_set takes the values. */
#define PROFILE_HELP_CONTROL                                                                     \
	"How message 1008 pauses, resumes and stops a job: vendor (2, 3, 4, with who asks) or\n" \
	"observed (1, 2, 0, as one owner of an M5C found it). Use one that is known to work: "   \
	"what\n"                                                                                 \
	"pauses in one form starts a file in the other."
#define PROFILE_HELP_NOZZLE "The highest target of the nozzle in degrees Celsius without --force."
#define PROFILE_HELP_BED    "The highest target of the bed in degrees Celsius without --force."
#define PROFILE_HELP_SPEED  "The highest print speed in mm/s without --force."
#define PROFILE_HELP_HOME   "Whether homing Z alone is refused without --force: true or false."
#define PROFILE_HELP_WAIT   "How long to wait for the state that proves a command, in milliseconds."

#define PROFILE_KEYS(model)                                                                    \
	{model, "control", "", PROFILE_HELP_CONTROL, settings_check_control},                  \
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
	{"printer", "all_metal", "",
	 "Printers of model M5 with an all-metal hot end, for which 300 degrees are allowed:\n"
	 "serial numbers with commas between.",
	 settings_check_serials},
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
	{"api", "session", "auto",
	 "Whether calls of the vendor's HTTPS API are signed and sealed: auto (where the plain "
	 "form\n"
	 "is refused), signed, or plain.",
	 settings_check_session},
	{"account", "user_id", "",
	 "Who commands say that they are, where no account tells it: the user_id of the account\n"
	 "that the printer belongs to. An M5 ignores a pause, a stop or a start without one.",
	 NULL},
	{"account", "user_name", "",
	 "The nick name that goes with it. What it is seems not to matter, but that it is there.",
	 NULL},
	PROFILE_KEYS("m5"),
	PROFILE_KEYS("m5c"),
	PROFILE_KEYS("e1"),
};

/* The finer settings of 1008, which could be set so that one form was mixed with the other. */
static const char *const retired[] = {
	"pause_value", "resume_value",      "stop_value",
	"again_value", "control_names_job", "stop_gcode",
};

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(word, words[i]) == 0) {
			return true;
		}
	}
	return false;
}

const char *settings_key_retired(const char *section, const char *name)
{
	static const char *const models[] = {"m5", "m5c", "e1"};

	if (!is_one_of(section, models, sizeof(models) / sizeof(models[0])) ||
	    !is_one_of(name, retired, sizeof(retired) / sizeof(retired[0]))) {
		return NULL;
	}
	return "it is no setting any more: control = vendor or observed chooses how a job is "
	       "paused, resumed and stopped";
}

const struct settings_key *settings_keys(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}
