/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/history/history.h"
#include "gateway/history/tables.h"
#include "stride.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEGIN_S       (INT64_C(1795910400)) /* a full day */
#define DAY_S         INT64_C(86400)

#define ENTRIES       60000
#define ENTRIES_PAGES 600 /* that they take at least */

struct scene {
	char folder[32];
	char path[64];
	struct database *database;
	struct tables_state state;
	struct table_printer printer;
	struct table_printer other;
};

static void open_it(struct scene *scene)
{
	struct problem problem;

	if (tables_open(scene->path, true, &scene->database, &problem)) {
		fail_msg("%s", problem.text);
	}
	/* Nobody loses power here. */
	assert_int_equal(database_execute(scene->database, "PRAGMA synchronous = OFF"), 0);
	scene->state = (struct tables_state){.generation = scene->state.generation + 1};
	assert_int_equal(tables_resume(scene->database, &scene->state), 0);
}

static int setup(void **state)
{
	static struct scene scene;

	scene = (struct scene){.folder = "/tmp/history-XXXXXX",
			       .printer = {.serial = "SN1"},
			       .other = {.serial = "SN2"}};
	assert_non_null(mkdtemp(scene.folder));
	snprintf(scene.path, sizeof(scene.path), "%s/history.db", scene.folder);
	open_it(&scene);
	*state = &scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;
	char command[64];

	database_close(scene->database);
	snprintf(command, sizeof(command), "rm -r '%s'", scene->folder);
	return system(command);
}

static void put(struct scene *scene, int64_t t_s, int32_t nozzle, int32_t bed)
{
	const struct table_sample sample = {&scene->printer, nozzle, 21000, bed, TABLE_NO_HEAT};

	assert_int_equal(tables_put_samples(scene->database, &scene->state, t_s, &sample, 1), 0);
}

static size_t read_series(struct scene *scene, int64_t from_s, int64_t to_s, int64_t step_s,
			  struct history_point **points)
{
	const struct history_series_query query = {"SN1", from_s, to_s, step_s};
	size_t count;

	assert_int_equal(tables_read_series(scene->database, &query, points, &count), 0);
	return count;
}

static void a_gap_stays_a_gap(void **state)
{
	struct scene *scene = *state;
	struct history_point *points;

	put(scene, BEGIN_S, 20000, 5000);
	put(scene, BEGIN_S + 5, 20100, TABLE_NO_HEAT);
	put(scene, BEGIN_S + 300, 20200, 5100);
	assert_int_equal(read_series(scene, BEGIN_S, BEGIN_S + 600, 5, &points), 3);
	assert_int_equal(points[1].t_s, BEGIN_S + 5);
	assert_int_equal(points[1].nozzle.mean, 20100);
	assert_int_equal(points[1].bed.mean, PRINTER_NEVER);
	assert_int_equal(points[2].t_s, BEGIN_S + 300);
	assert_int_equal(points[2].bed.target, PRINTER_NEVER);
	free(points);
	/* `to` is not part of it. */
	assert_int_equal(read_series(scene, BEGIN_S + 1, BEGIN_S + 300, 5, &points), 1);
	free(points);
}

static void minutes_and_hours_are_averages(void **state)
{
	struct scene *scene = *state;
	struct history_point *points;

	/* Two hours; in each minute 100.00 to 111.00, and then a minute with one sample of 0. */
	for (int64_t t_s = 0; t_s < 2 * TABLE_HOUR_S; t_s += 5) {
		put(scene, BEGIN_S + t_s, (int32_t)(10000 + t_s % 60 / 5 * 100), 5000);
	}
	put(scene, BEGIN_S + 2 * TABLE_HOUR_S, 0, 0);
	assert_int_equal(read_series(scene, BEGIN_S, BEGIN_S + 2 * TABLE_HOUR_S, 60, &points), 120);
	assert_int_equal(points[7].nozzle.minimum, 10000);
	assert_int_equal(points[7].nozzle.mean, 10550);
	assert_int_equal(points[7].nozzle.maximum, 11100);
	assert_int_equal(points[7].nozzle.target, 21000);
	free(points);
	/* The last hour is not complete, and comes of what is there. */
	assert_int_equal(read_series(scene, BEGIN_S, BEGIN_S + DAY_S, TABLE_HOUR_S, &points), 3);
	assert_int_equal(points[1].nozzle.mean, 10550);
	assert_int_equal(points[2].t_s, BEGIN_S + 2 * TABLE_HOUR_S);
	assert_int_equal(points[2].nozzle.mean, 0);
	free(points);
	/* Steps that are none of ours are made of finer ones. */
	assert_int_equal(read_series(scene, BEGIN_S, BEGIN_S + 600, 300, &points), 2);
	assert_int_equal(points[1].nozzle.mean, 10550);
	free(points);
}

