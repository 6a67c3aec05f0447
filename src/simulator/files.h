/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_FILES_H
#define SIMULATOR_FILES_H

#include "simulator/model.h"

#include "protocol/json_writer.h"

#include <flagship/text.h>

#include <stdbool.h>
#include <stdint.h>

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
	int64_t size;
	int64_t unix_s; /* when it was written */
};

/* The files of a printer: those that come with its model, without the deleted ones. */
struct files {
	const struct simulator_model *model;
	uint32_t deleted; /* a bit a file */
};

void files_init(struct files *files, const struct simulator_model *model);

/* By path, or by name alone. NULL where there is none. */
const struct printable_file *files_find(const struct files *files, struct flagship_text path);

/* False where there is no such file. */
bool files_delete(struct files *files, struct flagship_text path);

/* Writes the array of the files of a place. */
void files_write(const struct files *files, enum files_place place, struct json_writer *writer);

#endif
