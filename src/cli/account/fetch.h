/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_FETCH_H
#define CLI_ACCOUNT_FETCH_H

#include "cli/account/service.h"

/*
 * Asks for the printers of the account that the service was opened for, with their keys, and for
 * what is not known yet of the account itself. Trouble is told on stderr. Returns OPTIONS_RUN or an
 * exit status, after which the account may hold a part.
 */
int fetch_printers(struct service *service, struct store_account *account);

/* The same where trouble is left to the caller to tell: what came of the list of printers. */
int fetch_list(struct service *service, struct store_account *account,
	       struct service_answer *answer);

#endif
