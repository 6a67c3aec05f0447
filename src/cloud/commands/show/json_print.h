/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_SHOW_JSON_PRINT_H
#define CLOUD_COMMANDS_SHOW_JSON_PRINT_H

#include <cjson/cJSON.h>

/*
 * Prints one line in the style of docs/json.md: of members whose names end in _at, or are
 * first_seen or last_seen, the Unix seconds become RFC 3339, and null where they are 0; texts that
 * are empty become null. The text is wiped afterwards. The tree stays the caller's, changed.
 * Returns an enum cli_exit.
 */
int json_print(cJSON *root);

#endif
