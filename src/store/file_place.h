/* SPDX-License-Identifier: MIT */
#ifndef STORE_FILE_PLACE_H
#define STORE_FILE_PLACE_H

#include <limits.h>
#include <stdbool.h>

/* The hidden file FOLDER/.NAMEending beside FOLDER/NAME. False where that is too long. */
bool file_place_beside(const char *path, const char *ending, char out[PATH_MAX]);

/* FOLDER/, "./" where path has none. */
void file_place_folder(const char *path, char out[PATH_MAX]);

/* Where root writes into somebody's folder, gives the file to that one: `sudo flagship` must not
 * lock people out. 0 or an errno. */
int file_place_give(int descriptor, const char *path);

#endif
