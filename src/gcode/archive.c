/* SPDX-License-Identifier: MIT */
#include "gcode/archive.h"

#include <flagship/error.h>

#include <string.h>
#include <strings.h>

/* Of a block that tells of a file (POSIX ustar). */
#define NAME_SIZE        100
#define SIZE_OFFSET      124
#define SIZE_LENGTH      12
#define CHECKSUM_OFFSET  148
#define CHECKSUM_LENGTH  8
#define TYPE_OFFSET      156
#define TAR_MAGIC_OFFSET 257
#define TAR_MAGIC        "ustar"
#define TAR_MAGIC_LENGTH 5
#define TYPE_FILE        '0'
#define TYPE_LONG_NAME   'L' /* of GNU, and so is that of links */
#define TYPE_LONG_LINK   'K'
#define TYPE_PAX         'x'
#define TYPE_PAX_OF_ALL  'g'
#define OCTAL_BITS       3

bool gcode_archive_is_tar(const struct gcode_archive *archive)
{
	return archive->state == GCODE_ARCHIVE_HEAD || archive->state == GCODE_ARCHIVE_FILE;
}

/* -1: it is none. Numbers end with a blank or a NUL, and may begin with blanks. */
static int64_t read_octal(const unsigned char *at, size_t length)
{
	int64_t value = 0;
	size_t i = 0;

	while (i < length && at[i] == ' ') {
		i++;
	}
	if (i == length || at[i] < '0' || at[i] > '7') {
		return -1;
	}
	for (; i < length && at[i] >= '0' && at[i] <= '7'; i++) {
		value = (int64_t)((uint64_t)value << OCTAL_BITS) | (at[i] - '0');
	}
	return value;
}

static bool has_checksum(const unsigned char *block)
{
	int64_t sum = 0;

	for (size_t i = 0; i < GCODE_ARCHIVE_BLOCK; i++) {
		bool is_sum = i >= CHECKSUM_OFFSET && i < CHECKSUM_OFFSET + CHECKSUM_LENGTH;

		sum += is_sum ? ' ' : block[i];
	}
	return read_octal(block + CHECKSUM_OFFSET, CHECKSUM_LENGTH) == sum;
}

