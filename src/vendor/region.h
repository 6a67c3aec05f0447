/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_REGION_H
#define VENDOR_REGION_H

#include "vendor/service.h"

#include <stddef.h>

#define REGION_SERVICES_MAX 16

struct region_handlers {
	/* One of them does not answer. */
	void (*on_failure)(void *context, const char *detail);
	/* The one that answers first; once. */
	void (*on_first)(void *context, const char *url, uint64_t elapsed_ms);
	void *context;
};

/* Asks all of these services at once, and finds the one that answers first. `fastest` is its
 * index. */
enum service_failure region_measure(const struct region_handlers *handlers, const char *const *urls,
				    size_t count, const struct service_settings *settings,
				    size_t *fastest, struct problem *problem);

#endif
