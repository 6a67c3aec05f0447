/* SPDX-License-Identifier: MIT */
#include "cli/account/commands.h"
#include "cli/account/dialog.h"
#include "cli/account/look.h"
#include "cli/account/service.h"
#include "cli/kit/prompt.h"
#include "cli/output/print.h"

#include "store/accounts/authority.h"
#include "vendor/login.h"
#include "vendor/service.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <openssl/crypto.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A service hashes the password, which takes a busy one long; and whoever asked is not asked again,
 * since each try may count as a wrong one. */
#define ANSWER_TIMEOUT_MS 60000

#define COUNTRY_LENGTH    2

static const char *const region_choices[] = {"us", "eu", "auto", NULL};

struct login_options {
	struct service_options service;
	char *email; /* leading into argv: wiped, since it is the MQTT password too */
	int region;  /* enum login_region */
	const char *country;
	const char *service_key;
	bool dialog; /* a program asks, and not a person */
	bool look;
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
	{.name = "dialog",
	 .kind = OPTIONS_FLAG,
	 .help = "for programs: read e-mail address and password, then answers to captchas and "
		 "codes of a second factor, as lines of JSON from standard input; what is wanted, "
		 "and the account, are printed as such",
	 .offset = offsetof(struct login_options, dialog)},
	{.name = "look",
	 .kind = OPTIONS_FLAG,
	 .help = "say who answers at the --api, by which certificate, and log in to nothing",
	 .offset = offsetof(struct login_options, look)},
};

static const struct options_group login_group = OPTIONS_GROUP("Login", login_table);

static const struct options_group *const login_groups[] = {&login_group, &service_options_group,
							   NULL};

static int login_command_run(const struct cli_command *command, int argc, char **argv);

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
	.groups = login_groups,
	.run = login_command_run,
};

/* What `flagship login` asks for and finds. */
struct session {
	const struct login_options *options;
	char email[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];
	char ca[AUTHORITY_TEXT_MAX]; /* certificates that came as a text; "": none */
	char kept[PATH_MAX];         /* the file that was made of them; "": none was */
	int answer_status;           /* why no captcha was solved, or no code given */
	struct login login;
};

