/* SPDX-License-Identifier: MIT */
#include "cli/watch/exec_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 256
#define TEXT_SIZE 8192
#define SHORT_MS  50
#define FOREVER   "sleep 600"

/* A queue on a loop of its own in a folder of its own, and what it says on stderr. */
struct fixture {
	uv_loop_t loop;
	struct exec_queue queue;
	char folder[64];
	char command[512];
	char text[TEXT_SIZE];
	int real_stderr;
};

static const char *path(const struct fixture *fixture, const char *name)
{
	static char out[PATH_SIZE];

	snprintf(out, sizeof(out), "%s/%s", fixture->folder, name);
	return out;
}

/* The command finds its files in OUT and GATE. */
static void open_queue(struct fixture *fixture, const char *command)
{
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/flagship-exec-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	assert_int_equal(setenv("OUT", path(fixture, "out"), 1), 0);
	assert_int_equal(setenv("GATE", path(fixture, "gate"), 1), 0);
	assert_int_equal(mkfifo(path(fixture, "gate"), 0600), 0);
	snprintf(fixture->command, sizeof(fixture->command), "%s", command);
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	exec_queue_open(&fixture->queue, &fixture->loop, fixture->command);
	fixture->real_stderr = dup(STDERR_FILENO);
	assert_non_null(freopen(path(fixture, "stderr"), "w", stderr));
}

static void add(struct fixture *fixture, const char *event)
{
	const struct exec_variable variables[] = {{"FLAGSHIP_EVENT", event, false}};

	exec_queue_add(&fixture->queue, variables, 1);
}

static const char *read_text(struct fixture *fixture, const char *name)
{
	FILE *file = fopen(path(fixture, name), "r");
	size_t length = file ? fread(fixture->text, 1, TEXT_SIZE - 1, file) : 0;

	fixture->text[length] = '\0';
	if (file) {
		fclose(file);
	}
	return fixture->text;
}

static void run(struct fixture *fixture)
{
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	fflush(stderr);
	dup2(fixture->real_stderr, STDERR_FILENO);
	close(fixture->real_stderr);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
}

static void remove_all(struct fixture *fixture)
{
	static const char *const names[] = {"out", "gate", "stderr"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unlink(path(fixture, names[i]));
	}
	assert_int_equal(rmdir(fixture->folder), 0);
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text; text++) {
		count += *text == '\n';
	}
	return count;
}

/* While the first one is held back, a hundred wait; of more it is said once that they are not run.
 */
static void of_too_many_the_newest_are_left_out(void **state)
{
	struct fixture fixture;
	char event[16];

	(void)state;
	open_queue(&fixture, "[ \"$FLAGSHIP_EVENT\" != 0 ] || read _ <\"$GATE\"; "
			     "echo \"$FLAGSHIP_EVENT\" >>\"$OUT\"");
	/* Opened for both ways, so that nobody waits for the other end. */
	FILE *gate = fopen(path(&fixture, "gate"), "r+");
	assert_non_null(gate);
	for (int i = 0; i < 1 + EXEC_WAITING_MAX + 5; i++) {
		snprintf(event, sizeof(event), "%d", i);
		add(&fixture, event);
	}
	fputs("go\n", gate);
	fflush(gate);
	exec_queue_finish(&fixture.queue, false);
	run(&fixture);
	fclose(gate);
	assert_int_equal(count_lines(read_text(&fixture, "out")), 1 + EXEC_WAITING_MAX);
	assert_non_null(strstr(fixture.text, "0\n1\n2\n"));
	assert_non_null(strstr(fixture.text, "\n100\n"));
	assert_int_equal(count_lines(read_text(&fixture, "stderr")), 1);
	assert_non_null(strstr(fixture.text, "100 events wait for the command"));
	remove_all(&fixture);
}

static void what_takes_too_long_is_ended(void **state)
{
	struct fixture fixture;

	(void)state;
	open_queue(&fixture, "if [ \"$FLAGSHIP_EVENT\" = slow ]; then " FOREVER "; fi; "
			     "echo \"$FLAGSHIP_EVENT\" >>\"$OUT\"");
	assert_int_equal(fixture.queue.limit_ms, EXEC_LIMIT_MS);
	fixture.queue.limit_ms = SHORT_MS;
	add(&fixture, "slow");
	fixture.queue.limit_ms = EXEC_LIMIT_MS;
	add(&fixture, "next");
	exec_queue_finish(&fixture.queue, false);
	run(&fixture);
	assert_string_equal(read_text(&fixture, "out"), "next\n");
	remove_all(&fixture);
}

/* Also one that does not heed it. */
static void what_does_not_heed_it_is_killed(void **state)
{
	struct fixture fixture;

	(void)state;
	open_queue(&fixture, "trap '' TERM; while :; do sleep 600; done");
	assert_int_equal(fixture.queue.kill_after_ms, EXEC_KILL_AFTER_MS);
	fixture.queue.limit_ms = SHORT_MS;
	fixture.queue.kill_after_ms = SHORT_MS;
	add(&fixture, "slow");
	exec_queue_finish(&fixture.queue, false);
	run(&fixture);
	remove_all(&fixture);
}

static void stop_once_reported(uv_timer_t *timer)
{
	struct fixture *fixture = timer->data;

	fflush(stderr);
	if (strstr(read_text(fixture, "stderr"), "a command took longer than")) {
		exec_queue_finish(&fixture->queue, false);
		uv_close((uv_handle_t *)timer, NULL);
	}
}

/* Where the program goes on, that is said: without it this would not end. */
static void the_limit_is_reported(void **state)
{
	struct fixture fixture;
	uv_timer_t timer;

	(void)state;
	open_queue(&fixture, FOREVER);
	uv_timer_init(&fixture.loop, &timer);
	timer.data = &fixture;
	fixture.queue.limit_ms = SHORT_MS;
	add(&fixture, "slow");
	uv_timer_start(&timer, stop_once_reported, SHORT_MS, SHORT_MS);
	run(&fixture);
	remove_all(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_too_many_the_newest_are_left_out),
		cmocka_unit_test(what_takes_too_long_is_ended),
		cmocka_unit_test(what_does_not_heed_it_is_killed),
		cmocka_unit_test(the_limit_is_reported),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
