/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "kept.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WRITERS       4
#define WRITES        25 /* of each */
#define KILLS         20
#define KILL_AFTER_NS 2000000L
#define ROOM_BYTES    64 /* on the disk that is full */
#define LOCK_HELD_NS  100000000L
#define OTHER_USER    65534

static void a_file_that_others_can_read_is_reported_and_closed(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;

	assert_int_equal(kept_update(path, "u1", &problem), 0);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), 0);
	assert_int_equal(accounts.count, 1);
	assert_non_null(strstr(problem.text, "can be read by others"));
	assert_non_null(strstr(problem.text, "chmod 600"));
	store_accounts_finish(&accounts);

	assert_int_equal(kept_update(path, "u2", &problem), 0);
	assert_non_null(strstr(problem.text, "could be read by others until now (mode 0640)"));
	assert_int_equal(folder_mode(path), 0600);
	assert_int_equal(kept_update(path, "u3", &problem), 0);
	assert_string_equal(problem.text, "");
}

static void a_link_stays_and_what_it_leads_to_is_replaced(void **state)
{
	struct folder *folder = *state;
	char target[PATH_MAX];
	char link_path[PATH_MAX];
	struct problem problem;
	struct stat status;

	assert_int_equal(mkdir(folder_file(folder, "elsewhere"), 0700), 0);
	strcpy(target, folder_file(folder, "elsewhere/real.json"));
	strcpy(link_path, folder_file(folder, FILE_NAME));
	assert_int_equal(symlink("elsewhere/real.json", link_path), 0);
	assert_int_equal(kept_update(link_path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "a symbolic link that leads nowhere"));

	assert_int_equal(kept_update(target, "u1", &problem), 0);
	assert_int_equal(kept_update(link_path, "u2", &problem), 0);
	assert_int_equal(lstat(link_path, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(kept_count(target), 2);
}

static void what_is_no_file_is_reported_without_waiting(void **state)
{
	struct folder *folder = *state;
	struct store_accounts accounts;
	struct problem problem;
	const char *path = folder_file(folder, FILE_NAME);

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "no regular file"));
	assert_int_equal(kept_update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(unlink(path), 0);

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(kept_update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(rmdir(path), 0);

	folder_write(path, "", 0600);
	assert_int_equal(truncate(path, (off_t)1 << 30), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "far too large"));
	assert_int_equal(unlink(path), 0);

	folder_write(path, "", 0600);
	path = folder_file(folder, FILE_NAME "/below");
	assert_int_equal(kept_update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, strerror(ENOTDIR)));
}

static void a_name_that_is_too_long_is_reported(void **state)
{
	struct folder *folder = *state;
	struct problem problem;
	char path[PATH_MAX + 1];

	/* No file of this name can have another beside it with a longer one. */
	int length = snprintf(path, sizeof(path), "%s/", folder->path);
	memset(path + length, 'x', NAME_MAX);
	path[length + NAME_MAX] = '\0';
	assert_int_equal(kept_update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, strerror(ENAMETOOLONG)));
	memset(path, '/', PATH_MAX);
	path[PATH_MAX] = '\0';
	assert_int_equal(kept_update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(folder_count(folder, "x", NULL), 0);
}

static void root_keeps_out_of_the_folder_of_another(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;

	if (geteuid() != 0) {
		print_message("skipped: only root can give folders away\n");
		skip();
	}
	assert_int_equal(chown(folder->path, OTHER_USER, OTHER_USER), 0);
	assert_int_equal(kept_update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "belongs to user"));
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	store_accounts_finish(&accounts);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void others_may_not_write_where_it_is(void **state)
{
	static const mode_t modes[] = {0777, 01777, 0707, 0702};
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;

	assert_int_equal(kept_update(path, "u1", &problem), 0);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(folder->path, modes[i]), 0);
		assert_int_equal(store_accounts_load(path, &accounts, &problem),
				 FLAGSHIP_ERROR_STORE);
		store_accounts_finish(&accounts);
		assert_non_null(strstr(problem.text, "chmod go-w"));
		assert_int_equal(kept_update(path, "u2", &problem), FLAGSHIP_ERROR_STORE);
	}
	assert_int_equal(chmod(folder->path, 0755), 0);
	assert_int_equal(kept_update(path, "u2", &problem), 0);
	assert_int_equal(chmod(path, 0602), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	store_accounts_finish(&accounts);
}

