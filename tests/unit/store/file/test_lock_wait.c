/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "store/file/file.h"

#include <flagship/error.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* How long others hold the lock, and how often they get a change done; the pauses take no time. */
#define NS_PER_MS INT64_C(1000000)
static int64_t held_for_ms;
static int64_t changed_every_ms;
static int64_t waited_ns;
static int64_t changed_at_ms;
static struct folder folder;
static char path[PATH_MAX];

int __wrap_flock(int descriptor, int operation);
int __wrap_flock(int descriptor, int operation)
{
	(void)descriptor;
	(void)operation;
	if (waited_ns / NS_PER_MS < held_for_ms) {
		errno = EWOULDBLOCK;
		return -1;
	}
	return 0;
}

static void replace_as_others_do(void)
{
	char other[PATH_MAX];

	snprintf(other, sizeof(other), "%.4000s/other", folder.path);
	folder_write(other, "{}", 0600);
	assert_int_equal(rename(other, path), 0);
}

int __wrap_nanosleep(const struct timespec *pause, struct timespec *left);
int __wrap_nanosleep(const struct timespec *pause, struct timespec *left)
{
	(void)left;
	waited_ns += pause->tv_nsec;
	if (changed_every_ms > 0 && waited_ns / NS_PER_MS - changed_at_ms >= changed_every_ms) {
		changed_at_ms = waited_ns / NS_PER_MS;
		replace_as_others_do();
	}
	return 0;
}

static int take(int64_t held_ms, int64_t every_ms, struct problem *problem)
{
	struct store_lock lock;

	held_for_ms = held_ms;
	changed_every_ms = every_ms;
	waited_ns = 0;
	changed_at_ms = 0;
	problem->text[0] = '\0';
	int error = store_lock_take(path, &lock, problem);
	if (!error) {
		store_lock_release(&lock);
	}
	return error;
}

static int set_up(void **state)
{
	(void)state;
	folder_create(&folder);
	strcpy(path, folder_file(&folder, "accounts.json"));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(&folder);
	return 0;
}

static void who_holds_it_without_end_is_given_up_on(void **state)
{
	struct problem problem;

	(void)state;
	assert_int_equal(take(STORE_LOCK_WAIT_MS - 1000, 0, &problem), 0);
	assert_int_equal(take(4 * STORE_LOCK_WAIT_MS, 0, &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "by another program that does not end"));
	assert_true(waited_ns / NS_PER_MS < 2 * STORE_LOCK_WAIT_MS);
}

static void others_that_get_on_are_waited_for(void **state)
{
	struct problem problem;

	(void)state;
	assert_int_equal(take(4 * STORE_LOCK_WAIT_MS, 300, &problem), 0);
	/* Once they stop getting on, the time counts. */
	assert_int_equal(take(8 * STORE_LOCK_WAIT_MS, 2 * STORE_LOCK_WAIT_MS, &problem),
			 FLAGSHIP_ERROR_STORE);
}

/* On a loop, where others would have to wait with it. */
static void who_tries_does_not_wait(void **state)
{
	struct store_lock lock;
	struct problem problem;

	(void)state;
	waited_ns = 0;
	held_for_ms = 1;
	assert_int_equal(store_lock_try(path, &lock, &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "by another program; nothing was changed: try again"));
	assert_int_equal(waited_ns, 0);
	held_for_ms = 0;
	assert_int_equal(store_lock_try(path, &lock, &problem), 0);
	store_lock_release(&lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_holds_it_without_end_is_given_up_on, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(others_that_get_on_are_waited_for, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(who_tries_does_not_wait, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
