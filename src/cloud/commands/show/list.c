/* SPDX-License-Identifier: MIT */
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cloud/commands/cloud.h"
#include "cloud/commands/show/listing.h"

#include <flagship/flagship.h>

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

/* What the JSON is made of. */
struct shown_listing {
	const struct listing *listing;
	bool secrets;
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

static const char *shown_secret(const char *value, bool secrets)
{
	return value[0] == '\0' || secrets ? value : HIDDEN;
}

static void write_account(struct json_writer *writer, const struct shown_listing *shown,
			  const struct listing_account *account)
{
	const struct registry_account *stored = &account->stored;
	bool strict = stored->mqtt_password[0] != '\0';

	json_object_begin(writer);
	json_member_known(writer, "email", stored->email);
	json_member_known(writer, "name", stored->nick_name);
	json_member_known(writer, "country", stored->country);
	json_member_known(writer, "user_id", shown_secret(stored->user_id, shown->secrets));
	json_member_bool(writer, "strict", strict);
	if (shown->secrets) {
		json_member_known(writer, "mqtt_password",
				  strict ? stored->mqtt_password : stored->email);
	}
	json_member_bool(writer, "administrator", stored->administrator);
	json_member_bool(writer, "has_password", stored->password[0] != '\0');
	member_time(writer, "created_at", stored->created_at);
	json_key(writer, "printers");
	json_array_begin(writer);
	for (size_t i = 0; i < account->count; i++) {
		json_string(writer,
			    shown->listing->shares[account->first + i].printer->stored.serial);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static void write_hosts(struct json_writer *writer, const char *name, const char *init_string)
{
	char hosts[FLAGSHIP_INIT_STRING_HOSTS_MAX][FLAGSHIP_HOST_LENGTH_MAX + 1];
	int count = flagship_init_string_decode(init_string, strlen(init_string), hosts,
						FLAGSHIP_INIT_STRING_HOSTS_MAX);

	json_key(writer, name);
	json_array_begin(writer);
	for (int i = 0; i < count; i++) {
		json_string(writer, hosts[i]);
	}
	json_array_end(writer);
}

static const char *model_text(const struct registry_printer *printer)
{
	const char *model = flagship_model_name(printer->model);

	return model ? model : printer->model_code;
}

static void write_printer(struct json_writer *writer, const struct shown_listing *shown,
			  const struct listing_printer *printer)
{
	const struct registry_printer *stored = &printer->stored;

	json_object_begin(writer);
	json_member_known(writer, "serial", stored->serial);
	json_member_known(writer, "name", stored->name);
	json_member_known(writer, "model", model_text(stored));
	json_member_known(writer, "key", shown_secret(stored->key_hex, shown->secrets));
	json_member_bool(writer, "login_known", printer->login_known);
	listing_write_presents(writer, printer);
	json_member_known(writer, "address", stored->address);
	json_member_known(writer, "firmware", stored->firmware);
	listing_write_accounts(writer, shown->listing, printer);
	if (shown->secrets) {
		json_member_known(writer, "dsk_key", stored->dsk_key);
		json_member_known(writer, "p2p_did", stored->p2p_did);
		json_member_known(writer, "p2p_conn", stored->p2p_conn);
		json_member_known(writer, "app_conn", stored->app_conn);
		write_hosts(writer, "p2p_hosts", stored->p2p_conn);
		write_hosts(writer, "api_hosts", stored->app_conn);
		json_member_known(writer, "station_id", stored->station_id);
		json_member_known(writer, "wifi_mac", stored->wifi_mac);
	}
	json_object_end(writer);
}

static void write_listing(struct json_writer *writer, const void *context)
{
	const struct shown_listing *shown = context;
	const struct listing *listing = shown->listing;

	json_object_begin(writer);
	json_key(writer, "accounts");
	json_array_begin(writer);
	for (size_t i = 0; i < listing->account_count; i++) {
		write_account(writer, shown, &listing->accounts[i]);
	}
	json_array_end(writer);
	json_key(writer, "printers");
	json_array_begin(writer);
	for (size_t i = 0; i < listing->printer_count; i++) {
		write_printer(writer, shown, listing->by_name[i]);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static const char *text_or_dash(const char *text)
{
	return text && text[0] != '\0' ? text : "-";
}

static const char *yes_or_no(bool value)
{
	return value ? "yes" : "no";
}

/* Prints the rows, and frees what each has of its own. */
static void print_rows(const struct output *output, const char **cells, char **texts, size_t count,
		       size_t columns)
{
	output_table(output, cells, count + 1, columns);
	for (size_t i = 0; i < count; i++) {
		free(texts[i]);
	}
}

static void print_accounts(const struct output *output, const struct listing *listing)
{
	static const char *const heads[ACCOUNT_COLUMNS] = {"ACCOUNT", "NAME", "STRICT",
							   "ADMINISTRATOR", "PRINTERS"};
	size_t count = listing->account_count;
	const char **cells = calloc((count + 1) * ACCOUNT_COLUMNS, sizeof(*cells));
	char **texts = calloc(count + 1, sizeof(*texts));

	if (cells && texts) {
		memcpy(cells, heads, sizeof(heads));
		const char **cell = cells + ACCOUNT_COLUMNS;
		for (size_t i = 0; i < count; i++) {
			const struct listing_account *account = &listing->accounts[i];

			texts[i] = listing_join_printers(listing, account);
			*cell++ = text_or_dash(account->stored.email);
			*cell++ = text_or_dash(account->stored.nick_name);
			*cell++ = yes_or_no(account->stored.mqtt_password[0] != '\0');
			*cell++ = yes_or_no(account->stored.administrator);
			*cell++ = account->stored.administrator ? "all" : text_or_dash(texts[i]);
		}
		print_rows(output, cells, texts, count, ACCOUNT_COLUMNS);
	}
	free(texts);
	free(cells);
}

static void print_printers(const struct output *output, const struct listing *listing, bool secrets)
{
	static const char *const heads[PRINTER_COLUMNS] = {"PRINTER",  "SERIAL",      "MODEL",
							   "KEY",      "LOGIN KNOWN", "CAME FROM",
							   "FIRMWARE", "ACCOUNTS"};
	size_t count = listing->printer_count;
	const char **cells = calloc((count + 1) * PRINTER_COLUMNS, sizeof(*cells));
	char **texts = calloc(count + 1, sizeof(*texts));

	if (cells && texts) {
		memcpy(cells, heads, sizeof(heads));
		const char **cell = cells + PRINTER_COLUMNS;
		for (size_t i = 0; i < count; i++) {
			const struct listing_printer *printer = listing->by_name[i];
			const struct registry_printer *stored = &printer->stored;

			texts[i] = listing_join_accounts(listing, printer);
			*cell++ = text_or_dash(stored->name);
			*cell++ = text_or_dash(stored->serial);
			*cell++ = text_or_dash(model_text(stored));
			*cell++ = text_or_dash(shown_secret(stored->key_hex, secrets));
			*cell++ = yes_or_no(printer->login_known);
			*cell++ = text_or_dash(printer->hints.address);
			*cell++ = text_or_dash(stored->firmware);
			*cell++ = text_or_dash(texts[i]);
		}
		print_rows(output, cells, texts, count, PRINTER_COLUMNS);
	}
	free(texts);
	free(cells);
}

static int print_listing(const struct cloud *cloud, bool json, bool secrets)
{
	struct listing listing;
	int result = CLI_DONE;

	if (listing_load(&listing, cloud->registry) < 0) {
		result = cloud_fail(cloud, "the registry cannot be read");
	} else if (json) {
		const struct shown_listing shown = {.listing = &listing, .secrets = secrets};

		result = json_line_print(write_listing, &shown, stdout) ? CLI_FAILED : CLI_DONE;
	} else {
		struct output output;

		output_init(&output, stdout);
		print_accounts(&output, &listing);
		putchar('\n');
		print_printers(&output, &listing, secrets);
	}
	listing_finish(&listing);
	return result;
}

static int run_list(const struct cli_command *command, int argc, char **argv)
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
		result = print_listing(&cloud, options.json || exports, options.secrets || exports);
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
	.run = run_list,
};

const struct cli_command cloud_export_command = {
	.name = "cloud export",
	.section = "Copies",
	.summary = "print everything as JSON, with all secrets",
	.arguments = "",
	.arguments_max = 0,
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = run_list,
};
