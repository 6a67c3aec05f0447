/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/unix_socket.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define NAME_LENGTH 100

static int make_socket(const char *path, int (*use)(int, const struct sockaddr *, socklen_t))
{
	struct unix_address address;

	assert_int_equal(unix_address_init(&address, path), 0);
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(descriptor, -1);
	assert_int_equal(
		use(descriptor, (const struct sockaddr *)&address.address, sizeof(address.address)),
		0);
	unix_address_finish(&address);
	return descriptor;
}

static void a_path_of_any_length_is_listened_at_and_connected_to(void **state)
{
	char folder[PATH_MAX] = "/tmp/flagship-unix-XXXXXX";
	char path[PATH_MAX + 8];

	(void)state;
	assert_non_null(mkdtemp(folder));
	size_t root = strlen(folder);
	for (int depth = 0; depth < 2; depth++) {
		size_t length = strlen(folder);

		snprintf(path, sizeof(path), "%s/socket", folder);
		int server = make_socket(path, bind);
		assert_int_equal(listen(server, 1), 0);
		int client = make_socket(path, connect);
		close(client);
		close(server);
		assert_int_equal(unlink(path), 0);
		folder[length] = '/';
		memset(folder + length + 1, 'f', NAME_LENGTH);
		folder[length + 1 + NAME_LENGTH] = '\0';
		assert_int_equal(mkdir(folder, S_IRWXU), 0);
	}
	while (strlen(folder) >= root) {
		assert_int_equal(rmdir(folder), 0);
		*strrchr(folder, '/') = '\0';
	}
}

static void a_path_without_a_folder_is_told(void **state)
{
	char path[2 * PATH_MAX];
	struct unix_address address;

	(void)state;
	memset(path, 'n', NAME_LENGTH * 2);
	path[NAME_LENGTH * 2] = '\0';
	assert_int_equal(unix_address_init(&address, path), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	memcpy(path, "/tmp/", 5);
	assert_int_equal(unix_address_init(&address, path), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	path[NAME_LENGTH] = '/';
	assert_int_equal(unix_address_init(&address, path), -1);
	assert_int_equal(errno, ENOENT);
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(unix_address_init(&address, path), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_of_any_length_is_listened_at_and_connected_to),
		cmocka_unit_test(a_path_without_a_folder_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
