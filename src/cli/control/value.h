/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONTROL_VALUE_H
#define CLI_CONTROL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The arguments of commands to printers. Mistakes are reported on stderr as those of `what`. */

/* A decimal number between minimum and maximum. Returns OPTIONS_RUN or CLI_USAGE. */
int control_read_real(const char *what, const char *text, double minimum, double maximum,
		      double *value);

/* The same, rounded to whole numbers of a `scale`-th: 100 for hundredths. */
int control_read_scaled(const char *what, const char *text, double minimum, double maximum,
			double scale, int64_t *value);

/* The index in choices, which ends with NULL. Returns OPTIONS_RUN or CLI_USAGE. */
int control_read_choice(const char *what, const char *text, const char *const *choices,
			size_t *index);

/* The command needs arguments that are not there: `usage` says which. Returns CLI_USAGE. */
int control_lacks(const char *command, const char *usage);

#endif
