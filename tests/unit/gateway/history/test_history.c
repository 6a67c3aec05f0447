/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake_clock.h"
#include "gateway/history/internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE     4096 /* of a file of SQLite */
#define RETRY_MS 5001 /* after a first trouble */

/* The life of a history without printers, on a clock that the test moves. */

struct scene {
	char folder[32];
	char path[64];
	uv_loop_t loop;
	struct log log;
	struct history *history;
	struct known_printer *known;
	unsigned int closed;
	unsigned int kept;
	unsigned int read;
	size_t count;
	char trouble[PROBLEM_MAX];
	struct history_job jobs[4];
};

/* Opening may wait for the disk, and for other programs. */
static pthread_t loop_thread;
static unsigned int opened_on_loop;

int __real_database_open(const char *path, enum database_mode mode, int busy_ms,
			 const struct database_layout *layout, struct database **database,
			 struct problem *problem);
int __wrap_database_open(const char *path, enum database_mode mode, int busy_ms,
			 const struct database_layout *layout, struct database **database,
			 struct problem *problem);

int __wrap_database_open(const char *path, enum database_mode mode, int busy_ms,
			 const struct database_layout *layout, struct database **database,
			 struct problem *problem)
{
	if (pthread_equal(pthread_self(), loop_thread)) {
		opened_on_loop++;
	}
	return __real_database_open(path, mode, busy_ms, layout, database, problem);
}

static void on_closed(void *context)
{
	((struct scene *)context)->closed++;
}

static void on_kept(void *context)
{
	((struct scene *)context)->kept++;
}

static void open_history(struct scene *scene)
{
	const struct history_options options = {.folder = scene->folder, .log = &scene->log};

	assert_int_equal(history_create(&scene->loop, &options, &scene->history), 0);
	scene->known = history_know(scene->history, "SN1");
	assert_non_null(scene->known);
}

static void close_history(struct scene *scene)
{
	unsigned int before = scene->closed;

	history_keep_jobs(scene->history);
	history_close(scene->history, on_closed, scene);
	fake_clock_await(&scene->loop, &scene->closed, before + 1);
	history_destroy(scene->history);
	scene->history = NULL;
}

static int setup(void **state)
{
	static struct scene scene;
	struct log_levels levels = {.others = LOG_LEVEL_ERROR};

	scene = (struct scene){.folder = "/tmp/history-XXXXXX"};
	loop_thread = pthread_self();
	assert_non_null(mkdtemp(scene.folder));
	snprintf(scene.path, sizeof(scene.path), "%s/history.db", scene.folder);
	assert_int_equal(uv_loop_init(&scene.loop), 0);
	log_init(&scene.log, open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_FORMAT_TEXT, &levels);
	*state = &scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;
	char command[64];

	if (scene->history) {
		close_history(scene);
	}
	fake_clock_settle(&scene->loop);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
	close(scene->log.file);
	snprintf(command, sizeof(command), "rm -r '%s'", scene->folder);
	return system(command);
}

static void add_entry(struct scene *scene)
{
	struct entry_record *record = queue_make_entry(scene->history, scene->known);

	assert_non_null(record);
	record->entry.t_ms = clock_unix_ms();
	strcpy(record->entry.kind, "online");
	queue_entry(scene->history, record);
}

static void on_entries(void *context, const char *trouble, const struct history_entry *entries,
		       size_t count)
{
	struct scene *scene = context;

	(void)entries;
	snprintf(scene->trouble, sizeof(scene->trouble), "%s", trouble ? trouble : "");
	scene->count = count;
	scene->read++;
}

static size_t count_entries(struct scene *scene)
{
	const struct history_query query = {.limit = HISTORY_LIMIT_MAX,
					    .type = HISTORY_ENTRY_TYPES};
	unsigned int before = scene->read;

	assert_int_equal(history_read_entries(scene->history, &query, on_entries, scene), 0);
	fake_clock_await(&scene->loop, &scene->read, before + 1);
	assert_string_equal(scene->trouble, "");
	return scene->count;
}

