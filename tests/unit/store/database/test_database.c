/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"

#include "store/database/database.h"
#include "store/database/readers.h"
#include "store/database/writer.h"

#include <flagship/error.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "notes.sqlite"
#define JOBS_MAX  8

static const char *const steps[] = {
	[1] = "ALTER TABLE note ADD COLUMN count INTEGER NOT NULL DEFAULT 7;",
	[2] = "ALTER TABLE note ADD COLUMN hash BLOB;",
};
static const struct database_layout layout = {
	.noun = "notebook",
	.mend = "; mend it",
	.version = 3,
	.schema = "CREATE TABLE note (name TEXT PRIMARY KEY, count INTEGER NOT NULL DEFAULT 7,"
		  " hash BLOB) WITHOUT ROWID;",
	.steps = steps,
};

static struct database *open_one(const char *path, enum database_mode mode, int busy_ms)
{
	struct database *database;
	struct problem problem;

	if (database_open(path, mode, busy_ms, &layout, &database, &problem)) {
		fail_msg("%s", problem.text);
	}
	return database;
}

static int add_note(struct database *database, const char *name, int64_t count)
{
	return database_run(database, "INSERT INTO note (name, count) VALUES (?, ?)", DB_TEXT(name),
			    DB_INT(count));
}

static int64_t count_notes(struct database *database)
{
	int64_t count = -1;

	assert_int_equal(
		database_first(database_select(database, "SELECT count(*) FROM note", DB_NONE),
			       DB_TO_INT(&count)),
		1);
	return count;
}

static void assert_refused(const char *path, const char *words)
{
	struct database *database;
	struct problem problem;

	assert_int_equal(database_open(path, DATABASE_WRITE, 0, &layout, &database, &problem),
			 FLAGSHIP_ERROR_STORE);
	assert_null(database);
	assert_non_null(strstr(problem.text, path));
	if (!strstr(problem.text, words)) {
		fail_msg("%s", problem.text);
	}
}

static void execute_raw(const char *path, const char *sql)
{
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(raw);
}

static void values_come_back_as_they_were_given(void **state)
{
	static const uint8_t hash[4] = {0, 1, 2, 255};
	struct database *database = open_one(folder_file(*state, FILE_NAME), DATABASE_CREATE, 0);
	char name[16];
	char cut[3];
	uint8_t back[4];
	int64_t count;
	bool flag;

	assert_int_equal(database_run(database, "INSERT INTO note VALUES (?, ?, ?)",
				      DB_TEXT("it's; --"), DB_INT(INT64_MIN),
				      DB_BLOB(hash, sizeof(hash))),
			 1);
	assert_int_equal(database_first(database_select(database,
							"SELECT name, count, hash, name, count"
							" FROM note WHERE name = ?",
							DB_TEXT("it's; --")),
					DB_TO_TEXT(name), DB_TO_INT(&count),
					DB_TO_BLOB(back, sizeof(back)), DB_TO_TEXT(cut),
					DB_TO_FLAG(&flag)),
			 1);
	assert_string_equal(name, "it's; --");
	assert_true(count == INT64_MIN && flag);
	assert_memory_equal(back, hash, sizeof(hash));
	assert_string_equal(cut, "it");
	/* A blob of another length is none, and there is no row of another name. */
	assert_int_equal(database_first(database_select(database, "SELECT hash FROM note", DB_NONE),
					DB_TO_BLOB(back, 3)),
			 0);
	assert_int_equal(database_run(database, "DELETE FROM note WHERE name = ?", DB_TEXT("x")),
			 0);
	/* Not inside of itself. */
	struct database_rows *rows = database_select(database, "SELECT 1 WHERE 1 = ?", DB_INT(1));
	assert_int_equal(database_next(rows), 1);
	assert_int_equal(database_next(rows), 0);
	assert_true(database_run(database, "INSERT INTO nothing VALUES (?)", DB_INT(1)) < 0);
	assert_non_null(strstr(database_problem(database), "notebook"));
	database_close(database);
}

static void inner_transactions_happen_where_the_outer_one_does(void **state)
{
	struct database *database = open_one(folder_file(*state, FILE_NAME), DATABASE_CREATE, 0);

	assert_int_equal(database_begin(database), 0);
	assert_int_equal(add_note(database, "kept", 1), 1);
	assert_int_equal(database_begin(database), 0);
	assert_int_equal(add_note(database, "dropped", 1), 1);
	database_rollback(database);
	assert_int_equal(database_begin(database), 0);
	assert_int_equal(add_note(database, "kept too", 1), 1);
	assert_int_equal(database_commit(database), 0);
	assert_int_equal(database_commit(database), 0);
	assert_int_equal(count_notes(database), 2);
	assert_int_equal(database_begin(database), 0);
	assert_int_equal(database_begin(database), 0);
	assert_int_equal(add_note(database, "gone", 1), 1);
	assert_int_equal(database_commit(database), 0);
	database_rollback(database);
	assert_int_equal(count_notes(database), 2);
	database_close(database);
}

