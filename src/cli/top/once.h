/* SPDX-License-Identifier: MIT */
#ifndef CLI_TOP_ONCE_H
#define CLI_TOP_ONCE_H

#include "cli/top/model.h"

#include <stdbool.h>

/* `flagship top --once`: the rows as plain text, or the state of each printer as one line of JSON,
 * on stdout. */
void top_once_print(const struct top_model *model, const struct printer_moment *now);
void top_once_print_json(const struct top_model *model, const struct printer_moment *now);

#endif
