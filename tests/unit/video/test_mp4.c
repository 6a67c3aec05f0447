/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "video/mp4.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_MAX   65536
#define OUT_MAX      (2 * SAMPLE_MAX)
#define DURATION     (MP4_TIMESCALE / 25)
#define HEADER_SIZE  8
#define SAMPLE_UNITS 10

/* A film is written as the gateway does: a head, then a fragment a picture. */
struct film {
	uint8_t out[OUT_MAX];
	size_t length;
	uint32_t pictures;
	char codec[MP4_CODEC_SIZE];
};

static void on_unit(void *context, const struct h264_unit *unit)
{
	struct film *film = context;
	size_t length;

	if (unit->new_parameters) {
		assert_int_equal(mp4_write_head(unit->parameters, film->out, OUT_MAX, &length), 0);
		film->length = length;
		mp4_codec(unit->parameters, film->codec);
	}
	const struct mp4_picture picture = {.sequence = film->pictures + 1,
					    .time = (uint64_t)film->pictures * DURATION,
					    .duration = DURATION,
					    .key = unit->key,
					    .data = unit->data,
					    .length = unit->length};
	assert_int_equal(mp4_write_fragment(&picture, film->out + film->length,
					    OUT_MAX - film->length, &length),
			 0);
	assert_true(length <= unit->length + MP4_FRAGMENT_OVERHEAD);
	film->length += length;
	film->pictures++;
}

static struct film *make_film(void)
{
	struct film *film = calloc(1, sizeof(*film));
	uint8_t data[SAMPLE_MAX];
	struct h264_reader reader;
	FILE *file = fopen(VIDEO_SAMPLE, "rb");

	assert_non_null(film);
	assert_non_null(file);
	size_t length = fread(data, 1, sizeof(data), file);
	fclose(file);
	h264_reader_init(&reader, on_unit, film);
	assert_int_equal(h264_reader_feed(&reader, data, length), 0);
	h264_reader_flush(&reader);
	h264_reader_finish(&reader);
	return film;
}

/* Each box ends where its parent does or another one begins. */
static void count_boxes(const uint8_t *data, size_t length, const char *type, size_t *count)
{
	size_t at = 0;

	while (at < length) {
		assert_true(length - at >= HEADER_SIZE);
		size_t size = bytes_read_u32be(data + at);
		assert_true(size >= HEADER_SIZE && size <= length - at);
		*count += memcmp(data + at + 4, type, 4) == 0;
		at += size;
	}
	assert_int_equal(at, length);
}

static void is_a_row_of_boxes(void **state)
{
	struct film *film = make_film();
	size_t fragments = 0;
	size_t data = 0;
	size_t heads = 0;

	(void)state;
	count_boxes(film->out, film->length, "moof", &fragments);
	count_boxes(film->out, film->length, "mdat", &data);
	count_boxes(film->out, film->length, "moov", &heads);
	assert_int_equal(fragments, SAMPLE_UNITS);
	assert_int_equal(data, SAMPLE_UNITS);
	assert_int_equal(heads, 1);
	assert_string_equal(film->codec, "avc1.42C00B");
	free(film);
}

/* As a decoder reads it: one frame a picture, at its time. */
static void is_read_by_others(void **state)
{
	struct film *film = make_film();
	char path[] = "/tmp/flagship-film-XXXXXX";
	char command[256];
	char line[64];
	int descriptor = mkstemp(path);
	unsigned int frames = 0;

	(void)state;
	FILE *file = fdopen(descriptor, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(film->out, 1, film->length, file), film->length);
	assert_int_equal(fclose(file), 0);
	free(film);
	snprintf(command, sizeof(command),
		 "ffprobe -v error -f mp4 -show_entries frame=pts -of csv=p=0 %s 2>&1", path);
	FILE *output = popen(command, "r");
	assert_non_null(output);
	while (fgets(line, sizeof(line), output)) {
		assert_int_equal(strtoul(line, NULL, 10), frames * DURATION);
		frames++;
	}
	assert_int_equal(pclose(output), 0);
	remove(path);
	assert_int_equal(frames, SAMPLE_UNITS);
}

static void writes_nothing_beyond_the_buffer(void **state)
{
	static const uint8_t slice[] = {0, 0, 1, 0x65, 0x88, 1, 2, 3};
	const struct mp4_picture picture = {
		.sequence = 1, .duration = 1, .key = true, .data = slice, .length = sizeof(slice)};
	uint8_t out[512];
	size_t length;

	(void)state;
	assert_int_equal(mp4_write_fragment(&picture, out, sizeof(out), &length), 0);
	for (size_t capacity = 0; capacity < length; capacity++) {
		uint8_t *small = malloc(capacity + 1);
		size_t written;

		assert_non_null(small);
		small[capacity] = 0xa5;
		assert_int_equal(mp4_write_fragment(&picture, small, capacity, &written),
				 FLAGSHIP_ERROR_BUFFER);
		assert_int_equal(small[capacity], 0xa5);
		free(small);
	}
}

