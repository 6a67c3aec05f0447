/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vendor/import/import.h"
#include "vendor/import/web_view.h"

#include <dirent.h>
#include <leveldb/c.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORIGIN "_https://make-app.ankermake.com"
/* {"user_id":…,"auth_token":…,"token_expires_at":…} */
#define LOGIN(id, expires)                                                           \
	"{\"user_id\":\"" id "\",\"auth_token\":\"token of " id "\",\"email\":\"" id \
	"@example.org\",\"ab_code\":\"DE\",\"token_expires_at\":" expires "}"
#define EARLY LOGIN("early", "1900000000")
#define LATE  LOGIN("late", "1900000001")

struct scene {
	char folder[PATH_MAX / 4];
	char storage[PATH_MAX / 2]; /* of Chromium: a folder */
	char sqlite[PATH_MAX / 2];  /* of WebKit: a file */
	char temporary[PATH_MAX / 2];
};

static int setup(void **state)
{
	static struct scene scene;

	scene = (struct scene){.folder = "/tmp/web-view-XXXXXX"};
	assert_non_null(mkdtemp(scene.folder));
	snprintf(scene.storage, sizeof(scene.storage), "%s/leveldb", scene.folder);
	snprintf(scene.sqlite, sizeof(scene.sqlite), "%s/localstorage.sqlite3", scene.folder);
	snprintf(scene.temporary, sizeof(scene.temporary), "%s/copies", scene.folder);
	assert_int_equal(mkdir(scene.temporary, S_IRWXU), 0);
	assert_int_equal(setenv("XDG_RUNTIME_DIR", scene.temporary, 1), 0);
	*state = &scene;
	return 0;
}

static int teardown(void **state)
{
	const struct scene *scene = *state;
	char command[PATH_MAX];

	/* Whatever came of it, no copy of a secret stays. */
	assert_int_equal(rmdir(scene->temporary), 0);
	snprintf(command, sizeof(command), "rm -r '%s'", scene->folder);
	return system(command);
}

static void put(const char *folder, const char *key, size_t key_length, const char *value,
		size_t length)
{
	leveldb_options_t *options = leveldb_options_create();
	leveldb_writeoptions_t *write = leveldb_writeoptions_create();
	char *error = NULL;

	leveldb_options_set_create_if_missing(options, 1);
	leveldb_t *database = leveldb_open(options, folder, &error);
	assert_null(error);
	leveldb_put(database, write, key, key_length, value, length, &error);
	assert_null(error);
	leveldb_close(database);
	leveldb_writeoptions_destroy(write);
	leveldb_options_destroy(options);
}

#define PUT(folder, key, value) put(folder, key, sizeof(key) - 1, value, sizeof(value) - 1)