static void a_full_disk_changes_nothing(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	struct rlimit limit;
	struct rlimit small;

	assert_int_equal(kept_update(path, "u1", &problem), 0);
	char *before = folder_read(path);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = ROOM_BYTES;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int error = kept_update(path, "u2", &problem);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, SIG_DFL);

	assert_int_equal(error, FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "nothing was changed"));
	assert_non_null(strstr(problem.text, strerror(EFBIG)));
	char *after = folder_read(path);
	assert_string_equal(before, after);
	free(before);
	free(after);
	assert_int_equal(folder_count(folder, "." FILE_NAME ".new", NULL), 0);
	assert_int_equal(kept_update(path, "u2", &problem), 0);
	assert_int_equal(kept_count(path), 2);
}

static void write_as_process(const char *path, int number)
{
	struct problem problem;
	char user_id[32];

	for (int i = 0; i < WRITES; i++) {
		snprintf(user_id, sizeof(user_id), "writer%d-%d", number, i);
		if (kept_update(path, user_id, &problem) != 0) {
			print_error("%s: %s\n", user_id, problem.text);
			_exit(1);
		}
	}
	_exit(0);
}

static void processes_that_write_at_the_same_time_lose_nothing(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	pid_t children[WRITERS];
	int status;

	for (int i = 0; i < WRITERS; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			write_as_process(path, i);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(kept_count(path), WRITERS * WRITES);
}

static void a_process_that_is_killed_leaves_a_whole_file(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	const struct timespec pause = {.tv_nsec = KILL_AFTER_NS};
	int status;

	assert_int_equal(kept_update(path, "u1", &problem), 0);
	for (int i = 0; i < KILLS; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			for (;;) {
				kept_update(path, "u2", &problem);
			}
		}
		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(access(path, F_OK), 0); /* else somebody else removed it */
		assert_true(kept_count(path) >= 1);
	}
	/* The lock died with them, and what they left is used up. */
	assert_int_equal(kept_update(path, "u3", &problem), 0);
	assert_int_equal(folder_count(folder, "." FILE_NAME ".new", NULL), 0);
	assert_int_equal(folder_count(folder, FILE_NAME, NULL), 1);
}

static void a_writer_waits_for_the_one_before(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	const struct timespec held = {.tv_nsec = LOCK_HELD_NS};
	char lock[PATH_MAX];
	int ready[2];
	char byte;
	int status;

	assert_int_equal(kept_update(path, "u1", &problem), 0);
	snprintf(lock, sizeof(lock), "%s/." FILE_NAME ".lock", folder->path);
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int descriptor = open(lock, O_RDWR);
		int failed = flock(descriptor, LOCK_EX) != 0 || write(ready[1], "x", 1) != 1;
		nanosleep(&held, NULL);
		/* Only the holder may still change the file. */
		folder_write(path, "{\"version\":1,\"accounts\":[{\"user_id\":\"held\"}]}", 0600);
		_exit(failed);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(kept_update(path, "u2", &problem), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
	char *text = folder_read(path);
	assert_non_null(strstr(text, "held"));
	assert_non_null(strstr(text, "u2"));
	assert_null(strstr(text, "u1"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_that_others_can_read_is_reported_and_closed,
						kept_set_up, kept_tear_down),
		cmocka_unit_test_setup_teardown(a_link_stays_and_what_it_leads_to_is_replaced,
						kept_set_up, kept_tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_reported_without_waiting,
						kept_set_up, kept_tear_down),
		cmocka_unit_test_setup_teardown(a_name_that_is_too_long_is_reported, kept_set_up,
						kept_tear_down),
		cmocka_unit_test_setup_teardown(root_keeps_out_of_the_folder_of_another,
						kept_set_up, kept_tear_down),
		cmocka_unit_test_setup_teardown(others_may_not_write_where_it_is, kept_set_up,
						kept_tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_changes_nothing, kept_set_up,
						kept_tear_down),
		cmocka_unit_test_setup_teardown(processes_that_write_at_the_same_time_lose_nothing,
						kept_set_up, kept_tear_down),
		cmocka_unit_test_setup_teardown(a_process_that_is_killed_leaves_a_whole_file,
						kept_set_up, kept_tear_down),
		cmocka_unit_test_setup_teardown(a_writer_waits_for_the_one_before, kept_set_up,
						kept_tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
