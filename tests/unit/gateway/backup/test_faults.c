/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "gateway/backup/place.h"
#include "gateway/history/tables.h"
#include "gateway/queue/tables.h"
#include "lives.h"
#include "store/accounts/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A backup, and its way back, on a disk that fails, or short of memory: the first call, the second,
 * and so on. What failed says so and leaves nothing behind; what was broken off while it took its
 * place is brought to its end by the next one.
 */

#define MODE      0700
#define FILE_MODE 0600
#define LIVES_MAX 2000
#define SECRET    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ACCESS                                                                   \
	"{\"version\":1,\"secret\":\"" SECRET "\",\"users\":[{\"name\":\"ann\"," \
	"\"role\":\"admin\",\"password\":\"x\"}],\"keys\":[],\"settings\":{}}"
#define SETTINGS "[api]\nretries = 0\n"
#define GCODE    "; cube\nG28\nG1 X1 Y1 E1\n"

static struct lives lives;
static struct backup_place from; /* a gateway's folder */
static struct backup_place to;   /* another's, that it is restored to */
static int archive;

/* --- calls that fail --- */

#define FAILING_CALL(type, name, parameters, arguments, failed) \
	type __real_##name parameters;                          \
	type __wrap_##name parameters;                          \
	type __wrap_##name parameters                           \
	{                                                       \
		if (failing_memory_due()) {                     \
			errno = EIO;                            \
			return failed;                          \
		}                                               \
		return __real_##name arguments;                 \
	}

