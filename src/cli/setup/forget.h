/* SPDX-License-Identifier: MIT */
#ifndef CLI_SETUP_FORGET_H
#define CLI_SETUP_FORGET_H

#include "cli/kit/options.h"

#include <stdbool.h>

/* `flagship logout -p NAME`: forgets one printer, in every account that has it; the accounts stay.
 * Asks first, unless `yes`, where its key would be lost, or where it comes again. Returns an exit
 * status. */
int forget_printer(const struct options_list *names, bool yes);

#endif
