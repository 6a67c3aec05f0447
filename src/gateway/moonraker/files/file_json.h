/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_MOONRAKER_FILES_FILE_JSON_H
#define GATEWAY_MOONRAKER_FILES_FILE_JSON_H

#include "base/json/writer.h"
#include "gateway/files/files.h"

/* Files of the area as Moonraker's clients know them. */
#define FILE_PICTURES      ".thumbs/" /* beside the file, for who reads it */
#define FILE_PICTURE_EXTRA 64         /* what is added to a path */

/* {"path":…,"root":"gcodes","modified":…,"size":…,"permissions":"rw"} */
void file_write_item(struct json_writer *writer, const struct files_entry *entry);
void file_write_place(struct json_writer *writer, const char *path);
/* The members of an object; the entry has metadata. */
void file_write_metadata(struct json_writer *writer, const struct files_entry *entry);
/* An array; whole: paths from the root on, else from the file's folder. */
void file_write_pictures(struct json_writer *writer, const struct files_entry *entry, bool whole);
/* As a member of a folder, by its name; extended: with what its comments say. */
void file_write_listed(struct json_writer *writer, const struct files_entry *entry, bool extended);

/* The file and the picture that such a path is of. False where it is none. */
bool file_find_picture(const struct files *files, const char *path, char out[FILES_PATH_SIZE],
		       size_t *index);

#endif
