/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "gateway/timelapse/internal.h"
#include "video/mp4.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the start makes of what lies in the folder, and a disk that does not give what it has. */

#define SAMPLE_SIZE 32
#define MIB         (1 << 20)

struct lapses {
	uv_loop_t loop;
	struct log log;
	struct timelapse timelapse;
};

/* How many reads of films fail from now on. */
static int *failing_reads(void)
{
	static int count;

	return &count;
}

/* By either name, as files are 64 bits wide or not. */
ssize_t __real_pread(int file, void *bytes, size_t length, off_t at);
ssize_t __real_pread64(int file, void *bytes, size_t length, off_t at);
ssize_t __wrap_pread(int file, void *bytes, size_t length, off_t at);
ssize_t __wrap_pread64(int file, void *bytes, size_t length, off_t at);

static bool fails(off_t at)
{
	bool does = at >= MP4_FRONT_SIZE && *failing_reads() > 0;

	if (does) {
		--*failing_reads();
		errno = EIO;
	}
	return does;
}

ssize_t __wrap_pread(int file, void *bytes, size_t length, off_t at)
{
	return fails(at) ? -1 : __real_pread(file, bytes, length, at);
}

ssize_t __wrap_pread64(int file, void *bytes, size_t length, off_t at)
{
	return fails(at) ? -1 : __real_pread64(file, bytes, length, at);
}

static int open_lapses(void **state)
{
	struct lapses *lapses = calloc(1, sizeof(*lapses));

	assert_non_null(lapses);
	assert_int_equal(uv_loop_init(&lapses->loop), 0);
	struct timelapse *timelapse = &lapses->timelapse;
	timelapse->loop = &lapses->loop;
	timelapse->options.log = &lapses->log;
	log_init(&lapses->log, STDERR_FILENO, LOG_FORMAT_TEXT, &(struct log_levels){0});
	list_init(&timelapse->films);
	list_init(&timelapse->watches);
	list_init(&timelapse->settings.exceptions);
	strcpy(timelapse->folder, "/tmp/flagship-films-XXXXXX");
	assert_non_null(mkdtemp(timelapse->folder));
	*state = lapses;
	return 0;
}

static int close_lapses(void **state)
{
	struct lapses *lapses = *state;
	char base[PATH_MAX];

	films_forget(&lapses->timelapse);
	assert_int_equal(uv_loop_close(&lapses->loop), 0);
	for (int64_t id = 1; id < 4; id++) {
		assert_true(films_base(&lapses->timelapse, id, base));
		assert_int_equal(film_remove(base), 0);
	}
	assert_int_equal(rmdir(lapses->timelapse.folder), 0);
	free(lapses);
	return 0;
}

