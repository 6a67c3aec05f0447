/* SPDX-License-Identifier: MIT */
#include "gateway/files/metadata_json.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* What is noted of an uploaded file: whatever stands there becomes metadata that is in bounds, and
 * is written and read as the same, or is refused. */

#define NOTE_MAX   16384
#define NOTE_DEPTH 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_bounds(const struct gcode_metadata *metadata)
{
	assert(metadata->thumbnail_count <= GCODE_THUMBNAILS_MAX);
	assert(memchr(metadata->slicer, '\0', sizeof(metadata->slicer)));
	assert(memchr(metadata->filament_name, '\0', sizeof(metadata->filament_name)));
	for (size_t i = 0; i < metadata->thumbnail_count; i++) {
		const struct gcode_thumbnail *thumbnail = &metadata->thumbnails[i];

		assert(thumbnail->offset >= 0 && thumbnail->size >= 0);
		assert(thumbnail->length >= 0 && thumbnail->length <= GCODE_THUMBNAIL_TEXT_MAX);
		(void)gcode_picture_type(thumbnail->picture);
	}
}

static size_t write_note(const struct gcode_metadata *metadata, char out[NOTE_MAX])
{
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, NOTE_MAX);
	files_write_metadata(&writer, metadata);
	return json_writer_finish(&writer, &length) ? 0 : length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gcode_metadata metadata;
	struct gcode_metadata again;
	char first[NOTE_MAX];
	char second[NOTE_MAX];
	struct json_value value;

	if (json_read_document((const char *)data, size, NOTE_DEPTH, &value) ||
	    value.kind != JSON_OBJECT || !files_read_metadata(value.json, &metadata)) {
		return 0;
	}
	check_bounds(&metadata);
	size_t length = write_note(&metadata, first);
	assert(length > 0);
	bool read = files_read_metadata(
		(struct flagship_json){.data = first, .length = (uint32_t)length}, &again);
	assert(read);
	size_t length_again = write_note(&again, second);
	assert(length_again == length && memcmp(first, second, length) == 0);
	return 0;
}
