/* SPDX-License-Identifier: MIT */
#include "store/settings/text.h"

#include "store/broker_url.h"
#include "store/settings/settings.h"

#include <stdlib.h>
#include <string.h>

#define PIN_DIGITS     64
#define RETRIES_MAX    10
#define MS_PER_S       1000
#define MS_PER_MINUTE  60000
#define MS_PER_HOUR    3600000
#define RATE_MBITS     10 /* what bad Wi-Fi bears */
#define RATE_MAX_MBITS 1000
#define BYTES_PER_MBIT 125000
#define CONTACT_MAX    256
#define INTEGER_LONG   9 /* digits, so that every one fits an int */

#define DIGITS         "0123456789"
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

static bool wants(bool is_met, const char *what, const char **reason)
{
	*reason = what;
	return is_met;
}

static bool is_one_of(const char *value, const char *const *choices)
{
	for (; *choices; choices++) {
		if (strcmp(value, *choices) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_integer(const char *value)
{
	size_t length = strlen(value);

	return length > 0 && length <= INTEGER_LONG && strspn(value, DIGITS) == length;
}

static bool settings_check_broker(const char *value, const char **reason)
{
	struct broker_url url;

	*reason = broker_url_parse(value, &url);
	if (!*reason && !url.has_scheme) {
		*reason = BROKER_URL_FORM;
	}
	return !*reason;
}

static bool settings_check_pin(const char *value, const char **reason)
{
	size_t digits = 0;

	for (; *value; value++) {
		if (*value != ':' && !strchr(DIGITS "abcdefABCDEF", *value)) {
			break;
		}
		digits += *value != ':';
	}
	return wants(*value == '\0' && digits == PIN_DIGITS,
		     "a pin is the SHA-256 fingerprint of a certificate: 64 hex digits, colons "
		     "allowed",
		     reason);
}

static bool settings_check_duration(const char *value, const char **reason)
{
	static const char *const units[] = {"", "ms", "s", "m", "h", NULL};
	size_t whole = strspn(value, DIGITS);
	size_t length = whole;

	if (whole > 0 && value[whole] == '.') {
		size_t decimals = strspn(value + whole + 1, DIGITS);
		length = decimals > 0 ? whole + 1 + decimals : 0;
	}
	return wants(whole > 0 && length > 0 && length <= INTEGER_LONG &&
			     is_one_of(value + length, units) && strtod(value, NULL) > 0,
		     "a time above 0 is written as 10, 1.5, 500ms, 2m or 1h", reason);
}

int64_t settings_duration_ms(const char *value)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = {{"ms", 1},
		     {"s", MS_PER_S},
		     {"", MS_PER_S},
		     {"m", MS_PER_MINUTE},
		     {"h", MS_PER_HOUR}};
	const char *reason;
	char *end;

	if (!settings_check_duration(value, &reason)) {
		return 0;
	}
	double number = strtod(value, &end);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0) {
			return (int64_t)(number * units[i].ms);
		}
	}
	return 0;
}

/* Mbit/s with at most so many digits before and behind the point. */
static bool is_rate(const char *value)
{
	size_t whole = strspn(value, DIGITS);
	size_t length = whole;

	if (whole > 0 && value[whole] == '.') {
		size_t decimals = strspn(value + whole + 1, DIGITS);
		length = decimals > 0 ? whole + 1 + decimals : 0;
	}
	return whole > 0 && length > 0 && length <= INTEGER_LONG && value[length] == '\0' &&
	       strtod(value, NULL) <= RATE_MAX_MBITS;
}

bool settings_check_rate(const char *value, const char **reason)
{
	return wants(strcmp(value, "auto") == 0 || is_rate(value),
		     "this is a number of Mbit/s from 0 to 1000, 0 for as fast as it goes, or auto",
		     reason);
}

struct settings_rate settings_rate(const char *value)
{
	double mbits = is_rate(value) ? strtod(value, NULL) : RATE_MBITS;
	uint64_t bytes_per_s = (uint64_t)(mbits * BYTES_PER_MBIT);

	/* 0 would be no bound, and so the contrary of what is wanted. */
	return (struct settings_rate){.bytes_per_s = mbits > 0 && bytes_per_s == 0 ? 1
										   : bytes_per_s,
				      .adaptive = strcmp(value, "auto") == 0};
}

static bool settings_check_refresh(const char *value, const char **reason)
{
	return wants(strcmp(value, "never") == 0 || settings_duration_ms(value) >= MS_PER_S,
		     "this is a time of 1s or more, such as 30m or 6h, or never", reason);
}

