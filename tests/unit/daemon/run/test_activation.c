/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/run/activation.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN 42

static void what_is_given_is_read(void **state)
{
	static const struct {
		const char *process;
		const char *count;
		const char *names;
		size_t wanted;
		const char *last; /* name */
	} cases[] = {
		{"42", "1", NULL, 1, "unknown"},   {"42", "2", "api:broker", 2, "broker"},
		{"42", "2", "api", 2, "unknown"},  {"42", "1", "api:broker", 1, "api"},
		{"42", "3", "a::c", 3, "c"},       {"42", "2", ":", 2, "unknown"},
		{"42", "16", NULL, 16, "unknown"}, {"42", "17", NULL, 0, NULL},
		{"42", "0", NULL, 0, NULL},        {"42", "-1", NULL, 0, NULL},
		{"42", "1x", NULL, 0, NULL},       {"42", "", NULL, 0, NULL},
		{"42", NULL, "api", 0, NULL},      {"42", "99999999999999999999", NULL, 0, NULL},
		{"41", "1", NULL, 0, NULL},        {" 42", "1", NULL, 0, NULL},
		{"", "1", NULL, 0, NULL},          {NULL, "1", NULL, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct activation activation;
		bool any = activation_read(cases[i].process, cases[i].count, cases[i].names, OWN,
					   &activation);

		assert_int_equal(any, cases[i].wanted > 0);
		assert_int_equal(activation.count, cases[i].wanted);
		if (any) {
			const struct activation_socket *last =
				&activation.sockets[activation.count - 1];

			assert_string_equal(last->name, cases[i].last);
			assert_int_equal(last->descriptor, ACTIVATION_FIRST + cases[i].wanted - 1);
		}
	}
}

static void a_long_name_is_none(void **state)
{
	struct activation activation;
	char names[ACTIVATION_NAME_MAX + 16];

	(void)state;
	memset(names, 'n', sizeof(names));
	names[ACTIVATION_NAME_MAX] = ':';
	names[ACTIVATION_NAME_MAX + 1] = '\0';
	assert_true(activation_read("42", "1", names, OWN, &activation));
	assert_int_equal(strlen(activation.sockets[0].name), ACTIVATION_NAME_MAX);
	names[ACTIVATION_NAME_MAX] = 'n';
	assert_true(activation_read("42", "1", names, OWN, &activation));
	assert_string_equal(activation.sockets[0].name, "unknown");
}

/* In a child, whose descriptors are its own. */
static int use_sockets(void)
{
	struct activation activation;
	char own[16];
	int listening = socket(AF_UNIX, SOCK_STREAM, 0);
	int other = socket(AF_UNIX, SOCK_STREAM, 0);

	if (listen(listening, 1) != 0) {
		/* An unnamed one of AF_UNIX cannot; one of IPv4 can. */
		close(listening);
		listening = socket(AF_INET, SOCK_STREAM, 0);
		if (listen(listening, 1) != 0) {
			return 1;
		}
	}
	listening = fcntl(listening, F_DUPFD, 64);
	other = fcntl(other, F_DUPFD, 64);
	dup2(listening, ACTIVATION_FIRST);
	dup2(other, ACTIVATION_FIRST + 1);
	dup2(listening, ACTIVATION_FIRST + 2);
	snprintf(own, sizeof(own), "%d", (int)getpid());
	setenv("LISTEN_PID", own, 1);
	setenv("LISTEN_FDS", "3", 1);
	setenv("LISTEN_FDNAMES", "api:api:api", 1);
	bool good = activation_open(&activation) && !getenv("LISTEN_FDS") &&
		    activation_take(&activation, "broker") == -1 &&
		    activation_take(&activation, "api") == ACTIVATION_FIRST &&
		    fcntl(ACTIVATION_FIRST, F_GETFD) == FD_CLOEXEC;

	/* The second does not listen; the third is left, and closed. */
	activation_close(&activation);
	return good && fcntl(ACTIVATION_FIRST, F_GETFD) >= 0 &&
			       fcntl(ACTIVATION_FIRST + 2, F_GETFD) < 0
		       ? 0
		       : 2;
}

static void sockets_are_taken_once(void **state)
{
	int status = -1;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		_exit(use_sockets());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_given_is_read),
		cmocka_unit_test(a_long_name_is_none),
		cmocka_unit_test(sockets_are_taken_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("activation", tests, NULL, NULL);
}
