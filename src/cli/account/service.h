/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_SERVICE_H
#define CLI_ACCOUNT_SERVICE_H

#include "cli/kit/options.h"
#include "store/accounts/accounts.h"
#include "vendor/api.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

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

/* Checked, completed by the settings. */
struct service_settings {
	char ca_file[STORE_TEXT_MAX]; /* absolute, or "" */
	char pin[STORE_TEXT_MAX];
	bool own_api; /* CA and pin are of the service too, and not of the broker alone */
	uint32_t timeout_ms;
	unsigned int retries;
	enum vendor_session_use session;
};

/* Mistakes are told on stderr. Returns OPTIONS_RUN or an exit status. */
int service_settings_init(struct service_settings *settings, const struct service_options *options);

/* What the certificate of the service is checked against; borrows from settings. */
struct trust_options service_trust(const struct service_settings *settings);

/* Puts what the options say of the service into the account, for the store. */
void service_describe(const struct service_options *options,
		      const struct service_settings *settings, struct store_account *account);

/* One service, asked one thing after another. */
struct service {
	uv_loop_t loop;
	struct vendor_api *api;
	char url[STORE_TEXT_MAX];
};

/* login may be NULL. Trouble is told on stderr. Returns OPTIONS_RUN or an exit status;
 * service_close is due after OPTIONS_RUN only. */
int service_open(struct service *service, const char *url, const struct service_settings *settings,
		 const struct flagship_account *login);
void service_close(struct service *service);

/* What came of a call, kept until service_answer_finish wipes it. */
struct service_answer {
	enum vendor_outcome outcome;
	enum http_failure failure;
	int64_t code;
	char detail[HTTP_DETAIL_MAX];
	char *text; /* behind data */
	struct flagship_json data;
};

/* Waits for the answer. Returns OPTIONS_RUN, or an exit status where nothing could be sent, which
 * was told. service_answer_finish is due either way. */
int service_call(struct service *service, enum vendor_call call,
		 const struct vendor_parameters *parameters, struct service_answer *answer);
void service_answer_finish(struct service_answer *answer);

/* Tells on stderr what went wrong and what to do, and returns the exit status. */
int service_tell(const struct service_answer *answer);

/* The exit status alone. */
int service_status(const struct service_answer *answer);

#endif
