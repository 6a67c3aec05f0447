/* SPDX-License-Identifier: MIT */
#include "store/settings/check.h"

#include "store/broker_url.h"

#include <stdlib.h>
#include <string.h>

#define PIN_DIGITS   64
#define RETRIES_MAX  10
#define INTEGER_LONG 9 /* digits, so that every one fits an int */

#define DIGITS       "0123456789"

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

bool settings_check_broker(const char *value, const char **reason)
{
	struct broker_url url;
	bool has_scheme = strncmp(value, "mqtts://", strlen("mqtts://")) == 0 ||
			  strncmp(value, "mqtt://", strlen("mqtt://")) == 0;

	*reason = broker_url_parse(value, &url);
	if (!*reason && !has_scheme) {
		*reason = "a broker is written mqtts://HOST:PORT, or mqtt://HOST:PORT without TLS";
	}
	return !*reason;
}

bool settings_check_pin(const char *value, const char **reason)
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

bool settings_check_duration(const char *value, const char **reason)
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

bool settings_check_colour(const char *value, const char **reason)
{
	static const char *const choices[] = {"auto", "always", "never", NULL};

	return wants(is_one_of(value, choices), "this is auto, always or never", reason);
}

bool settings_check_session(const char *value, const char **reason)
{
	static const char *const choices[] = {"auto", "signed", "plain", NULL};

	return wants(is_one_of(value, choices), "auto, signed or plain are possible", reason);
}

bool settings_check_retries(const char *value, const char **reason)
{
	return wants(is_integer(value) && strtol(value, NULL, 10) <= RETRIES_MAX,
		     "this is a whole number from 0 to 10", reason);
}

bool settings_check_integer(const char *value, const char **reason)
{
	return wants(is_integer(value), "this is a whole number, 0 or above", reason);
}

bool settings_check_control(const char *value, const char **reason)
{
	static const char *const choices[] = {"vendor", "observed", NULL};

	return wants(is_one_of(value, choices), "this is vendor or observed", reason);
}

bool settings_check_boolean(const char *value, const char **reason)
{
	static const char *const choices[] = {"true", "false", NULL};

	return wants(is_one_of(value, choices), "this is true or false", reason);
}

bool settings_check_group(const char *value, const char **reason)
{
	return wants(value[strspn(value, " ,")] != '\0',
		     "a group is printers, separated by commas, as -p takes them", reason);
}

bool settings_check_serials(const char *value, const char **reason)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789, ";

	return wants(value[strspn(value, allowed)] == '\0',
		     "this is serial numbers with commas between", reason);
}
