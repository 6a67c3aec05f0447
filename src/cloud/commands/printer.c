/* SPDX-License-Identifier: MIT */
#include "cli/kit/prompt.h"
#include "cli/kit/secret_file.h"
#include "cli/output/print.h"
#include "cloud/commands/cloud.h"
#include "cloud/commands/csv/printers.h"
#include "cloud/commands/csv/values.h"
#include "cloud/registry/credential.h"

#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define KEY_TEXT_MAX 512

/* Printers: add-printer, set-printer, remove-printer, share, unshare. */

struct printer_options {
	struct cloud_options cloud;
	const char *account;
	const char *serial;
	int model;
	const char *name;
	const char *key_file;
	const char *duid;
	const char *dsk_key_file;
	const char *mac;
	const char *address;
	const char *username;
	bool password_stdin;
	const char *csv;
};

/* Read from files; wiped after use. */
struct printer_secrets {
	char key[KEY_TEXT_MAX];
	char dsk_key[KEY_TEXT_MAX];
};

#define NOT_CHOSEN    (-1)
#define PLACE(member) offsetof(struct printer_options, member)

static const char *const model_choices[] = {"m5", "m5c", "e1", NULL};

static const struct options_option new_table[] = {
	{.name = "account",
	 .kind = OPTIONS_TEXT,
	 .value = "EMAIL",
	 .help = "account that reaches it; others are added with share",
	 .offset = PLACE(account)},
	{.name = "serial",
	 .kind = OPTIONS_TEXT,
	 .value = "SERIAL",
	 .help = "serial number; one is made up where this is not given",
	 .offset = PLACE(serial)},
	{.name = "csv",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "add many at once, all or none: a table whose first line names its columns, of "
		 "serial, name, model, key, duid, dsk_key, mac, address, accounts",
	 .offset = PLACE(csv)},
};

static const struct options_group new_group = OPTIONS_GROUP("New printers", new_table);

static const struct options_option printer_table[] = {
	{.name = "model",
	 .kind = OPTIONS_CHOICE,
	 .choices = model_choices,
	 .help = "model of the printer (m5)",
	 .offset = PLACE(model)},
	{.name = "name",
	 .kind = OPTIONS_TEXT,
	 .value = "NAME",
	 .help = "what people call it",
	 .offset = PLACE(name)},
	{.name = "key-file",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "its key in hex, - of standard input; without it a new one gets a random key",
	 .offset = PLACE(key_file)},
	{.name = "duid",
	 .kind = OPTIONS_TEXT,
	 .value = "DUID",
	 .help = "by which it is known in the LAN, such as EUPRAKM-012345-ABCDE",
	 .offset = PLACE(duid)},
	{.name = "dsk-key-file",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "its DSK key, of 20 characters, for the way to it from outside of the LAN",
	 .offset = PLACE(dsk_key_file)},
	{.name = "mac",
	 .kind = OPTIONS_TEXT,
	 .value = "MAC",
	 .help = "address of its Wi-Fi, such as aa:bb:cc:dd:ee:ff",
	 .offset = PLACE(mac)},
	{.name = "address",
	 .kind = OPTIONS_TEXT,
	 .value = "IP",
	 .help = "in the LAN",
	 .offset = PLACE(address)},
	{.name = "username",
	 .kind = OPTIONS_TEXT,
	 .value = "NAME",
	 .help = "what it logs in with at the broker, where that is known; with --password-stdin",
	 .offset = PLACE(username)},
	{.name = "password-stdin",
	 .kind = OPTIONS_FLAG,
	 .help = "read the password of --username from standard input",
	 .offset = PLACE(password_stdin)},
};

static const struct options_group printer_group = OPTIONS_GROUP("Printer", printer_table);

static int read_secret(const char *file, const char *what, char out[KEY_TEXT_MAX])
{
	size_t length = 0;

	if (!file) {
		return OPTIONS_RUN;
	}
	int result = secret_file_read(file, what, out, KEY_TEXT_MAX - 1, &length);
	out[result == OPTIONS_RUN ? length : 0] = '\0';
	if (result == OPTIONS_RUN && strlen(out) != length) {
		cli_error("%s holds no %s", file, what);
		return CLI_FAILED;
	}
	out[strcspn(out, "\r\n")] = '\0';
	return result;
}

/* A key may stand in several lines. */
static int read_secrets(const struct printer_options *options, struct printer_secrets *secrets)
{
	size_t length = 0;
	int result = OPTIONS_RUN;

	if (options->key_file) {
		result = secret_file_read(options->key_file, "key file", secrets->key,
					  sizeof(secrets->key) - 1, &length);
		secrets->key[result == OPTIONS_RUN ? length : 0] = '\0';
	}
	if (result == OPTIONS_RUN && options->key_file &&
	    (length == 0 || strlen(secrets->key) != length)) {
		cli_error("%s holds no key: 64 hex digits are wanted (32 for AES-128)",
			  options->key_file);
		return CLI_FAILED;
	}
	return result == OPTIONS_RUN
		       ? read_secret(options->dsk_key_file, "DSK key", secrets->dsk_key)
		       : result;
}

