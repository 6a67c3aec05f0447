/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "store/file/replace_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#define CONTENT "new\n"
#define LENGTH  (sizeof(CONTENT) - 1)

/* Root may rename over /dev/null, and then nothing on the machine works. */
static void what_is_no_file_stays(void **state)
{
	struct folder folder;
	char path[PATH_MAX];
	struct stat status;

	(void)state;
	folder_create(&folder);
	snprintf(path, sizeof(path), "%s", folder_file(&folder, "pipe"));
	assert_int_equal(mkfifo(path, S_IRUSR | S_IWUSR), 0);
	assert_int_equal(replace_file(path, CONTENT, LENGTH, S_IRUSR | S_IWUSR), EINVAL);
	assert_int_equal(lstat(path, &status), 0);
	assert_true(S_ISFIFO(status.st_mode));
	assert_int_equal(folder_count(&folder, "pipe", NULL), 1);
	folder_remove(&folder);
}

static void a_file_is_replaced(void **state)
{
	struct folder folder;
	char path[PATH_MAX];

	(void)state;
	folder_create(&folder);
	snprintf(path, sizeof(path), "%s", folder_file(&folder, "file"));
	folder_write(path, "old\n", S_IRUSR);
	assert_int_equal(replace_file(path, CONTENT, LENGTH, S_IRUSR | S_IWUSR), 0);
	assert_int_equal(folder_mode(path), S_IRUSR | S_IWUSR);
	assert_int_equal(folder_count(&folder, "file", NULL), 1);
	folder_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_file_stays),
		cmocka_unit_test(a_file_is_replaced),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
