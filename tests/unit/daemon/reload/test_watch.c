/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/reload/watch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
	uv_loop_t loop;
	struct watch *watch;
	uv_timer_t step;
	void (*next)(struct scene *scene);
	unsigned int changes;
	char folder[PATH_MAX / 4];
	char path[PATH_MAX / 2];
	char other[PATH_MAX / 2];
};

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void end(struct scene *scene)
{
	watch_stop(scene->watch);
	uv_close((uv_handle_t *)&scene->step, NULL);
}

static void on_changed(void *context)
{
	struct scene *scene = context;

	scene->changes++;
	scene->next(scene);
}

static void on_step(uv_timer_t *timer)
{
	struct scene *scene = timer->data;

	fail_msg("no change was seen after %u", scene->changes);
}

static void begin(struct scene *scene, void (*next)(struct scene *scene))
{
	const char *paths[2];

	snprintf(scene->folder, sizeof(scene->folder), "/tmp/watch-XXXXXX");
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->path, sizeof(scene->path), "%s/accounts.json", scene->folder);
	snprintf(scene->other, sizeof(scene->other), "%s/later/flagship.conf", scene->folder);
	uv_loop_init(&scene->loop);
	uv_timer_init(&scene->loop, &scene->step);
	scene->step.data = scene;
	/* Far more than the slow look takes. */
	uv_timer_start(&scene->step, on_step, 60000, 0);
	scene->changes = 0;
	scene->next = next;
	paths[0] = scene->path;
	paths[1] = scene->other;
	assert_int_equal(watch_start(&scene->loop, paths, 2, on_changed, scene, &scene->watch), 0);
}

static void finish(struct scene *scene)
{
	char command[PATH_MAX];

	uv_run(&scene->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
	snprintf(command, sizeof(command), "rm -r %s", scene->folder);
	assert_int_equal(system(command), 0);
}

static void replace_then_remove(struct scene *scene)
{
	char made[PATH_MAX];

	if (scene->changes == 1) {
		/* As files are kept: written beside, and renamed. */
		snprintf(made, sizeof(made), "%s.new", scene->path);
		write_file(made, "[1]");
		assert_int_equal(rename(made, scene->path), 0);
	} else if (scene->changes == 2) {
		assert_int_equal(unlink(scene->path), 0);
	} else {
		end(scene);
	}
}

static void made_replaced_and_removed(void **state)
{
	static struct scene scene;

	(void)state;
	begin(&scene, replace_then_remove);
	write_file(scene.path, "[]");
	finish(&scene);
	assert_int_equal(scene.changes, 3);
}

static void what_others_write_beside_is_no_change(void **state)
{
	static struct scene scene;
	char beside[PATH_MAX];

	(void)state;
	begin(&scene, end);
	snprintf(beside, sizeof(beside), "%s/notes", scene.folder);
	write_file(beside, "x");
	for (int i = 0; i < 5; i++) {
		write_file(scene.path, "[]");
	}
	finish(&scene);
	assert_int_equal(scene.changes, 1);
}

static void a_folder_that_comes_later_is_seen(void **state)
{
	static struct scene scene;
	char later[PATH_MAX];

	(void)state;
	begin(&scene, end);
	snprintf(later, sizeof(later), "%s/later", scene.folder);
	assert_int_equal(mkdir(later, 0700), 0);
	write_file(scene.other, "");
	finish(&scene);
	assert_int_equal(scene.changes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_replaced_and_removed),
		cmocka_unit_test(what_others_write_beside_is_no_change),
		cmocka_unit_test(a_folder_that_comes_later_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
