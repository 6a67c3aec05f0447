/* SPDX-License-Identifier: MIT */
#include "gateway/commands/beginning.h"

#include "base/problem.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "daemon/run/process.h"
#include "gateway/access/networks.h"
#include "store/file/folder.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOCK_NAME "lock"
#define BASE_ROOM 32 /* of a URL beside its host */

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

/* The link is a secret: a terminal shows it, and a log its place. */
int setup_link_offer(struct access *access, const struct serve_options *options, uint16_t port,
		     struct log *log, struct problem *problem)
{
	const char *address = options->bind.addresses[0];
	char host[HOST_NAME_MAX + 1] = "localhost";
	char base[HOST_NAME_MAX + BASE_ROOM];

	if (bind_is_all(address)) {
		(void)gethostname(host, sizeof(host) - 1);
		address = host;
	}
	snprintf(base, sizeof(base), bind_is_ipv6(address) ? "%s://[%s]:%u" : "%s://%s:%u",
		 options->tls_certificate ? "https" : "http", address, port);
	int error = access_offer_setup(access, base, problem);
	if (error) {
		return error;
	}
	if (access_setup_is_offered(access)) {
		log_write(log, LOG_LEVEL_INFO, "serve",
			  "there are no users yet: %s/" ACCESS_SETUP_FILE
			  " holds a link that makes the first one",
			  options->folder);
	}
	return 0;
}

bool socket_is_local(int descriptor, bool *is_unix)
{
	char text[INET6_ADDRSTRLEN];
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	*is_unix = false;
	if (getsockname(descriptor, (struct sockaddr *)&address, &length)) {
		return false;
	}
	*is_unix = address.ss_family == AF_UNIX;
	return *is_unix || (getnameinfo((const struct sockaddr *)&address, length, text,
					sizeof(text), NULL, 0, NI_NUMERICHOST) == 0 &&
			    address_is_loopback(text));
}
