/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_FETCH_H
#define VENDOR_FETCH_H

#include "vendor/service.h"

struct fetch {
	/* What is missing, though printers work without it. */
	void (*warn)(void *context, const struct problem *problem);
	void *context;
};

/*
 * Asks for the printers of the account that the service was opened for, with their keys, and for
 * what is not known yet of the account itself. After a failure the account may hold a part.
 */
enum service_failure fetch_printers(const struct fetch *fetch, struct service *service,
				    struct store_account *account, struct problem *problem);

#endif
