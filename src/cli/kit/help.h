/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_HELP_H
#define CLI_KIT_HELP_H

#include <stdio.h>

/* All commands by section: `flagship --help`. */
void help_print(FILE *out);

#endif
