/* SPDX-License-Identifier: MIT */
#ifndef GCODE_ARCHIVE_NOTE_H
#define GCODE_ARCHIVE_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What stands in a tar before a file, since its block has no room for it: a long name, as GNU tar
 * writes it, or records of POSIX (pax), of which the name and the size count. Of a name the end is
 * kept, which says what the file is. Of one size, whatever comes.
 */
#define GCODE_ARCHIVE_NOTE_MAX (INT64_C(1) << 20) /* bytes: nobody's names are longer */
#define GCODE_ARCHIVE_TAIL     8                  /* of a name */
#define GCODE_ARCHIVE_KEY      8

enum gcode_archive_note_kind {
	GCODE_ARCHIVE_NOTE_NONE,
	GCODE_ARCHIVE_NOTE_NAME,
	GCODE_ARCHIVE_NOTE_PAX,
};

/* Zeroed where nothing was noted. Private but for kind and what stands below. */
struct gcode_archive_note {
	enum gcode_archive_note_kind kind; /* of what is being read */
	enum {
		GCODE_ARCHIVE_RECORD_LENGTH,
		GCODE_ARCHIVE_RECORD_KEY,
		GCODE_ARCHIVE_RECORD_VALUE,
	} part;
	int64_t length; /* of the record, as it says */
	int64_t read;   /* of the record */
	char key[GCODE_ARCHIVE_KEY];
	size_t key_length; /* also of one that does not fit */
	bool is_empty;     /* the value, so far */
	bool name_ended;   /* by a NUL */

	bool has_name;
	size_t tail_length;
	char tail[GCODE_ARCHIVE_TAIL];
	bool has_size;
	int64_t size;
};

/* Another one begins, before the same file: what was noted so far stays. */
void gcode_archive_note_begin(struct gcode_archive_note *note, enum gcode_archive_note_kind kind);
/* False where it is damaged. */
bool gcode_archive_note_take(struct gcode_archive_note *note, const unsigned char *data,
			     size_t length) __attribute__((warn_unused_result));
/* It is whole. False where a record of it is cut off. */
bool gcode_archive_note_end(struct gcode_archive_note *note) __attribute__((warn_unused_result));

#endif
