/* SPDX-License-Identifier: MIT */
#include "cli/account/captcha.h"
#include "cli/account/commands.h"
#include "cli/account/fetch.h"
#include "cli/account/keep.h"
#include "cli/account/region.h"
#include "cli/account/service.h"
#include "cli/kit/prompt.h"
#include "cli/output/print.h"

#include "vendor/import.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <openssl/crypto.h>

#include <stdio.h>
#include <string.h>

#define CAPTCHAS_MAX   3
#define ANSWER_MAX     64
#define COUNTRY_LENGTH 2
#define REGIONS        2

enum region_choice {
	REGION_US,
	REGION_EU,
	REGION_AUTO,
};

static const char *const region_choices[] = {"us", "eu", "auto", NULL};

struct login_options {
	struct service_options service;
	char *email; /* leading into argv: wiped, since it is the MQTT password too */
	int region;  /* enum region_choice */
	const char *country;
	const char *service_key;
};

static const struct options_option login_table[] = {
	{.name = "email",
	 .kind = OPTIONS_TEXT,
	 .value = "ADDRESS",
	 .help = "e-mail address of the account; asked for without it",
	 .offset = offsetof(struct login_options, email)},
	{.name = "region",
	 .kind = OPTIONS_CHOICE,
	 .choices = region_choices,
	 .help = "where the account lives; auto asks both and takes the one that answers first "
		 "(auto)",
	 .offset = offsetof(struct login_options, region)},
	{.name = "country",
	 .kind = OPTIONS_TEXT,
	 .value = "CC",
	 .help = "two letters of the country of the account: it tells the region",
	 .offset = offsetof(struct login_options, country)},
	{.name = "service-key",
	 .kind = OPTIONS_TEXT,
	 .value = "HEX",
	 .help = "public key that passwords are encrypted for, of an --api that does not tell it",
	 .offset = offsetof(struct login_options, service_key)},
};

static const struct options_group login_group = OPTIONS_GROUP("Login", login_table);

static const struct options_group *const groups[] = {&login_group, &service_options_group, NULL};

static int run(const struct cli_command *command, int argc, char **argv);

const struct cli_command login_command = {
	.name = "login",
	.section = "Accounts",
	.summary = "log in to the vendor's service, or to another",
	.arguments = "",
	.arguments_max = 0,
	.description = "Logs in with e-mail address and password, and keeps the account with its "
		       "printers\n"
		       "and their keys. The password is asked for, or is the first line of "
		       "standard input\n"
		       "where that is no terminal; it is not kept.",
	.groups = groups,
	.run = run,
};

/* What is known so far. */
struct login {
	const struct login_options *options;
	struct service_settings settings;
	char email[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];
	char url[STORE_TEXT_MAX];
	char service_key[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE]; /* "": the vendor's */
	bool measured;                                    /* the region was not given */
	struct store_account account;
};