static void run_sql(const char *path, const char *sql)
{
	sqlite3 *database = NULL;

	assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(database);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* "late", or "" where nobody is logged in, or what the problem says. */
static void assert_read(const char *path, enum web_view_result expected, const char *words)
{
	struct flagship_account login = {0};
	struct problem problem = {0};

	assert_int_equal(web_view_read(path, &login, &problem), expected);
	if (expected == WEB_VIEW_FAILED) {
		assert_non_null(strstr(problem.text, words));
	} else {
		assert_string_equal(login.user_id, words);
	}
	flagship_account_wipe(&login);
}

static void test_what_looks_like_one(void **state)
{
	const struct scene *scene = *state;
	char path[PATH_MAX];

	assert_true(web_view_is("/any/000003.ldb"));
	assert_true(web_view_is("000003.log"));
	assert_true(web_view_is("/any/localstorage.sqlite3"));
	assert_false(web_view_is("/any/login.json"));
	assert_false(web_view_is(""));
	assert_false(web_view_is(scene->folder));
	PUT(scene->storage, ORIGIN "\0\1userinfo", "\1" EARLY);
	assert_true(web_view_is(scene->storage));
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_false(web_view_is(path));
}

static void test_of_several_pages_the_longest_login_counts(void **state)
{
	const struct scene *scene = *state;

	PUT(scene->storage, ORIGIN "\0\1other", "\1" LATE);
	assert_read(scene->storage, WEB_VIEW_EMPTY, "");
	PUT(scene->storage, ORIGIN "\0\1vms-userinfo", "\1" EARLY);
	assert_read(scene->storage, WEB_VIEW_LOGIN, "early");
	PUT(scene->storage, "_https://another.example\0\1userinfo", LATE);
	assert_read(scene->storage, WEB_VIEW_LOGIN, "late");
	/* In the order of keys the best one is not the last. */
	PUT(scene->storage, "_https://zzz.example\0\1userinfo", "\1" EARLY);
	assert_read(scene->storage, WEB_VIEW_LOGIN, "late");
}

static void test_values_that_are_no_login_are_passed_over(void **state)
{
	const struct scene *scene = *state;

	PUT(scene->storage, "a userinfo", "");
	PUT(scene->storage, "b userinfo", "\1");
	PUT(scene->storage, "c userinfo", "\0");
	PUT(scene->storage, "d userinfo", "\1{\"user_id\":");
	PUT(scene->storage, "e userinfo", "\1[1,2]");
	PUT(scene->storage, "f userinfo", "\1{}");
	PUT(scene->storage, "serinfo", "\1" LATE);
	assert_read(scene->storage, WEB_VIEW_EMPTY, "");
	PUT(scene->storage, "userinfo", "\1" EARLY);
	assert_read(scene->storage, WEB_VIEW_LOGIN, "early");
}

/* Removes the files with this end. Returns how many. */
static size_t remove_files(const char *folder, const char *end)
{
	DIR *directory = opendir(folder);
	const struct dirent *entry;
	size_t count = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		char path[PATH_MAX];
		size_t length = strlen(entry->d_name);

		if (length >= strlen(end) &&
		    strcmp(entry->d_name + length - strlen(end), end) == 0) {
			snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
			assert_int_equal(unlink(path), 0);
			count++;
		}
	}
	closedir(directory);
	return count;
}

static void test_one_that_is_broken_is_mended_as_far_as_it_goes(void **state)
{
	const struct scene *scene = *state;
	char path[PATH_MAX];

	PUT(scene->storage, ORIGIN "\0\1userinfo", "\1" EARLY);
	/* Opened again, what the log had is in a table. */
	PUT(scene->storage, "other", "value");
	snprintf(path, sizeof(path), "%s/CURRENT", scene->storage);
	write_file(path, "MANIFEST-999999\n");
	assert_read(scene->storage, WEB_VIEW_LOGIN, "early");
	/* Without its tables there is nothing left. */
	assert_true(remove_files(scene->storage, ".ldb") > 0);
	assert_read(scene->storage, WEB_VIEW_EMPTY, "");
	snprintf(path, sizeof(path), "%s/LOCK", scene->storage);
	write_file(path, "held");
	assert_read(scene->storage, WEB_VIEW_EMPTY, "");
}

static void test_a_single_file_is_read(void **state)
{
	const struct scene *scene = *state;
	char path[PATH_MAX];
	DIR *directory;
	const struct dirent *entry;

	PUT(scene->storage, ORIGIN "\0\1userinfo", "\1" EARLY);
	directory = opendir(scene->storage);
	assert_non_null(directory);
	while ((entry = readdir(directory)) && !strstr(entry->d_name, ".log")) {
	}
	assert_non_null(entry);
	snprintf(path, sizeof(path), "%s/%s", scene->storage, entry->d_name);
	closedir(directory);
	assert_read(path, WEB_VIEW_LOGIN, "early");
}

static void test_what_cannot_be_copied_is_named(void **state)
{
	const struct scene *scene = *state;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/nothing.ldb", scene->folder);
	assert_read(path, WEB_VIEW_FAILED, "nothing.ldb: No such file");
	/* A pipe would never end. */
	snprintf(path, sizeof(path), "%s/pipe.log", scene->folder);
	assert_int_equal(mkfifo(path, S_IRUSR | S_IWUSR), 0);
	assert_read(path, WEB_VIEW_FAILED, "pipe.log: Invalid argument");
	/* A folder has the name of a file. */
	assert_int_equal(mkdir(scene->storage, S_IRWXU), 0);
	snprintf(path, sizeof(path), "%s/CURRENT", scene->storage);
	assert_int_equal(mkdir(path, S_IRWXU), 0);
	assert_read(scene->storage, WEB_VIEW_FAILED, "CURRENT: Invalid argument");
}

