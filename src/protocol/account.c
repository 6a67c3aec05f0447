/* SPDX-License-Identifier: MIT */
#include <flagship/account.h>

#include <flagship/error.h>

#include "base/hex.h"
#include "base/json/reader.h"
#include "base/text_encoding.h"

#include <openssl/crypto.h>

#include <stdlib.h>
#include <string.h>

#define COUNTRY_LENGTH      2
#define PERCENT_ESCAPE_SIZE 3 /* %40 */
#define ENCODED_EMAIL_SIZE  (PERCENT_ESCAPE_SIZE * FLAGSHIP_ACCOUNT_FIELD_MAX)

struct region {
	const char *name;
	const char *mqtt_host;
	const char *api_host;
};

static const struct region regions[] = {
	[FLAGSHIP_REGION_US] = {"us", "make-mqtt.ankermake.com", "make-app.ankermake.com"},
	[FLAGSHIP_REGION_EU] = {"eu", "make-mqtt-eu.ankermake.com", "make-app-eu.ankermake.com"},
};

static char upper(char c)
{
	if (c >= 'a' && c <= 'z') {
		return (char)(c - 'a' + 'A');
	}
	return c;
}

enum flagship_region flagship_region_from_country(const char *country)
{
	static const char us[][COUNTRY_LENGTH + 1] = {
		"US", "CA", "MX", "BR", "AR", "CU", "BS", "AU", "NZ",
	};

	if (!country || strlen(country) != COUNTRY_LENGTH) {
		return FLAGSHIP_REGION_EU;
	}
	for (size_t i = 0; i < sizeof(us) / sizeof(us[0]); i++) {
		if (upper(country[0]) == us[i][0] && upper(country[1]) == us[i][1]) {
			return FLAGSHIP_REGION_US;
		}
	}
	return FLAGSHIP_REGION_EU;
}

/* The service's own rule: what is not the first region is the second. */
static const struct region *region_of(enum flagship_region region)
{
	return &regions[region == FLAGSHIP_REGION_US ? FLAGSHIP_REGION_US : FLAGSHIP_REGION_EU];
}

const char *flagship_region_name(enum flagship_region region)
{
	return region_of(region)->name;
}

const char *flagship_region_mqtt_host(enum flagship_region region)
{
	return region_of(region)->mqtt_host;
}

const char *flagship_region_api_host(enum flagship_region region)
{
	return region_of(region)->api_host;
}

void flagship_account_wipe(struct flagship_account *account)
{
	if (account) {
		OPENSSL_cleanse(account, sizeof(*account));
	}
}

/* A text that is not there stays "". */
static int read_text(struct flagship_json object, const char *name, char *out, size_t capacity)
{
	struct json_value value;

	if (!json_object_find(object, name, &value) || value.kind == JSON_NULL) {
		return 0;
	}
	if (value.kind != JSON_STRING ||
	    flagship_text_copy(value.text, out, capacity) >= capacity) {
		return FLAGSHIP_ERROR_LOGIN_CACHE;
	}
	return 0;
}

/* A number is taken only where it is spelt with digits alone, however many: those are the id. */
static int read_user_id(struct flagship_json object, char *out, size_t capacity)
{
	struct json_value value;
	int error = 0;

	if (!json_object_find(object, "user_id", &value)) {
		return FLAGSHIP_ERROR_LOGIN_CACHE;
	}
	if (value.kind == JSON_NUMBER) {
		for (uint32_t i = 0; i < value.json.length; i++) {
			if (value.json.data[i] < '0' || value.json.data[i] > '9') {
				return FLAGSHIP_ERROR_LOGIN_CACHE;
			}
		}
		if (value.json.length >= capacity) {
			return FLAGSHIP_ERROR_LOGIN_CACHE;
		}
		memcpy(out, value.json.data, value.json.length);
	} else {
		error = read_text(object, "user_id", out, capacity);
	}
	return error || out[0] ? error : FLAGSHIP_ERROR_LOGIN_CACHE;
}

/* %00 would cut the text, so it stays as it is, as malformed escapes do. */
static void decode_percent(char *text)
{
	const char *in = text;
	uint8_t byte;

	while (*in) {
		if (*in == '%' && in[1] && hex_decode(in + 1, &byte, 1) && byte) {
			*text++ = (char)byte;
			in += PERCENT_ESCAPE_SIZE;
		} else {
			*text++ = *in++;
		}
	}
	*text = '\0';
}

static int read_email(struct flagship_json object, char *out, size_t capacity)
{
	char encoded[ENCODED_EMAIL_SIZE] = "";
	int error = read_text(object, "email", encoded, sizeof(encoded));

	if (!error) {
		decode_percent(encoded);
		/* Again, since the bytes behind the escapes may be no UTF-8. */
		if (flagship_text_copy(flagship_text_from(encoded), out, capacity) >= capacity) {
			error = FLAGSHIP_ERROR_LOGIN_CACHE;
		}
	}
	OPENSSL_cleanse(encoded, sizeof(encoded));
	return error;
}

static int read_country(struct flagship_json object, char *out, size_t capacity)
{
	int error = read_text(object, "ab_code", out, capacity);

	if (error || out[0]) {
		return error;
	}
	return read_text(object, "country_code", out, capacity);
}

/* Unknown where it is no time: the service then tells that the token has expired. */
static int64_t read_expiry(struct flagship_json object)
{
	struct json_value value;
	int64_t seconds;

	if (!json_object_find(object, "token_expires_at", &value) ||
	    (value.kind != JSON_NUMBER && value.kind != JSON_STRING) ||
	    !json_value_to_int(&value, &seconds) || seconds < 0) {
		return 0;
	}
	return seconds;
}

/* Nothing depends on it: what is no text, or too long for one, is left out. */
static void read_nick_name(struct flagship_json object, char *out, size_t capacity)
{
	if (read_text(object, "nick_name", out, capacity) != 0) {
		out[0] = '\0';
	}
}

static int read_account(struct flagship_json root, struct flagship_account *account)
{
	struct json_value data;
	struct flagship_json object = root;

	if (json_object_find(root, "data", &data) && data.kind == JSON_OBJECT) {
		object = data.json;
	}
	int error = read_user_id(object, account->user_id, sizeof(account->user_id));
	if (!error) {
		error = read_email(object, account->email, sizeof(account->email));
	}
	if (!error) {
		error = read_text(object, "auth_token", account->auth_token,
				  sizeof(account->auth_token));
	}
	if (!error) {
		error = read_country(object, account->country, sizeof(account->country));
	}
	if (!error) {
		error = read_text(object, "domain", account->domain, sizeof(account->domain));
	}
	read_nick_name(object, account->nick_name, sizeof(account->nick_name));
	account->token_expires_at = read_expiry(object);
	account->region = flagship_region_from_country(account->country);
	return error;
}

int flagship_account_parse(const void *file, size_t length, struct flagship_account *account)
{
	struct flagship_account found = {0};
	size_t json_length;

	if (length > FLAGSHIP_LOGIN_CACHE_MAX) {
		return FLAGSHIP_ERROR_LOGIN_CACHE;
	}
	size_t capacity = TEXT_ENCODING_MAX(length) + 1;
	char *json = malloc(capacity);
	if (!json) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = flagship_login_cache_decode(file, length, json, capacity, &json_length);
	if (!error) {
		struct flagship_json root = {json, (uint32_t)json_length};
		error = read_account(root, &found);
	}
	if (!error) {
		*account = found;
	}
	flagship_account_wipe(&found);
	OPENSSL_cleanse(json, capacity);
	free(json);
	return error;
}
