/* SPDX-License-Identifier: MIT */
#include "cli/kit/options_value.h"

#include "cli/output/print.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MS_PER_S 1000.0

static const struct {
	const char *suffix;
	double milliseconds;
} duration_units[] = {
	{"", OPTIONS_MS_PER_S},         {"ms", 1},
	{"s", OPTIONS_MS_PER_S},        {"m", 60 * OPTIONS_MS_PER_S},
	{"min", 60 * OPTIONS_MS_PER_S}, {"h", 3600 * OPTIONS_MS_PER_S},
};

/* The spellings of strtod that nobody means on a command line (hex, nan, leading space) are out. */
static bool options_read_decimal(const char *text, double *value, const char **rest)
{
	char *end;
	size_t length = strspn(text, "+-0123456789.");

	if (length == 0 || strspn(text, "+-.") == length || text[length] == 'x') {
		return false;
	}
	*value = strtod(text, &end);
	*rest = end;
	return end == text + length && isfinite(*value);
}

bool options_read_integer(const char *text, int64_t *value)
{
	char *end;
	long long number;

	if (text[strspn(text, "+-0123456789")] != '\0' || text[0] == '\0') {
		return false;
	}
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0' || end == text) {
		return false;
	}
	*value = number;
	return true;
}

bool options_read_duration(const char *text, int64_t *milliseconds)
{
	const double longest = 9e15; /* a double still counts single milliseconds */
	const char *suffix;
	double value;

	if (!options_read_decimal(text, &value, &suffix) || value < 0) {
		return false;
	}
	for (size_t i = 0; i < sizeof(duration_units) / sizeof(duration_units[0]); i++) {
		if (strcmp(suffix, duration_units[i].suffix) == 0) {
			double total = value * duration_units[i].milliseconds;

			if (total > longest) {
				return false;
			}
			*milliseconds = llround(total);
			return true;
		}
	}
	return false;
}

bool options_read_real(const char *text, double *value)
{
	const char *rest;

	return options_read_decimal(text, value, &rest) && *rest == '\0';
}

static bool options_within(const struct options_option *option, double value)
{
	return option->maximum <= option->minimum ||
	       (value >= (double)option->minimum && value <= (double)option->maximum);
}

static bool options_store_choice(const struct options_option *option, const char *text, int *out)
{
	for (int i = 0; option->choices[i] != NULL; i++) {
		if (strcmp(option->choices[i], text) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool options_store_item(const char *text, struct options_list *list)
{
	if (list->count == OPTIONS_LIST_MAX) {
		return false;
	}
	list->items[list->count++] = text;
	return true;
}

bool options_store(const struct options_option *option, const char *text, void *target)
{
	void *place = (char *)target + option->offset;
	int64_t integer;
	double real;

	switch (option->kind) {
	case OPTIONS_FLAG:
		*(bool *)place = true;
		return true;
	case OPTIONS_TEXT:
	case OPTIONS_FILE:
		*(const char **)place = text;
		return true;
	case OPTIONS_INTEGER:
	case OPTIONS_DURATION:
		if (!(option->kind == OPTIONS_INTEGER ? options_read_integer(text, &integer)
						      : options_read_duration(text, &integer)) ||
		    !options_within(option, (double)integer)) {
			return false;
		}
		*(int64_t *)place = integer;
		return true;
	case OPTIONS_REAL:
		if (!options_read_real(text, &real) || !options_within(option, real)) {
			return false;
		}
		*(double *)place = real;
		return true;
	case OPTIONS_CHOICE:
		return options_store_choice(option, text, place);
	case OPTIONS_LIST:
		return options_store_item(text, place);
	}
	return false;
}

void options_describe_value(const struct options_option *option, const char *separator, FILE *out)
{
	if (option->kind != OPTIONS_CHOICE) {
		fputs(option->value != NULL ? option->value : "", out);
		return;
	}
	for (int i = 0; option->choices[i] != NULL; i++) {
		print_to(out, "%s%s", i > 0 ? separator : "", option->choices[i]);
	}
}
