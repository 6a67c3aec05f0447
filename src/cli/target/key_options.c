/* SPDX-License-Identifier: MIT */
#include "cli/target/key_options.h"

#include "cli/kit/secret_file.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define KEY_FILE_MAX    512
#define KEY_ENVIRONMENT "FLAGSHIP_KEY"

static const struct options_option key_table[] = {
	{.name = "key-file",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "the printer's key in hex; without it FLAGSHIP_KEY of the environment",
	 .offset = offsetof(struct key_options, file)},
	{.name = "key",
	 .kind = OPTIONS_TEXT,
	 .value = "HEX",
	 .help = "the key itself; other users of this machine can see it",
	 .offset = offsetof(struct key_options, text)},
};

const struct options_group key_options_group = OPTIONS_GROUP_SHARED("Key", key_table);

static int key_create(const char *hex, size_t length, const char *source, struct flagship_key **key)
{
	int error = flagship_key_create_hex(hex, length, key);

	if (error == FLAGSHIP_ERROR_KEY) {
		cli_error("%s holds no key: 64 hex digits are wanted (32 for AES-128)", source);
		return CLI_FAILED;
	}
	if (error) {
		cli_error("%s: %s", source, flagship_strerror(error));
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static int key_load_file(const char *name, struct flagship_key **key)
{
	char text[KEY_FILE_MAX];
	size_t length;
	int result = secret_file_read(name, "key file", text, sizeof(text), &length);

	if (result == OPTIONS_RUN) {
		result = key_create(text, length, name, key);
	}
	OPENSSL_cleanse(text, sizeof(text));
	return result;
}

int key_options_load(struct key_options *options, struct flagship_key **key)
{
	const char *environment = getenv(KEY_ENVIRONMENT);
	int result = OPTIONS_RUN;

	*key = NULL;
	if (options->file) {
		result = key_load_file(options->file, key);
	} else if (options->text) {
		cli_warn("a key on the command line can be seen by others and stays in the shell's "
			 "history; use --key-file or " KEY_ENVIRONMENT);
		result = key_create(options->text, strlen(options->text), "--key", key);
	} else if (environment && environment[0] != '\0') {
		result = key_create(environment, strlen(environment), KEY_ENVIRONMENT, key);
	}
	if (options->text) {
		OPENSSL_cleanse(options->text, strlen(options->text));
	}
	return result;
}

int key_options_require(struct key_options *options, struct flagship_key **key)
{
	int result = key_options_load(options, key);

	if (result == OPTIONS_RUN && !*key) {
		cli_error("the printer's key is needed: give --key-file FILE (hex digits, mode "
			  "0600) or set " KEY_ENVIRONMENT);
		return CLI_NOT_CONFIGURED;
	}
	return result;
}
