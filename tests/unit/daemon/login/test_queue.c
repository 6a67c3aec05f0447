/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/login/queue.h"

#include <stdio.h>
#include <string.h>

#define JOBS_MAX 16

/* A login: its letter is noted when it is done, a small one where no thread worked on it. */
struct login {
	struct login_job job;
	struct login_attempt attempt;
	char letter;
};

static struct login logins[JOBS_MAX];
static size_t login_count;
static char done[JOBS_MAX + 1];
static uv_loop_t loop;
static struct login_queue queue;

static const struct login_queue_limits limits = {
	.running = 2, .strangers = 1, .waiting = 4, .of_same = 2};

static void work(struct login_job *job)
{
	(void)job;
}

static void on_done(struct login_job *job, bool worked)
{
	const struct login *login = LIST_OF(job, struct login, job);
	size_t used = strlen(done);

	assert_true(used < JOBS_MAX);
	done[used] = (char)(worked ? login->letter : login->letter - 'A' + 'a');
}

static void begin(const struct login_queue_limits *of)
{
	memset(done, 0, sizeof(done));
	login_count = 0;
	assert_int_equal(uv_loop_init(&loop), 0);
	login_queue_init(&queue, &loop, of);
}

static void end(void)
{
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(list_is_empty(&queue.jobs));
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* False where there is no room. */
static bool add(char letter, const char *name, const char *network, enum familiarity familiarity)
{
	struct login *login = &logins[login_count];

	assert_true(login_count < JOBS_MAX);
	*login = (struct login){.letter = letter};
	snprintf(login->attempt.name, sizeof(login->attempt.name), "%s", name);
	snprintf(login->attempt.network, sizeof(login->attempt.network), "%s", network);
	login->attempt.familiarity = familiarity;
	login->job = (struct login_job){.attempt = &login->attempt, .work = work, .done = on_done};
	if (!login_queue_has_room(&queue, &login->attempt)) {
		return false;
	}
	login_count++;
	login_queue_add(&queue, &login->job);
	return true;
}

static size_t count_running(void)
{
	size_t count = 0;

	for (size_t i = 0; i < login_count; i++) {
		count += logins[i].job.runs;
	}
	return count;
}

static void test_who_was_in_before_goes_first(void **state)
{
	static const struct login_queue_limits one = {
		.running = 1, .strangers = 1, .waiting = 8, .of_same = 8};

	(void)state;
	begin(&one);
	assert_true(add('A', "a", "1", FAMILIAR_STRANGER));
	assert_true(add('B', "b", "2", FAMILIAR_STRANGER));
	assert_true(add('C', "c", "3", FAMILIAR_PAIR));
	assert_true(add('D', "d", "4", FAMILIAR_PAIR));
	assert_int_equal(count_running(), 1);
	end();
	assert_string_equal(done, "ACDB");
}

static void test_strangers_leave_a_thread_free(void **state)
{
	(void)state;
	begin(&limits);
	assert_true(add('A', "a", "1", FAMILIAR_STRANGER));
	assert_true(add('B', "b", "2", FAMILIAR_STRANGER));
	assert_int_equal(count_running(), 1);
	assert_true(add('C', "c", "3", FAMILIAR_PAIR));
	assert_int_equal(count_running(), 2);
	assert_true(logins[2].job.runs);
	assert_true(add('D', "d", "4", FAMILIAR_PAIR));
	assert_int_equal(count_running(), 2);
	end();
	assert_int_equal(strlen(done), 4);
}

static void test_each_kind_has_its_places(void **state)
{
	(void)state;
	begin(&limits);
	assert_true(add('A', "a", "1", FAMILIAR_STRANGER));
	assert_true(add('B', "a", "2", FAMILIAR_STRANGER));
	/* Of one name, or of one address. */
	assert_false(add('X', "a", "3", FAMILIAR_STRANGER));
	assert_true(add('C', "c", "4", FAMILIAR_STRANGER));
	assert_false(add('X', "a", "4", FAMILIAR_STRANGER));
	assert_true(add('D', "d", "5", FAMILIAR_STRANGER));
	assert_false(add('X', "e", "6", FAMILIAR_STRANGER));
	/* Those that were in before count by both. */
	assert_true(add('E', "a", "1", FAMILIAR_PAIR));
	assert_true(add('F', "a", "2", FAMILIAR_PAIR));
	assert_true(add('G', "a", "3", FAMILIAR_PAIR));
	assert_true(add('H', "a", "3", FAMILIAR_PAIR));
	assert_false(add('X', "a", "3", FAMILIAR_PAIR));
	end();
	assert_int_equal(strlen(done), 8);
	/* And again, once they are through. */
	begin(&limits);
	assert_true(add('A', "a", "1", FAMILIAR_STRANGER));
	end();
}

static void test_names_may_be_the_same_in_any_case(void **state)
{
	struct login_queue_limits any_case = limits;

	(void)state;
	begin(&limits);
	assert_true(add('A', "anne", "1", FAMILIAR_STRANGER));
	assert_true(add('B', "ANNE", "2", FAMILIAR_STRANGER));
	assert_true(add('C', "Anne", "3", FAMILIAR_STRANGER));
	end();
	any_case.any_case = true;
	begin(&any_case);
	assert_true(add('A', "anne", "1", FAMILIAR_STRANGER));
	assert_true(add('B', "ANNE", "2", FAMILIAR_STRANGER));
	assert_false(add('C', "Anne", "3", FAMILIAR_STRANGER));
	end();
}

static void test_one_that_waits_is_taken_out(void **state)
{
	(void)state;
	begin(&limits);
	assert_true(add('A', "a", "1", FAMILIAR_STRANGER));
	assert_true(add('B', "b", "2", FAMILIAR_STRANGER));
	assert_false(login_queue_withdraw(&logins[0].job));
	assert_true(login_queue_withdraw(&logins[1].job));
	end();
	assert_string_equal(done, "A");
}

static void test_nothing_is_begun_after_the_stop(void **state)
{
	(void)state;
	begin(&limits);
	assert_true(add('A', "a", "1", FAMILIAR_STRANGER));
	assert_true(add('B', "b", "2", FAMILIAR_STRANGER));
	assert_true(add('C', "c", "3", FAMILIAR_STRANGER));
	login_queue_stop(&queue);
	assert_string_equal(done, "bc");
	end();
	/* Whether a thread had it already is the thread's matter. */
	assert_int_equal(strlen(done), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_was_in_before_goes_first),
		cmocka_unit_test(test_strangers_leave_a_thread_free),
		cmocka_unit_test(test_each_kind_has_its_places),
		cmocka_unit_test(test_names_may_be_the_same_in_any_case),
		cmocka_unit_test(test_one_that_waits_is_taken_out),
		cmocka_unit_test(test_nothing_is_begun_after_the_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
