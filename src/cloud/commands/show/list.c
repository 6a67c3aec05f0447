/* SPDX-License-Identifier: MIT */
#include "cli/output/output.h"
#include "cloud/commands/cloud.h"
#include "cloud/commands/show/json_print.h"
#include "cloud/commands/show/listing.h"

#include <cjson/cJSON.h>
#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNT_COLUMNS 5
#define PRINTER_COLUMNS 8
#define HIDDEN          "(hidden)"

/* What there is: list for people and scripts, export with the secrets. */

struct list_options {
	struct cloud_options cloud;
	bool json;
	bool secrets;
};

struct lister {
	const struct cloud *cloud;
	const struct listing *listing;
	bool secrets;
	cJSON *accounts;
	cJSON *printers;
	cJSON *shares; /* of the account that is being listed */
};

static const struct options_option list_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON",
	 .offset = offsetof(struct list_options, json)},
	{.name = "show-secrets",
	 .kind = OPTIONS_FLAG,
	 .help = "print user ids and keys too",
	 .offset = offsetof(struct list_options, secrets)},
};

static const struct options_group list_group = OPTIONS_GROUP("Options", list_table);

static void add_secret(cJSON *object, const char *name, const char *value, bool shown)
{
	cJSON_AddStringToObject(object, name, value[0] == '\0' || shown ? value : HIDDEN);
}

static bool list_share(void *context, const struct store_printer *printer)
{
	struct lister *lister = context;

	cJSON_AddItemToArray(lister->shares, cJSON_CreateString(printer->serial));
	return true;
}

static bool list_account(void *context, const struct registry_account *account)
{
	struct lister *lister = context;
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "email", account->email);
	cJSON_AddStringToObject(object, "name", account->nick_name);
	cJSON_AddStringToObject(object, "country", account->country);
	add_secret(object, "user_id", account->user_id, lister->secrets);
	cJSON_AddBoolToObject(object, "strict", account->mqtt_password[0] != '\0');
	if (lister->secrets) {
		cJSON_AddStringToObject(object, "mqtt_password",
					account->mqtt_password[0] != '\0' ? account->mqtt_password
									  : account->email);
	}
	cJSON_AddBoolToObject(object, "administrator", account->administrator);
	cJSON_AddBoolToObject(object, "has_password", account->password[0] != '\0');
	cJSON_AddNumberToObject(object, "created_at", (double)account->created_at);
	lister->shares = cJSON_AddArrayToObject(object, "printers");
	/* What cannot be read now is missing from the list, which the next call tells. */
	(void)registry_each_printer(lister->cloud->registry, account->user_id, list_share, lister);
	cJSON_AddItemToArray(lister->accounts, object);
	return true;
}

static void add_hosts(cJSON *object, const char *name, const char *init_string)
{
	char hosts[FLAGSHIP_INIT_STRING_HOSTS_MAX][FLAGSHIP_HOST_LENGTH_MAX + 1];
	cJSON *list = cJSON_AddArrayToObject(object, name);
	int count = flagship_init_string_decode(init_string, strlen(init_string), hosts,
						FLAGSHIP_INIT_STRING_HOSTS_MAX);

	for (int i = 0; i < count; i++) {
		cJSON_AddItemToArray(list, cJSON_CreateString(hosts[i]));
	}
}

