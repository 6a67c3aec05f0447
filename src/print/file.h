/* SPDX-License-Identifier: MIT */
#ifndef PRINT_FILE_H
#define PRINT_FILE_H

#include "base/problem.h"
#include "gcode/metadata.h"
#include "print/check.h"
#include "printer/profile.h"

#include <stddef.h>
#include <stdint.h>

/*
 * A G-code file as a printer is to get it: unpacked where it is a .gz or an .acode, with the
 * comments in front that the printer needs (gcode/header.h), and checked. Memory is the same for
 * all files. All of it waits for the disk: a server calls it on a thread.
 */
struct print_file;

#define PRINT_FILE_MD5_SIZE  33 /* hex digits, with the NUL */

#define PRINT_FILE_NAME_SIZE 256

/* What the file is called once it is as the printer gets it: the last part of its path, without
 * ".gz", and with ".gcode" for ".acode". Cut to what fits; returns its bytes without the NUL. */
size_t print_file_name(const char *path, char *out, size_t capacity);

/* The size on the wire is of 32 bits. */
#define PRINT_FILE_SIZE_MAX ((int64_t)UINT32_MAX)

/*
 * Reads all of it, twice. Errors, with problem: STORE (the disk), ARGUMENT (it is no
 * G-code, and what it is), TOO_LARGE, MEMORY. What the check finds is no error:
 * print_file_findings.
 */
int print_file_open(const char *path, const struct printer_profile *profile,
		    struct print_file **out, struct problem *problem)
	__attribute__((warn_unused_result));

const struct print_findings *print_file_findings(const struct print_file *file);
/* Of what the printer gets, in bytes. */
int64_t print_file_size(const struct print_file *file);
const char *print_file_md5(const struct print_file *file);

/*
 * The next bytes; *length is 0 at the end. Errors, with problem: STORE, also where the file is not
 * the one any more that was opened.
 */
int print_file_read(struct print_file *file, void *out, size_t capacity, size_t *length,
		    struct problem *problem) __attribute__((warn_unused_result));

/* From the front again. Errors: STORE. */
int print_file_rewind(struct print_file *file, struct problem *problem)
	__attribute__((warn_unused_result));

void print_file_close(struct print_file *file);

#endif
