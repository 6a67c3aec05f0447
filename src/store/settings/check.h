/* SPDX-License-Identifier: MIT */
#ifndef STORE_SETTINGS_CHECK_H
#define STORE_SETTINGS_CHECK_H

#include <stdbool.h>

/* What a setting takes (struct settings_key). false: *reason says what is wanted. */
bool settings_check_broker(const char *value, const char **reason);   /* mqtts://HOST:PORT */
bool settings_check_pin(const char *value, const char **reason);      /* 64 hex digits, colons */
bool settings_check_duration(const char *value, const char **reason); /* 10, 1.5, 500ms, 2m, 1h */
bool settings_check_colour(const char *value, const char **reason);   /* auto, always, never */
bool settings_check_session(const char *value, const char **reason);  /* auto, signed, plain */
bool settings_check_retries(const char *value, const char **reason);  /* 0 to 10 */
bool settings_check_integer(const char *value, const char **reason);  /* 0 and above */
bool settings_check_control(const char *value, const char **reason);  /* vendor, observed */
bool settings_check_boolean(const char *value, const char **reason);  /* true, false */
bool settings_check_serials(const char *value, const char **reason);  /* with commas between */
bool settings_check_group(const char *value, const char **reason);    /* one printer or more */

#endif
