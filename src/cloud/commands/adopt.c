/* SPDX-License-Identifier: MIT */
#include "cloud/commands/cloud.h"

#include "base/shown_text.h"
#include "cli/output/print.h"
#include "store/accounts/accounts.h"
#include "store/file/paths.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

struct adopt_options {
	struct cloud_options cloud;
	const char *email;
};

static const struct options_option adopt_table[] = {
	{.name = "email",
	 .kind = OPTIONS_TEXT,
	 .value = "ADDRESS",
	 .help = "take over this account only",
	 .offset = offsetof(struct adopt_options, email)},
};

static const struct options_group adopt_group = OPTIONS_GROUP("Options", adopt_table);

/* The user id is kept: clients that are logged in already go on working. */
static int adopt_login(const struct cloud *cloud, const struct store_account *stored,
		       char user_id[REGISTRY_TEXT_MAX])
{
	struct registry_account account = {.created_at = cloud_now_s()};

	snprintf(account.user_id, sizeof(account.user_id), "%s", stored->login.user_id);
	snprintf(account.email, sizeof(account.email), "%s", stored->login.email);
	snprintf(account.country, sizeof(account.country), "%s",
		 stored->login.country[0] != '\0' ? stored->login.country : "US");
	int result = registry_add_account(cloud->registry, &account);
	if (result == 0) {
		/* It is there, or another one has its e-mail address: that one gets the printers.
		 */
		result = registry_find_user(cloud->registry, stored->login.user_id, &account);
		if (result == 0) {
			result = registry_find_account(cloud->registry, stored->login.email,
						       &account);
		}
	}
	snprintf(user_id, REGISTRY_TEXT_MAX, "%s", account.user_id);
	registry_account_wipe(&account);
	return result;
}

/* Of a name with control characters nothing is taken over: the printer's serial number is known. */
static const char *name_of(const struct store_printer *printer)
{
	if (shown_text_is_clean(printer->name, strlen(printer->name))) {
		return printer->name;
	}
	cli_warn("the name of printer %s holds control characters and is left out; flagship cloud "
		 "set-printer gives it one",
		 printer->serial);
	return "";
}

#define TAKE_OVER(member) snprintf(taken.member, sizeof(taken.member), "%s", printer->member)

static int put_adopted_printer(const struct cloud *cloud, const struct store_printer *printer,
			       const char *name)
{
	struct registry_printer taken = {
		.model = printer->model,
		.created_at = printer->created_at,
		.updated_at = printer->updated_at,
	};

	TAKE_OVER(serial);
	TAKE_OVER(station_id);
	TAKE_OVER(model_code);
	TAKE_OVER(key_hex);
	TAKE_OVER(dsk_key);
	TAKE_OVER(p2p_did);
	TAKE_OVER(p2p_conn);
	TAKE_OVER(app_conn);
	TAKE_OVER(wifi_mac);
	TAKE_OVER(address);
	TAKE_OVER(firmware);
	snprintf(taken.name, sizeof(taken.name), "%s", name);
	int result = registry_put_printer(cloud->registry, &taken);
	OPENSSL_cleanse(&taken, sizeof(taken));
	return result;
}

static int adopt_printer(const struct cloud *cloud, const char *user_id,
			 const struct store_printer *printer)
{
	const char *name = name_of(printer);

	if (put_adopted_printer(cloud, printer, name) < 0 ||
	    registry_share(cloud->registry, user_id, printer->serial) < 0) {
		return cloud_fail(cloud, "a printer cannot be taken over");
	}
	print_to(stdout, "took over printer %s%s%s%s%s\n", printer->serial,
		 name[0] != '\0' ? " (" : "", name, name[0] != '\0' ? ")" : "",
		 printer->key_hex[0] != '\0' ? ""
					     : ", whose key is not known: run flagship refresh");
	return OPTIONS_RUN;
}

static int adopt_account(const struct cloud *cloud, const struct store_account *stored)
{
	char user_id[REGISTRY_TEXT_MAX];
	int result = OPTIONS_RUN;

	if (!shown_text_is_clean(stored->login.email, strlen(stored->login.email)) ||
	    !shown_text_is_clean(stored->login.user_id, strlen(stored->login.user_id))) {
		cli_error("account %s: its e-mail address or user id holds control characters; "
			  "flagship logout forgets it",
			  stored->login.email);
		return CLI_FAILED;
	}
	if (adopt_login(cloud, stored, user_id) < 0) {
		return cloud_fail(cloud, "an account cannot be taken over");
	}
	print_to(stdout, "took over account %s\n", stored->login.email);
	for (size_t i = 0; result == OPTIONS_RUN && i < stored->printer_count; i++) {
		result = adopt_printer(cloud, user_id, &stored->printers[i]);
	}
	OPENSSL_cleanse(user_id, sizeof(user_id));
	return result;
}

static int adopt_accounts(const struct cloud *cloud, const struct store_accounts *accounts,
			  const char *email)
{
	size_t adopted = 0;
	int result = registry_begin(cloud->registry) < 0
			     ? cloud_fail(cloud, "the registry cannot be written")
			     : OPTIONS_RUN;

	if (result != OPTIONS_RUN) {
		return result;
	}
	for (size_t i = 0; result == OPTIONS_RUN && i < accounts->count; i++) {
		const struct store_account *stored = &accounts->accounts[i];

		if (!email || strcmp(stored->login.email, email) == 0) {
			result = adopt_account(cloud, stored);
			adopted++;
		}
	}
	if (result == OPTIONS_RUN && adopted == 0) {
		cli_error("there is no account%s%s to take over: run flagship import or flagship "
			  "login first",
			  email ? " " : "", email ? email : "");
		result = CLI_NOT_CONFIGURED;
	}
	if (result == OPTIONS_RUN && registry_commit(cloud->registry) < 0) {
		result = cloud_fail(cloud, "the registry cannot be written");
	} else if (result != OPTIONS_RUN) {
		registry_rollback(cloud->registry);
	}
	return result == OPTIONS_RUN ? CLI_DONE : result;
}

static int load_accounts(struct store_accounts *accounts)
{
	struct problem problem;
	char path[PATH_MAX];

	if (!store_accounts_path(path)) {
		cli_error("there is no home folder, and so no account to take over");
		return CLI_NOT_CONFIGURED;
	}
	if (store_accounts_load(path, accounts, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	if (problem.text[0] != '\0') {
		cli_warn("%s", problem.text);
	}
	return OPTIONS_RUN;
}

static int run_adopt(const struct cli_command *command, int argc, char **argv)
{
	struct adopt_options options = {0};
	struct store_accounts accounts = {0};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = load_accounts(&accounts);
	}
	if (result == OPTIONS_RUN) {
		result = adopt_accounts(&cloud, &accounts, options.email);
	}
	store_accounts_finish(&accounts);
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_adopt_command = {
	.name = "cloud adopt",
	.section = "Accounts and printers",
	.summary = "take over the accounts and printers that flagship knows",
	.arguments = "",
	.arguments_max = 0,
	.description = "Takes over what flagship import and flagship login have stored, with user "
		       "ids and\nthe printers' real keys, so that printers and clients go on as "
		       "before.",
	.groups = (const struct options_group *const[]){&adopt_group, &cloud_options_group, NULL},
	.run = run_adopt,
};