static void on_jobs(void *context, const char *trouble, const struct history_job *jobs,
		    size_t count, int64_t total)
{
	struct scene *scene = context;

	assert_null(trouble);
	assert_int_equal(total, (int64_t)count);
	memcpy(scene->jobs, jobs, count * sizeof(*jobs));
	scene->count = count;
	scene->read++;
}

static size_t read_jobs(struct scene *scene)
{
	const struct history_query query = {.limit = 4};
	unsigned int before = scene->read;

	assert_int_equal(history_read_jobs(scene->history, &query, on_jobs, scene), 0);
	fake_clock_await(&scene->loop, &scene->read, before + 1);
	return scene->count;
}

static void what_is_awaited_is_on_the_disk(void **state)
{
	struct scene *scene = *state;

	open_history(scene);
	add_entry(scene);
	assert_int_equal(count_entries(scene), 0);
	history_await(scene->history, on_kept, scene);
	assert_int_equal(scene->kept, 0);
	fake_clock_await(&scene->loop, &scene->kept, 1);
	assert_int_equal(count_entries(scene), 1);
	/* Nothing is to be waited for. */
	history_await(scene->history, on_kept, scene);
	assert_int_equal(scene->kept, 2);
}

static void who_is_forgotten_is_not_called(void **state)
{
	struct scene *scene = *state;
	unsigned int other = 0;

	open_history(scene);
	add_entry(scene);
	history_await(scene->history, on_kept, &other);
	history_await(scene->history, on_kept, scene);
	history_forget_waiting(scene->history, &other);
	fake_clock_await(&scene->loop, &scene->kept, 1);
	assert_int_equal(other, 0);
}

static void all_is_written_every_five_seconds_and_at_the_end(void **state)
{
	struct scene *scene = *state;

	open_history(scene);
	add_entry(scene);
	fake_clock_pass(HISTORY_FLUSH_MS + 1000);
	/* The database's thread takes its time. */
	while (count_entries(scene) == 0) {
		fake_clock_settle(&scene->loop);
	}
	assert_int_equal(count_entries(scene), 1);
	add_entry(scene);
	close_history(scene);
	open_history(scene);
	assert_int_equal(count_entries(scene), 2);
}

/* There is no folder: what happens is kept until there is. */
static void await_open(struct scene *scene)
{
	do {
		fake_clock_settle(&scene->loop);
	} while (scene->history->disk != DISK_OPEN);
}

static void what_cannot_be_written_waits(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(rmdir(scene->folder), 0);
	open_history(scene);
	assert_string_not_equal(history_trouble(scene->history), "");
	for (size_t i = 0; i < QUEUE_ENTRIES_MAX + 7; i++) {
		add_entry(scene);
	}
	assert_int_equal(history_dropped(scene->history), 7);
	history_await(scene->history, on_kept, scene);
	assert_int_equal(scene->kept, 1);
	assert_int_equal(mkdir(scene->folder, S_IRWXU), 0);
	fake_clock_pass(60000);
	await_open(scene);
	assert_string_equal(history_trouble(scene->history), "");
	history_await(scene->history, on_kept, scene);
	fake_clock_await(&scene->loop, &scene->kept, 2);
	assert_int_equal(count_entries(scene), HISTORY_LIMIT_MAX);
}

static void begin(struct scene *scene, const char *file, const char *task)
{
	struct printer_job shown;
	const struct printer_event event = {
		.kind = PRINTER_EVENT_JOB_STARTED, .t_ms = clock_steady_ms(), .job = &shown};

	job_init(&shown);
	strcpy(shown.name, file);
	strcpy(shown.task_id, task);
	shown.track.identity_received = true;
	shown.progress_centi_percent = 4000;
	jobs_on_event(scene->history, scene->known, &event);
	assert_non_null(scene->known->job);
}

