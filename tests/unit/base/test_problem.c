/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/problem.h"

#include <flagship/error.h>

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

/* What a problem says. Whose files are whose is this test's to say. */
#define NOBODY 54321 /* as a user of no name */

static uid_t own_id;

uid_t __wrap_geteuid(void);
uid_t __wrap_geteuid(void)
{
	return own_id;
}

struct passwd *__wrap_getpwuid(uid_t id);
struct passwd *__wrap_getpwuid(uid_t id)
{
	static struct passwd root = {.pw_name = "root"};

	return id == 0 ? &root : NULL;
}

static const char *cannot(const char *path, int error)
{
	static struct problem problem;

	assert_int_equal(problem_cannot(&problem, "read", path, error, ""), FLAGSHIP_ERROR_STORE);
	return problem.text;
}

static void assert_says(const char *text, const char *words)
{
	if (!strstr(text, words)) {
		fail_msg("\"%s\" does not say \"%s\"", text, words);
	}
}

/* The root folder belongs to root on each machine. */
static void names_whose_it_is_and_who_asks(void **state)
{
	(void)state;
	own_id = NOBODY;
	assert_says(cannot("/no/such/file", EACCES), "cannot read /no/such/file: ");
	own_id = 0;
	assert_says(cannot("/", EPERM), "chmod u+rwX /");
	own_id = NOBODY;
	const char *text = cannot("/", EACCES);
	assert_says(text, "/ belongs to user root and this runs as number 54321");
	assert_says(text, "HOME");
}

/* What is not there is judged by the folder that it would be in. */
static void looks_at_the_folder_of_what_is_not_there(void **state)
{
	(void)state;
	own_id = NOBODY;
	assert_says(cannot("/dev/no/such/file", EACCES), "/dev belongs to user root");
}

static void says_nothing_of_owners_where_the_reason_is_another(void **state)
{
	char longest[PATH_MAX + 2];

	(void)state;
	own_id = NOBODY;
	assert_null(strstr(cannot("/dev", ENOSPC), "belongs"));
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(strstr(cannot(longest, EACCES), "belongs"));
	assert_null(strstr(cannot("nowhere", EACCES), "belongs"));
}

static void is_one_line_and_fits(void **state)
{
	struct problem problem;
	char text[2 * PROBLEM_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	problem_set(&problem, "a name of\ntwo\r\nlines: %s", text);
	assert_null(strpbrk(problem.text, "\r\n"));
	assert_int_equal(strlen(problem.text), PROBLEM_MAX - 1);
	assert_int_equal(problem_memory(&problem), FLAGSHIP_ERROR_MEMORY);
	assert_says(problem.text, "memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_whose_it_is_and_who_asks),
		cmocka_unit_test(looks_at_the_folder_of_what_is_not_there),
		cmocka_unit_test(says_nothing_of_owners_where_the_reason_is_another),
		cmocka_unit_test(is_one_line_and_fits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("problem", tests, NULL, NULL);
}