static void averages_survive_a_restart_and_old_samples(void **state)
{
	struct scene *scene = *state;
	struct tables_limits limits = {.samples_s = BEGIN_S + TABLE_HOUR_S};
	struct history_point *points;
	int result;

	put(scene, BEGIN_S + 30, 10000, 1);
	database_close(scene->database);
	open_it(scene);
	put(scene, BEGIN_S + 40, 20000, 1);
	put(scene, BEGIN_S + 2 * TABLE_HOUR_S, 30000, 1);
	while ((result = tables_tidy(scene->database, &limits)) > 0) {
	}
	assert_int_equal(result, 0);
	assert_int_equal(read_series(scene, BEGIN_S, BEGIN_S + DAY_S, 5, &points), 1);
	free(points);
	assert_int_equal(read_series(scene, BEGIN_S, BEGIN_S + TABLE_HOUR_S, 60, &points), 1);
	assert_int_equal(points[0].nozzle.mean, 15000);
	free(points);
	assert_int_equal(read_series(scene, BEGIN_S, BEGIN_S + TABLE_HOUR_S, 3600, &points), 1);
	assert_int_equal(points[0].nozzle.mean, 15000);
	free(points);
}

/* The clock was put back an hour: what comes takes the place of what was, and all goes on. */
static void a_clock_that_is_put_back(void **state)
{
	struct scene *scene = *state;
	struct history_point *points;

	for (int64_t t_s = 0; t_s < 600; t_s += 5) {
		put(scene, BEGIN_S + t_s, 10000, 1);
	}
	for (int64_t t_s = 300; t_s < 900; t_s += 5) {
		put(scene, BEGIN_S + t_s, 20000, 1);
	}
	assert_int_equal(read_series(scene, BEGIN_S, BEGIN_S + 900, 60, &points), 15);
	assert_int_equal(points[4].nozzle.mean, 10000);
	assert_int_equal(points[5].nozzle.mean, 20000);
	free(points);
}

static void the_step_is_as_fine_as_what_is_kept(void **state)
{
	const int64_t samples_s = BEGIN_S - DAY_S;
	const int64_t minutes_s = BEGIN_S - 31 * DAY_S;
	static const struct {
		int64_t ago_s;
		int64_t asked_s;
		int64_t step_s;
	} cases[] = {
		{3600, 0, 5},          {3600, 7, 10},      {DAY_S, 0, 5},
		{DAY_S + 1, 5, 60},    {7 * DAY_S, 0, 60}, {7 * DAY_S, 90, 120},
		{32 * DAY_S, 0, 3600}, {3600, 4000, 7200}, {5 * 365 * DAY_S, 0, 10800},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct history_series_query query = {"SN1", BEGIN_S - cases[i].ago_s, BEGIN_S,
							   cases[i].asked_s};

		assert_int_equal(tables_series_step(&query, samples_s, minutes_s), cases[i].step_s);
	}
}

static void what_is_kept_is_read(void **state)
{
	static const char *const bad[] = {"",
					  "samples",
					  "samples=",
					  "samples=0d",
					  "samples=1",
					  "samples=1m",
					  "samples=1dd",
					  "days=1d",
					  "jobs=-1d",
					  "jobs=never",
					  "minutes=99999999999d"};
	struct history_retention retention = {0};

	(void)state;
	assert_true(history_retention_read("samples=36h", &retention));
	assert_true(history_retention_read("minutes=4w", &retention));
	assert_true(history_retention_read("entries=forever", &retention));
	assert_true(history_retention_read("jobs=10d", &retention));
	assert_true(retention.samples_s == 36 * 3600 && retention.minutes_s == 28 * DAY_S &&
		    retention.hours_s == 0 && retention.entries_s == -1 &&
		    retention.jobs_s == 10 * DAY_S);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(history_retention_read(bad[i], &retention));
	}
}

