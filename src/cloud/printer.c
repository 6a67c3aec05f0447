/* SPDX-License-Identifier: MIT */
#include "cli/secret_file.h"
#include "cloud/cloud.h"
#include "cloud/credential.h"
#include "protocol/hex.h"

#include <flagship/flagship.h>

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define SERIAL_PREFIX "FS"
#define SERIAL_BYTES  7
#define KEY_TEXT_MAX  512

/* Printers: add-printer, remove-printer, share, unshare. */

struct printer_options {
	struct cloud_options cloud;
	const char *account;
	const char *serial;
	int model;
	const char *name;
	const char *key_file;
	const char *username;
	bool password_stdin;
};

#define NOT_CHOSEN    (-1)
#define PLACE(member) offsetof(struct printer_options, member)

static const char *const model_choices[] = {"m5", "m5c", "e1", NULL};

static const struct options_option printer_table[] = {
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
	 .help = "its key in hex; without it a random one is made",
	 .offset = PLACE(key_file)},
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

static bool make_random_hex(size_t bytes_count, const char *alphabet, char *out)
{
	uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256];

	if (bytes_count > sizeof(bytes) || RAND_bytes(bytes, (int)bytes_count) != 1) {
		return false;
	}
	hex_encode(bytes, bytes_count, alphabet, out);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return true;
}

static int make_up_serial(char *out)
{
	strcpy(out, SERIAL_PREFIX);
	if (!make_random_hex(SERIAL_BYTES, HEX_UPPER, out + strlen(SERIAL_PREFIX))) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_CRYPTO));
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static int set_serial(const struct printer_options *options, struct store_printer *printer)
{
	if (!options->serial) {
		return make_up_serial(printer->serial);
	}
	if (!flagship_serial_valid(options->serial)) {
		cli_error("'%s' is no serial number: those have up to %d letters and digits",
			  options->serial, FLAGSHIP_SERIAL_LENGTH_MAX);
		return CLI_USAGE;
	}
	snprintf(printer->serial, sizeof(printer->serial), "%s", options->serial);
	return OPTIONS_RUN;
}

/* What the library takes for a key is one. */
static int take_key(const char *text, size_t length, const char *name,
		    struct store_printer *printer)
{
	struct flagship_key *key;
	size_t used = 0;
	int error = flagship_key_create_hex(text, length, &key);

	if (error) {
		cli_error("%s holds no key: 64 hex digits are wanted (32 for AES-128)", name);
		return CLI_FAILED;
	}
	flagship_key_destroy(key);
	for (size_t i = 0; i < length && used < sizeof(printer->key_hex) - 1; i++) {
		if (isxdigit((unsigned char)text[i])) {
			printer->key_hex[used++] = text[i];
		}
	}
	printer->key_hex[used] = '\0';
	return OPTIONS_RUN;
}

/* Of a printer that is known it stays. */
static void set_model(const struct cloud *cloud, const struct printer_options *options,
		      struct store_printer *printer)
{
	struct store_printer before;
	int model = options->model;

	if (model == NOT_CHOSEN) {
		bool known = registry_find_printer(cloud->registry, printer->serial, &before) == 1;

		OPENSSL_cleanse(&before, sizeof(before));
		if (known) {
			return;
		}
		model = 0;
	}
	printer->model = flagship_model_from_name(model_choices[model]);
}

static int set_key(const struct cloud *cloud, const struct printer_options *options,
		   struct store_printer *printer)
{
	char text[KEY_TEXT_MAX];
	size_t length = 0;
	struct store_printer before = {0};
	int result;

	if (!options->key_file) {
		/* The key that it has stays. */
		bool known = registry_find_printer(cloud->registry, printer->serial, &before) ==
				     1 &&
			     before.key_hex[0] != '\0';
		OPENSSL_cleanse(&before, sizeof(before));
		return known || make_random_hex(FLAGSHIP_KEY_SIZE_AES256, HEX_LOWER,
						printer->key_hex)
			       ? OPTIONS_RUN
			       : CLI_FAILED;
	}
	result = secret_file_read(options->key_file, "key file", text, sizeof(text), &length);
	if (result == OPTIONS_RUN) {
		result = take_key(text, length, options->key_file, printer);
	}
	OPENSSL_cleanse(text, sizeof(text));
	return result;
}

