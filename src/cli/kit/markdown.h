/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_MARKDOWN_H
#define CLI_KIT_MARKDOWN_H

#include "cli/kit/cli.h"

#include <stdio.h>

/* docs/cli.md is made of these: one section for a command, from the tables that `--help` goes by.
 * Options that many commands share are only named there. */
void markdown_print_command(const struct cli_command *command, FILE *out);

/* Those options of the commands, each group once. */
void markdown_print_shared(const struct cli_command *const *commands, size_t count, FILE *out);

/* Text in which nothing is taken for markup. */
void markdown_print_text(const char *text, FILE *out);

#endif
