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

static bool is_gcode(const unsigned char *block)
{
	static const char *const endings[] = {".gcode", ".gco", ".g"};
	const char *name = (const char *)block;
	size_t length = strnlen(name, NAME_SIZE);

	if (block[TYPE_OFFSET] != TYPE_FILE && block[TYPE_OFFSET] != '\0') {
		return false;
	}
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t ending = strlen(endings[i]);

		if (length > ending &&
		    strncasecmp(name + length - ending, endings[i], ending) == 0) {
			return true;
		}
	}
	return false;
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
		problem_set(problem, "the file is damaged: it cannot be unpacked (tar)");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	archive->state = GCODE_ARCHIVE_FILE;
	archive->left = (size + GCODE_ARCHIVE_BLOCK - 1) / GCODE_ARCHIVE_BLOCK *
			GCODE_ARCHIVE_BLOCK;
	archive->wanted = 0;
	if (!archive->found && is_gcode(block)) {
		archive->found = true;
		archive->offset = archive->position;
		archive->size = size;
		archive->wanted = size;
	}
	if (archive->left == 0) {
		archive->state = GCODE_ARCHIVE_HEAD;
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
			error = passed > 0 ? sink(context, data, passed, problem) : 0;
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