static int take_values(const struct printer_options *options, struct registry_printer *printer)
{
	struct printer_secrets secrets = {0};
	struct problem problem;
	int result = read_secrets(options, &secrets);
	const struct printer_values values = {
		.serial = options->serial,
		.model = options->model == NOT_CHOSEN ? NULL : model_choices[options->model],
		.name = options->name,
		.key = secrets.key,
		.duid = options->duid,
		.dsk_key = secrets.dsk_key,
		.mac = options->mac,
		.address = options->address,
	};

	if (result == OPTIONS_RUN && !printer_values_take(&values, printer, &problem)) {
		cli_error("%s", problem.text);
		result = CLI_USAGE;
	}
	OPENSSL_cleanse(&secrets, sizeof(secrets));
	return result;
}

/* Whoever presents this from now on is the printer. */
static int bind_login(const struct cloud *cloud, const char *serial, const char *username)
{
	char password[REGISTRY_TEXT_MAX];
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	uint8_t hash[REGISTRY_HASH_SIZE];
	int result = prompt_new_secret("password", password, sizeof(password));

	if (result == OPTIONS_RUN &&
	    (credential_secret(cloud->registry, secret) < 0 ||
	     !credential_hash(secret, username, password, hash) ||
	     registry_unbind(cloud->registry, serial) < 0 ||
	     registry_bind(cloud->registry, serial, hash, cloud_now_s()) < 0)) {
		result = cloud_fail(cloud, "the printer's login cannot be kept");
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(password, sizeof(password));
	return result;
}

/* A printer that is known keeps its model and its key. */
static int complete_printer(struct registry_printer *printer, bool known, bool has_key)
{
	if (!known && printer->model == FLAGSHIP_MODEL_UNKNOWN) {
		printer->model = FLAGSHIP_MODEL_M5;
	}
	if (!has_key && printer->key_hex[0] == '\0' && !printer_values_make_key(printer)) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_CRYPTO));
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static int put_printer(const struct cloud *cloud, const struct printer_options *options,
		       struct registry_printer *printer, const struct registry_account *account)
{
	struct registry_printer before = {0};
	bool known = registry_find_printer(cloud->registry, printer->serial, &before) == 1;
	int result = complete_printer(printer, known, before.key_hex[0] != '\0');

	OPENSSL_cleanse(&before, sizeof(before));
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (registry_put_printer(cloud->registry, printer) < 0 ||
	    (account->user_id[0] != '\0' &&
	     registry_share(cloud->registry, account->user_id, printer->serial) < 0)) {
		return cloud_fail(cloud, "the printer cannot be added");
	}
	if (options->username) {
		result = bind_login(cloud, printer->serial, options->username);
		if (result != OPTIONS_RUN) {
			return result;
		}
	}
	print_to(stdout, "%s printer %s\n", known ? "changed" : "added", printer->serial);
	return CLI_DONE;
}

static int add_printer(const struct cloud *cloud, const struct printer_options *options)
{
	struct registry_printer printer = {
		.created_at = cloud_now_s(),
		.updated_at = cloud_now_s(),
	};
	struct registry_account account = {0};
	int result = OPTIONS_RUN;

	if (options->account) {
		result = cloud_find_account(cloud, options->account, &account);
	}
	if (result == OPTIONS_RUN && options->csv) {
		result = printer_csv_add(cloud, options->csv, &account);
	} else if (result == OPTIONS_RUN) {
		result = take_values(options, &printer);
		if (result == OPTIONS_RUN && !options->serial &&
		    !printer_values_make_serial(&printer)) {
			cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_CRYPTO));
			result = CLI_FAILED;
		}
		if (result == OPTIONS_RUN) {
			result = put_printer(cloud, options, &printer, &account);
		}
	}
	OPENSSL_cleanse(&printer, sizeof(printer));
	registry_account_wipe(&account);
	return result;
}

