/* SPDX-License-Identifier: MIT */
#include "gateway/printers/login.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdio.h>

#define BROKER_SECTION "broker"

static void keep(char out[STORE_TEXT_MAX], const char *text)
{
	snprintf(out, STORE_TEXT_MAX, "%s", text);
}

/* A trust that is written beside a broker belongs to that broker, and to no other. A cloud on this
 * machine says itself where its broker is. */
static void find_broker(struct gateway_login *login, const struct store_account *account,
			const struct settings *settings)
{
	const char *url = settings_get(settings, BROKER_SECTION, "url");

	if (url[0] != '\0' && !account->local) {
		keep(login->url, url);
		keep(login->ca_file, settings_get(settings, BROKER_SECTION, "ca"));
		keep(login->pin, settings_get(settings, BROKER_SECTION, "pin"));
		return;
	}
	store_account_broker(account, login->url);
	if (account->broker[0] != '\0') {
		keep(login->ca_file, account->ca_file);
		keep(login->pin, account->pin);
	}
}

int gateway_login_make(struct gateway_login *login, const struct store_account *account,
		       const struct settings *settings, struct problem *problem)
{
	char shown[BROKER_URL_EXPLAINED_MAX];

	*login = (struct gateway_login){0};
	find_broker(login, account, settings);
	const char *fault = broker_url_parse(login->url, &login->broker);
	if (fault) {
		problem_set(problem, "the broker '%s': %s", broker_url_explain(login->url, shown),
			    fault);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	store_account_mqtt_username(account, login->username);
	store_account_mqtt_password(account, login->password);
	login->session = (struct mqtt_session_options){
		.host = login->broker.host,
		.port = login->broker.port,
		.plain = login->broker.plain,
		.username = login->username,
		.password = login->password,
		/* A certificate may be made good, and a login given back, while this runs. */
		.retry_final = true,
	};
	if (!login->broker.plain && login->ca_file[0] != '\0') {
		login->session.trust.ca_file = login->ca_file;
	} else if (!login->broker.plain && login->pin[0] != '\0') {
		login->session.trust.pin_sha256 = login->pin;
	}
	return 0;
}

void gateway_login_wipe(struct gateway_login *login)
{
	OPENSSL_cleanse(login->password, sizeof(login->password));
}