static void put_job(struct scene *scene, struct table_printer *printer, int64_t id,
		    enum history_outcome outcome, int64_t begun_ms)
{
	struct history_job job = {.id = id,
				  .outcome = outcome,
				  .begun_ms = begun_ms,
				  .started_ms = PRINTER_NEVER,
				  .ended_ms = outcome ? begun_ms + 1000 : PRINTER_NEVER,
				  .duration_ms = 1000,
				  .elapsed_s = 1,
				  .layer = PRINTER_NEVER,
				  .filament_used_milli = 2000,
				  .filament_unit = "mm",
				  .file = "a.gcode"};

	snprintf(job.printer_name, sizeof(job.printer_name), "Name of %s", printer->serial);
	assert_int_equal(tables_put_job(scene->database, &scene->state, printer, &job), 0);
}

static void jobs_are_listed_and_counted(void **state)
{
	struct scene *scene = *state;
	struct history_query query = {.limit = 2};
	struct history_totals totals;
	struct history_job jobs[4];
	int64_t total;

	put_job(scene, &scene->printer, 1, HISTORY_GOING_ON, 1000);
	put_job(scene, &scene->printer, 1, HISTORY_FINISHED, 1000);
	put_job(scene, &scene->other, 2, HISTORY_FAILED, 500);
	put_job(scene, &scene->printer, 3, HISTORY_GOING_ON, 9000);
	assert_int_equal(tables_read_jobs(scene->database, &query, jobs), 2);
	assert_true(jobs[0].id == 3 && jobs[1].id == 2);
	assert_string_equal(jobs[1].printer_name, "Name of SN2");
	assert_int_equal(jobs[1].layer, PRINTER_NEVER);
	query.before_id = 2;
	assert_int_equal(tables_read_jobs(scene->database, &query, jobs), 1);
	assert_int_equal(tables_count_jobs(scene->database, &query, &total), 0);
	assert_int_equal(total, 3);
	query = (struct history_query){.limit = 4, .serial = "SN1", .oldest_first = true};
	assert_int_equal(tables_read_jobs(scene->database, &query, jobs), 2);
	assert_true(jobs[0].id == 1 && jobs[1].id == 3);
	query = (struct history_query){.limit = 4, .since_ms = 2000};
	assert_int_equal(tables_read_jobs(scene->database, &query, jobs), 2);
	assert_int_equal(tables_read_totals(scene->database, NULL, &totals), 0);
	assert_true(totals.jobs == 3 && totals.outcomes[HISTORY_FINISHED] == 1);
	assert_int_equal(totals.filament_mm_milli, 6000);
	assert_int_equal(tables_read_totals(scene->database, "SN2", &totals), 0);
	assert_true(totals.jobs == 1 && totals.outcomes[HISTORY_FAILED] == 1);
	/* What goes on is not deleted. */
	assert_int_equal(tables_delete_jobs(scene->database, 0, NULL), 2);
	assert_int_equal(tables_read_job(scene->database, 3, jobs), 1);
	assert_int_equal(tables_read_job(scene->database, 1, jobs), 0);
}

static void put_entry(struct scene *scene, int64_t id, int64_t t_s)
{
	struct history_entry entry = {.id = id, .t_ms = t_s * 1000, .kind = "online"};

	assert_int_equal(tables_put_entry(scene->database, &scene->state, &scene->printer, &entry),
			 0);
}

/* An entry of a clock that was not set is as old as its neighbours. */
static void old_entries_are_forgotten(void **state)
{
	struct scene *scene = *state;
	struct history_query query = {.limit = 10, .type = HISTORY_ENTRY_TYPES};
	struct history_entry entries[10];
	struct tables_limits limits = {.entries_s = BEGIN_S};

	put_entry(scene, 1, BEGIN_S - 10);
	put_entry(scene, 2, 5);
	put_entry(scene, 3, BEGIN_S + 10);
	put_entry(scene, 4, 7);
	put_entry(scene, 5, BEGIN_S + 20);
	assert_int_equal(tables_tidy(scene->database, &limits), 0);
	assert_int_equal(tables_read_entries(scene->database, &query, entries), 3);
	assert_true(entries[0].id == 5 && entries[1].id == 4 && entries[2].id == 3);
}