static void old_files_are_moved_on_and_newer_ones_refused(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct database *database;
	int64_t count = 0;

	execute_raw(path, "CREATE TABLE note (name TEXT PRIMARY KEY) WITHOUT ROWID;"
			  "INSERT INTO note VALUES ('old'); PRAGMA user_version = 1;");
	database = open_one(path, DATABASE_WRITE, 0);
	assert_int_equal(database_first(database_select(database,
							"SELECT count FROM note WHERE hash IS NULL",
							DB_NONE),
					DB_TO_INT(&count)),
			 1);
	assert_int_equal(count, 7);
	assert_int_equal(database_check(database), 0);
	database_close(database);
	execute_raw(path, "PRAGMA user_version = 4;");
	assert_refused(path, "newer flagship (layout 4)");
	execute_raw(path, "PRAGMA user_version = 0;");
	assert_refused(path, "holds no notebook");
	/* A step that fails leaves the layout before it. */
	execute_raw(path, "PRAGMA user_version = 2;");
	assert_refused(path, "duplicate column");
	execute_raw(path, "ALTER TABLE note DROP COLUMN hash;");
	database_close(open_one(path, DATABASE_WRITE, 0));
}

static void what_is_damaged_is_said_to_be(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct database *database = open_one(path, DATABASE_CREATE, 0);
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	database_close(database);
	assert_int_equal(truncate(path, 0), 0);
	assert_refused(path, "it is empty, as no notebook is: it is damaged; mend it");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 500; i++) {
		fputs("no database at all ", file);
	}
	fclose(file);
	assert_refused(path, "; mend it");
	unlink(path);
	assert_refused(path, "No such file");
}

static void who_does_not_wait_for_a_writer_is_answered_at_once(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct database *first = open_one(path, DATABASE_CREATE, 0);
	struct database *second = open_one(path, DATABASE_WRITE, 0);
	struct database *reader = open_one(path, DATABASE_READ, 0);
	int64_t version = database_version(reader);

	assert_int_equal(add_note(first, "before", 1), 1);
	assert_int_equal(database_begin(first), 0);
	assert_int_equal(add_note(first, "during", 1), 1);
	assert_int_equal(database_begin(second), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(database_problem(second), "another program"));
	/* Who reads sees what was committed, as long as it likes. */
	assert_int_equal(database_begin_snapshot(reader), 0);
	assert_int_equal(count_notes(reader), 1);
	assert_int_equal(database_commit(first), 0);
	assert_int_equal(count_notes(reader), 1);
	assert_int_equal(database_commit(reader), 0);
	assert_int_equal(count_notes(reader), 2);
	assert_true(database_version(reader) != version);
	assert_true(add_note(reader, "by a reader", 1) < 0);
	database_close(reader);
	database_close(second);
	database_close(first);
}

/* As a full disk does: SQLite takes the whole transaction back. */
static void fill_disk(struct database *database)
{
	int64_t pages = 0;
	char sql[64];

	assert_int_equal(database_first(database_select(database, "PRAGMA page_count", DB_NONE),
					DB_TO_INT(&pages)),
			 1);
	snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %d", (int)pages);
	assert_int_equal(database_execute(database, sql), 0);
}

/* --- the writer --- */

struct asked {
	struct database_job job;
	struct database_reading reading;
	const char *name;
	size_t bytes; /* of a hash that is as long */
	int result;
	char problem[PROBLEM_MAX];
	int done; /* in which order; 0: not yet */
	int64_t seen;
};

static int done_count;
static int closed_count;

static int write_note(struct database *database, void *context)
{
	const struct asked *asked = context;
	void *bytes = calloc(1, asked->bytes + 1);

	assert_non_null(bytes);
	int result = database_run(database, "INSERT INTO note (name, hash) VALUES (?, ?)",
				  DB_TEXT(asked->name), DB_BLOB(bytes, asked->bytes));
	free(bytes);
	return result;
}

static int write_and_fail(struct database *database, void *context)
{
	assert_int_equal(write_note(database, context), 1);
	return FLAGSHIP_ERROR_CRYPTO;
}

static void on_done(void *context, int result, const char *problem)
{
	struct asked *asked = context;

	asked->result = result;
	snprintf(asked->problem, sizeof(asked->problem), "%s", problem);
	asked->done = ++done_count;
}

static void on_closed(void *context)
{
	closed_count++;
	*(bool *)context = true;
}

static struct database_writer *start_writer(uv_loop_t *loop, struct database *database)
{
	const struct database_writer_options options = {.database = database, .jobs_max = JOBS_MAX};
	struct database_writer *writer;

