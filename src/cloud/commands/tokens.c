/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "base/memory/wiping.h"
#include "cli/kit/suggest.h"
#include "cli/output/json.h"
#include "cli/output/print.h"
#include "cloud/commands/cloud.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SHOWN_DIGITS 12

struct tokens_options {
	struct cloud_options cloud;
	bool json;
};

struct token_row {
	struct registry_token token;
	char id[SHOWN_DIGITS + 1];     /* the first digits of its hash */
	char email[REGISTRY_TEXT_MAX]; /* of its account */
};

struct token_list {
	struct registry *registry;
	struct token_row *rows;
	size_t count;
	bool failed; /* there was no memory */
};

static const struct options_option tokens_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON",
	 .offset = offsetof(struct tokens_options, json)},
};

static const struct options_group tokens_group = OPTIONS_GROUP("Options", tokens_table);

static bool collect_token(void *context, const struct registry_token *token)
{
	struct token_list *list = context;
	struct token_row *grown = wiping_grow(list->rows, list->count, sizeof(*grown));

	if (!grown) {
		list->failed = true;
		return false;
	}
	list->rows = grown;
	struct token_row *row = &grown[list->count++];
	struct registry_account account = {0};

	(void)registry_find_user(list->registry, token->user_id, &account);
	row->token = *token;
	hex_encode(token->hash, SHOWN_DIGITS / 2, HEX_LOWER, row->id);
	memcpy(row->email, account.email, sizeof(row->email));
	registry_account_wipe(&account);
	return true;
}

static void write_tokens(struct json_writer *writer, const void *context)
{
	const struct token_list *list = context;

	json_array_begin(writer);
	for (size_t i = 0; i < list->count; i++) {
		const struct token_row *row = &list->rows[i];

		json_object_begin(writer);
		json_member_known(writer, "id", row->id);
		json_member_known(writer, "account", row->email);
		json_member_known(writer, "client", row->token.label);
		member_time(writer, "created_at", row->token.created_at);
		member_time(writer, "used_at", row->token.used_at);
		member_time(writer, "expires_at", row->token.expires_at);
		json_object_end(writer);
	}
	json_array_end(writer);
}

static void print_day(int64_t unix_s)
{
	time_t when = (time_t)unix_s;
	struct tm parts;
	char text[16] = "-";

	if (localtime_r(&when, &parts)) {
		strftime(text, sizeof(text), "%Y-%m-%d", &parts);
	}
	print_to(stdout, "  %-10s", text);
}

static void print_tokens(const struct token_list *list)
{
	print_to(stdout, "%-*s  %-10s  %-10s  %-10s  ACCOUNT, CLIENT\n", SHOWN_DIGITS, "ID", "MADE",
		 "USED", "EXPIRES");
	for (size_t i = 0; i < list->count; i++) {
		const struct token_row *row = &list->rows[i];

		print_to(stdout, "%s", row->id);
		print_day(row->token.created_at);
		print_day(row->token.used_at);
		print_day(row->token.expires_at);
		print_to(stdout, "  %s, %s\n", row->email, row->token.label);
	}
}

static int list_tokens(const struct cloud *cloud, bool json)
{
	struct token_list list = {.registry = cloud->registry};
	int result = CLI_DONE;

	if (registry_each_token(cloud->registry, collect_token, &list) < 0) {
		result = cloud_fail(cloud, "the registry cannot be read");
	} else if (list.failed) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		result = CLI_FAILED;
	} else if (json) {
		result = json_line_print(write_tokens, &list, stdout) ? CLI_FAILED : CLI_DONE;
	} else {
		print_tokens(&list);
	}
	wiping_free(list.rows);
	return result;
}

/* of: the id that list shows, or an account's e-mail address. */
static int revoke_tokens(const struct cloud *cloud, const char *of)
{
	struct registry_account account = {0};
	int revoked;

	if (strchr(of, '@')) {
		int result = cloud_find_account(cloud, of, &account);

		if (result != OPTIONS_RUN) {
			return result;
		}
		revoked = registry_revoke_tokens_of(cloud->registry, account.user_id);
		registry_account_wipe(&account);
	} else {
		revoked = registry_revoke_token(cloud->registry, of);
	}
	if (revoked < 0) {
		return cloud_fail(cloud, "the token cannot be revoked");
	}
	if (revoked == 0) {
		cli_error("there is no token %s; flagship cloud tokens lists them", of);
		return CLI_FAILED;
	}
	print_to(stdout, "revoked %d\n", revoked);
	return CLI_DONE;
}

static int run_tokens(const struct cli_command *command, int argc, char **argv)
{
	struct tokens_options options = {0};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result == OPTIONS_RUN && argc > 0 &&
	    (argc == 1 ? strcmp(argv[0], "list") : strcmp(argv[0], "revoke")) != 0) {
		static const char *const words[] = {"list", "revoke", NULL};
		const char *nearest = suggest_of(argv[0], words);

		cli_error("cloud tokens wants list, or revoke with an id or an account%s%s%s",
			  nearest ? "; did you mean " : "", nearest ? nearest : "",
			  nearest ? "?" : "");
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, argc == 2 ? REGISTRY_WRITE : REGISTRY_READ);
	if (result == OPTIONS_RUN) {
		result = argc == 2 ? revoke_tokens(&cloud, argv[1])
				   : list_tokens(&cloud, options.json);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_tokens_command = {
	.name = "cloud tokens",
	.section = "Accounts and printers",
	.summary = "list the tokens of the API, or revoke them",
	.arguments = "[list|revoke ID|revoke EMAIL]",
	.arguments_max = 2,
	.groups = (const struct options_group *const[]){&tokens_group, &cloud_options_group, NULL},
	.run = run_tokens,
};