/* Whoever presents this from now on is the printer. */
static int bind_login(const struct cloud *cloud, const char *serial, const char *username)
{
	char password[REGISTRY_TEXT_MAX];
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	uint8_t hash[REGISTRY_HASH_SIZE];
	int result = cloud_read_secret("password", password, sizeof(password));

	if (result == OPTIONS_RUN &&
	    (credential_secret(cloud->registry, secret) < 0 ||
	     !credential_hash(secret, username, password, hash) ||
	     registry_bind(cloud->registry, serial, hash, cloud_now_s()) < 0)) {
		result = cloud_fail(cloud, "the printer's login cannot be kept");
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(password, sizeof(password));
	return result;
}

static int put(const struct cloud *cloud, const struct printer_options *options,
	       const struct store_printer *printer, const struct registry_account *account)
{
	struct store_printer before;
	bool known = registry_find_printer(cloud->registry, printer->serial, &before) == 1;

	OPENSSL_cleanse(&before, sizeof(before));
	if (registry_put_printer(cloud->registry, printer) < 0 ||
	    (account->user_id[0] != '\0' &&
	     registry_share(cloud->registry, account->user_id, printer->serial) < 0)) {
		return cloud_fail(cloud, "the printer cannot be added");
	}
	if (options->username) {
		int result = bind_login(cloud, printer->serial, options->username);

		if (result != OPTIONS_RUN) {
			return result;
		}
	}
	printf("%s printer %s\n", known ? "changed" : "added", printer->serial);
	return CLI_DONE;
}

static int add(const struct cloud *cloud, const struct printer_options *options)
{
	struct store_printer printer = {
		.created_at = cloud_now_s(),
		.updated_at = cloud_now_s(),
	};
	struct registry_account account = {0};
	int result = OPTIONS_RUN;

	if (options->account) {
		result = cloud_find_account(cloud, options->account, &account);
	}
	if (result == OPTIONS_RUN) {
		result = set_serial(options, &printer);
	}
	if (result == OPTIONS_RUN) {
		set_model(cloud, options, &printer);
		result = set_key(cloud, options, &printer);
	}
	snprintf(printer.name, sizeof(printer.name), "%s", options->name ? options->name : "");
	if (result == OPTIONS_RUN) {
		result = put(cloud, options, &printer, &account);
	}
	OPENSSL_cleanse(&printer, sizeof(printer));
	registry_account_wipe(&account);
	return result;
}

static int add_run(const struct cli_command *command, int argc, char **argv)
{
	struct printer_options options = {.model = NOT_CHOSEN};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result == OPTIONS_RUN && (options.username != NULL) != options.password_stdin) {
		cli_error("--username and --password-stdin go together");
		result = CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = add(&cloud, &options);
	}
	cloud_close(&cloud);
	return result;
}

static int remove_run(const struct cli_command *command, int argc, char **argv)
{
	struct cloud_options options = {0};
	struct store_printer printer;
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

static int share_run(const struct cli_command *command, int argc, char **argv)
{
	bool gives = command == &cloud_share_command;
	struct cloud_options options = {0};
	struct registry_account account;
	struct store_printer printer;
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
	.summary = "add a printer, or change its name, model or key",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Adds a printer with its key, or a random one. It may connect at once: printers "
		"log in\nas eufy_fdm_SERIAL, which says who they are; their first message, which "
		"only their\nkey can have made, proves it, and the password that they logged in "
		"with is bound to\nthe serial number then.",
	.groups = (const struct options_group *const[]){&printer_group, &cloud_options_group, NULL},
	.run = add_run,
};

const struct cli_command cloud_remove_printer_command = {
	.name = "cloud remove-printer",
	.section = "Accounts and printers",
	.summary = "remove a printer and its key",
	.arguments = "SERIAL",
	.arguments_max = 1,
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = remove_run,
};

const struct cli_command cloud_share_command = {
	.name = "cloud share",
	.section = "Accounts and printers",
	.summary = "let a further account reach a printer",
	.arguments = "SERIAL EMAIL",
	.arguments_max = 2,
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = share_run,
};

const struct cli_command cloud_unshare_command = {
	.name = "cloud unshare",
	.section = "Accounts and printers",
	.summary = "take a printer from an account",
	.arguments = "SERIAL EMAIL",
	.arguments_max = 2,
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = share_run,
};
