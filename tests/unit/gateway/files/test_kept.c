/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/files/files.h"
#include "lives.h"

#include <string.h>
#include <unistd.h>

/* What is kept by its hash alone, when there is no room for any of it: that which waits to be
 * printed stays, and the rest goes. */
#define NO_ROOM 1 /* bytes */

static const char *const gcodes[] = {"; one\nG28\n", "; two\nG28\n", "; three\nG28\n"};
#define FILES (sizeof(gcodes) / sizeof(*gcodes))

static struct scene {
	struct lives lives;
	struct files *files;
	char hashes[FILES][FILES_HASH_SIZE];
	bool is_needed[FILES];
	unsigned int done;
} scene;

static void on_done(void *context, enum files_result result, const struct files_entry *entry,
		    const struct problem *problem)
{
	(void)context;
	(void)entry;
	(void)problem;
	assert_int_equal(result, FILES_DONE);
	scene.done++;
}

static void on_closed(void *context)
{
	(void)context;
}

static const char *next_needed(void *context, const void **place)
{
	const bool *needed = *place ? (const bool *)*place + 1 : scene.is_needed;

	(void)context;
	while (needed < scene.is_needed + FILES && !*needed) {
		needed++;
	}
	*place = needed;
	return needed < scene.is_needed + FILES ? scene.hashes[needed - scene.is_needed] : NULL;
}

static void run(void)
{
	uv_run(&scene.lives.loop, UV_RUN_DEFAULT);
}

static void open_area(void)
{
	const struct files_options options = {.folder = scene.lives.folder,
					      .total_max = INT64_C(1) << 30,
					      .kept_max = NO_ROOM,
					      .log = &scene.lives.log};
	struct problem problem = {0};

	assert_int_equal(files_open(&scene.lives.loop, &options, &scene.files, &problem), 0);
}

static void close_area(void)
{
	files_close(scene.files, on_closed, NULL);
	run();
	files_destroy(scene.files);
}

static void upload(size_t index, const char *path)
{
	const struct files_upload_options options = {.size = -1, .done = on_done};
	struct files_upload *upload;
	struct problem problem = {0};

	assert_int_equal(files_upload_begin(scene.files, &options, &upload, &problem), FILES_DONE);
	assert_true(files_upload_write(upload, gcodes[index], strlen(gcodes[index])));
	files_upload_end(upload, path, true);
	run();
	strcpy(scene.hashes[index], files_find(scene.files, path)->hash);
	files_keep(scene.files, scene.hashes[index]);
	run();
}

static bool is_kept(size_t index)
{
	struct files_kept kept;

	return files_find_kept(scene.files, scene.hashes[index], &kept);
}

static int setup(void **state)
{
	(void)state;
	scene = (struct scene){0};
	lives_begin(&scene.lives);
	open_area();
	/* Each takes the place of the one before. */
	for (size_t i = 0; i < FILES; i++) {
		upload(i, "a.gcode");
	}
	files_delete(scene.files, "a.gcode", false, on_done, NULL);
	run();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close_area();
	lives_end(&scene.lives);
	return 0;
}

static void all_stays_until_it_is_known_what_waits(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		assert_true(is_kept(i));
	}
	close_area();
	open_area();
	for (size_t i = 0; i < FILES; i++) {
		assert_true(is_kept(i));
	}
}

static void what_waits_stays_and_the_rest_goes(void **state)
{
	(void)state;
	scene.is_needed[0] = scene.is_needed[2] = true;
	files_spare(scene.files, next_needed, NULL);
	run();
	assert_true(is_kept(0));
	assert_false(is_kept(1));
	assert_true(is_kept(2));
}

static void what_waits_no_more_goes_with_the_next_change(void **state)
{
	(void)state;
	scene.is_needed[0] = true;
	files_spare(scene.files, next_needed, NULL);
	run();
	scene.is_needed[0] = false;
	files_make_folder(scene.files, "more", on_done, NULL);
	run();
	assert_false(is_kept(0));
}

static void what_is_found_is_there(void)
{
	struct files_kept kept;

	for (size_t i = 0; i < FILES; i++) {
		assert_true(!files_find_kept(scene.files, scene.hashes[i], &kept) ||
			    access(kept.place, F_OK) == 0);
	}
}

static void what_goes_is_not_found_before_it_is_gone(void **state)
{
	(void)state;
	files_spare(scene.files, next_needed, NULL);
	scene.is_needed[2] = true; /* while a thread looks at what is there */
	while (uv_run(&scene.lives.loop, UV_RUN_ONCE) != 0) {
		what_is_found_is_there();
	}
	assert_false(is_kept(0));
	assert_false(is_kept(1));
	assert_true(is_kept(2));
}

/* It is asked for while the work waits for its turn, behind another change. */
static void what_began_to_wait_meanwhile_stays(void **state)
{
	(void)state;
	files_make_folder(scene.files, "more", on_done, NULL);
	files_spare(scene.files, next_needed, NULL);
	scene.is_needed[1] = true;
	run();
	assert_false(is_kept(0));
	assert_true(is_kept(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_stays_until_it_is_known_what_waits, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_waits_stays_and_the_rest_goes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_waits_no_more_goes_with_the_next_change, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_goes_is_not_found_before_it_is_gone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_began_to_wait_meanwhile_stays, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
