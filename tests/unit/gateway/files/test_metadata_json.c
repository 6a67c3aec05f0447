/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/files/metadata_json.h"

#include <math.h>
#include <string.h>

/* What is noted of a file is read as it was written, or is none of ours. */
#define NOTE_MAX   16384
#define NOTE_DEPTH 8

static void fill(struct gcode_metadata *metadata)
{
	memset(metadata, 0, sizeof(*metadata));
	strcpy(metadata->slicer, "PrusaSlicer");
	metadata->estimated_time_s = 60.5;
	metadata->layer_count = (double)NAN;
	metadata->compressed = true;
	metadata->size = 1000;
	metadata->gcode_end = 900;
	metadata->thumbnail_count = 1;
	metadata->thumbnails[0] = (struct gcode_thumbnail){.picture = GCODE_PICTURE_JPG,
							   .width = 300,
							   .height = 200,
							   .offset = 10,
							   .length = 20,
							   .size = 15};
}

static void write_note(const struct gcode_metadata *metadata, char note[NOTE_MAX])
{
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, note, NOTE_MAX - 1);
	files_write_metadata(&writer, metadata);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	note[length] = '\0';
}

static bool read_note(const char *note, struct gcode_metadata *metadata)
{
	struct json_value value;

	assert_int_equal(json_read_document(note, strlen(note), NOTE_DEPTH, &value), 0);
	assert_int_equal(value.kind, JSON_OBJECT);
	return files_read_metadata(value.json, metadata);
}

/* The note with other words in place of some, which stand there once. */
static void replace(const char *note, const char *words, const char *by, char out[NOTE_MAX])
{
	const char *at = strstr(note, words);

	assert_non_null(at);
	assert_null(strstr(at + 1, words));
	memcpy(out, note, (size_t)(at - note));
	strcpy(out + (at - note), by);
	strcat(out, at + strlen(words));
}

static void is_read_as_it_was_written(void **state)
{
	struct gcode_metadata metadata;
	struct gcode_metadata again;
	char note[NOTE_MAX];
	char other[NOTE_MAX];

	(void)state;
	fill(&metadata);
	write_note(&metadata, note);
	assert_true(read_note(note, &again));
	assert_string_equal(again.slicer, "PrusaSlicer");
	assert_string_equal(again.machine, "");
	assert_true(again.estimated_time_s > 60 && again.estimated_time_s < 61);
	assert_true(isnan(again.layer_count));
	assert_true(again.compressed);
	assert_int_equal(again.gcode_end, 900);
	assert_int_equal(again.thumbnail_count, 1);
	assert_int_equal(again.thumbnails[0].picture, GCODE_PICTURE_JPG);
	assert_int_equal(again.thumbnails[0].width, 300);
	assert_int_equal(again.thumbnails[0].height, 200);
	assert_int_equal(again.thumbnails[0].size, 15);
	/* What a newer one notes besides is passed over. */
	replace(note, "\"width\":300", "\"width\":300,\"depth\":[8]", other);
	assert_true(read_note(other, &again));
	replace(note, "\"compressed\":true", "\"compressed\":false,\"new\":{}", other);
	assert_true(read_note(other, &again));
	assert_false(again.compressed);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct {
		const char *words;
		const char *by;
	} cases[] = {
		{"\"slicer\":\"PrusaSlicer\"", "\"slicer\":1"},
		{"\"slicer\":\"PrusaSlicer\"", "\"other\":1"},
		{"\"estimated_time_s\":60.5", "\"estimated_time_s\":\"sixty\""},
		{"\"compressed\":true", "\"compressed\":1"},
		{"\"gcode_end\":900", "\"gcode_end\":[900]"},
		{"\"gcode_end\":900", "\"gcode_end\":null"},
		{"\"picture\":\"jpg\"", "\"picture\":\"gif\""},
		{"\"picture\":\"jpg\"", "\"picture\":0"},
		{"\"width\":300", "\"width\":-1"},
		{"\"width\":300", "\"width\":4294967296"},
		{"\"height\":200", "\"height\":{}"},
		{"\"offset\":10", "\"offset\":-10"},
		{"\"length\":20", "\"length\":-20"},
		{"\"length\":20", "\"length\":99999999999"},
		{"\"size\":15", "\"size\":-15"},
		{"\"size\":15", "\"size\":99999999999"},
		{"\"thumbnails\":[{", "\"thumbnails\":[1,{"},
		{"\"thumbnails\":[{", "\"thumbnails\":{},\"others\":[{"},
	};
	struct gcode_metadata metadata;
	struct gcode_metadata again;
	char note[NOTE_MAX];
	char other[NOTE_MAX];

	(void)state;
	fill(&metadata);
	write_note(&metadata, note);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		replace(note, cases[i].words, cases[i].by, other);
		assert_false(read_note(other, &again));
	}
	assert_false(read_note("{}", &again));
}

static void more_thumbnails_than_are_kept_are_refused(void **state)
{
	struct gcode_metadata metadata;
	struct gcode_metadata again;
	char note[NOTE_MAX];
	char other[NOTE_MAX];

	(void)state;
	fill(&metadata);
	for (size_t i = 0; i < GCODE_THUMBNAILS_MAX; i++) {
		metadata.thumbnails[i] = metadata.thumbnails[0];
	}
	metadata.thumbnail_count = GCODE_THUMBNAILS_MAX;
	write_note(&metadata, note);
	assert_true(read_note(note, &again));
	assert_int_equal(again.thumbnail_count, GCODE_THUMBNAILS_MAX);
	replace(note, "\"thumbnails\":[", "\"thumbnails\":[{},", other);
	assert_false(read_note(other, &again));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_read_as_it_was_written),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(more_thumbnails_than_are_kept_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
