/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_TEMPORARY_H
#define CLOUD_TEMPORARY_H

#include "cloud/registry/registry.h"

#include <limits.h>

/* A registry in a folder of its own. */
struct temporary {
	char folder[PATH_MAX / 2];
	char path[PATH_MAX];
	struct registry *registry;
};

void temporary_open(struct temporary *temporary);
void temporary_close(struct temporary *temporary);

/* The user id of a new account; mqtt_password may be "". */
struct registry_account temporary_account(struct temporary *temporary, const char *email,
					  const char *mqtt_password);

/* What no function of the registry does. */
void temporary_execute(struct temporary *temporary, const char *sql);

void temporary_printer(struct temporary *temporary, const char *user_id, const char *serial);

#endif