static int ask_credentials(struct login *login)
{
	char *email = login->options->email;
	int result = OPTIONS_RUN;

	if (email) {
		snprintf(login->email, sizeof(login->email), "%s", email);
		OPENSSL_cleanse(email, strlen(email));
	} else if (prompt_is_terminal()) {
		result = prompt_line("E-mail address", "e-mail address", false, login->email,
				     sizeof(login->email));
	} else {
		cli_error("give the e-mail address with --email");
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (!strchr(login->email, '@')) {
		cli_error("'%s' is no e-mail address", login->email);
		return CLI_USAGE;
	}
	return prompt_line("Password", "password", true, login->password, sizeof(login->password));
}

static void vendor_url(enum flagship_region region, char out[STORE_TEXT_MAX])
{
	snprintf(out, STORE_TEXT_MAX, "https://%s", flagship_region_api_host(region));
}

static int check_country(const char *country)
{
	if (!country || strlen(country) == COUNTRY_LENGTH) {
		return OPTIONS_RUN;
	}
	cli_error("--country takes the two letters of a country, such as DE, not '%s'", country);
	return CLI_USAGE;
}

/* The vendor's service of each region. */
static int choose_vendor(struct login *login)
{
	const struct login_options *options = login->options;
	char urls[REGIONS][STORE_TEXT_MAX];
	const char *list[REGIONS] = {urls[FLAGSHIP_REGION_US], urls[FLAGSHIP_REGION_EU]};
	size_t chosen = options->region == REGION_US ? FLAGSHIP_REGION_US : FLAGSHIP_REGION_EU;

	vendor_url(FLAGSHIP_REGION_US, urls[FLAGSHIP_REGION_US]);
	vendor_url(FLAGSHIP_REGION_EU, urls[FLAGSHIP_REGION_EU]);
	if (options->region == REGION_AUTO && options->country) {
		chosen = flagship_region_from_country(options->country);
	} else if (options->region == REGION_AUTO) {
		login->measured = true;
		int result = region_measure(list, REGIONS, &login->settings, &chosen);
		if (result != OPTIONS_RUN) {
			return result;
		}
	}
	login->account.login.region = (enum flagship_region)chosen;
	memcpy(login->url, urls[chosen], sizeof(login->url));
	return OPTIONS_RUN;
}

static int choose_service(struct login *login)
{
	const struct options_list *api = &login->options->service.api;
	size_t chosen = 0;
	int result = OPTIONS_RUN;

	if (api->count == 0) {
		return choose_vendor(login);
	}
	if (api->count > 1) {
		result = region_measure(api->items, api->count, &login->settings, &chosen);
	}
	if (result == OPTIONS_RUN && snprintf(login->url, sizeof(login->url), "%s",
					      api->items[chosen]) >= (int)sizeof(login->url)) {
		cli_error("the address of the service is too long: %s", api->items[chosen]);
		result = CLI_USAGE;
	}
	snprintf(login->account.api, sizeof(login->account.api), "%s", login->url);
	return result;
}

/* What passwords are encrypted for: a local cloud tells, where it was not told to us. */
static int find_service_key(struct login *login, struct service *service)
{
	struct service_answer answer;
	const char *given = login->options->service_key;

	if (given) {
		if (strlen(given) >= sizeof(login->service_key)) {
			cli_error("--service-key wants 130 hex digits: a point of P-256, "
				  "uncompressed");
			return CLI_USAGE;
		}
		memcpy(login->service_key, given, strlen(given) + 1);
		return OPTIONS_RUN;
	}
	if (!login->account.api[0]) {
		return OPTIONS_RUN;
	}
	int result = service_call(service, VENDOR_SERVICE, NULL, &answer);
	if (result == OPTIONS_RUN && answer.outcome == VENDOR_UNREACHABLE) {
		result = service_tell(&answer);
	} else if (result == OPTIONS_RUN && answer.outcome == VENDOR_DONE) {
		import_service_key(answer.data, login->service_key);
	}
	service_answer_finish(&answer);
	return result;
}

/* Where it is not given, one of the region. */
static const char *country_of(const struct login *login)
{
	if (login->options->country) {
		return login->options->country;
	}
	return login->account.login.region == FLAGSHIP_REGION_US ? "US" : "DE";
}

/* Until the service is content, or has wanted too many of them. */
static int call_login(struct login *login, struct service *service, struct service_answer *answer)
{
	struct vendor_parameters parameters = {
		.email = login->email,
		.password = login->password,
		.service_key = login->service_key[0] ? login->service_key : NULL,
		.country = country_of(login),
	};
	struct vendor_captcha captcha = {0};
	char solved[ANSWER_MAX];
	int result = service_call(service, VENDOR_LOGIN, &parameters, answer);

	for (int i = 0;
	     i < CAPTCHAS_MAX && result == OPTIONS_RUN && answer->outcome == VENDOR_CAPTCHA; i++) {
		vendor_captcha_finish(&captcha);
		if (vendor_captcha_read(answer->data, &captcha) != 0) {
			cli_error("the service wants a captcha solved, but sends no picture that "
				  "can be shown");
			result = CLI_NOT_ALLOWED;
			break;
		}
		result = captcha_ask(&captcha, solved, sizeof(solved));
		if (result == OPTIONS_RUN) {
			parameters.captcha_id = captcha.id;
			parameters.captcha_answer = solved;
			service_answer_finish(answer);
			result = service_call(service, VENDOR_LOGIN, &parameters, answer);
		}
	}
	vendor_captcha_finish(&captcha);
	return result;
}

/*
 * The address is the MQTT password too, so that it has to be the right one: it may have come
 * sealed for this login, and else the one that logged in is it.
 */
static void settle_email(struct login *login, const struct service *service,
			 const struct service_answer *answer)
{
	struct flagship_account *found = &login->account.login;
	char key[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
	char opened[FLAGSHIP_ACCOUNT_FIELD_MAX] = "";

	if (strchr(found->email, '@')) {
		return;
	}
	if (found->email[0] && import_server_secret_key(answer->data, key) &&
	    vendor_api_open_secret(service->api, found->email, key, opened, sizeof(opened)) == 0 &&
	    strchr(opened, '@')) {
		memcpy(found->email, opened, sizeof(found->email));
	} else {
		memcpy(found->email, login->email, sizeof(found->email));
	}
	OPENSSL_cleanse(opened, sizeof(opened));
}

static int take_login(struct login *login, const struct service *service,
		      const struct service_answer *answer)
{
	struct flagship_account *found = &login->account.login;
	enum flagship_region region = found->region;
	int error = flagship_account_parse(answer->data.data, answer->data.length, found);

	if (error || !found->auth_token[0]) {
		cli_error("the service took the password, but its answer holds no login: %s",
			  error ? flagship_strerror(error) : "there is no token");
		return CLI_FAILED;
	}
	settle_email(login, service, answer);
	if (!found->country[0] && login->options->country) {
		snprintf(found->country, sizeof(found->country), "%s", login->options->country);
	}
	if (login->options->region != REGION_AUTO || !found->country[0]) {
		found->region = region;
	} else {
		found->region = flagship_region_from_country(found->country);
	}
	return OPTIONS_RUN;
}

static int log_in(struct login *login)
{
	struct service_answer answer = {0};
	struct service service;
	int result = service_open(&service, login->url, &login->settings, NULL);

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = find_service_key(login, &service);
	if (result == OPTIONS_RUN) {
		result = call_login(login, &service, &answer);
	}
	if (result == OPTIONS_RUN && answer.outcome != VENDOR_DONE) {
		result = service_tell(&answer);
	} else if (result == OPTIONS_RUN) {
		result = take_login(login, &service, &answer);
		/* What the plain login was closed for, the other calls may be closed for too. */
		if (vendor_api_is_signed(service.api)) {
			login->settings.session = VENDOR_SESSION_SIGNED;
		}
	}
	service_answer_finish(&answer);
	service_close(&service);
	return result;
}

/* The service that was asked may not be the one of the account: the answer names it, or else its
 * country tells. */
static void follow_region(struct login *login)
{
	char url[STORE_TEXT_MAX];
	char usual[STORE_TEXT_MAX];

	if (login->account.api[0]) {
		return;
	}
	store_account_api(&login->account, url);
	vendor_url(login->account.login.region, usual);
	if (!login->measured && strcmp(url, usual) == 0) {
		return; /* As it was wished for. */
	}
	if (strcmp(url, login->url) != 0) {
		print_to(stderr, "flagship: the account lives in region %s: asking %s\n",
			 flagship_region_name(login->account.login.region), url);
		memcpy(login->url, url, sizeof(login->url));
	}
}

static int fetch_and_keep(struct login *login)
{
	struct service service;
	int fetched = service_open(&service, login->url, &login->settings, &login->account.login);

	if (fetched != OPTIONS_RUN) {
		return fetched;
	}
	fetched = fetch_printers(&service, &login->account);
	service_close(&service);
	snprintf(login->account.source, sizeof(login->account.source), "login");
	service_describe(&login->options->service, &login->settings, &login->account);
	/* The login is worth keeping even where the printers could not be fetched. */
	int kept = keep_account(&login->account, fetched == OPTIONS_RUN,
				login->options->service.json);
	if (fetched != OPTIONS_RUN && kept == CLI_DONE) {
		cli_error("logged in, but the printers are not known yet: run flagship refresh");
	}
	return fetched == OPTIONS_RUN ? kept : fetched;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct login_options options = {.region = REGION_AUTO};
	struct login login = {.options = &options};
	int result = options_parse(command, &argc, argv,
				   (void *const[]){&options, &options.service});

	if (result == OPTIONS_RUN) {
		result = check_country(options.country);
	}
	if (result == OPTIONS_RUN) {
		result = service_settings_init(&login.settings, &options.service);
	}
	if (result == OPTIONS_RUN) {
		result = ask_credentials(&login);
	}
	if (result == OPTIONS_RUN) {
		result = choose_service(&login);
	}
	if (result == OPTIONS_RUN) {
		result = log_in(&login);
	}
	if (result == OPTIONS_RUN) {
		follow_region(&login);
		result = fetch_and_keep(&login);
	}
	store_account_finish(&login.account);
	OPENSSL_cleanse(&login, sizeof(login));
	return result;
}
