/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/access/internal.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODE      0600
#define LINK_SIZE 512

/* The link of the first user: what follows the # is not sent by browsers, and in no log. */

int access_offer_setup(struct access *access, const char *base, struct problem *problem)
{
	char text[LINK_SIZE];
	char secret[ACCESS_SECRET_SIZE];

	access_withdraw_setup(access);
	if (access->book.user_count > 0) {
		return 0;
	}
	if (access_secret_make(secret)) {
		problem_set(problem, "there is no randomness for a setup link");
		return FLAGSHIP_ERROR_CRYPTO;
	}
	snprintf(access->setup_token, sizeof(access->setup_token), "%s", secret);
	access->setup_until_s = clock_steady_s() + ACCESS_SETUP_LIFE_S;
	int length = snprintf(text, sizeof(text), "%s/setup#%s\n", base, secret);
	int error = replace_file(access->setup_path, text, (size_t)length, MODE);

	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(text, sizeof(text));
	return error ? problem_cannot(problem, "write", access->setup_path, error, "") : 0;
}

bool access_setup_is_offered(const struct access *access)
{
	return access->setup_token[0] != '\0' && access->book.user_count == 0 &&
	       clock_steady_s() < access->setup_until_s;
}

bool access_setup_fits(const struct access *access, const char *token)
{
	size_t length = strlen(access->setup_token);

	return access_setup_is_offered(access) && strlen(token) == length &&
	       CRYPTO_memcmp(token, access->setup_token, length) == 0;
}

void access_withdraw_setup(struct access *access)
{
	OPENSSL_cleanse(access->setup_token, sizeof(access->setup_token));
	if (unlink(access->setup_path) && errno != ENOENT) {
		log_write(access->log, LOG_LEVEL_WARNING, ACCESS_LOG_PART,
			  "%s cannot be removed; it opens nothing any more", access->setup_path);
	}
}
