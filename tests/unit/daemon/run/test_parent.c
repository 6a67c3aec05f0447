/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/run/parent.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_gone(void *context)
{
	++*(int *)context;
}

static void open_with(struct parent *parent, uv_loop_t *loop, const char *value, int *gone)
{
	if (value) {
		assert_int_equal(setenv(PARENT_VARIABLE, value, 1), 0);
	} else {
		assert_int_equal(unsetenv(PARENT_VARIABLE), 0);
	}
	assert_int_equal(uv_loop_init(loop), 0);
	parent_open(parent, loop, on_gone, gone);
	assert_null(getenv(PARENT_VARIABLE));
}

static void close_all(struct parent *parent, uv_loop_t *loop)
{
	parent_close(parent);
	parent_close(parent);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(loop), 0);
}

static void test_what_is_no_socket_counts_as_not_given(void **state)
{
	static const char *const values[] = {
		NULL, "", "-1", "x", "1x", " 1", "99999", "99999999999999999999", "2"};
	int file = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(file >= 0);
	dup2(file, STDIN_FILENO);
	close(file);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct parent parent;
		uv_loop_t loop;
		int gone = 0;

		open_with(&parent, &loop, i == 8 ? "0" : values[i], &gone);
		assert_false(parent.open);
		parent_report_ready(&parent);
		close_all(&parent, &loop);
		assert_int_equal(gone, 0);
	}
}

static void test_ready_is_written_and_the_end_is_seen_once(void **state)
{
	char text[16] = "";
	char value[16];
	struct parent parent;
	uv_loop_t loop;
	int sockets[2];
	int gone = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	snprintf(value, sizeof(value), "%d", sockets[0]);
	open_with(&parent, &loop, value, &gone);
	assert_true(parent.open);
	parent_report_ready(&parent);
	assert_int_equal(read(sockets[1], text, sizeof(text) - 1), 6);
	assert_string_equal(text, PARENT_READY "\n");

	/* What it says is nothing to act on; and nothing of this keeps a loop alive. */
	assert_int_equal(write(sockets[1], "word", 4), 4);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	uv_ref((uv_handle_t *)&parent.pipe);
	uv_run(&loop, UV_RUN_ONCE);
	uv_unref((uv_handle_t *)&parent.pipe);
	assert_int_equal(gone, 0);
	close(sockets[1]);
	uv_ref((uv_handle_t *)&parent.pipe);
	while (gone == 0) {
		uv_run(&loop, UV_RUN_ONCE);
	}
	assert_int_equal(gone, 1);
	parent_report_ready(&parent);
	close_all(&parent, &loop);
	assert_int_equal(gone, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_no_socket_counts_as_not_given),
		cmocka_unit_test(test_ready_is_written_and_the_end_is_seen_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