	done_count = 0;
	closed_count = 0;
	assert_int_equal(uv_loop_init(loop), 0);
	assert_int_equal(database_writer_start(loop, &options, &writer), 0);
	return writer;
}

static void submit(struct database_writer *writer, struct asked *asked, const char *name)
{
	asked->name = name;
	asked->job.work = asked->job.work ? asked->job.work : write_note;
	asked->job.done = on_done;
	asked->job.context = asked;
	assert_int_equal(database_writer_submit(writer, &asked->job), 0);
}

static void close_writer(uv_loop_t *loop, struct database_writer *writer)
{
	bool closed = false;

	database_writer_close(writer, on_closed, &closed);
	assert_int_equal(uv_run(loop, UV_RUN_DEFAULT), 0);
	assert_true(closed);
	assert_int_equal(uv_loop_close(loop), 0);
}

static void jobs_that_wait_are_done_before_the_end(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct asked asked[JOBS_MAX] = {{.bytes = 1}};
	char names[JOBS_MAX][8];
	uv_loop_t loop;
	struct database_writer *writer = start_writer(&loop, open_one(path, DATABASE_CREATE, 1000));

	for (int i = 0; i < JOBS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		submit(writer, &asked[i], names[i]);
	}
	close_writer(&loop, writer);
	for (int i = 0; i < JOBS_MAX; i++) {
		assert_int_equal(asked[i].result, 1);
		assert_int_equal(asked[i].done, i + 1);
	}
	struct database *database = open_one(path, DATABASE_READ, 0);
	assert_int_equal(count_notes(database), JOBS_MAX);
	database_close(database);
}

static void a_job_that_fails_takes_nothing_else_with_it(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct asked asked[4] = {
		{.bytes = 0}, {.job.work = write_and_fail}, {.bytes = 0}, {.bytes = 0}};
	uv_loop_t loop;
	struct database_writer *writer = start_writer(&loop, open_one(path, DATABASE_CREATE, 1000));

	submit(writer, &asked[0], "good");
	submit(writer, &asked[1], "taken back");
	submit(writer, &asked[2], "good"); /* which is there already */
	submit(writer, &asked[3], "good, too");
	close_writer(&loop, writer);
	assert_int_equal(asked[0].result, 1);
	assert_int_equal(asked[1].result, FLAGSHIP_ERROR_CRYPTO);
	assert_string_equal(asked[1].problem, "");
	assert_int_equal(asked[2].result, FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(asked[2].problem, "UNIQUE"));
	assert_int_equal(asked[3].result, 1);
	struct database *database = open_one(path, DATABASE_READ, 0);
	assert_int_equal(count_notes(database), 2);
	database_close(database);
}

static void a_full_disk_is_reported_and_nothing_half_written(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct database *database = open_one(path, DATABASE_CREATE, 1000);
	struct asked asked[3] = {{.bytes = 0}, {.bytes = 100000}, {.bytes = 0}};
	uv_loop_t loop;
	int written = 0;

	fill_disk(database);
	struct database_writer *writer = start_writer(&loop, database);
	submit(writer, &asked[0], "before");
	submit(writer, &asked[1], "too large");
	submit(writer, &asked[2], "after");
	close_writer(&loop, writer);
	assert_int_equal(asked[1].result, FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(asked[1].problem, "No space left"));
	assert_int_equal(asked[2].result, 1);
	database = open_one(path, DATABASE_READ, 0);
	for (int i = 0; i < 3; i++) {
		written += asked[i].result > 0;
	}
	/* What is told to be there is there, and nothing else. */
	assert_int_equal(count_notes(database), written);
	database_close(database);
}

static void on_second_closed(void *context)
{
	struct asked *asked = context;

	assert_int_equal(asked->result, FLAGSHIP_ERROR_STORE);
}

static void a_full_queue_and_a_locked_database_are_errors(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct database *other = open_one(path, DATABASE_CREATE, 0);
	struct asked asked[JOBS_MAX + 1] = {{.bytes = 0}};
	uv_loop_t loop;

	assert_int_equal(database_begin(other), 0);
	struct database_writer *writer = start_writer(&loop, open_one(path, DATABASE_WRITE, 20));
	for (int i = 0; i < JOBS_MAX; i++) {
		submit(writer, &asked[i], "same");
	}
	struct asked *last = &asked[JOBS_MAX];
	last->job = (struct database_job){.work = write_note, .done = on_done, .context = last};
	assert_int_equal(database_writer_submit(writer, &last->job), FLAGSHIP_ERROR_RANGE);
	while (done_count < JOBS_MAX) {
		uv_run(&loop, UV_RUN_ONCE);
	}
	for (int i = 0; i < JOBS_MAX; i++) {
		assert_int_equal(asked[i].result, FLAGSHIP_ERROR_STORE);
		assert_non_null(strstr(asked[i].problem, "another program"));
	}
	database_rollback(other);
	/* There is room again, and nobody in the way. */
	submit(writer, last, "last");
	while (done_count <= JOBS_MAX) {
		uv_run(&loop, UV_RUN_ONCE);
	}
	assert_int_equal(last->result, 1);
	database_writer_close(writer, on_second_closed, &asked[0]);
	assert_int_equal(database_writer_submit(writer, &last->job), FLAGSHIP_ERROR_RANGE);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	database_close(other);
}