static bool is_gcode_name(const char *name, size_t length)
{
	static const char *const endings[] = {".gcode", ".gco", ".g"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t ending = strlen(endings[i]);

		if (length > ending &&
		    strncasecmp(name + length - ending, endings[i], ending) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_gcode(const unsigned char *block, const struct gcode_archive_note *note)
{
	const char *name = note->has_name ? note->tail : (const char *)block;
	size_t length = note->has_name ? note->tail_length : strnlen(name, NAME_SIZE);

	return (block[TYPE_OFFSET] == TYPE_FILE || block[TYPE_OFFSET] == '\0') &&
	       is_gcode_name(name, length);
}

static int refuse_damaged(struct problem *problem)
{
	problem_set(problem, "the file is damaged: it cannot be unpacked (tar)");
	return FLAGSHIP_ERROR_ARGUMENT;
}

/* What is in it follows, and then the next block. */
static void enter_file(struct gcode_archive *archive, int64_t size)
{
	archive->left = (size + GCODE_ARCHIVE_BLOCK - 1) / GCODE_ARCHIVE_BLOCK *
			GCODE_ARCHIVE_BLOCK;
	archive->state = archive->left > 0 ? GCODE_ARCHIVE_FILE : GCODE_ARCHIVE_HEAD;
	archive->wanted = 0;
}

/* False where it tells of no file that follows. */
static bool take_note_head(struct gcode_archive *archive, int64_t size)
{
	switch (archive->block[TYPE_OFFSET]) {
	case TYPE_LONG_NAME:
		gcode_archive_note_begin(&archive->note, GCODE_ARCHIVE_NOTE_NAME);
		break;
	case TYPE_PAX:
		gcode_archive_note_begin(&archive->note, GCODE_ARCHIVE_NOTE_PAX);
		break;
	case TYPE_LONG_LINK:
	case TYPE_PAX_OF_ALL:
		enter_file(archive, size);
		return true;
	default:
		return false;
	}
	enter_file(archive, size);
	archive->wanted = size;
	return true;
}

static void take_file_head(struct gcode_archive *archive, int64_t size)
{
	enter_file(archive, size);
	if (!archive->found && is_gcode(archive->block, &archive->note)) {
		archive->found = true;
		archive->offset = archive->position;
		archive->size = size;
		archive->wanted = size;
	}
	archive->note = (struct gcode_archive_note){0};
}

static int take_head(struct gcode_archive *archive, struct problem *problem)
{
	const unsigned char *block = archive->block;
	int64_t size = read_octal(block + SIZE_OFFSET, SIZE_LENGTH);

	archive->filled = 0;
	if (block[0] == '\0') {
		return 0; /* the end, which is filled up with such blocks */
	}
	if (memcmp(block + TAR_MAGIC_OFFSET, TAR_MAGIC, TAR_MAGIC_LENGTH) != 0 || size < 0 ||
	    size > GCODE_UNPACK_MAX || !has_checksum(block)) {
		return refuse_damaged(problem);
	}
	if (take_note_head(archive, size)) {
		return archive->wanted > GCODE_ARCHIVE_NOTE_MAX ? refuse_damaged(problem) : 0;
	}
	if (archive->note.has_size) {
		size = archive->note.size;
	}
	if (size > GCODE_UNPACK_MAX) {
		return refuse_damaged(problem);
	}
	take_file_head(archive, size);
	return 0;
}

static int take_note(struct gcode_archive *archive, const unsigned char *data, size_t length,
		     struct problem *problem)
{
	if (!gcode_archive_note_take(&archive->note, data, length) ||
	    (archive->wanted == 0 && !gcode_archive_note_end(&archive->note))) {
		return refuse_damaged(problem);
	}
	return 0;
}

/* Once the first block is whole, or nothing more comes: whatever the pieces are that it came in. */
static int decide(struct gcode_archive *archive, gcode_unpack_sink *sink, void *context,
		  struct problem *problem)
{
	if (archive->filled == GCODE_ARCHIVE_BLOCK &&
	    memcmp(archive->block + TAR_MAGIC_OFFSET, TAR_MAGIC, TAR_MAGIC_LENGTH) == 0) {
		archive->state = GCODE_ARCHIVE_HEAD;
		return take_head(archive, problem);
	}
	size_t length = archive->filled;

	archive->state = GCODE_ARCHIVE_NONE;
	archive->filled = 0;
	return length > 0 ? sink(context, archive->block, length, problem) : 0;
}

static size_t fill_block(struct gcode_archive *archive, const unsigned char *data, size_t length)
{
	size_t room = GCODE_ARCHIVE_BLOCK - archive->filled;
	size_t some = length < room ? length : room;

	memcpy(archive->block + archive->filled, data, some);
	archive->filled += some;
	archive->position += (int64_t)some;
	return some;
}

/* Returns what of it belongs to the file that is under way. */
static size_t take_file(struct gcode_archive *archive, size_t length)
{
	size_t some = archive->left < (int64_t)length ? (size_t)archive->left : length;

	archive->position += (int64_t)some;
	archive->left -= (int64_t)some;
	if (archive->left == 0) {
		archive->state = GCODE_ARCHIVE_HEAD;
	}
	return some;
}

int gcode_archive_feed(struct gcode_archive *archive, const unsigned char *data, size_t length,
		       gcode_unpack_sink *sink, void *context, struct problem *problem)
{
	int error = 0;

	while (length > 0 && !error) {
		size_t some = length;

		if (archive->state == GCODE_ARCHIVE_NONE) {
			return sink(context, data, length, problem);
		}
		if (archive->state == GCODE_ARCHIVE_FILE) {
			some = take_file(archive, length);
			size_t passed = archive->wanted < (int64_t)some ? (size_t)archive->wanted
									: some;

			archive->wanted -= (int64_t)passed;
			error = passed == 0          ? 0
				: archive->note.kind ? take_note(archive, data, passed, problem)
						     : sink(context, data, passed, problem);
		} else {
			some = fill_block(archive, data, length);
			if (archive->state == GCODE_ARCHIVE_UNDECIDED &&
			    archive->filled == GCODE_ARCHIVE_BLOCK) {
				error = decide(archive, sink, context, problem);
			} else if (archive->state == GCODE_ARCHIVE_HEAD &&
				   archive->filled == GCODE_ARCHIVE_BLOCK) {
				error = take_head(archive, problem);
			}
		}
		data += some;
		length -= some;
	}
	return error;
}

int gcode_archive_end(struct gcode_archive *archive, gcode_unpack_sink *sink, void *context,
		      struct problem *problem)
{
	if (archive->state == GCODE_ARCHIVE_UNDECIDED) {
		return decide(archive, sink, context, problem);
	}
	if (archive->state == GCODE_ARCHIVE_NONE) {
		return 0;
	}
	if (!archive->found) {
		problem_set(problem, "there is no G-code in it: it is an .acode or another tar");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (archive->state == GCODE_ARCHIVE_FILE || archive->filled > 0) {
		problem_set(problem, "the file is cut off: its end is missing (tar)");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return 0;
}
