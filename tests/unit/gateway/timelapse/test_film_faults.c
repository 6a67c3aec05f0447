/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "gateway/timelapse/film_file.h"
#include "lives.h"
#include "video/mp4.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* A film whose disk fails at the first call, at the second, and so on: what is told as an error has
 * taken nothing of it, and it is made to its end afterwards. */

#define SAMPLE_SIZE 128
#define FRAMES      3
#define LIVES_MAX   500

static const uint8_t sequence[] = {0x67, 0x64, 0x10, 0x0a, 0xac, 0xb8, 0x8f, 0x60, 0x22, 0x00,
				   0x00, 0x03, 0x00, 0x02, 0x00, 0x00, 0x03, 0x00, 0x64, 0x08};
static const uint8_t picture[] = {0x68, 0xee, 0x0f, 0x2c, 0x8b};
static const uint8_t slice[] = {0, 0, 0, 1, 0x65, 0x88, 0x84, 0x21};

static struct lives lives;
static char base[sizeof(lives.folder) + 8];
static uint8_t sample[SAMPLE_SIZE];
static size_t sample_length;

/* --- calls that fail --- */

#define FAILING_CALL(type, name, parameters, arguments) \
	type __real_##name parameters;                  \
	type __wrap_##name parameters;                  \
	type __wrap_##name parameters                   \
	{                                               \
		if (failing_memory_due()) {             \
			errno = EIO;                    \
			return -1;                      \
		}                                       \
		return __real_##name arguments;         \
	}
/* Whichever the C library calls it. */
#define FAILING_CALLS(type, name, parameters, arguments) \
	FAILING_CALL(type, name, parameters, arguments)  \
	FAILING_CALL(type, name##64, parameters, arguments)

FAILING_CALL(int, fsync, (int file), (file))
FAILING_CALLS(int, ftruncate, (int file, off_t length), (file, length))
FAILING_CALLS(ssize_t, pread, (int file, void *bytes, size_t size, off_t at),
	      (file, bytes, size, at))
FAILING_CALLS(ssize_t, pwrite, (int file, const void *bytes, size_t size, off_t at),
	      (file, bytes, size, at))

/* --- lives --- */

static int append(void)
{
	struct film_extent extent = {0};
	int error = 0;

	for (uint32_t i = 0; !error && i < FRAMES; i++) {
		error = film_append(base, &extent, sample, sample_length);
		extent.frames += !error;
		extent.bytes += error ? 0 : (int64_t)sample_length;
	}
	bool fell = failing_memory_fell();
	struct film_extent measured;
	failing_memory_pause();
	assert_true(!error || (fell && error > 0));
	/* None yet where the first call failed. */
	int absent = film_measure(base, &measured);
	assert_true(absent == 0 || (extent.frames == 0 && absent == ENOENT));
	if (!absent) {
		assert_int_equal(measured.frames, extent.frames);
	}
	while (extent.frames < FRAMES) {
		assert_int_equal(film_append(base, &extent, sample, sample_length), 0);
		extent.frames++;
		extent.bytes += (int64_t)sample_length;
	}
	failing_memory_resume();
	return error;
}

/* Again until it can be done, which is at the second time. */
static int complete(void)
{
	struct film_extent extent;
	int error = film_complete(base, &extent);
	bool fell = failing_memory_fell();

	failing_memory_pause();
	assert_true(!error || (fell && error > 0));
	if (error) {
		assert_int_equal(film_complete(base, &extent), 0);
	}
	assert_int_equal(extent.frames, FRAMES);
	assert_int_equal(extent.bytes, FRAMES * sample_length);
	failing_memory_resume();
	return error;
}

static int read_last(void)
{
	uint8_t *unit = NULL;
	size_t length = 0;
	int error = film_read_last(base, &unit, &length);
	bool fell = failing_memory_fell();

	failing_memory_pause();
	assert_true(!error || (fell && error > 0));
	if (error) {
		assert_int_equal(film_read_last(base, &unit, &length), 0);
	}
	assert_true(length > sizeof(slice));
	assert_memory_equal(unit + length - sizeof(slice), slice, sizeof(slice));
	free(unit);
	failing_memory_resume();
	return error;
}

static bool live(void)
{
	int appended = append();
	int completed = complete();
	int read = read_last();

	failing_memory_pause();
	assert_int_equal(film_remove(base), 0);
	failing_memory_resume();
	return !appended && !completed && !read;
}

static void nothing_of_a_film_is_lost(void **state)
{
	(void)state;
	const struct lives_count count = lives_run(&lives, live, LIVES_MAX, false);

	assert_true(count.unnoticed < count.lived / 2);
}

int main(void)
{
	struct h264_parameters parameters = {.sequence_length = sizeof(sequence),
					     .picture_length = sizeof(picture)};
	const struct h264_unit unit = {
		.data = slice, .length = sizeof(slice), .key = true, .parameters = &parameters};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_a_film_is_lost),
	};

	memcpy(parameters.sequence, sequence, sizeof(sequence));
	memcpy(parameters.picture, picture, sizeof(picture));
	lives_begin(&lives);
	assert_int_equal(mp4_write_sample(&unit, sample, SAMPLE_SIZE, &sample_length), 0);
	snprintf(base, sizeof(base), "%s/1", lives.folder);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	lives_end(&lives);
	return failed;
}
