/* SPDX-License-Identifier: MIT */
#include "base/json/writer.h"
#include "cli/output/print.h"
#include "cloud/commands/cloud.h"
#include "store/file/replace_file.h"

#include <flagship/account.h>
#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TOKEN_LABEL   "export-login"
#define TOKEN_DAYS    365
#define SECONDS_A_DAY INT64_C(86400)

/* Five texts, each byte of which JSON may write as six, and the names. */
#define LOGIN_JSON_MAX (5 * 6 * REGISTRY_TEXT_MAX + 512)

struct export_login_options {
	struct cloud_options cloud;
	const char *output;
};

static const struct options_option export_login_table[] = {
	{.name = "output",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "write to this file, with mode 0600 whatever was there",
	 .offset = offsetof(struct export_login_options, output)},
};

static const struct options_group export_login_group = OPTIONS_GROUP("Options", export_login_table);

/* Writes it as the slicer keeps it: the answer to a login. Returns 0, or BUFFER. */
static int write_login(const struct registry_account *account, const char *token,
		       int64_t expires_at, char out[LOGIN_JSON_MAX])
{
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, LOGIN_JSON_MAX);
	json_object_begin(&writer);
	json_key(&writer, "data");
	json_object_begin(&writer);
	json_member_string(&writer, "ab_code", account->country);
	json_member_string(&writer, "auth_token", token);
	json_member_string(&writer, "email", account->email);
	json_member_string(&writer, "user_id", account->user_id);
	json_member_string(&writer, "nick_name", account->nick_name);
	json_member_int(&writer, "token_expires_at", expires_at);
	json_object_end(&writer);
	json_member_int(&writer, "code", 0);
	json_member_string(&writer, "msg", "Succeed.");
	json_object_end(&writer);
	return json_writer_finish(&writer, &length);
}

/* To a file of mode 0600, whatever was there; NULL: to standard output. */
static int put_encoded(const char *path, const char *encoded)
{
	if (!path) {
		print_data(stdout, "%s\n", encoded);
		return CLI_DONE;
	}
	int error = replace_file(path, encoded, strlen(encoded), S_IRUSR | S_IWUSR);
	if (error) {
		cli_error("%s cannot be written: %s", path, strerror(error));
		return CLI_FAILED;
	}
	print_to(stdout, "wrote %s; it is a secret\n", path);
	return CLI_DONE;
}

static int put_json(const char *path, const char *json)
{
	/* base64 of whole cipher blocks. */
	size_t capacity = 2 * strlen(json) + 64;
	char *encoded = malloc(capacity);
	size_t written;
	int result = CLI_FAILED;
	int error = encoded ? flagship_login_cache_encode(json, strlen(json), encoded, capacity,
							  &written)
			    : FLAGSHIP_ERROR_MEMORY;

	if (error) {
		cli_error("the login cannot be written: %s", flagship_strerror(error));
	} else {
		result = put_encoded(path, encoded);
	}
	if (encoded) {
		OPENSSL_cleanse(encoded, capacity);
	}
	free(encoded);
	return result;
}

static int export_login(const struct cloud *cloud, const struct registry_account *account,
			const char *path)
{
	int64_t now_s = cloud_now_s();
	int64_t expires_at = now_s + TOKEN_DAYS * SECONDS_A_DAY;
	char token[REGISTRY_TOKEN_SIZE];

	if (registry_issue_token(cloud->registry, account->user_id, TOKEN_LABEL, now_s, expires_at,
				 token) < 0) {
		return cloud_fail(cloud, "a token cannot be made");
	}
	char json[LOGIN_JSON_MAX];
	int result = CLI_FAILED;
	int error = write_login(account, token, expires_at, json);
	if (error) {
		cli_error("the login cannot be written: %s", flagship_strerror(error));
	} else {
		result = put_json(path, json);
	}
	if (account->mqtt_password[0] != '\0') {
		cli_warn("%s is strict: its MQTT password is not the e-mail address, so that only "
			 "programs that ask the API for it can log in",
			 account->email);
	}
	OPENSSL_cleanse(json, sizeof(json));
	OPENSSL_cleanse(token, sizeof(token));
	return result;
}

static int run_export_login(const struct cli_command *command, int argc, char **argv)
{
	struct export_login_options options = {0};
	struct registry_account account;
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result == OPTIONS_RUN && argc == 0) {
		cli_error("say which account: flagship cloud export-login you@example.org");
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = cloud_find_account(&cloud, argv[0], &account);
	}
	if (result == OPTIONS_RUN) {
		result = export_login(&cloud, &account, options.output);
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
	.description =
		"Prints what the vendor's slicer would keep after a login (base64 of\n"
		"AES-128-ECB), with a token of its own. It is a secret: --output writes it to a "
		"file\nthat only you can read.",
	.groups = (const struct options_group *const[]){&export_login_group, &cloud_options_group,
							NULL},
	.run = run_export_login,
};
