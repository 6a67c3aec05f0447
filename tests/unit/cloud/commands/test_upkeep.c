/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/commands/upkeep.h"
#include "fake_clock.h"
#include "temporary.h"

#include <flagship/error.h>

#include <string.h>

/* What the registry forgets, and when: once an hour, and by no clock that was set within it. */
#define TOKEN_S  INT64_C(1800)
#define MS_PER_S 1000

static struct scene {
	struct temporary temporary;
	uv_loop_t loop;
	struct registry_service service;
	struct upkeep upkeep;
	struct database_job *job; /* handed over and not done */
	unsigned int jobs;
	bool refuses;
	bool fails;
} scene;

int __wrap_database_writer_submit(struct database_writer *writer, struct database_job *job);
int __wrap_database_writer_submit(struct database_writer *writer, struct database_job *job)
{
	(void)writer;
	if (scene.refuses) {
		return FLAGSHIP_ERROR_RANGE;
	}
	assert_null(scene.job);
	scene.job = job;
	scene.jobs++;
	return 0;
}

/* As the writer does it: later. */
static void do_job(void)
{
	struct database_job *job = scene.job;

	scene.job = NULL;
	if (job) {
		int result = scene.fails ? FLAGSHIP_ERROR_STORE
					 : job->work(registry_database(scene.temporary.registry),
						     job->context);
		job->done(job->context, result, "");
	}
}

static int set_up(void **state)
{
	char token[REGISTRY_TOKEN_SIZE];
	int64_t now_s = clock_unix_s();

	(void)state;
	memset(&scene, 0, sizeof(scene));
	temporary_open(&scene.temporary);
	struct registry_account account = temporary_account(&scene.temporary, "a@example.com", "");
	assert_int_equal(registry_issue_token(scene.temporary.registry, account.user_id, "test",
					      now_s, now_s + TOKEN_S, token),
			 1);
	assert_int_equal(uv_loop_init(&scene.loop), 0);
	upkeep_start(&scene.upkeep, &scene.loop, &scene.service);
	/* Here, nothing else keeps the loop alive. */
	uv_ref((uv_handle_t *)&scene.upkeep.timer);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	upkeep_stop(&scene.upkeep);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&scene.loop), 0);
	temporary_close(&scene.temporary);
	return 0;
}

static bool count_token(void *context, const struct registry_token *token)
{
	(void)token;
	++*(unsigned int *)context;
	return true;
}

static unsigned int tokens(void)
{
	unsigned int count = 0;

	assert_true(registry_each_token(scene.temporary.registry, count_token, &count) >= 0);
	return count;
}

static void pass(int64_t ms)
{
	fake_clock_pass(ms);
	uv_run(&scene.loop, UV_RUN_NOWAIT);
	do_job();
}

static void forgets_once_an_hour(void **state)
{
	(void)state;
	pass(UPKEEP_EVERY_MS - 1);
	assert_int_equal(scene.jobs, 0);
	assert_int_equal(tokens(), 1);
	pass(1);
	assert_int_equal(scene.jobs, 1);
	assert_int_equal(tokens(), 0);
	pass(UPKEEP_EVERY_MS);
	assert_int_equal(scene.jobs, 2);
}

static void forgets_nothing_by_a_clock_that_was_set(void **state)
{
	(void)state;
	fake_clock_step(UPKEEP_STEP_MS + MS_PER_S);
	pass(UPKEEP_EVERY_MS);
	assert_int_equal(scene.jobs, 0);
	fake_clock_step(-UPKEEP_STEP_MS - MS_PER_S);
	pass(UPKEEP_EVERY_MS);
	assert_int_equal(scene.jobs, 0);
	/* A small correction is none of that kind. */
	fake_clock_step(UPKEEP_STEP_MS / 2);
	pass(UPKEEP_EVERY_MS);
	assert_int_equal(scene.jobs, 1);
}

static void what_could_not_be_forgotten_is_an_hour_later(void **state)
{
	(void)state;
	scene.refuses = true;
	pass(UPKEEP_EVERY_MS);
	assert_int_equal(tokens(), 1);
	scene.refuses = false;
	scene.fails = true;
	pass(UPKEEP_EVERY_MS);
	assert_int_equal(scene.jobs, 1);
	assert_int_equal(tokens(), 1);
	scene.fails = false;
	pass(UPKEEP_EVERY_MS);
	assert_int_equal(tokens(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(forgets_once_an_hour, set_up, tear_down),
		cmocka_unit_test_setup_teardown(forgets_nothing_by_a_clock_that_was_set, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_could_not_be_forgotten_is_an_hour_later,
						set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("upkeep", tests, NULL, NULL);
}
