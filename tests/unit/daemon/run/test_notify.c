/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/run/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set(const char *name, const char *value)
{
	if (value) {
		setenv(name, value, 1);
	} else {
		unsetenv(name);
	}
}

static void nobody_wants_to_know(void **state)
{
	char long_path[sizeof(((struct sockaddr_un *)0)->sun_path) + 2];
	const char *const addresses[] = {NULL, "", "/", "@", "relative", "vsock:2:1", long_path};

	(void)state;
	memset(long_path, '/', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct notify notify;

		set("NOTIFY_SOCKET", addresses[i]);
		set("WATCHDOG_USEC", "1000000");
		set("WATCHDOG_PID", NULL);
		notify_open(&notify);
		assert_int_equal(notify.socket, -1);
		assert_int_equal(notify_watchdog_period_ms(&notify), 0);
		assert_false(notify_send(&notify, "READY=1"));
		assert_null(getenv("NOTIFY_SOCKET"));
		assert_null(getenv("WATCHDOG_USEC"));
		notify_close(&notify);
	}
}

static int listen_at(const char *path, size_t length)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(address.sun_path, path, length);
	assert_true(descriptor >= 0);
	assert_int_equal(bind(descriptor, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
			 0);
	return descriptor;
}

static void it_is_sent(void **state)
{
	char path[64];
	char name[64];
	char got[64];

	(void)state;
	snprintf(path, sizeof(path), "/tmp/flagship-notify-%d", (int)getpid());
	snprintf(name, sizeof(name), "@flagship-notify-%d", (int)getpid());
	for (int abstract = 0; abstract < 2; abstract++) {
		const char *address = abstract ? name : path;
		char bound[64];
		struct notify notify;

		memcpy(bound, address, sizeof(bound));
		bound[0] = abstract ? '\0' : '/';
		int descriptor = listen_at(bound, strlen(address));
		set("NOTIFY_SOCKET", address);
		notify_open(&notify);
		assert_true(notify_send(&notify, "READY=1\nSTATUS=well"));
		ssize_t length = recv(descriptor, got, sizeof(got), 0);
		assert_int_equal(length, strlen("READY=1\nSTATUS=well"));
		assert_memory_equal(got, "READY=1\nSTATUS=well", (size_t)length);
		close(descriptor);
		/* Nobody is there any more. */
		assert_false(notify_send(&notify, "WATCHDOG=1"));
		notify_close(&notify);
		assert_int_equal(notify.socket, -1);
	}
	unlink(path);
}

static void who_is_watched(void **state)
{
	char own[16];
	const struct {
		const char *time;
		const char *process;
		uint64_t period_ms;
	} cases[] = {
		{"30000000", NULL, 15000},
		{"30000000", own, 15000},
		{"30000000", "1", 0},
		{"30000000", "x", 0},
		{NULL, own, 0},
		{"", NULL, 0},
		{"-1", NULL, 0},
		{"1e6", NULL, 0},
		{"18446744073709551616", NULL, 0},
		{"999", NULL, 0},
		{"1000", NULL, 1},
		{" 30000000", NULL, 0},
	};

	(void)state;
	snprintf(own, sizeof(own), "%d", (int)getpid());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct notify notify;

		set("NOTIFY_SOCKET", "/nowhere");
		set("WATCHDOG_USEC", cases[i].time);
		set("WATCHDOG_PID", cases[i].process);
		notify_open(&notify);
		assert_int_equal(notify_watchdog_period_ms(&notify), cases[i].period_ms);
		notify_close(&notify);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_wants_to_know),
		cmocka_unit_test(it_is_sent),
		cmocka_unit_test(who_is_watched),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
