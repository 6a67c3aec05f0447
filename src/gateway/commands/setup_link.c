/* SPDX-License-Identifier: MIT */
#include "gateway/commands/setup_link.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define BASE_ROOM 32 /* of a URL beside its host */

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