static void test_more_than_a_browser_keeps_is_not_copied(void **state)
{
	const struct scene *scene = *state;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/huge.log", scene->folder);
	write_file(path, "x");
	assert_int_equal(truncate(path, 129 * 1024 * 1024), 0);
	assert_read(path, WEB_VIEW_FAILED, "File too large");
	assert_int_equal(mkdir(scene->storage, S_IRWXU), 0);
	for (int i = 0; i <= 2000; i++) {
		snprintf(path, sizeof(path), "%s/%06d.ldb", scene->storage, i);
		write_file(path, "");
	}
	assert_read(scene->storage, WEB_VIEW_FAILED, "holds more files than a local storage does");
}

static void test_the_file_of_webkit(void **state)
{
	const struct scene *scene = *state;

	run_sql(scene->sqlite, "CREATE TABLE ItemTable (key TEXT, value BLOB);");
	assert_read(scene->sqlite, WEB_VIEW_EMPTY, "");
	run_sql(scene->sqlite,
		"INSERT INTO ItemTable VALUES ('userinfo', '" LATE "'),"
		"('vms-userinfo', NULL), ('vms-userinfo', 'x'), ('vms-userinfo', 7);");
	assert_read(scene->sqlite, WEB_VIEW_EMPTY, "");
	run_sql(scene->sqlite, "INSERT INTO ItemTable VALUES ('vms-userinfo', '" EARLY "'),"
			       "('vms-userinfo', CAST('" LATE "' AS BLOB));");
	assert_read(scene->sqlite, WEB_VIEW_LOGIN, "late");
}

static void test_a_file_of_webkit_that_is_damaged(void **state)
{
	const struct scene *scene = *state;
	char path[PATH_MAX];

	assert_read(scene->sqlite, WEB_VIEW_FAILED, "No such file");
	write_file(scene->sqlite, "");
	assert_read(scene->sqlite, WEB_VIEW_FAILED, "no such table: ItemTable");
	write_file(scene->sqlite,
		   "this is no database, but long enough to be looked at as one, which "
		   "it is from a hundred bytes on");
	assert_read(scene->sqlite, WEB_VIEW_FAILED, "cannot be read: file is not a database");
	/* A log beside it that is none is passed over by SQLite. */
	assert_int_equal(unlink(scene->sqlite), 0);
	run_sql(scene->sqlite, "CREATE TABLE ItemTable (key TEXT, value BLOB);"
			       "INSERT INTO ItemTable VALUES ('vms-userinfo', '" EARLY "');");
	snprintf(path, sizeof(path), "%s-wal", scene->sqlite);
	write_file(path, "no log");
	assert_read(scene->sqlite, WEB_VIEW_LOGIN, "early");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, S_IRWXU), 0);
	assert_read(scene->sqlite, WEB_VIEW_FAILED, "-wal: Invalid argument");
}

static void test_where_no_copy_can_be_made(void **state)
{
	const struct scene *scene = *state;

	PUT(scene->storage, ORIGIN "\0\1userinfo", "\1" EARLY);
	/* What is no folder of ours is not used. */
	assert_int_equal(setenv("XDG_RUNTIME_DIR", "relative", 1), 0);
	assert_int_equal(setenv("TMPDIR", "/nonexistent", 1), 0);
	assert_read(scene->storage, WEB_VIEW_LOGIN, "early");
	assert_int_equal(setenv("TMPDIR", "/proc", 1), 0);
	assert_int_equal(setenv("XDG_RUNTIME_DIR", "/proc/self", 1), 0);
	if (access("/proc/self", W_OK) == 0) {
		assert_read(scene->storage, WEB_VIEW_FAILED, "cannot make the folder");
	}
	assert_int_equal(unsetenv("TMPDIR"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_looks_like_one),
		TEST(test_of_several_pages_the_longest_login_counts),
		TEST(test_values_that_are_no_login_are_passed_over),
		TEST(test_one_that_is_broken_is_mended_as_far_as_it_goes),
		TEST(test_a_single_file_is_read),
		TEST(test_what_cannot_be_copied_is_named),
		TEST(test_more_than_a_browser_keeps_is_not_copied),
		TEST(test_the_file_of_webkit),
		TEST(test_a_file_of_webkit_that_is_damaged),
		TEST(test_where_no_copy_can_be_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
