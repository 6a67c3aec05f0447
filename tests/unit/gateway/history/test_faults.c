/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "gateway/history/internal.h"
#include "lives.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

/*
 * Memory is short: a gateway goes on, what it was asked for is answered once or refused, and what
 * is not kept is counted.
 */
#define LIVES_MAX 200

static struct scene {
	struct lives lives;
	struct history *history;
	unsigned int asked; /* that will be answered */
	unsigned int answered;
	unsigned int refused; /* for want of memory */
	unsigned int troubled;
	unsigned int told; /* listeners, of jobs */
	bool closed;
} scene;

static int setup(void **state)
{
	(void)state;
	scene = (struct scene){0};
	lives_begin(&scene.lives);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lives_end(&scene.lives);
	return 0;
}

static void count_answer(const char *trouble)
{
	scene.answered++;
	scene.troubled += trouble != NULL;
}

static void on_written(void *context)
{
	(void)context;
	count_answer(NULL);
}

static void on_jobs(void *context, const char *trouble, const struct history_job *jobs,
		    size_t count, int64_t total)
{
	(void)context;
	(void)jobs;
	(void)count;
	(void)total;
	count_answer(trouble);
}

static void on_entries(void *context, const char *trouble, const struct history_entry *entries,
		       size_t count)
{
	(void)context;
	(void)entries;
	(void)count;
	count_answer(trouble);
}

static void on_totals(void *context, const char *trouble, const struct history_totals *totals)
{
	(void)context;
	(void)totals;
	count_answer(trouble);
}

static void on_series(void *context, const char *trouble, const struct history_point *points,
		      size_t count, int64_t step_s)
{
	(void)context;
	(void)points;
	(void)count;
	(void)step_s;
	count_answer(trouble);
}

static void on_deleted(void *context, const char *trouble, int64_t count)
{
	(void)context;
	(void)count;
	count_answer(trouble);
}

static void on_changed(void *context, enum history_action action, const struct history_job *job)
{
	(void)context;
	(void)action;
	assert_true(job->id > 0);
	scene.told++;
}

static void on_closed(void *context)
{
	(void)context;
	scene.closed = true;
}

static void await(unsigned int answers)
{
	while (scene.answered < answers) {
		uv_run(&scene.lives.loop, UV_RUN_ONCE);
	}
}

static void count(int error)
{
	scene.asked += !error;
	if (error) {
		assert_true(error == FLAGSHIP_ERROR_MEMORY || error == FLAGSHIP_ERROR_STORE);
		scene.refused++;
	}
}

static void print_a_job(struct known_printer *known)
{
	static const char name[] = "a.gcode";
	struct printer_job shown;
	struct printer_event event = {.job = &shown, .t_ms = clock_steady_ms()};

	job_init(&shown);
	snprintf(shown.name, sizeof(shown.name), "%s", name);
	shown.track.identity_received = true;
	event.kind = PRINTER_EVENT_JOB_STARTED;
	events_on_event(scene.history, known, &event);
	shown.progress_centi_percent = PRINTER_PROGRESS_COMPLETE;
	shown.track.phase = JOB_ENDED;
	event.kind = PRINTER_EVENT_JOB_FINISHED;
	events_on_event(scene.history, known, &event);
	assert_null(known->job);
}

static void ask_everything(void)
{
	const struct history_query query = {.limit = 4, .type = HISTORY_ENTRY_TYPES};
	const struct history_series_query series = {
		.serial = "SN1", .from_s = clock_unix_s() - 60, .to_s = clock_unix_s()};
	struct history *history = scene.history;

	count(history_read_jobs(history, &query, on_jobs, NULL));
	count(history_read_job(history, 1, on_jobs, NULL));
	count(history_read_entries(history, &query, on_entries, NULL));
	count(history_read_totals(history, NULL, on_totals, NULL));
	count(history_read_series(history, &series, on_series, NULL));
	await(scene.asked);
	count(history_delete_jobs(history, 0, "SN1", on_deleted, NULL));
	await(scene.asked);
	count(history_delete_jobs(history, 0, NULL, on_deleted, NULL));
	await(scene.asked);
}

/* False where it did not even begin. */
static bool live(void)
{
	const struct history_options options = {.folder = scene.lives.folder,
						.log = &scene.lives.log};
	struct history_listener listener = {.changed = on_changed};

	scene.asked = scene.answered = scene.refused = scene.troubled = scene.told = 0;
	scene.closed = false;
	int error = history_create(&scene.lives.loop, &options, &scene.history);
	if (error) {
		assert_int_equal(error, FLAGSHIP_ERROR_MEMORY);
		assert_null(scene.history);
		return false;
	}
	history_subscribe(scene.history, &listener);
	struct known_printer *known = history_know(scene.history, "SN1");
	if (known) {
		print_a_job(known);
		history_await(scene.history, on_written, NULL);
		await(++scene.asked);
	}
	ask_everything();
	bool is_missed = !known || history_trouble(scene.history)[0] != '\0' ||
			 history_dropped(scene.history) > 0 || scene.refused > 0 ||
			 scene.troubled > 0 || scene.told < 2;
	history_close(scene.history, on_closed, NULL);
	history_unsubscribe(&listener);
	uv_run(&scene.lives.loop, UV_RUN_DEFAULT);
	assert_true(scene.closed);
	assert_int_equal(scene.answered, scene.asked);
	history_destroy(scene.history);
	return !is_missed;
}

static void want_of_memory_is_told_and_survived(void **state)
{
	(void)state;
	assert_true(live()); /* the file is there from now on */
	struct lives_count count = lives_run(&scene.lives, live, LIVES_MAX, false);
	/* Who waits for the disk is told at once where nobody can wait for it. */
	assert_in_range(count.unnoticed, 0, 2);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
	char folder[PATH_MAX + 1];
	const struct history_options options = {.folder = folder, .log = &scene.lives.log};

	(void)state;
	memset(folder, 'f', sizeof(folder) - 1);
	folder[sizeof(folder) - 1] = '\0';
	assert_int_equal(history_create(&scene.lives.loop, &options, &scene.history),
			 FLAGSHIP_ERROR_MEMORY);
	assert_null(scene.history);
	/* What was never opened is closed at once. */
	history_keep_jobs(NULL);
	history_close(NULL, on_closed, NULL);
	assert_true(scene.closed);
	history_destroy(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(want_of_memory_is_told_and_survived),
		TEST(a_path_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
