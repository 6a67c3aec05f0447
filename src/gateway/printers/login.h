/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PRINTERS_LOGIN_H
#define GATEWAY_PRINTERS_LOGIN_H

#include "base/problem.h"
#include "store/accounts/accounts.h"
#include "store/broker_url.h"
#include "store/settings/settings.h"
#include "transport/mqtt/session.h"

/* How an account's printers are reached: what an MQTT session is made of, with its texts. */
struct gateway_login {
	struct mqtt_session_options session; /* its strings are below, or the account's */
	struct broker_url broker;
	char url[STORE_TEXT_MAX];
	char ca_file[STORE_TEXT_MAX];
	char pin[STORE_TEXT_MAX];
	char username[STORE_TEXT_MAX];
	char password[STORE_TEXT_MAX]; /* secret: gateway_login_wipe */
};

/* The broker of the settings, else the account's. Errors: ARGUMENT (no broker can be made of what
 * is written there; with problem). gateway_login_wipe is due either way. */
int gateway_login_make(struct gateway_login *login, const struct store_account *account,
		       const struct settings *settings, struct problem *problem)
	__attribute__((warn_unused_result));

void gateway_login_wipe(struct gateway_login *login);

#endif
