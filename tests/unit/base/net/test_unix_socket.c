/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/net/unix_socket.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define NAME_LENGTH 100
#define OTHERS      (S_IRWXG | S_IRWXO)

static mode_t mask_when_bound;

int __real_bind(int descriptor, const struct sockaddr *address, socklen_t size);
int __wrap_bind(int descriptor, const struct sockaddr *address, socklen_t size);
int __wrap_bind(int descriptor, const struct sockaddr *address, socklen_t size)
{
	mask_when_bound = umask(0);
	umask(mask_when_bound);
	return __real_bind(descriptor, address, size);
}

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

static mode_t mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	return status.st_mode & (S_IRWXU | OTHERS);
}

/* Not even for the moment between its making and its mode. */
static void nobody_else_gets_in(void **state)
{
	char folder[] = "/tmp/flagship-unix-XXXXXX";
	char path[sizeof(folder) + 8];
	mode_t before = umask(S_IWGRP | S_IWOTH);

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	int server = unix_socket_bind(path);
	assert_int_not_equal(server, -1);
	assert_int_equal(mask_when_bound & OTHERS, OTHERS);
	assert_int_equal(umask(before), S_IWGRP | S_IWOTH);
	assert_int_equal(mode_of(path), S_IRUSR | S_IWUSR);
	/* Nobody listens yet; and what nobody serves gives way. */
	assert_int_equal(unix_socket_connect(path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	int again = unix_socket_bind(path);
	assert_int_not_equal(again, -1);
	close(again);
	close(server);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void what_is_no_socket_stays(void **state)
{
	char path[] = "/tmp/flagship-unix-XXXXXX";
	int file = mkstemp(path);

	(void)state;
	assert_int_not_equal(file, -1);
	assert_int_equal(unix_socket_bind(path), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_int_equal(unlink(path), 0);
	close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_of_any_length_is_listened_at_and_connected_to),
		cmocka_unit_test(a_path_without_a_folder_is_told),
		cmocka_unit_test(nobody_else_gets_in),
		cmocka_unit_test(what_is_no_socket_stays),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
