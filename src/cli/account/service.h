/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_SERVICE_H
#define CLI_ACCOUNT_SERVICE_H

#include "cli/kit/options.h"
#include "store/accounts/accounts.h"
#include "vendor/service.h"

#include <stdbool.h>
#include <stdint.h>

/* Which service is asked, and how, for every command of this program. */
struct service_options {
	struct options_list api; /* --api; none: the vendor's */
	const char *broker;
	const char *ca;
	const char *pin;
	int64_t timeout_ms; /* of one try; 0: of the settings */
	bool json;
};

/* Its target is a struct service_options. */
extern const struct options_group service_options_group;

#define SERVICE_TIMEOUT_MS 15000 /* unless options or settings say otherwise */

/* Checks the options and completes them by the settings; how long an answer may take where neither
 * says is the command's own affair. Mistakes are reported on stderr. Returns OPTIONS_RUN or an exit
 * status. */
int service_settings_init(struct service_settings *settings, const struct service_options *options,
			  uint32_t answer_timeout_ms);

/* As if this file were the --ca. Returns likewise. */
int service_settings_set_ca(struct service_settings *settings, const char *file);

/* Puts what the options say of the service into the account, for the store. */
void service_describe(const struct service_options *options,
		      const struct service_settings *settings, struct store_account *account);

/* Prints what went wrong and returns the exit status; OPTIONS_RUN for SERVICE_OK. */
int service_report(enum service_failure failure, const struct problem *problem);

/* Prints a warning; a handler of vendor/service.h and vendor/import/source.h. */
void service_warn(void *context, const struct problem *problem);

#endif