static int ask_credentials(struct session *session)
{
	char *email = session->options->email;
	int result = OPTIONS_RUN;

	if (session->options->dialog && email) {
		cli_error("with --dialog the e-mail address comes from standard input, too");
		OPENSSL_cleanse(email, strlen(email));
		return CLI_USAGE;
	}
	if (session->options->dialog) {
		result = dialog_read_credentials(session->email, sizeof(session->email),
						 session->password, sizeof(session->password),
						 session->ca);
	} else if (email) {
		snprintf(session->email, sizeof(session->email), "%s", email);
		OPENSSL_cleanse(email, strlen(email));
	} else if (prompt_is_terminal()) {
		result = prompt_line("E-mail address", "e-mail address", false, session->email,
				     sizeof(session->email));
	} else {
		cli_error("give the e-mail address with --email");
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (!strchr(session->email, '@')) {
		cli_error("'%s' is no e-mail address", session->email);
		return CLI_USAGE;
	}
	if (session->options->dialog) {
		return OPTIONS_RUN;
	}
	return prompt_line("Password", "password", true, session->password,
			   sizeof(session->password));
}

/* The service and its broker are known by what came as a text, as if it were the --ca. */
static int take_authority(struct session *session)
{
	struct service_settings *settings = &session->login.settings;
	struct problem problem;
	char path[PATH_MAX];
	bool made;

	if (session->ca[0] == '\0') {
		return OPTIONS_RUN;
	}
	if (settings->ca_file[0] != '\0' || settings->pin[0] != '\0' || !settings->own_api) {
		cli_error("a CA certificate in the dialog is for an --api of your own, and goes "
			  "with neither --ca nor --pin");
		return CLI_USAGE;
	}
	int error = store_authority_keep(session->ca, path, &made, &problem);
	if (error) {
		cli_error("%s", problem.text);
		return error == FLAGSHIP_ERROR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
	}
	if (made) {
		memcpy(session->kept, path, sizeof(session->kept));
	}
	return service_settings_set_ca(settings, path);
}

/* Of what came to nothing no certificate stays. */
static void drop_authority(const struct session *session)
{
	if (session->kept[0] != '\0') {
		unlink(session->kept);
	}
}

static int look(struct session *session)
{
	int result = session->options->dialog ? dialog_read_authority(session->ca) : OPTIONS_RUN;

	if (result == OPTIONS_RUN) {
		result = take_authority(session);
	}
	if (result == OPTIONS_RUN) {
		result = look_at_service(&session->options->service, &session->login.settings,
					 session->options->dialog);
	}
	drop_authority(session);
	return result;
}

static int check_country(const char *country)
{
	if (!country || strlen(country) == COUNTRY_LENGTH) {
		return OPTIONS_RUN;
	}
	cli_error("--country takes the two letters of a country, such as DE, not '%s'", country);
	return CLI_USAGE;
}

static int check_service_key(const char *key)
{
	if (!key || strlen(key) < FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE) {
		return OPTIONS_RUN;
	}
	cli_error("--service-key wants 130 hex digits: a point of P-256, uncompressed");
	return CLI_USAGE;
}

static void warn_unreachable(void *context, const char *detail)
{
	(void)context;
	cli_warn("%s", detail);
}

static void print_first(void *context, const char *url, uint64_t elapsed_ms)
{
	(void)context;
	print_to(stderr, "flagship: %s answers first, after %" PRIu64 " ms\n", url, elapsed_ms);
}

static bool solve_captcha(void *context, const struct vendor_captcha *captcha, char *answer,
			  size_t capacity)
{
	struct session *session = context;

	session->answer_status = session->options->dialog
					 ? dialog_solve_captcha(captcha, answer, capacity)
					 : captcha_ask(captcha, answer, capacity);
	return session->answer_status == OPTIONS_RUN;
}

static bool give_code(void *context, enum login_code_reason reason, char code[LOGIN_CODE_MAX])
{
	struct session *session = context;

	session->answer_status = session->options->dialog
					 ? dialog_ask_code(session->email, reason, code)
					 : code_ask(session->email, reason, code);
	return session->answer_status == OPTIONS_RUN;
}

static int log_in(struct session *session)
{
	const struct login_options *options = session->options;
	struct login *login = &session->login;
	struct problem problem;

	login->email = session->email;
	login->password = session->password;
	login->country = options->country;
	login->service_key = options->service_key;
	login->apis = options->service.api.items;
	login->api_count = options->service.api.count;
	login->region = (enum login_region)options->region;
	login->region_handlers = (struct region_handlers){warn_unreachable, print_first, NULL};
	login->solve = solve_captcha;
	/* No code is sent for that nobody could type. */
	login->give_code = options->dialog || prompt_is_terminal() ? give_code : NULL;
	login->context = session;
	enum service_failure failure = login_run(login, &problem);
	if (failure == SERVICE_GIVEN_UP) {
		return session->answer_status;
	}
	if (!failure && login->moved) {
		print_to(stderr, "flagship: the account lives in region %s: asking %s\n",
			 flagship_region_name(login->account.login.region), login->url);
	}
	return service_report(failure, &problem);
}

static int fetch_and_keep(struct session *session)
{
	static const struct fetch fetch = {.warn = service_warn};
	struct login *login = &session->login;
	struct service service;
	struct problem problem;
	int fetched = service_report(service_open(&service, login->url, &login->settings,
						  &login->account.login, &problem),
				     &problem);

	if (fetched != OPTIONS_RUN) {
		return fetched;
	}
	enum service_failure failure = fetch_printers(&fetch, &service, &login->account, &problem);
	service_close(&service);
	snprintf(login->account.source, sizeof(login->account.source), "login");
	service_describe(&session->options->service, &login->settings, &login->account);
	/* The login is worth keeping even where the printers could not be fetched. */
	int kept = keep_account(&login->account, !failure,
				session->options->service.json || session->options->dialog);
	if (!failure) {
		return kept;
	}
	/* The last line has all that is to be known: it is what other programs show. */
	struct problem whole;
	problem_set(&whole, "%s%s", problem.text,
		    kept == CLI_DONE ? "; logged in, but the printers are not known yet: run "
				       "flagship refresh"
				     : "");
	return service_report(failure, &whole);
}

static int log_in_and_keep(struct session *session)
{
	int result = ask_credentials(session);

	if (result == OPTIONS_RUN) {
		result = take_authority(session);
	}
	if (result == OPTIONS_RUN) {
		result = log_in(session);
		if (result != OPTIONS_RUN) {
			drop_authority(session);
		}
	}
	return result == OPTIONS_RUN ? fetch_and_keep(session) : result;
}

static int login_command_run(const struct cli_command *command, int argc, char **argv)
{
	struct login_options options = {.region = LOGIN_REGION_AUTO};
	struct session session = {.options = &options};
	int result = options_parse(command, &argc, argv,
				   (void *const[]){&options, &options.service});

	if (result == OPTIONS_RUN) {
		result = check_country(options.country);
	}
	if (result == OPTIONS_RUN) {
		result = check_service_key(options.service_key);
	}
	if (result == OPTIONS_RUN) {
		result = service_settings_init(&session.login.settings, &options.service,
					       ANSWER_TIMEOUT_MS);
	}
	if (result == OPTIONS_RUN) {
		result = options.look ? look(&session) : log_in_and_keep(&session);
	}
	store_account_finish(&session.login.account);
	OPENSSL_cleanse(&session, sizeof(session));
	return result;
}