static void end(struct scene *scene, enum printer_event_kind kind, const char *file,
		int64_t progress)
{
	struct printer_job shown;
	const struct printer_event event = {.kind = kind, .t_ms = clock_steady_ms(), .job = &shown};

	job_init(&shown);
	strcpy(shown.name, file);
	shown.track.state = 0;
	shown.state_received = true;
	shown.track.phase = JOB_ENDED;
	shown.progress_centi_percent = progress;
	jobs_on_event(scene->history, scene->known, &event);
	assert_null(scene->known->job);
}

static void no_set_clock_changes_a_duration(void **state)
{
	struct scene *scene = *state;

	open_history(scene);
	begin(scene, "a.gcode", "");
	int64_t begun_ms = clock_unix_ms();
	fake_clock_pass(90000);
	fake_clock_step(-7200000);
	end(scene, PRINTER_EVENT_JOB_FINISHED, "a.gcode", PRINTER_PROGRESS_COMPLETE);
	history_await(scene->history, on_kept, scene);
	fake_clock_await(&scene->loop, &scene->kept, 1);
	assert_int_equal(read_jobs(scene), 1);
	assert_int_equal(scene->jobs[0].duration_ms, 90000);
	assert_int_equal(scene->jobs[0].begun_ms, begun_ms);
	assert_int_equal(scene->jobs[0].ended_ms, begun_ms + 90000 - 7200000);
	assert_int_equal(scene->jobs[0].outcome, HISTORY_FINISHED);
}

/* Of a restart in the middle of it: what the printer says then, and what becomes of the job. */
static void a_restart_goes_on_where_it_is_the_same(void **state)
{
	static const struct {
		const char *before;
		const char *after;
		int64_t progress;
		enum history_outcome outcome; /* of the first one */
		size_t jobs;
	} cases[] = {
		{"a.gcode", "a.gcode", PRINTER_PROGRESS_COMPLETE, HISTORY_FINISHED, 1},
		{"a.gcode", "b.gcode", PRINTER_PROGRESS_COMPLETE, HISTORY_UNKNOWN, 2},
		/* Neither says which it is at. */
		{"", "", PRINTER_PROGRESS_COMPLETE, HISTORY_UNKNOWN, 2},
		/* Less is printed than before: it was begun again. */
		{"a.gcode", "a.gcode", 3000, HISTORY_UNKNOWN, 2},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unlink(scene->path);
		open_history(scene);
		begin(scene, cases[i].before, "");
		int64_t id = scene->known->job->id;
		close_history(scene);
		open_history(scene);
		assert_true(scene->known->job && scene->known->is_resumed);
		assert_int_equal(scene->known->job->id, id);
		end(scene, PRINTER_EVENT_JOB_FINISHED, cases[i].after, cases[i].progress);
		scene->kept = 0;
		history_await(scene->history, on_kept, scene);
		fake_clock_await(&scene->loop, &scene->kept, 1);
		assert_int_equal(read_jobs(scene), cases[i].jobs);
		assert_int_equal(scene->jobs[scene->count - 1].outcome, cases[i].outcome);
		close_history(scene);
	}
}

static void on_changed(void *context, enum history_action action, const struct history_job *job)
{
	unsigned int *counts = context;

	assert_true(job->id > 0);
	counts[action]++;
}

static void whoever_listens_is_told_of_jobs(void **state)
{
	struct scene *scene = *state;
	unsigned int counts[2] = {0};
	struct history_listener listener = {.changed = on_changed, .context = counts};

	open_history(scene);
	history_subscribe(scene->history, &listener);
	begin(scene, "a.gcode", "1");
	end(scene, PRINTER_EVENT_JOB_STOPPED, "a.gcode", 5000);
	history_await(scene->history, on_kept, scene);
	fake_clock_await(&scene->loop, &scene->kept, 1);
	assert_true(counts[HISTORY_JOB_ADDED] == 1 && counts[HISTORY_JOB_ENDED] == 1);
	history_unsubscribe(&listener);
}

