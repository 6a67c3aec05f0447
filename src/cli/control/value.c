/* SPDX-License-Identifier: MIT */
#include "cli/control/value.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/suggest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES_TEXT_MAX 128

int control_read_real(const char *what, const char *text, double minimum, double maximum,
		      double *value)
{
	char *end = NULL;

	/* Of the spellings of strtod the decimal ones alone. */
	if (text[0] != '\0' && text[strspn(text, "+-0123456789.")] == '\0') {
		*value = strtod(text, &end);
	}
	if (!end || end == text || *end != '\0') {
		cli_error("%s takes a number, not '%s'", what, text);
		return CLI_USAGE;
	}
	if (*value < minimum || *value > maximum) {
		cli_error("%s takes %g to %g, not %s", what, minimum, maximum, text);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

int control_read_scaled(const char *what, const char *text, double minimum, double maximum,
			double scale, int64_t *value)
{
	double real;
	int result = control_read_real(what, text, minimum, maximum, &real);

	if (result == OPTIONS_RUN) {
		*value = llround(real * scale);
	}
	return result;
}

int control_read_choice(const char *what, const char *text, const char *const *choices,
			size_t *index)
{
	char list[CHOICES_TEXT_MAX] = "";
	size_t used = 0;

	for (size_t i = 0; choices[i]; i++) {
		if (strcmp(text, choices[i]) == 0) {
			*index = i;
			return OPTIONS_RUN;
		}
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
					 i > 0 ? ", " : "", choices[i]);
	}
	const char *nearest = suggest_of(text, choices);

	cli_error("%s takes one of %s, not '%s'%s%s%s", what, list, text,
		  nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
	return CLI_USAGE;
}

int control_lacks(const char *command, const char *usage)
{
	cli_error("%s needs %s; see flagship %s --help", command, usage, command);
	return CLI_USAGE;
}
