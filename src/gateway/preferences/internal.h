/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PREFERENCES_INTERNAL_H
#define GATEWAY_PREFERENCES_INTERNAL_H

#include "gateway/preferences/preferences.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdbool.h>

/* --- members.c: which there are --- */

/* With blanks between. */
extern const char preferences_members[];
/* Whether each member is one of them and has a value that the page can show; null takes it away. */
bool preferences_fit(const cJSON *changes);

#endif