static void put(const struct lapses *lapses, int64_t id, const char *ending, const void *bytes,
		size_t length)
{
	char base[PATH_MAX];
	char path[PATH_MAX];

	assert_true(films_base(&lapses->timelapse, id, base) && film_path(base, ending, path));
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static bool is_there(const struct lapses *lapses, int64_t id, const char *ending)
{
	char base[PATH_MAX];
	char path[PATH_MAX];

	assert_true(films_base(&lapses->timelapse, id, base) && film_path(base, ending, path));
	return access(path, F_OK) == 0;
}

static void put_note_of(const struct lapses *lapses, int64_t id, bool is_done)
{
	struct lapse_film film = {.id = id,
				  .job = id,
				  .serial = "S",
				  .begun_ms = 1,
				  .ended_ms = clock_unix_ms(),
				  .outcome = HISTORY_FINISHED,
				  .is_done = is_done};
	char *text = film_note_write(&film);

	assert_non_null(text);
	put(lapses, id, ".json", text, strlen(text));
	cJSON_free(text);
}

/* With one sample of these bytes. */
static void put_film(const struct lapses *lapses, int64_t id, const uint8_t *sample, size_t length)
{
	struct film_extent extent = {0};
	char base[PATH_MAX];

	assert_true(films_base(&lapses->timelapse, id, base));
	put_note_of(lapses, id, true);
	assert_int_equal(film_append(base, &extent, sample, length), 0);
}

static void what_a_removal_left_goes_at_the_start(void **state)
{
	struct lapses *lapses = *state;
	const uint8_t sample[SAMPLE_SIZE] = {0};

	put_note_of(lapses, 1, true); /* broken off after the first file */
	put(lapses, 1, ".sizes", "\0\0\0\1", 4);
	put(lapses, 1, ".jpg", "", 0);
	put_note_of(lapses, 2, false); /* begun, and nothing more */
	put_note_of(lapses, 3, true);  /* its lengths are lost, its pictures are not */
	put_film(lapses, 3, sample, sizeof(sample));
	char path[PATH_MAX];
	char base[PATH_MAX];
	assert_true(films_base(&lapses->timelapse, 3, base) && film_path(base, ".sizes", path));
	assert_int_equal(unlink(path), 0);

	films_load(&lapses->timelapse);
	assert_true(list_is_empty(&lapses->timelapse.films));
	assert_int_equal(lapses->timelapse.last_id, 3);
	for (int64_t id = 1; id < 3; id++) {
		assert_false(is_there(lapses, id, ".json") || is_there(lapses, id, ".sizes") ||
			     is_there(lapses, id, ".jpg"));
	}
	assert_true(is_there(lapses, 3, ".json") && is_there(lapses, 3, ".mp4"));
}

static void all_files_of_films_count(void **state)
{
	struct lapses *lapses = *state;
	struct timelapse *timelapse = &lapses->timelapse;
	const uint8_t sample[SAMPLE_SIZE] = {0};
	char *poster = calloc(1, MIB);

	assert_non_null(poster);
	put_film(lapses, 1, sample, sizeof(sample));
	put_film(lapses, 2, sample, sizeof(sample));
	put(lapses, 2, ".jpg", poster, MIB - 2 * MP4_FRONT_SIZE);
	free(poster);
	films_load(timelapse);
	assert_non_null(films_of_id(timelapse, 2));
	timelapse->settings.keep_mib = 2;
	assert_null(films_next_to_go(timelapse));
	timelapse->settings.keep_mib = 1;
	assert_ptr_equal(films_next_to_go(timelapse), films_of_id(timelapse, 1));
}

static void a_disk_that_does_not_answer_ends_no_film(void **state)
{
	struct lapses *lapses = *state;
	struct timelapse *timelapse = &lapses->timelapse;
	const uint8_t zeros[SAMPLE_SIZE] = {0};

	put_film(lapses, 1, zeros, sizeof(zeros));
	put_note_of(lapses, 1, false);
	films_load(timelapse);
	struct lapse_film *film = films_of_id(timelapse, 1);
	assert_non_null(film);

	*failing_reads() = 1;
	films_end(timelapse, film);
	uv_run(&lapses->loop, UV_RUN_DEFAULT);
	assert_ptr_equal(films_of_id(timelapse, 1), film);
	assert_true(film->is_ending && film->is_in_trouble && !film->is_done);
	assert_int_equal(film->extent.frames, 1);
	assert_true(is_there(lapses, 1, ".mp4") && is_there(lapses, 1, ".sizes"));
	assert_int_equal(timelapse->full_until_ms, 0); /* others are filmed */

	/* Now it says what is there: no picture. */
	films_end(timelapse, film);
	uv_run(&lapses->loop, UV_RUN_DEFAULT);
	assert_null(films_of_id(timelapse, 1));
	assert_false(is_there(lapses, 1, ".json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_removal_left_goes_at_the_start, open_lapses,
						close_lapses),
		cmocka_unit_test_setup_teardown(all_files_of_films_count, open_lapses,
						close_lapses),
		cmocka_unit_test_setup_teardown(a_disk_that_does_not_answer_ends_no_film,
						open_lapses, close_lapses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("gateway_films", tests, NULL, NULL);
}