static bool list_printer(void *context, const struct store_printer *printer)
{
	struct lister *lister = context;
	cJSON *object = cJSON_CreateObject();
	const char *model = flagship_model_name(printer->model);
	uint8_t bound[REGISTRY_HASH_SIZE];

	cJSON_AddStringToObject(object, "serial", printer->serial);
	cJSON_AddStringToObject(object, "name", printer->name);
	cJSON_AddStringToObject(object, "model", model ? model : printer->model_code);
	add_secret(object, "key", printer->key_hex, lister->secrets);
	cJSON_AddBoolToObject(object, "login_known",
			      registry_bound(lister->cloud->registry, printer->serial, bound) == 1);
	listing_add_presents(lister->cloud->registry, printer->serial, object);
	cJSON_AddStringToObject(object, "address", printer->address);
	cJSON_AddStringToObject(object, "firmware", printer->firmware);
	cJSON_AddItemToObject(object, "accounts",
			      listing_accounts(lister->listing, printer->serial));
	if (lister->secrets) {
		cJSON_AddStringToObject(object, "dsk_key", printer->dsk_key);
		cJSON_AddStringToObject(object, "p2p_did", printer->p2p_did);
		cJSON_AddStringToObject(object, "p2p_conn", printer->p2p_conn);
		cJSON_AddStringToObject(object, "app_conn", printer->app_conn);
		add_hosts(object, "p2p_hosts", printer->p2p_conn);
		add_hosts(object, "api_hosts", printer->app_conn);
		cJSON_AddStringToObject(object, "station_id", printer->station_id);
		cJSON_AddStringToObject(object, "wifi_mac", printer->wifi_mac);
	}
	cJSON_AddItemToArray(lister->printers, object);
	return true;
}

/* {"accounts":[…],"printers":[…]}, or NULL after a problem of the registry. */
static cJSON *collect(const struct cloud *cloud, bool secrets)
{
	cJSON *root = cJSON_CreateObject();
	struct listing listing;
	struct lister lister = {
		.cloud = cloud,
		.listing = &listing,
		.secrets = secrets,
		.accounts = cJSON_AddArrayToObject(root, "accounts"),
		.printers = cJSON_AddArrayToObject(root, "printers"),
	};

	bool failed = listing_load(&listing, cloud->registry) < 0 ||
		      registry_each_account(cloud->registry, list_account, &lister) < 0 ||
		      registry_each_printer(cloud->registry, NULL, list_printer, &lister) < 0;
	listing_finish(&listing);
	if (failed) {
		cJSON_Delete(root);
		return NULL;
	}
	listing_sort(lister.printers);
	return root;
}

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

	return text && text[0] != '\0' ? text : "-";
}

static const char *yes_or_no(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItem(object, name)) ? "yes" : "no";
}

/* What people call them, in their order; the caller frees it. */
static char *names_of(const struct cloud *cloud, const cJSON *account)
{
	cJSON *sorted = cJSON_CreateArray();
	cJSON *names = cJSON_CreateArray();
	const cJSON *item;
	char *text;

	cJSON_ArrayForEach(item, cJSON_GetObjectItem(account, "printers"))
	{
		struct store_printer printer = {0};
		cJSON *object = cJSON_CreateObject();

		(void)registry_find_printer(cloud->registry, item->valuestring, &printer);
		cJSON_AddStringToObject(object, "name", printer.name);
		cJSON_AddStringToObject(object, "serial", item->valuestring);
		cJSON_AddItemToArray(sorted, object);
		OPENSSL_cleanse(&printer, sizeof(printer));
	}
	listing_sort(sorted);
	cJSON_ArrayForEach(item, sorted)
	{
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(item, "name"));

		name = name && name[0] != '\0'
			       ? name
			       : cJSON_GetStringValue(cJSON_GetObjectItem(item, "serial"));
		cJSON_AddItemToArray(names, cJSON_CreateString(name ? name : ""));
	}
	text = listing_join(names);
	cJSON_Delete(names);
	cJSON_Delete(sorted);
	return text;
}

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; texts && i < count; i++) {
		free(texts[i]);
	}
	free(texts);
}

