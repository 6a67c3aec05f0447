/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/timelapse/film_file.h"
#include "video/mp4.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Films on a disk that loses what it likes. */

#define SAMPLE_SIZE 128

/* Parameter sets of 64×48 and a slice, with start codes. */
static const uint8_t sequence[] = {0x67, 0x64, 0x10, 0x0a, 0xac, 0xb8, 0x8f, 0x60, 0x22, 0x00,
				   0x00, 0x03, 0x00, 0x02, 0x00, 0x00, 0x03, 0x00, 0x64, 0x08};
static const uint8_t picture[] = {0x68, 0xee, 0x0f, 0x2c, 0x8b};
static const uint8_t slice[] = {0, 0, 0, 1, 0x65, 0x88, 0x84, 0x21};

struct disk {
	char folder[32];
	char base[64];
	struct film_extent extent;
	uint8_t sample[SAMPLE_SIZE];
	size_t length;
};

static int open_disk(void **state)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	struct h264_parameters parameters = {.sequence_length = sizeof(sequence),
					     .picture_length = sizeof(picture)};
	const struct h264_unit unit = {
		.data = slice, .length = sizeof(slice), .key = true, .parameters = &parameters};

	assert_non_null(disk);
	strcpy(disk->folder, "/tmp/flagship-film-XXXXXX");
	assert_non_null(mkdtemp(disk->folder));
	snprintf(disk->base, sizeof(disk->base), "%s/1", disk->folder);
	memcpy(parameters.sequence, sequence, sizeof(sequence));
	memcpy(parameters.picture, picture, sizeof(picture));
	assert_int_equal(mp4_write_sample(&unit, disk->sample, SAMPLE_SIZE, &disk->length), 0);
	*state = disk;
	return 0;
}

static int close_disk(void **state)
{
	struct disk *disk = *state;

	assert_int_equal(film_remove(disk->base), 0);
	assert_int_equal(rmdir(disk->folder), 0);
	free(disk);
	return 0;
}

static void append(struct disk *disk, uint32_t count)
{
	while (count-- > 0) {
		assert_int_equal(film_append(disk->base, &disk->extent, disk->sample, disk->length),
				 0);
		disk->extent.frames++;
		disk->extent.bytes += (int64_t)disk->length;
	}
}

static void path_of(const struct disk *disk, const char *ending, char path[PATH_MAX])
{
	assert_true(film_path(disk->base, ending, path));
}

static off_t size_of(const struct disk *disk, const char *ending)
{
	char path[PATH_MAX];
	struct stat status;

	path_of(disk, ending, path);
	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

static void cut(const struct disk *disk, const char *ending, off_t bytes)
{
	char path[PATH_MAX];

	path_of(disk, ending, path);
	assert_int_equal(truncate(path, size_of(disk, ending) - bytes), 0);
}

static void overwrite(const struct disk *disk, off_t at, size_t length)
{
	char path[PATH_MAX];
	const uint8_t zeros[SAMPLE_SIZE] = {0};

	path_of(disk, ".mp4", path);
	int descriptor = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(descriptor >= 0);
	assert_int_equal(pwrite(descriptor, zeros, length, at), length);
	close(descriptor);
}

static void is_complete(const struct disk *disk, uint32_t frames)
{
	struct film_extent extent;

	/* Again gives the same. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(film_complete(disk->base, &extent), 0);
		assert_int_equal(extent.frames, frames);
		assert_int_equal(extent.bytes, frames * disk->length);
		assert_int_equal(extent.width, 64);
		assert_int_equal(extent.height, 48);
		assert_int_equal(size_of(disk, ".mp4"), MP4_FRONT_SIZE + extent.bytes);
	}
}

static void measures(const struct disk *disk, uint32_t frames)
{
	struct film_extent extent;

	assert_int_equal(film_measure(disk->base, &extent), 0);
	assert_int_equal(extent.frames, frames);
	assert_int_equal(extent.bytes, frames * disk->length);
}

static void what_was_appended_is_a_film(void **state)
{
	struct disk *disk = *state;
	uint8_t *unit;
	size_t length;

	append(disk, 3);
	measures(disk, 3);
	is_complete(disk, 3);
	assert_int_equal(film_read_last(disk->base, &unit, &length), 0);
	assert_int_equal(length, disk->length);
	assert_memory_equal(unit, "\0\0\0\1\x67", 5);
	free(unit);
}

static void a_film_begins_without_the_picture_of_another(void **state)
{
	struct disk *disk = *state;
	char path[PATH_MAX];

	path_of(disk, ".jpg", path);
	int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(descriptor >= 0);
	close(descriptor);
	append(disk, 1);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_picture_that_was_cut_off_is_written_anew(void **state)
{
	struct disk *disk = *state;

	append(disk, 3);
	cut(disk, ".mp4", 1);
	measures(disk, 2);
	assert_int_equal(film_measure(disk->base, &disk->extent), 0);
	append(disk, 1);
	measures(disk, 3);
	is_complete(disk, 3);
}

static void a_length_that_was_cut_off_is_none(void **state)
{
	struct disk *disk = *state;

	append(disk, 3);
	cut(disk, ".sizes", 1);
	measures(disk, 2);
	assert_int_equal(film_measure(disk->base, &disk->extent), 0);
	append(disk, 2);
	is_complete(disk, 4);
}

static void what_follows_zeros_is_dropped(void **state)
{
	struct disk *disk = *state;

	append(disk, 3);
	overwrite(disk, MP4_FRONT_SIZE + (off_t)disk->length, disk->length);
	measures(disk, 3);
	is_complete(disk, 1);
}

static void without_pictures_there_is_no_film(void **state)
{
	struct disk *disk = *state;
	struct film_extent extent;
	uint8_t *unit;
	size_t length;

	assert_int_equal(film_measure(disk->base, &extent), ENOENT);
	assert_int_equal(film_complete(disk->base, &extent), ENOENT);
	append(disk, 1);
	overwrite(disk, MP4_FRONT_SIZE, disk->length);
	assert_int_equal(film_complete(disk->base, &extent), ENODATA);
	cut(disk, ".sizes", 4);
	assert_int_equal(film_complete(disk->base, &extent), ENODATA);
	assert_int_equal(film_read_last(disk->base, &unit, &length), ENODATA);
	assert_null(unit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_appended_is_a_film, open_disk, close_disk),
		cmocka_unit_test_setup_teardown(a_film_begins_without_the_picture_of_another,
						open_disk, close_disk),
		cmocka_unit_test_setup_teardown(a_picture_that_was_cut_off_is_written_anew,
						open_disk, close_disk),
		cmocka_unit_test_setup_teardown(a_length_that_was_cut_off_is_none, open_disk,
						close_disk),
		cmocka_unit_test_setup_teardown(what_follows_zeros_is_dropped, open_disk,
						close_disk),
		cmocka_unit_test_setup_teardown(without_pictures_there_is_no_film, open_disk,
						close_disk),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("gateway_film_file", tests, NULL, NULL);
}