FAILING_CALL(ssize_t, read, (int file, void *bytes, size_t size), (file, bytes, size), -1)
FAILING_CALL(ssize_t, write, (int file, const void *bytes, size_t size), (file, bytes, size), -1)
FAILING_CALL(int, fsync, (int file), (file), -1)
FAILING_CALL(int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
FAILING_CALL(int, rename, (const char *old, const char *new), (old, new), -1)
FAILING_CALL(DIR *, opendir, (const char *path), (path), NULL)

/* --- what there is --- */

static void put(const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX];

	assert_true(backup_join(folder, name, path));
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	assert_true(file >= 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	close(file);
}

static void make_place(struct backup_place *place, const char *name)
{
	assert_true(backup_join(lives.folder, name, place->folder));
	assert_int_equal(mkdir(place->folder, MODE), 0);
	assert_true(backup_join(place->folder, "accounts.json", place->accounts));
	assert_true(backup_join(place->folder, "flagship.conf", place->settings));
}

static void fill(const struct backup_place *place)
{
	struct store_accounts none = {0};
	struct database *database;
	struct problem problem;
	char path[PATH_MAX];
	size_t length;
	char *text;

	put(place->folder, "access.json", ACCESS);
	put(place->folder, "flagship.conf", SETTINGS);
	put(place->folder, "moonraker.json", "{}");
	put(place->folder, "timelapse.json", "{}");
	assert_int_equal(accounts_text_format(&none, &text, &length), 0);
	put(place->folder, "accounts.json", text);
	free(text);
	assert_true(backup_kind_path(place, BACKUP_HISTORY, path));
	assert_int_equal(tables_open(path, true, &database, &problem), 0);
	database_close(database);
	assert_true(backup_kind_path(place, BACKUP_QUEUE, path));
	assert_int_equal(queue_tables_open(path, &database, &problem), 0);
	database_close(database);
	assert_true(backup_join(place->folder, BACKUP_AREA, path));
	assert_int_equal(mkdir(path, MODE), 0);
	put(path, "cube.gcode", GCODE);
	assert_true(backup_join(place->folder, BACKUP_AREA "/below", path));
	assert_int_equal(mkdir(path, MODE), 0);
	put(path, "tower.gcode", GCODE GCODE);
	/* What is no upload. */
	put(path, "notes.txt", "x");
	put(path, ".hidden.gcode", GCODE);
}

/* Nothing in the folder begins so. */
static void assert_none(const char *folder, const char *beginning)
{
	DIR *items = opendir(folder);
	const struct dirent *item;

	assert_non_null(items);
	while ((item = readdir(items))) {
		if (strncmp(item->d_name, beginning, strlen(beginning)) == 0) {
			print_error("%s is left\n", item->d_name);
		}
		assert_int_not_equal(strncmp(item->d_name, beginning, strlen(beginning)), 0);
	}
	closedir(items);
}

static void assert_content(const char *name, const char *text)
{
	char path[PATH_MAX];
	char content[4096] = "";

	assert_true(backup_join(to.folder, name, path));
	int file = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(file >= 0);
	assert_int_equal(read(file, content, sizeof(content) - 1), strlen(text));
	close(file);
	assert_string_equal(content, text);
}

/* --- lives --- */

static void rewind_archive(bool empty)
{
	assert_int_equal(lseek(archive, 0, SEEK_SET), 0);
	if (empty) {
		assert_int_equal(ftruncate(archive, 0), 0);
	}
}

static bool live_making(void)
{
	struct problem problem = {0};

	rewind_archive(true);
	int error = backup_make(&from, true, archive, &problem);
	bool fell = failing_memory_fell();
	failing_memory_pause();
	assert_true(!error || (fell && problem.text[0] != '\0'));
	assert_none(from.folder, BACKUP_PART);
	failing_memory_resume();
	return !error;
}

static bool live_staging(void)
{
	struct problem problem = {0};
	struct backup_found found;
	char ready[PATH_MAX];

	rewind_archive(false);
	int error = backup_stage(&to, archive, false, &found, &problem);
	bool fell = failing_memory_fell();
	failing_memory_pause();
	assert_true(!error || (fell && problem.text[0] != '\0'));
	if (!error) {
		assert_int_equal(found.uploads, 2);
		assert_true(backup_join(to.folder, BACKUP_READY, ready));
		assert_int_equal(access(ready, F_OK), 0);
		assert_none(ready, BACKUP_DOUBT);
		assert_int_equal(backup_remove_tree(ready, &problem), 0);
	}
	assert_none(to.folder, BACKUP_READY);
	assert_none(to.folder, BACKUP_NEW);
	failing_memory_resume();
	return !error;
}

static bool live_applying(void)
{
	struct problem problem = {0};
	struct backup_found found;

	failing_memory_pause();
	rewind_archive(false);
	assert_int_equal(backup_stage(&to, archive, false, &found, &problem), 0);
	failing_memory_resume();
	int error = backup_apply(&to, &problem);
	bool fell = failing_memory_fell();
	failing_memory_pause();
	assert_true(!error || (fell && problem.text[0] != '\0'));
	if (error) {
		assert_int_equal(backup_apply(&to, &problem), 0);
	}
	assert_none(to.folder, BACKUP_READY);
	assert_content("access.json", ACCESS);
	assert_content("flagship.conf", SETTINGS);
	assert_content(BACKUP_AREA "/cube.gcode", GCODE);
	assert_content(BACKUP_AREA "/below/tower.gcode", GCODE GCODE);
	put(to.folder, "access.json", "{}");
	failing_memory_resume();
	return !error;
}

static void what_cannot_be_made_is_told(void **state)
{
	(void)state;
	lives_run(&lives, live_making, LIVES_MAX, false);
}

static void nothing_is_left_of_what_is_not_whole(void **state)
{
	(void)state;
	lives_run(&lives, live_staging, LIVES_MAX, false);
}

static void what_is_broken_off_is_brought_to_its_end(void **state)
{
	(void)state;
	lives_run(&lives, live_applying, LIVES_MAX, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_made_is_told),
		cmocka_unit_test(nothing_is_left_of_what_is_not_whole),
		cmocka_unit_test(what_is_broken_off_is_brought_to_its_end),
	};
	char path[PATH_MAX];

	lives_begin(&lives);
	make_place(&from, "from");
	make_place(&to, "to");
	fill(&from);
	assert_true(backup_join(lives.folder, "archive.tar", path));
	archive = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	assert_true(archive >= 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	close(archive);
	lives_end(&lives);
	return failed;
}
