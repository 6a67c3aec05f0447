/* SPDX-License-Identifier: MIT */
#ifndef CLI_LAN_FILE_H
#define CLI_LAN_FILE_H

#include "print/file.h"
#include "transport/lan/upload.h"

#include <stdbool.h>
#include <stdint.h>

#define SENT_REFUSAL_MAX (PRINT_FINDING_MAX + 64)

/* A file as one printer is to get it, and what speaks against it. */
struct sent_file {
	struct print_file *prepared;
	char name[LAN_UPLOAD_NAME_MAX]; /* on the printer */
	char refusal[SENT_REFUSAL_MAX]; /* why it is not sent; "": nothing */
};

/* name: NULL for that of the path. Returns OPTIONS_RUN, or the exit status of trouble that was
 * told. */
int sent_file_choose_name(struct sent_file *file, const char *path, const char *name);

/*
 * Reads and checks it; warnings are told, in the name of `label`. force: what would be refused is a
 * warning, too. Returns as above; sent_file_close is due either way.
 */
int sent_file_open(struct sent_file *file, const char *path, const struct printer_profile *profile,
		   const char *label, bool force);
/* In order, or from the front again. */
bool sent_file_read(struct sent_file *file, int64_t position, uint8_t *data, size_t length);
void sent_file_close(struct sent_file *file);

#endif