static bool settings_check_colour(const char *value, const char **reason)
{
	static const char *const choices[] = {"auto", "always", "never", NULL};

	return wants(is_one_of(value, choices), "this is auto, always or never", reason);
}

static bool settings_check_session(const char *value, const char **reason)
{
	static const char *const choices[] = {"auto", "signed", "plain", NULL};

	return wants(is_one_of(value, choices), "auto, signed or plain are possible", reason);
}

static bool settings_check_retries(const char *value, const char **reason)
{
	return wants(is_integer(value) && strtol(value, NULL, 10) <= RETRIES_MAX,
		     "this is a whole number from 0 to 10", reason);
}

static bool settings_check_integer(const char *value, const char **reason)
{
	return wants(is_integer(value), "this is a whole number, 0 or above", reason);
}

static bool settings_check_control(const char *value, const char **reason)
{
	static const char *const choices[] = {"vendor", "observed", NULL};

	return wants(is_one_of(value, choices), "this is vendor or observed", reason);
}

static bool settings_check_boolean(const char *value, const char **reason)
{
	static const char *const choices[] = {"true", "false", NULL};

	return wants(is_one_of(value, choices), "this is true or false", reason);
}

bool settings_check_group(const char *value, const char **reason)
{
	return wants(value[strspn(value, " ,")] != '\0',
		     "a group is printers, separated by commas, as -p takes them", reason);
}

static bool settings_check_serials(const char *value, const char **reason)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789, ";

	return wants(value[strspn(value, allowed)] == '\0',
		     "this is serial numbers with commas between", reason);
}

static bool settings_check_contact(const char *value, const char **reason)
{
	bool begins = strncmp(value, "mailto:", strlen("mailto:")) == 0 ||
		      strncmp(value, "https://", strlen("https://")) == 0;
	bool good = begins && strlen(value) < CONTACT_MAX;

	for (const char *at = value; *at != '\0'; at++) {
		good = good && *at > ' ' && *at < 0x7F && *at != '"' && *at != '\\';
	}
	return wants(good, "this is mailto: and an address, or a URL with https://", reason);
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
	{"api", "timeout", "15",
	 "How long a call of the vendor's HTTPS API may take; those of a login take 60 unless it "
	 "is set.",
	 settings_check_duration},
	{"api", "retries", "3",
	 "How often a call is repeated after a failure that may pass, 0 to 10.",
	 settings_check_retries},
	{"api", "session", "auto",
	 "Whether calls of the vendor's HTTPS API are signed and sealed: auto (where the plain "
	 "form\n"
	 "is refused), signed, or plain.",
	 settings_check_session},
	{"api", "refresh", "6h",
	 "How often flagship serve asks for the printers of each account again, give or take a "
	 "tenth:\n"
	 "1s at least, or never.",
	 settings_check_refresh},
	{"account", "user_id", "",
	 "Who commands say that they are, where no account tells it: the user_id of the account\n"
	 "that the printer belongs to. An M5 ignores a pause, a stop or a start without one.",
	 NULL},
	{"account", "user_name", "",
	 "The nick name that goes with it. What it is seems not to matter, but that it is there.",
	 NULL},
	{"print", "rate", "10",
	 "How fast files are sent to printers, in Mbit/s; 0 for as fast as it goes; auto begins "
	 "at\n"
	 "10, grows while nothing is lost, and falls where something is.",
	 settings_check_rate},
	{"serve", "cloud", "auto",
	 "Where flagship serve finds a cloud on this machine, whose printers it holds, too: auto\n"
	 "(where flagship cloud keeps it), the folder of one, or off.",
	 NULL},
	{"push", "contact", "",
	 "How push services reach who runs this gateway, should it be a burden to them: mailto:\n"
	 "and an address, or a page, https://… Apple's wants an address that is one.",
	 settings_check_contact},
	{"push", "ca", "",
	 "Trust push services whose certificate this CA issued, a PEM file, and no others.", NULL},
	{"push", "loopback", "false",
	 "Whether a push service may be on this machine: true or false. Others of one's own "
	 "network\n"
	 "are never asked.",
	 settings_check_boolean},
	PROFILE_KEYS("m5"),
	PROFILE_KEYS("m5c"),
	PROFILE_KEYS("e1"),
};

/* The finer settings of 1008, which could be set so that one form was mixed with the other. */
static const char *const retired[] = {
	"pause_value",       "resume_value", "stop_value", "again_value",
	"control_names_job", "stop_gcode",   NULL,
};

const char *settings_key_retired(const char *section, const char *name)
{
	static const char *const models[] = {"m5", "m5c", "e1", NULL};

	if (!is_one_of(section, models) || !is_one_of(name, retired)) {
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
