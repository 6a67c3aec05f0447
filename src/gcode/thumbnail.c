/* SPDX-License-Identifier: MIT */
#include "gcode/internal.h"

#include "base/base64.h"

#include <flagship/error.h>

#include <string.h>

#define SIDE_MAX         16384.0
#define DIGITS_PER_GROUP 4
#define BYTES_PER_GROUP  3
#define PADDING_MAX      2

struct picture_name {
	const char *words;
	enum gcode_picture picture;
};

static const struct picture_name picture_names[] = {
	{"thumbnail begin", GCODE_PICTURE_PNG},
	{"thumbnail_PNG begin", GCODE_PICTURE_PNG},
	{"thumbnail_JPG begin", GCODE_PICTURE_JPG},
	{"thumbnail_QOI begin", GCODE_PICTURE_QOI},
};

static bool take_after(struct gcode_slice *slice, const char *between, double *number)
{
	while (slice->length > 0 && strchr(between, *slice->data)) {
		slice->data++;
		slice->length--;
	}
	return gcode_take_number(slice, number);
}

/* "256x256 12345": width, height and base64 characters. Old files of the vendor's: "256 256". */
static bool begin_thumbnail(struct gcode_reader *reader, struct gcode_slice text, int64_t line_end)
{
	struct gcode_thumbnail *thumbnail = &reader->thumbnail;
	double width;
	double height;
	double declared;

	for (size_t i = 0; i < sizeof(picture_names) / sizeof(picture_names[0]); i++) {
		size_t words = strlen(picture_names[i].words);
		struct gcode_slice rest = {text.data + words, text.length - words};

		if (!gcode_slice_begins(text, picture_names[i].words)) {
			continue;
		}
		if (!take_after(&rest, " :", &width) || !take_after(&rest, " xX", &height) ||
		    width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX) {
			return false;
		}
		reader->thumbnail_declared = take_after(&rest, " ", &declared) ? (int64_t)declared
									       : -1;
		*thumbnail = (struct gcode_thumbnail){.picture = picture_names[i].picture,
						      .width = (uint32_t)width,
						      .height = (uint32_t)height,
						      .offset = line_end};
		reader->thumbnail_digits = 0;
		reader->thumbnail_padding = 0;
		reader->in_thumbnail = true;
		return true;
	}
	return false;
}

/* One that is cut off, too long, or not as long as it says is none. */
static void keep_thumbnail(struct gcode_reader *reader)
{
	struct gcode_metadata *metadata = &reader->metadata;
	struct gcode_thumbnail *thumbnail = &reader->thumbnail;
	int64_t digits = reader->thumbnail_digits;

	thumbnail->length = reader->line_start - thumbnail->offset;
	thumbnail->size = digits / DIGITS_PER_GROUP * BYTES_PER_GROUP - reader->thumbnail_padding;
	if (digits == 0 || digits % DIGITS_PER_GROUP != 0 ||
	    reader->thumbnail_padding > PADDING_MAX ||
	    thumbnail->length > GCODE_THUMBNAIL_TEXT_MAX ||
	    (reader->thumbnail_declared >= 0 && reader->thumbnail_declared != digits) ||
	    metadata->thumbnail_count == GCODE_THUMBNAILS_MAX) {
		return;
	}
	metadata->thumbnails[metadata->thumbnail_count++] = *thumbnail;
}

bool gcode_receive_thumbnail(struct gcode_reader *reader, struct gcode_slice text, int64_t line_end)
{
	if (!reader->in_thumbnail) {
		return begin_thumbnail(reader, text, line_end);
	}
	if (gcode_slice_begins(text, "thumbnail")) {
		reader->in_thumbnail = false;
		keep_thumbnail(reader);
		return true;
	}
	for (size_t i = 0; i < text.length; i++) {
		reader->thumbnail_padding += text.data[i] == '=';
	}
	/* A line that was cut is none of base64: its number of characters is wrong then. */
	reader->thumbnail_digits += (int64_t)text.length;
	return true;
}

/* --- decoding --- */

static bool is_picture(enum gcode_picture picture, const uint8_t *data, size_t size)
{
	static const char png[] = "\x89PNG\r\n\x1a\n";
	static const char jpg[] = "\xff\xd8\xff";
	const char *magic = picture == GCODE_PICTURE_PNG ? png : jpg;
	size_t length = strlen(magic);

	return size >= length && memcmp(data, magic, length) == 0;
}

/* Leaves base64 alone: the semicolon with which each line begins is the only thing beside it. */
static size_t strip_lines(char *text, size_t length)
{
	size_t kept = 0;
	bool line_start = true;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (c != ';' || !line_start) {
			text[kept++] = c;
		}
		line_start = c == '\n' || c == '\r';
	}
	return kept;
}

int gcode_thumbnail_decode(const struct gcode_thumbnail *thumbnail, char *text, size_t length,
			   uint8_t *out, size_t capacity, size_t *size)
{
	*size = 0;
	if (thumbnail->picture == GCODE_PICTURE_QOI) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	int error = base64_decode(text, strip_lines(text, length), out, capacity, size);
	if (error) {
		return error;
	}
	return is_picture(thumbnail->picture, out, *size) ? 0 : FLAGSHIP_ERROR_ARGUMENT;
}

const char *gcode_picture_type(enum gcode_picture picture)
{
	switch (picture) {
	case GCODE_PICTURE_PNG:
		return "image/png";
	case GCODE_PICTURE_JPG:
		return "image/jpeg";
	default:
		return NULL;
	}
}
