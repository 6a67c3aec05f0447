/* SPDX-License-Identifier: MIT */
#include "cli/print.h"
#include "cloud/cloud.h"

#include <cjson/cJSON.h>
#include <flagship/account.h>
#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_LABEL   "export-login"
#define TOKEN_DAYS    365
#define SECONDS_A_DAY INT64_C(86400)

static void wipe_and_free(char *text)
{
	if (text) {
		OPENSSL_cleanse(text, strlen(text));
		free(text);
	}
}

/* As the slicer keeps it: the answer to a login. */
static char *make_json(const struct registry_account *account, const char *token,
		       int64_t expires_at)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *data = cJSON_AddObjectToObject(root, "data");
	char *text;

	cJSON_AddNumberToObject(root, "code", 0);
	cJSON_AddStringToObject(root, "msg", "Succeed.");
	cJSON_AddStringToObject(data, "ab_code", account->country);
	cJSON_AddStringToObject(data, "auth_token", token);
	cJSON_AddStringToObject(data, "email", account->email);
	cJSON_AddStringToObject(data, "user_id", account->user_id);
	cJSON_AddStringToObject(data, "nick_name", account->nick_name);
	cJSON_AddNumberToObject(data, "token_expires_at", (double)expires_at);
	text = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	return text;
}

static int print_encoded(const char *json)
{
	/* base64 of whole cipher blocks. */
	size_t capacity = 2 * strlen(json) + 64;
	char *encoded = malloc(capacity);
	size_t written;
	int error = encoded ? flagship_login_cache_encode(json, strlen(json), encoded, capacity,
							  &written)
			    : FLAGSHIP_ERROR_MEMORY;

	if (error) {
		cli_error("the login cannot be written: %s", flagship_strerror(error));
	} else {
		print_data(stdout, "%s\n", encoded);
	}
	wipe_and_free(error ? NULL : encoded);
	return error ? CLI_FAILED : CLI_DONE;
}

static int export_login(const struct cloud *cloud, const struct registry_account *account)
{
	int64_t now_s = cloud_now_s();
	int64_t expires_at = now_s + TOKEN_DAYS * SECONDS_A_DAY;
	char token[REGISTRY_TOKEN_SIZE];
	char *json;
	int result = CLI_FAILED;

	if (registry_issue_token(cloud->registry, account->user_id, TOKEN_LABEL, now_s, expires_at,
				 token) < 0) {
		return cloud_fail(cloud, "a token cannot be made");
	}
	json = make_json(account, token, expires_at);
	if (json) {
		result = print_encoded(json);
	}
	if (account->mqtt_password[0] != '\0') {
		cli_warn("%s is strict: its MQTT password is not the e-mail address, so that only "
			 "programs that ask the API for it can log in",
			 account->email);
	}
	wipe_and_free(json);
	OPENSSL_cleanse(token, sizeof(token));
	return result;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct cloud_options options = {0};
	struct registry_account account;
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result == OPTIONS_RUN && argc == 0) {
		cli_error("say which account: flagship cloud export-login you@example.org");
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = cloud_find_account(&cloud, argv[0], &account);
	}
	if (result == OPTIONS_RUN) {
		result = export_login(&cloud, &account);
		registry_account_wipe(&account);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_export_login_command = {
	.name = "cloud export-login",
	.section = "Copies",
	.summary = "print a login.json in the slicer's shape, for other programs",
	.arguments = "EMAIL",
	.arguments_max = 1,
	.description = "Prints what the vendor's slicer would keep after a login (base64 of\n"
		       "AES-128-ECB), with a token of its own: > login.json. It is a secret.",
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = run,
};
