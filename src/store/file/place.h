/* SPDX-License-Identifier: MIT */
#ifndef STORE_FILE_PLACE_H
#define STORE_FILE_PLACE_H

#include <limits.h>
#include <stdbool.h>

/* The hidden file FOLDER/.NAMEending beside FOLDER/NAME. False where that is too long. */
bool file_place_beside(const char *path, const char *ending, char out[PATH_MAX]);

/* FOLDER/, "./" where path has none. */
void file_place_folder(const char *path, char out[PATH_MAX]);

#endif
