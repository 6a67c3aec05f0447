/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_MACHINE_FILES_H
#define SIMULATOR_MACHINE_FILES_H

#include "simulator/machine/model.h"

#include "base/json/writer.h"

#include <flagship/text.h>

#include <stdbool.h>
#include <stdint.h>

#define FILES_BOARD_FOLDER  "/usr/data/local/model/"
#define FILES_USB_FOLDER    "/tmp/udisk/udisk1/"
#define FILES_STAGED_FOLDER "/usr/data/local/tmpmodel/" /* the running job's copy */

/* Where a file lies: `value` of 1009. */
enum files_place {
	FILES_USB,
	FILES_ON_BOARD,
};

/* One printable file. */
struct printable_file {
	const char *name;
	const char *path; /* ends in the name */
	enum files_place place;
	int64_t unix_s; /* when it was written */
};

/* The files of a printer: those that come with its model, without the deleted ones. */
struct files {
	const struct simulator_model *model;
	uint32_t deleted; /* a bit a file */
};

void files_init(struct files *files, const struct simulator_model *model);

/* By its path. NULL where there is none. */
const struct printable_file *files_find(const struct files *files, struct flagship_text path);

/* The one that the model prints over and over; NULL where it was deleted. */
const struct printable_file *files_first(const struct files *files);

/* False where there is no such file. */
bool files_delete(struct files *files, struct flagship_text path);

/* Some files of a place: an array, as 1009 tells them. */
struct files_page {
	enum files_place place;
	size_t first; /* of this place, from 0 */
	size_t count; /* at most */
	bool texts;   /* times are texts */
};

void files_write(const struct files *files, const struct files_page *page,
		 struct json_writer *writer);

#endif