static void print_accounts(const struct cloud *cloud, const struct output *output,
			   const cJSON *accounts)
{
	size_t rows = (size_t)cJSON_GetArraySize(accounts) + 1;
	const char **cells = calloc(rows * ACCOUNT_COLUMNS, sizeof(*cells));
	char **texts = calloc(rows, sizeof(*texts));
	const cJSON *account;
	const char **cell = cells;
	size_t row = 0;

	if (!cells || !texts) {
		free_texts(texts, 0);
		free(cells);
		return;
	}
	*cell++ = "ACCOUNT";
	*cell++ = "NAME";
	*cell++ = "STRICT";
	*cell++ = "ADMINISTRATOR";
	*cell++ = "PRINTERS";
	cJSON_ArrayForEach(account, accounts)
	{
		*cell++ = text_of(account, "email");
		*cell++ = text_of(account, "name");
		*cell++ = yes_or_no(account, "strict");
		*cell++ = yes_or_no(account, "administrator");
		texts[row] = names_of(cloud, account);
		*cell++ = cJSON_IsTrue(cJSON_GetObjectItem(account, "administrator")) ? "all"
			  : texts[row]                                                ? texts[row]
										      : "-";
		row++;
	}
	output_table(output, cells, rows, ACCOUNT_COLUMNS);
	free_texts(texts, row);
	free(cells);
}

static void print_printers(const struct output *output, const cJSON *printers)
{
	size_t rows = (size_t)cJSON_GetArraySize(printers) + 1;
	const char **cells = calloc(rows * PRINTER_COLUMNS, sizeof(*cells));
	char **texts = calloc(rows, sizeof(*texts));
	const cJSON *printer;
	const char **cell = cells;
	size_t row = 0;

	if (!cells || !texts) {
		free_texts(texts, 0);
		free(cells);
		return;
	}
	*cell++ = "PRINTER";
	*cell++ = "SERIAL";
	*cell++ = "MODEL";
	*cell++ = "KEY";
	*cell++ = "LOGIN KNOWN";
	*cell++ = "CAME FROM";
	*cell++ = "FIRMWARE";
	*cell++ = "ACCOUNTS";
	cJSON_ArrayForEach(printer, printers)
	{
		*cell++ = text_of(printer, "name");
		*cell++ = text_of(printer, "serial");
		*cell++ = text_of(printer, "model");
		*cell++ = text_of(printer, "key");
		*cell++ = yes_or_no(printer, "login_known");
		*cell++ = text_of(cJSON_GetObjectItem(printer, "presents"), "address");
		*cell++ = text_of(printer, "firmware");
		texts[row] = listing_join(cJSON_GetObjectItem(printer, "accounts"));
		*cell++ = texts[row] ? texts[row] : "-";
		row++;
	}
	output_table(output, cells, rows, PRINTER_COLUMNS);
	free_texts(texts, row);
	free(cells);
}

static int print(const struct cloud *cloud, bool json, bool secrets)
{
	struct output output;
	cJSON *root = collect(cloud, secrets);
	int result = CLI_DONE;

	if (!root) {
		return cloud_fail(cloud, "the registry cannot be read");
	}
	if (json) {
		result = json_print(root);
	} else {
		output_init(&output, stdout);
		print_accounts(cloud, &output, cJSON_GetObjectItem(root, "accounts"));
		putchar('\n');
		print_printers(&output, cJSON_GetObjectItem(root, "printers"));
	}
	cJSON_Delete(root);
	return result;
}

static int list_run(const struct cli_command *command, int argc, char **argv)
{
	bool exports = command == &cloud_export_command;
	struct list_options options = {0};
	struct cloud cloud = {0};
	int result = exports ? options_parse(command, &argc, argv, (void *[]){&options.cloud})
			     : options_parse(command, &argc, argv,
					     (void *[]){&options, &options.cloud});

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_READ);
	if (result == OPTIONS_RUN) {
		result = print(&cloud, options.json || exports, options.secrets || exports);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_list_command = {
	.name = "cloud list",
	.section = "Accounts and printers",
	.summary = "list accounts and printers",
	.arguments = "",
	.arguments_max = 0,
	.groups = (const struct options_group *const[]){&list_group, &cloud_options_group, NULL},
	.run = list_run,
};

const struct cli_command cloud_export_command = {
	.name = "cloud export",
	.section = "Copies",
	.summary = "print everything as JSON, with all secrets",
	.arguments = "",
	.arguments_max = 0,
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = list_run,
};
