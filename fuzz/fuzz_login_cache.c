/* SPDX-License-Identifier: MIT */
#include "base/text_encoding.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_SHORT 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool ends_inside(const char *field)
{
	return memchr(field, '\0', FLAGSHIP_ACCOUNT_FIELD_MAX) != NULL;
}

static void check_account(const void *file, size_t length, int decode_error)
{
	struct flagship_account account;
	int error = flagship_account_parse(file, length, &account);

	if (decode_error) {
		assert(error == decode_error);
		return;
	}
	assert(error == 0 || error == FLAGSHIP_ERROR_LOGIN_CACHE);
	if (error) {
		return;
	}
	assert(account.user_id[0] != '\0' && ends_inside(account.user_id));
	assert(ends_inside(account.email) && ends_inside(account.auth_token));
	assert(ends_inside(account.country) && ends_inside(account.domain));
	assert(account.token_expires_at >= 0);
	assert(account.region == flagship_region_from_country(account.country));
	flagship_account_wipe(&account);
}

/* What was decoded, encoded as the slicer does, decodes to the same. */
static void check_round_trip(const char *json, size_t length)
{
	size_t capacity = 2 * length + CAPACITY_SHORT;
	char *file = malloc(capacity);
	char *again = malloc(capacity);
	size_t written;
	size_t found;

	assert(file && again);
	int error = flagship_login_cache_encode(json, length, file, capacity, &written);
	if (error) {
		assert(error == FLAGSHIP_ERROR_TOO_LARGE && capacity > FLAGSHIP_LOGIN_CACHE_MAX);
		goto out;
	}
	assert(file[written] == '\0' && strlen(file) == written);
	assert(flagship_login_cache_decode(file, written, again, written + 1, &found) == 0);
	assert(found == length && memcmp(again, json, length + 1) == 0);
	check_account(file, written, 0);
out:
	free(again);
	free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* UTF-16 may grow. */
	size_t capacity = TEXT_ENCODING_MAX(size) + 1;
	char *json = malloc(capacity);
	char few[CAPACITY_SHORT];
	size_t length;

	assert(json);
	int error = flagship_login_cache_decode(data, size, json, capacity, &length);
	assert(error != FLAGSHIP_ERROR_BUFFER);
	check_account(data, size, error);
	if (!error) {
		assert(length < capacity && json[length] == '\0');
		check_round_trip(json, length);
	}
	int short_error = flagship_login_cache_decode(data, size, few, sizeof(few), &length);
	assert(short_error == error || short_error == FLAGSHIP_ERROR_BUFFER);
	free(json);
	return 0;
}
