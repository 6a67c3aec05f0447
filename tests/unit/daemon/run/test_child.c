/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/run/child.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SEEN_MAX 1024

struct scene {
	uv_loop_t loop;
	struct child *child;
	char seen[SEEN_MAX];
	unsigned int deaths;
	unsigned int deaths_wanted;
	bool stop_at_line;
};

static void note(struct scene *scene, const char *word)
{
	size_t used = strlen(scene->seen);

	snprintf(scene->seen + used, sizeof(scene->seen) - used, "%s%s", used > 0 ? "|" : "", word);
}

static void on_line(void *context, const char *line)
{
	struct scene *scene = context;

	note(scene, line);
	if (scene->stop_at_line) {
		child_stop(scene->child);
	}
}

static void on_died(void *context, const char *reason, unsigned int restart_ms)
{
	struct scene *scene = context;

	assert_true(restart_ms > 0);
	note(scene, reason);
	if (++scene->deaths == scene->deaths_wanted) {
		assert_int_equal(child_pid(scene->child), 0);
		child_signal(scene->child, SIGTERM);
		child_stop(scene->child);
		child_stop(scene->child);
	}
}

static void on_stopped(void *context)
{
	note(context, "stopped");
}

static const struct child_handlers handlers = {
	.on_line = on_line, .on_died = on_died, .on_stopped = on_stopped};

static void play(struct scene *scene, char **arguments, char **environment, int descriptor)
{
	struct child_options options = {.arguments = arguments, .environment = environment};

	options.streams[descriptor].kind = CHILD_STREAM_LINES;
	options.kill_after_ms = 1;
	assert_int_equal(uv_loop_init(&scene->loop), 0);
	scene->child = child_start(&scene->loop, &options, &handlers, scene);
	assert_non_null(scene->child);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
}

static void test_lines_and_the_reason_are_reported(void **state)
{
	char *arguments[] = {"/bin/sh", "-c", "printf 'one\\n\\ntwo' >&2; exit 3", NULL};
	struct scene scene = {.deaths_wanted = 1};

	(void)state;
	play(&scene, arguments, NULL, STDERR_FILENO);
	assert_string_equal(scene.seen, "one|two|exit status 3|stopped");
}

static void test_its_stdin_may_lead_here_too(void **state)
{
	char *arguments[] = {"/bin/sh", "-c", "echo \"$GIVEN\" >&0", NULL};
	char *environment[] = {"GIVEN=word", NULL};
	struct scene scene = {.deaths_wanted = 1};

	(void)state;
	play(&scene, arguments, environment, STDIN_FILENO);
	assert_string_equal(scene.seen, "word|exit status 0|stopped");
}

static void test_a_signal_is_a_reason(void **state)
{
	char *arguments[] = {"/bin/sh", "-c", "kill -KILL $$", NULL};
	struct scene scene = {.deaths_wanted = 1};

	(void)state;
	play(&scene, arguments, NULL, STDERR_FILENO);
	assert_string_equal(scene.seen, "signal 9|stopped");
}

static void test_what_cannot_be_started_is_a_death(void **state)
{
	char *arguments[] = {"/nonexistent/program", NULL};
	struct scene scene = {.deaths_wanted = 1};

	(void)state;
	play(&scene, arguments, NULL, STDERR_FILENO);
	assert_string_equal(scene.seen, "no such file or directory|stopped");
}

/* However deaf. */
static void test_one_that_does_not_end_is_made_to(void **state)
{
	char *arguments[] = {"/bin/sh", "-c",
			     "trap '' TERM; echo up >&2; while :; do sleep 1; done", NULL};
	struct scene scene = {.stop_at_line = true};

	(void)state;
	play(&scene, arguments, NULL, STDERR_FILENO);
	assert_string_equal(scene.seen, "up|stopped");
	assert_int_equal(scene.deaths, 0);
}

static void test_a_long_line_is_cut(void **state)
{
	char *arguments[] = {"/bin/sh", "-c", "printf '%5000d\\nafter\\n' 7 >&2", NULL};
	struct scene scene = {.deaths_wanted = 1};

	(void)state;
	play(&scene, arguments, NULL, STDERR_FILENO);
	assert_null(strchr(scene.seen, '7'));
	assert_int_equal(strspn(scene.seen, " "), SEEN_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_and_the_reason_are_reported),
		cmocka_unit_test(test_its_stdin_may_lead_here_too),
		cmocka_unit_test(test_a_signal_is_a_reason),
		cmocka_unit_test(test_what_cannot_be_started_is_a_death),
		cmocka_unit_test(test_one_that_does_not_end_is_made_to),
		cmocka_unit_test(test_a_long_line_is_cut),
	};

	child_stop(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
