/* SPDX-License-Identifier: MIT */
#ifndef CLI_LAN_FILE_H
#define CLI_LAN_FILE_H

#include "transport/lan/upload.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What is sent to the printer: bytes with a length and an MD5, read piece by piece. What checks a
 * file against a printer, and adds header lines to it, stands between this and the disk.
 */
struct print_file {
	int descriptor;
	int64_t size;
	char md5[LAN_UPLOAD_MD5_SIZE];
	char name[LAN_UPLOAD_NAME_MAX]; /* on the printer */
};

/* name: NULL for that of the path. Returns OPTIONS_RUN, or the exit status of trouble that was
 * told; print_file_close is due either way. */
int print_file_open(struct print_file *file, const char *path, const char *name);
bool print_file_read(struct print_file *file, int64_t position, uint8_t *data, size_t length);
void print_file_close(struct print_file *file);

#endif
