/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_REGION_H
#define CLI_ACCOUNT_REGION_H

#include "cli/account/service.h"

#include <stddef.h>

#define REGION_SERVICES_MAX OPTIONS_LIST_MAX

/*
 * Asks all of these services at once, and finds the one that answers first; says on stderr which it
 * is and how long each took. Returns OPTIONS_RUN, or an exit status where none answers, which was
 * told with the reason of each.
 */
int region_measure(const char *const *urls, size_t count, const struct service_settings *settings,
		   size_t *fastest);

#endif
