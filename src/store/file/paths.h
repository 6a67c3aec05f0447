/* SPDX-License-Identifier: MIT */
#ifndef STORE_FILE_PATHS_H
#define STORE_FILE_PATHS_H

#include <limits.h>
#include <stdbool.h>

/*
 * Where things are kept (XDG Base Directory). An XDG variable that is empty or no absolute path
 * counts as unset. False where there is no home folder, or the path is too long.
 */
#define STORE_SETTINGS_VARIABLE "FLAGSHIP_CONFIG" /* an absolute path, in place of the default */
bool store_settings_path(char out[PATH_MAX]);     /* ~/.config/flagship/flagship.conf */
bool store_accounts_path(char out[PATH_MAX]);     /* ~/.local/state/flagship/accounts.json */
bool store_state_folder(char out[PATH_MAX]);      /* ~/.local/state/flagship */

/* The hidden file FOLDER/.NAMEending beside FOLDER/NAME. False where that is too long. */
bool file_place_beside(const char *path, const char *ending, char out[PATH_MAX]);

/* FOLDER/, "./" where path has none. */
void file_place_folder(const char *path, char out[PATH_MAX]);

#endif
