/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_OPTIONS_VALUE_H
#define CLI_KIT_OPTIONS_VALUE_H

#include "cli/kit/options.h"

/* For options.c and options_help.c only. */

/* A decimal number, nothing before or after it. */
bool options_read_real(const char *text, double *value);

/* Puts the value into the option's place. False where the text is none of its values. */
bool options_store(const struct options_option *option, const char *text, void *target);

/* "FILE", or the choices with the separator between. */
void options_describe_value(const struct options_option *option, const char *separator, FILE *out);

/* -h and --help, which every command has. */
extern const struct options_option options_help_option;

#endif
