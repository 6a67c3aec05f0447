/* SPDX-License-Identifier: MIT */
#include "gateway/commands/folder_lock.h"

#include "base/problem.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "daemon/run/process.h"
#include "store/file/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#define LOCK_NAME "lock"

int folder_lock_take(const char *folder, int *lock)
{
	char path[PATH_MAX];
	struct problem problem;
	int length = snprintf(path, sizeof(path), "%s/" LOCK_NAME, folder);

	*lock = -1;
	if (length < 1 || (size_t)length >= sizeof(path)) {
		cli_error("--dir: this path is too long");
		return CLI_USAGE;
	}
	if (store_folder_make_of(path, &problem) || store_folder_check_of(path, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	*lock = lock_take(path);
	if (*lock < 0) {
		cli_error(errno == EWOULDBLOCK ? "the gateway of %s runs already"
					       : "%s cannot be locked",
			  folder);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}