/* --- readers --- */

static int read_count(struct database *database, void *context)
{
	struct asked *asked = context;

	asked->seen = count_notes(database);
	return (int)asked->seen;
}

static int read_and_write(struct database *database, void *context)
{
	return write_note(database, context);
}

static struct database_readers *start_readers(uv_loop_t *loop, const char *path)
{
	struct database_readers_options options = {.count = 2, .waiting_max = 2};
	struct database_readers *readers;

	done_count = 0;
	options.databases[0] = open_one(path, DATABASE_READ, 0);
	options.databases[1] = open_one(path, DATABASE_READ, 0);
	options.brief = open_one(path, DATABASE_READ, 5000);
	assert_int_equal(uv_loop_init(loop), 0);
	assert_int_equal(database_readers_start(loop, &options, &readers), 0);
	return readers;
}

static void readers_do_not_wait_for_who_writes(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct database *other = open_one(path, DATABASE_CREATE, 0);
	struct asked asked[5] = {{.bytes = 0}};
	bool closed = false;
	uv_loop_t loop;

	assert_int_equal(add_note(other, "there", 1), 1);
	struct database_readers *readers = start_readers(&loop, path);
	assert_int_equal(database_begin(other), 0);
	assert_int_equal(add_note(other, "not yet", 1), 1);
	for (int i = 0; i < 5; i++) {
		asked[i].name = "x";
		asked[i].reading = (struct database_reading){
			.work = i == 3 ? read_and_write : read_count,
			.done = on_done,
			.context = &asked[i],
		};
		/* Two read, two wait, and there is no room for a fifth. */
		assert_int_equal(database_readers_submit(readers, &asked[i].reading),
				 i < 4 ? 0 : FLAGSHIP_ERROR_RANGE);
	}
	database_readers_close(readers, on_closed, &closed);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_true(closed);
	assert_int_equal(done_count, 4);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(asked[i].result, 1);
	}
	assert_int_equal(asked[3].result, FLAGSHIP_ERROR_STORE);
	assert_int_equal(uv_loop_close(&loop), 0);
	database_rollback(other);
	database_close(other);
}

static int fail_reading(struct database *database, void *context)
{
	(void)database;
	(void)context;
	return FLAGSHIP_ERROR_STORE;
}

/* It sees what was committed last, writes nothing, and is free again after an error. */
static void a_brief_reading_needs_no_thread(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct database *other = open_one(path, DATABASE_CREATE, 0);
	struct asked asked = {.name = "x"};
	uv_loop_t loop;

	assert_int_equal(add_note(other, "there", 1), 1);
	struct database_readers *readers = start_readers(&loop, path);
	assert_int_equal(database_begin(other), 0);
	assert_int_equal(add_note(other, "not yet", 1), 1);
	assert_int_equal(database_readers_read(readers, read_count, &asked), 1);
	assert_int_equal(database_readers_read(readers, fail_reading, NULL), FLAGSHIP_ERROR_STORE);
	assert_int_equal(database_readers_read(readers, read_and_write, &asked),
			 FLAGSHIP_ERROR_STORE);
	assert_int_equal(database_commit(other), 0);
	assert_int_equal(database_readers_read(readers, read_count, &asked), 2);
	database_readers_close(readers, NULL, NULL);
	assert_int_equal(database_readers_read(readers, read_count, &asked), FLAGSHIP_ERROR_RANGE);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	database_close(other);
}

static int set_up(void **state)
{
	static struct folder folder;

	folder_create(&folder);
	*state = &folder;
	return 0;
}

static int tear_down(void **state)
{
	folder_remove(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_come_back_as_they_were_given),
		TEST(inner_transactions_happen_where_the_outer_one_does),
		TEST(old_files_are_moved_on_and_newer_ones_refused),
		TEST(what_is_damaged_is_said_to_be),
		TEST(who_does_not_wait_for_a_writer_is_answered_at_once),
		TEST(jobs_that_wait_are_done_before_the_end),
		TEST(a_job_that_fails_takes_nothing_else_with_it),
		TEST(a_full_disk_is_reported_and_nothing_half_written),
		TEST(a_full_queue_and_a_locked_database_are_errors),
		TEST(readers_do_not_wait_for_who_writes),
		TEST(a_brief_reading_needs_no_thread),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