/* Two start codes with nothing between them. */
static void leaves_out_what_is_empty(void **state)
{
	static const uint8_t slices[] = {0, 0, 1, 0x65, 0x88, 1, 0, 0, 1, 0, 0, 1, 0x65, 0x88, 2};
	static const uint8_t kept[] = {0, 0, 0, 3, 0x65, 0x88, 1, 0, 0, 0, 3, 0x65, 0x88, 2};
	const struct mp4_picture picture = {.sequence = 1,
					    .duration = 1,
					    .key = true,
					    .data = slices,
					    .length = sizeof(slices)};
	uint8_t out[512];
	size_t length;

	(void)state;
	assert_int_equal(mp4_write_fragment(&picture, out, sizeof(out), &length), 0);
	assert_memory_equal(out + length - sizeof(kept), kept, sizeof(kept));
	assert_memory_equal(out + length - sizeof(kept) - 4, "mdat", 4);
}

static void refuses_what_holds_no_picture(void **state)
{
	static const uint8_t delimiter[] = {0, 0, 1, 9, 16};
	const struct h264_parameters none = {.sequence_length = 0};
	struct mp4_picture picture = {.data = delimiter, .length = sizeof(delimiter)};
	uint8_t many[(MP4_NALS_MAX + 1) * 5];
	uint8_t out[OUT_MAX];
	size_t length;

	(void)state;
	assert_int_equal(mp4_write_head(&none, out, sizeof(out), &length), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(mp4_write_fragment(&picture, out, sizeof(out), &length),
			 FLAGSHIP_ERROR_ARGUMENT);
	for (size_t i = 0; i < sizeof(many); i += 5) {
		memcpy(many + i, "\0\0\1\x65\x88", 5);
	}
	picture.data = many;
	picture.length = sizeof(many);
	assert_int_equal(mp4_write_fragment(&picture, out, sizeof(out), &length),
			 FLAGSHIP_ERROR_ARGUMENT);
	picture.length -= 5;
	assert_int_equal(mp4_write_fragment(&picture, out, sizeof(out), &length), 0);
	assert_true(length <= picture.length + MP4_FRAGMENT_OVERHEAD);
}

/* --- a film of key pictures --- */

#define RATE     30
#define KEYS_MAX 16

struct lapse {
	uint8_t data[OUT_MAX];
	size_t length;
	uint32_t sizes[KEYS_MAX];
	uint32_t count;
	struct h264_parameters parameters;
};

static void on_key_unit(void *context, const struct h264_unit *unit)
{
	struct lapse *lapse = context;
	uint8_t *sample = lapse->data + lapse->length;
	struct h264_parameters read;
	size_t length;

	if (!unit->key) {
		return;
	}
	assert_int_equal(mp4_write_sample(unit, sample, OUT_MAX - lapse->length, &length), 0);
	assert_true(length <= unit->length + MP4_SAMPLE_OVERHEAD);
	assert_int_equal(mp4_read_sample(sample, length, &read), 0);
	assert_memory_equal(&read, unit->parameters, sizeof(read));
	if (lapse->count == 0) {
		lapse->parameters = read;
	}
	lapse->sizes[lapse->count++] = (uint32_t)length;
	lapse->length += length;
}

static void take_keys(struct lapse *lapse, const char *command)
{
	uint8_t data[SAMPLE_MAX];
	struct h264_reader reader;
	FILE *stream = popen(command, "r");

	assert_non_null(stream);
	size_t length = fread(data, 1, sizeof(data), stream);
	assert_int_equal(pclose(stream), 0);
	h264_reader_init(&reader, on_key_unit, lapse);
	assert_int_equal(h264_reader_feed(&reader, data, length), 0);
	h264_reader_flush(&reader);
	h264_reader_finish(&reader);
}

static void write_lapse(const struct lapse *lapse, bool changes, char path[])
{
	const struct mp4_film film = {.parameters = &lapse->parameters,
				      .changes = changes,
				      .rate = RATE,
				      .sizes = lapse->sizes,
				      .count = lapse->count};
	uint8_t *front = malloc(MP4_FRONT_SIZE);
	FILE *file = fdopen(mkstemp(path), "wb");

	assert_non_null(front);
	assert_non_null(file);
	assert_int_equal(mp4_write_front(&film, front), 0);
	assert_int_equal(fwrite(front, 1, MP4_FRONT_SIZE, file), MP4_FRONT_SIZE);
	assert_int_equal(fwrite(lapse->data, 1, lapse->length, file), lapse->length);
	assert_int_equal(fclose(file), 0);
	free(front);
}

/* What ffprobe says of each picture, decoded: its time and size. */
static void look_at_lapse(const char *path, char out[], size_t capacity)
{
	char command[256];
	size_t length = 0;

	snprintf(command, sizeof(command),
		 "ffprobe -v error -f mp4 -show_entries frame=pts,width,height,key_frame -of "
		 "csv=p=0 "
		 "%s 2>&1",
		 path);
	FILE *output = popen(command, "r");
	assert_non_null(output);
	length = fread(out, 1, capacity - 1, output);
	out[length] = '\0';
	assert_int_equal(pclose(output), 0);
}

#define MADE(size)                                                                         \
	"ffmpeg -v error -f lavfi -i testsrc=size=" size " -frames:v 2 -c:v libx264 -g 1 " \
	"-pix_fmt yuv420p -threads 1 -bsf:v filter_units=remove_types=6 -f h264 -"

static void key_pictures_are_a_film(void **state)
{
	struct lapse *lapse = calloc(1, sizeof(*lapse));
	char path[] = "/tmp/flagship-lapse-XXXXXX";
	char out[256];

	(void)state;
	assert_non_null(lapse);
	take_keys(lapse, MADE("64x48"));
	write_lapse(lapse, false, path);
	look_at_lapse(path, out, sizeof(out));
	assert_string_equal(out, "1,0,64,48\n1,3000,64,48\n");
	remove(path);
	free(lapse);
}

static void pictures_of_other_sizes_follow(void **state)
{
	struct lapse *lapse = calloc(1, sizeof(*lapse));
	char path[] = "/tmp/flagship-lapse-XXXXXX";
	char out[256];

	(void)state;
	assert_non_null(lapse);
	take_keys(lapse, MADE("64x48"));
	take_keys(lapse, MADE("128x96"));
	write_lapse(lapse, true, path);
	look_at_lapse(path, out, sizeof(out));
	assert_string_equal(out, "1,0,64,48\n1,3000,64,48\n1,6000,128,96\n1,9000,128,96\n");
	remove(path);
	free(lapse);
}

static void the_longest_film_has_a_front(void **state)
{
	struct lapse *lapse = calloc(1, sizeof(*lapse));
	uint32_t *sizes = malloc((MP4_SAMPLES_MAX + 1) * sizeof(*sizes));
	uint8_t *front = malloc(MP4_FRONT_SIZE);
	size_t count = 0;

	(void)state;
	assert_non_null(lapse);
	assert_non_null(sizes);
	assert_non_null(front);
	for (size_t i = 0; i < MP4_SAMPLES_MAX; i++) {
		sizes[i] = UINT32_C(1) << 20;
	}
	take_keys(lapse, MADE("64x48"));
	lapse->parameters.sequence_length = H264_PARAMETERS_MAX;
	lapse->parameters.picture_length = H264_PARAMETERS_MAX;
	struct mp4_film film = {.parameters = &lapse->parameters,
				.rate = RATE,
				.sizes = sizes,
				.count = MP4_SAMPLES_MAX};
	assert_int_equal(mp4_write_front(&film, front), 0);
	count_boxes(front, MP4_FRONT_SIZE - 16, "moov", &count);
	assert_int_equal(count, 1);
	assert_memory_equal(front + MP4_FRONT_SIZE - 16, "\0\0\0\1mdat\0\0\0\4\xe2\0\0\x10", 16);
	film.count++;
	assert_int_equal(mp4_write_front(&film, front), FLAGSHIP_ERROR_ARGUMENT);
	film.count = 0;
	assert_int_equal(mp4_write_front(&film, front), FLAGSHIP_ERROR_ARGUMENT);
	free(front);
	free(sizes);
	free(lapse);
}

static void a_damaged_sample_is_none(void **state)
{
	struct lapse *lapse = calloc(1, sizeof(*lapse));
	struct h264_parameters parameters;

	(void)state;
	assert_non_null(lapse);
	take_keys(lapse, MADE("64x48"));
	size_t length = lapse->sizes[0];
	for (size_t shorter = 0; shorter < length; shorter++) {
		assert_int_equal(mp4_read_sample(lapse->data, shorter, &parameters),
				 FLAGSHIP_ERROR_ARGUMENT);
	}
	lapse->data[0] = 1;
	assert_int_equal(mp4_read_sample(lapse->data, length, &parameters),
			 FLAGSHIP_ERROR_ARGUMENT);
	lapse->data[0] = 0;
	mp4_unpack_sample(lapse->data, length);
	assert_memory_equal(lapse->data, "\0\0\0\1\x67", 5);
	free(lapse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_a_row_of_boxes),
		cmocka_unit_test(is_read_by_others),
		cmocka_unit_test(writes_nothing_beyond_the_buffer),
		cmocka_unit_test(leaves_out_what_is_empty),
		cmocka_unit_test(refuses_what_holds_no_picture),
		cmocka_unit_test(key_pictures_are_a_film),
		cmocka_unit_test(pictures_of_other_sizes_follow),
		cmocka_unit_test(the_longest_film_has_a_front),
		cmocka_unit_test(a_damaged_sample_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("video_mp4", tests, NULL, NULL);
}