static int check_printer_options(const struct printer_options *options)
{
	bool reports_one = options->serial || options->model != NOT_CHOSEN || options->name ||
			   options->key_file || options->duid || options->dsk_key_file ||
			   options->mac || options->address || options->username;

	if ((options->username != NULL) != options->password_stdin) {
		cli_error("--username and --password-stdin go together");
		return CLI_USAGE;
	}
	if (options->csv && reports_one) {
		cli_error("--csv says it all: of the others only --account goes with it");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int run_add_printer(const struct cli_command *command, int argc, char **argv)
{
	struct printer_options options = {.model = NOT_CHOSEN};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv,
				   (void *[]){&options, &options, &options.cloud});

	if (result == OPTIONS_RUN) {
		result = check_printer_options(&options);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = add_printer(&cloud, &options);
	}
	cloud_close(&cloud);
	return result;
}

static int set_printer(const struct cloud *cloud, const struct printer_options *options)
{
	struct registry_printer printer;
	struct registry_account nobody = {0};
	int result = cloud_find_printer(cloud, options->serial, &printer);

	if (result == OPTIONS_RUN) {
		result = take_values(options, &printer);
		printer.updated_at = cloud_now_s();
	}
	if (result == OPTIONS_RUN) {
		result = put_printer(cloud, options, &printer, &nobody);
	}
	OPENSSL_cleanse(&printer, sizeof(printer));
	return result;
}

static int run_set_printer(const struct cli_command *command, int argc, char **argv)
{
	struct printer_options options = {.model = NOT_CHOSEN};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result == OPTIONS_RUN && argc == 0) {
		cli_error("say which printer: flagship cloud set-printer SERIAL --name NAME");
		return CLI_USAGE;
	}
	if (result == OPTIONS_RUN) {
		result = check_printer_options(&options);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	options.serial = argv[0];
	result = cloud_open(&cloud, &options.cloud, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = set_printer(&cloud, &options);
	}
	cloud_close(&cloud);
	return result;
}

static int run_remove_printer(const struct cli_command *command, int argc, char **argv)
{
	struct cloud_options options = {0};
	struct registry_printer printer;
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result == OPTIONS_RUN && argc == 0) {
		cli_error("say which printer: flagship cloud remove-printer SERIAL");
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = cloud_find_printer(&cloud, argv[0], &printer);
	}
	if (result == OPTIONS_RUN) {
		OPENSSL_cleanse(&printer, sizeof(printer));
		result = registry_remove_printer(cloud.registry, argv[0]) < 0
				 ? cloud_fail(&cloud, "the printer cannot be removed")
				 : CLI_DONE;
	}
	cloud_close(&cloud);
	return result;
}

static int run_share(const struct cli_command *command, int argc, char **argv)
{
	bool gives = command == &cloud_share_command;
	struct cloud_options options = {0};
	struct registry_account account;
	struct registry_printer printer;
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result == OPTIONS_RUN && argc < 2) {
		cli_error("say which printer and whose: flagship %s SERIAL EMAIL", command->name);
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = cloud_find_printer(&cloud, argv[0], &printer);
	}
	if (result == OPTIONS_RUN) {
		OPENSSL_cleanse(&printer, sizeof(printer));
		result = cloud_find_account(&cloud, argv[1], &account);
	}
	if (result == OPTIONS_RUN) {
		int changed = gives ? registry_share(cloud.registry, account.user_id, argv[0])
				    : registry_unshare(cloud.registry, account.user_id, argv[0]);

		registry_account_wipe(&account);
		result = changed < 0 ? cloud_fail(&cloud, "the printer cannot be shared")
				     : CLI_DONE;
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_add_printer_command = {
	.name = "cloud add-printer",
	.section = "Accounts and printers",
	.summary = "add a printer, or many, or change what is known of one",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Adds a printer with its key, or a random one. It may connect at once: printers "
		"log in\nas eufy_fdm_SERIAL, which says who they are; their first message, which "
		"only their\nkey can have made, proves it, and the password that they logged in "
		"with is bound to\nthe serial number then.",
	.groups = (const struct options_group *const[]){&new_group, &printer_group,
							&cloud_options_group, NULL},
	.run = run_add_printer,
};

const struct cli_command cloud_set_printer_command = {
	.name = "cloud set-printer",
	.section = "Accounts and printers",
	.summary = "change name, model, key or another thing of a printer",
	.arguments = "SERIAL",
	.arguments_max = 1,
	.description = "What is not said stays as it is.",
	.groups = (const struct options_group *const[]){&printer_group, &cloud_options_group, NULL},
	.run = run_set_printer,
};

const struct cli_command cloud_remove_printer_command = {
	.name = "cloud remove-printer",
	.section = "Accounts and printers",
	.summary = "remove a printer and its key",
	.arguments = "SERIAL",
	.arguments_max = 1,
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = run_remove_printer,
};

const struct cli_command cloud_share_command = {
	.name = "cloud share",
	.section = "Accounts and printers",
	.summary = "let a further account reach a printer",
	.arguments = "SERIAL EMAIL",
	.arguments_max = 2,
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = run_share,
};

const struct cli_command cloud_unshare_command = {
	.name = "cloud unshare",
	.section = "Accounts and printers",
	.summary = "take a printer from an account",
	.arguments = "SERIAL EMAIL",
	.arguments_max = 2,
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = run_share,
};
