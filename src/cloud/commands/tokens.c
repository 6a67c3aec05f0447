/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "cli/kit/suggest.h"
#include "cli/output/print.h"
#include "cloud/commands/cloud.h"
#include "cloud/commands/show/json_print.h"

#include <cjson/cJSON.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SHOWN_DIGITS 12

struct tokens_options {
	struct cloud_options cloud;
	bool json;
};

struct tokens_list {
	const struct cloud *cloud;
	cJSON *array;
};

static const struct options_option tokens_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON",
	 .offset = offsetof(struct tokens_options, json)},
};

static const struct options_group tokens_group = OPTIONS_GROUP("Options", tokens_table);

static bool collect(void *context, const struct registry_token *token)
{
	struct tokens_list *list = context;
	struct registry_account account = {0};
	char hash[2 * REGISTRY_HASH_SIZE + 1];
	cJSON *object = cJSON_CreateObject();

	(void)registry_find_user(list->cloud->registry, token->user_id, &account);
	hex_encode(token->hash, sizeof(token->hash), HEX_LOWER, hash);
	hash[SHOWN_DIGITS] = '\0';
	cJSON_AddStringToObject(object, "id", hash);
	cJSON_AddStringToObject(object, "account", account.email);
	cJSON_AddStringToObject(object, "client", token->label);
	cJSON_AddNumberToObject(object, "created_at", (double)token->created_at);
	cJSON_AddNumberToObject(object, "used_at", (double)token->used_at);
	cJSON_AddNumberToObject(object, "expires_at", (double)token->expires_at);
	cJSON_AddItemToArray(list->array, object);
	registry_account_wipe(&account);
	return true;
}

static void print_day(const cJSON *item, const char *name)
{
	time_t when = (time_t)cJSON_GetNumberValue(cJSON_GetObjectItem(item, name));
	struct tm parts;
	char text[16] = "-";

	if (localtime_r(&when, &parts)) {
		strftime(text, sizeof(text), "%Y-%m-%d", &parts);
	}
	print_to(stdout, "  %-10s", text);
}

static int list(const struct cloud *cloud, bool json)
{
	struct tokens_list tokens = {.cloud = cloud, .array = cJSON_CreateArray()};
	const cJSON *item;

	if (registry_each_token(cloud->registry, collect, &tokens) < 0) {
		cJSON_Delete(tokens.array);
		return cloud_fail(cloud, "the registry cannot be read");
	}
	if (json) {
		(void)json_print(tokens.array);
	} else {
		print_to(stdout, "%-*s  %-10s  %-10s  %-10s  ACCOUNT, CLIENT\n", SHOWN_DIGITS, "ID",
			 "MADE", "USED", "EXPIRES");
		cJSON_ArrayForEach(item, tokens.array)
		{
			print_to(stdout, "%s",
				 cJSON_GetStringValue(cJSON_GetObjectItem(item, "id")));
			print_day(item, "created_at");
			print_day(item, "used_at");
			print_day(item, "expires_at");
			print_to(stdout, "  %s, %s\n",
				 cJSON_GetStringValue(cJSON_GetObjectItem(item, "account")),
				 cJSON_GetStringValue(cJSON_GetObjectItem(item, "client")));
		}
	}
	cJSON_Delete(tokens.array);
	return CLI_DONE;
}

/* of: the id that list shows, or an account's e-mail address. */
static int revoke(const struct cloud *cloud, const char *of)
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

static int run(const struct cli_command *command, int argc, char **argv)
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
		result = argc == 2 ? revoke(&cloud, argv[1]) : list(&cloud, options.json);
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
	.run = run,
};