/* What a transaction that failed had learnt of a printer is not believed afterwards. */
static void a_printer_is_found_again_after_a_failure(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(database_begin(scene->database), 0);
	put_job(scene, &scene->printer, 1, HISTORY_FINISHED, 1);
	database_rollback(scene->database);
	scene->state.generation++;
	put_job(scene, &scene->other, 2, HISTORY_FINISHED, 1);
	put_job(scene, &scene->printer, 1, HISTORY_FINISHED, 1);
	struct history_job job;
	assert_int_equal(tables_read_job(scene->database, 1, &job), 1);
	assert_string_equal(job.serial, "SN1");
}

static void a_printer_is_named(void **state)
{
	struct scene *scene = *state;
	char serial[HISTORY_SERIAL_SIZE];

	put_job(scene, &scene->printer, 1, HISTORY_FINISHED, 1);
	put_job(scene, &scene->other, 2, HISTORY_FINISHED, 1);
	assert_int_equal(tables_find_printer(scene->database, "SN2", serial), 1);
	assert_int_equal(tables_find_printer(scene->database, "name OF sn1", serial), 1);
	assert_string_equal(serial, "SN1");
	assert_int_equal(tables_find_printer(scene->database, "SN3", serial), 0);
}

static void room_is_given_back(void **state)
{
	struct scene *scene = *state;
	struct tables_limits limits = {.entries_s = BEGIN_S + DAY_S};
	int64_t before = 0;
	int64_t after = 0;
	int result;

	assert_int_equal(database_begin(scene->database), 0);
	for (int64_t id = 1; id <= ENTRIES / (int64_t)test_stride(); id++) {
		put_entry(scene, id, BEGIN_S);
	}
	assert_int_equal(database_commit(scene->database), 0);
	assert_int_equal(database_begin(scene->database), 0);
	assert_int_equal(
		database_first(database_select(scene->database, "PRAGMA page_count", DB_NONE),
			       DB_TO_INT(&before)),
		1);
	while ((result = tables_tidy(scene->database, &limits)) > 0) {
	}
	assert_int_equal(result, 0);
	assert_int_equal(database_commit(scene->database), 0);
	assert_int_equal(
		database_first(database_select(scene->database, "PRAGMA page_count", DB_NONE),
			       DB_TO_INT(&after)),
		1);
	/* Of fewer there is too little to be given back. */
	assert_true(test_stride() > 1 || (before > ENTRIES_PAGES && after < before / 2));
}

/* Else memory grows as the file does, for days. */
static void a_connection_keeps_few_pages(void **state)
{
	struct scene *scene = *state;
	struct database *reader;
	struct problem problem;
	int64_t kept = 0;

	assert_int_equal(tables_open(scene->path, false, &reader, &problem), 0);
	struct database *connections[] = {scene->database, reader};
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(database_first(database_select(connections[i], "PRAGMA cache_size",
								DB_NONE),
						DB_TO_INT(&kept)),
				 1);
		assert_int_equal(kept, -256);
	}
	database_close(reader);
}

static void what_is_damaged_is_set_aside(void **state)
{
	struct scene *scene = *state;
	struct problem problem;
	char place[128];
	char twice[128];

	database_close(scene->database);
	scene->database = NULL;
	assert_false(database_file_is_damaged(scene->path));
	assert_int_equal(truncate(scene->path, 5000), 0);
	assert_true(database_file_is_damaged(scene->path));
	assert_int_equal(tables_set_aside(scene->path, BEGIN_S, place, sizeof(place), &problem), 0);
	assert_non_null(strstr(place, "history.db.damaged-20261129T000000Z"));
	open_it(scene);
	assert_int_equal(tables_set_aside(scene->path, BEGIN_S, twice, sizeof(twice), &problem), 0);
	assert_string_not_equal(place, twice);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_gap_stays_a_gap),
		TEST(minutes_and_hours_are_averages),
		TEST(averages_survive_a_restart_and_old_samples),
		TEST(a_clock_that_is_put_back),
		cmocka_unit_test(the_step_is_as_fine_as_what_is_kept),
		cmocka_unit_test(what_is_kept_is_read),
		TEST(jobs_are_listed_and_counted),
		TEST(old_entries_are_forgotten),
		TEST(a_printer_is_found_again_after_a_failure),
		TEST(a_printer_is_named),
		TEST(room_is_given_back),
		TEST(a_connection_keeps_few_pages),
		TEST(what_is_damaged_is_set_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
