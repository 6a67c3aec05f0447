/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_HELP_PRINTERS_H
#define CLI_TARGET_HELP_PRINTERS_H

#include <stdio.h>

/*
 * For completion scripts, a line for each printer that is stored here, separated by a tab:
 *	SERIAL	NAME
 * and one for each group of the settings, without a NAME. Names that would break a line are left
 * out. Returns an enum cli_exit.
 */
int help_print_printers(FILE *out);

#endif