static void a_damaged_file_does_not_stop_it(void **state)
{
	struct scene *scene = *state;
	int file = open(scene->path, O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);

	assert_true(file >= 0);
	assert_int_equal(write(file, "damaged", 7), 7);
	close(file);
	open_history(scene);
	assert_string_equal(history_trouble(scene->history), "");
	add_entry(scene);
	history_await(scene->history, on_kept, scene);
	fake_clock_await(&scene->loop, &scene->kept, 1);
	assert_int_equal(count_entries(scene), 1);
}

/* Its folder comes later. */
static void begin_without_folder(struct scene *scene)
{
	assert_int_equal(rmdir(scene->folder), 0);
	open_history(scene);
	assert_string_not_equal(history_trouble(scene->history), "");
	assert_int_equal(mkdir(scene->folder, S_IRWXU), 0);
	opened_on_loop = 0;
	fake_clock_pass(RETRY_MS);
}

static void it_is_opened_later_on_a_thread(void **state)
{
	struct scene *scene = *state;

	begin_without_folder(scene);
	add_entry(scene);
	await_open(scene);
	assert_string_equal(history_trouble(scene->history), "");
	history_await(scene->history, on_kept, scene);
	fake_clock_await(&scene->loop, &scene->kept, 1);
	assert_int_equal(count_entries(scene), 1);
	/* One that is damaged is set aside, and another one begins. */
	disk_set_aside(scene->history);
	assert_string_equal(history_trouble(scene->history), "it is being opened again");
	await_open(scene);
	assert_string_equal(history_trouble(scene->history), "");
	assert_int_equal(count_entries(scene), 0);
	assert_int_equal(opened_on_loop, 0);
}

static void it_is_closed_while_it_is_opened(void **state)
{
	struct scene *scene = *state;

	begin_without_folder(scene);
	while (scene->history->disk == DISK_CLOSED) {
		uv_run(&scene->loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(scene->history->disk, DISK_OPENING);
	close_history(scene);
	assert_int_equal(opened_on_loop, 0);
}

/* Its first page says that it is a history; what lies behind that is noise. */
static void a_file_that_is_damaged_inside_is_set_aside(void **state)
{
	static const uint8_t noise[PAGE] = {0xff, 0xfe, 0xfd, 0xfc};
	struct scene *scene = *state;
	char command[128];

	open_history(scene);
	add_entry(scene);
	begin(scene, "a.gcode", "");
	close_history(scene);
	int file = open(scene->path, O_RDWR | O_CLOEXEC);
	assert_true(file >= 0);
	off_t size = lseek(file, 0, SEEK_END);
	assert_true(size > PAGE);
	for (off_t at = PAGE; at < size; at += PAGE) {
		assert_int_equal(pwrite(file, noise, sizeof(noise), at), sizeof(noise));
	}
	close(file);
	open_history(scene);
	assert_string_equal(history_trouble(scene->history), "");
	assert_null(scene->known->job);
	assert_int_equal(count_entries(scene), 0);
	snprintf(command, sizeof(command), "ls '%s'/history.db.damaged-* >/dev/null",
		 scene->folder);
	assert_int_equal(system(command), 0);
}

static void nothing_is_known_of_others(void **state)
{
	struct scene *scene = *state;
	static struct history_moment moments[HISTORY_RECENT_S];
	struct history_job job;

	open_history(scene);
	history_recent(scene->history, "SN9", moments);
	assert_int_equal(moments[HISTORY_RECENT_S - 1].nozzle, PRINTER_NEVER);
	assert_false(history_current_job(scene->history, "SN9", &job));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_awaited_is_on_the_disk),
		TEST(who_is_forgotten_is_not_called),
		TEST(all_is_written_every_five_seconds_and_at_the_end),
		TEST(what_cannot_be_written_waits),
		TEST(no_set_clock_changes_a_duration),
		TEST(a_restart_goes_on_where_it_is_the_same),
		TEST(whoever_listens_is_told_of_jobs),
		TEST(a_damaged_file_does_not_stop_it),
		TEST(it_is_opened_later_on_a_thread),
		TEST(it_is_closed_while_it_is_opened),
		TEST(a_file_that_is_damaged_inside_is_set_aside),
		TEST(nothing_is_known_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
