/* SPDX-License-Identifier: MIT */
#include "base/base64.h"
#include "base/clock.h"
#include "base/hex.h"
#include "gateway/access/internal.h"
#include "store/file/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/*
 * JSON Web Tokens (RFC 7519), for programs that keep a login in place of a cookie. They are signed
 * with a key that ends with the process, as the sessions do that they name. Nothing of one is read
 * before its signature was found right, so that no bytes of others are parsed here.
 */

/* {"alg":"HS256","typ":"JWT"}: the only header that is made, and taken. */
#define HEADER         "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
#define SIGNATURE_SIZE (43 + 1) /* of 32 bytes, without padding */
#define CLAIMS_SIZE    320
#define REFRESH        "refresh"
#define BEARER         "auth"

static size_t encode_url(const uint8_t *bytes, size_t size, char *out)
{
	size_t length = (size_t)EVP_EncodeBlock((unsigned char *)out, bytes, (int)size);

	while (length > 0 && out[length - 1] == '=') {
		out[--length] = '\0';
	}
	for (size_t i = 0; i < length; i++) {
		out[i] = (char)(out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i]);
	}
	return length;
}

static bool sign_token(const struct access *access, const char *text, size_t length,
		       char signature[SIGNATURE_SIZE])
{
	uint8_t hash[ACCESS_HASH_SIZE];
	char encoded[BASE64_LENGTH(ACCESS_HASH_SIZE) + 1];
	unsigned int size = 0;

	if (!HMAC(EVP_sha256(), access->token_secret, sizeof(access->token_secret),
		  (const unsigned char *)text, length, hash, &size)) {
		return false;
	}
	size_t encoded_length = encode_url(hash, sizeof(hash), encoded);
	memcpy(signature, encoded, encoded_length + 1);
	return true;
}

/* --- making --- */

static bool make_token(const struct access *access, const struct session *session, const char *type,
		       int64_t life_s, char token[ACCESS_TOKEN_SIZE])
{
	char id[2 * ACCESS_HASH_SIZE + 1];
	char claims[CLAIMS_SIZE];
	char signature[SIGNATURE_SIZE];
	int64_t now_s = clock_unix_s();

	hex_encode(session->hash, sizeof(session->hash), HEX_LOWER, id);
	/* Names of users need no escapes. Clients go by exp; we go by a clock that does not jump.
	 */
	int size = snprintf(claims, sizeof(claims),
			    "{\"iss\":\"flagship\",\"iat\":%" PRId64 ",\"exp\":%" PRId64
			    ",\"until\":%" PRId64 ","
			    "\"username\":\"%s\",\"token_type\":\"%s\",\"sid\":\"%s\"}",
			    now_s, now_s + life_s, clock_steady_s() + life_s, session->user, type,
			    id);

	if (size < 0 || (size_t)size >= sizeof(claims) ||
	    sizeof(HEADER) + BASE64_LENGTH((size_t)size) + SIGNATURE_SIZE + 1 > ACCESS_TOKEN_SIZE) {
		return false;
	}
	memcpy(token, HEADER ".", sizeof(HEADER));
	size_t length = sizeof(HEADER) +
			encode_url((const uint8_t *)claims, (size_t)size, token + sizeof(HEADER));

	if (!sign_token(access, token, length, signature)) {
		return false;
	}
	token[length++] = '.';
	memcpy(token + length, signature, sizeof(signature));
	return true;
}

bool access_begin_tokens(struct access *access, const char *name, struct access_tokens *tokens)
{
	const struct access_user *user = access_book_user(&access->book, name);
	char unused[SESSION_TOKEN_SIZE];
	uint8_t proof[ACCESS_HASH_SIZE];

	if (!user || !access_proof(user, proof)) {
		return false;
	}
	const struct session *session = sessions_begin(&access->sessions, user->name, proof,
						       clock_steady_s(), unused);

	access_watch_sessions(access);
	/* No cookie names it. */
	OPENSSL_cleanse(unused, sizeof(unused));
	return session &&
	       make_token(access, session, BEARER, ACCESS_TOKEN_LIFE_S, tokens->access) &&
	       make_token(access, session, REFRESH, access->book.settings.session_max_s,
			  tokens->refresh);
}

/* --- reading --- */

static bool is_signed(const struct access *access, const char *token, size_t length)
{
	char signature[SIGNATURE_SIZE];

	return strncmp(token, HEADER ".", sizeof(HEADER)) == 0 &&
	       strlen(token + length) == SIGNATURE_SIZE &&
	       sign_token(access, token, length, signature) &&
	       CRYPTO_memcmp(token + length + 1, signature, SIGNATURE_SIZE - 1) == 0;
}

/* What is between the dots; NULL where it is none of ours. */
static cJSON *read_claims(const struct access *access, const char *token)
{
	const char *last = strrchr(token, '.');
	char text[ACCESS_TOKEN_SIZE];
	char claims[CLAIMS_SIZE];
	size_t size;

	if (!last || strlen(token) >= sizeof(text) || last - token <= (ptrdiff_t)sizeof(HEADER) ||
	    !is_signed(access, token, (size_t)(last - token))) {
		return NULL;
	}
	size_t length = (size_t)(last - token) - sizeof(HEADER);

	for (size_t i = 0; i < length; i++) {
		char c = token[sizeof(HEADER) + i];

		text[i] = (char)(c == '-' ? '+' : c == '_' ? '/' : c);
	}
	return base64_decode(text, length, (uint8_t *)claims, sizeof(claims), &size)
		       ? NULL
		       : store_json_parse(claims, size);
}

static struct session *find_session(struct access *access, const cJSON *claims, const char *type)
{
	const char *own = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(claims, "token_type"));
	const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(claims, "sid"));
	const cJSON *until = cJSON_GetObjectItemCaseSensitive(claims, "until");
	uint8_t hash[ACCESS_HASH_SIZE];

	if (!own || strcmp(own, type) != 0 || !cJSON_IsNumber(until) ||
	    until->valuedouble <= (double)clock_steady_s() || !id ||
	    strlen(id) != 2 * sizeof(hash) || !hex_decode(id, hash, sizeof(hash))) {
		return NULL;
	}
	return access_live_session(access,
				   sessions_find_hash(&access->sessions, hash, clock_steady_s(),
						      access->book.settings.session_idle_s,
						      access->book.settings.session_max_s));
}

static struct session *session_of(struct access *access, const char *token, const char *type)
{
	cJSON *claims = read_claims(access, token);
	struct session *session = claims ? find_session(access, claims, type) : NULL;

	cJSON_Delete(claims);
	return session;
}

struct access_identity *access_token_identity(struct access *access, const char *token)
{
	const struct session *session = session_of(access, token, BEARER);

	return session ? access_identity_of_session(access, session) : NULL;
}

bool access_refresh_token(struct access *access, const char *refresh, char token[ACCESS_TOKEN_SIZE],
			  char name[ACCESS_NAME_SIZE])
{
	const struct session *session = session_of(access, refresh, REFRESH);

	if (!session || !make_token(access, session, BEARER, ACCESS_TOKEN_LIFE_S, token)) {
		return false;
	}
	memcpy(name, session->user, ACCESS_NAME_SIZE);
	return true;
}

/* --- passes --- */

/*
 * For images that a page or a program loads without a key. One is made of what is kept of a
 * key or a password, and of the printer: it is the same after a restart, shows this printer and
 * nothing else, and ends with the key, the password, or the right to see the printer.
 */

#define PASS_BYTES ((ACCESS_PASS_SIZE - 1) / 2)
#define PURPOSE    "camera "

static bool write_pass(const uint8_t proof[ACCESS_HASH_SIZE], const char *serial,
		       char pass[ACCESS_PASS_SIZE])
{
	char text[sizeof(PURPOSE) + FLAGSHIP_SERIAL_LENGTH_MAX];
	uint8_t hash[ACCESS_HASH_SIZE];
	unsigned int size = 0;
	int length = snprintf(text, sizeof(text), PURPOSE "%s", serial);

	if (length < 0 || (size_t)length >= sizeof(text) ||
	    !HMAC(EVP_sha256(), proof, ACCESS_HASH_SIZE, (const unsigned char *)text,
		  (size_t)length, hash, &size)) {
		return false;
	}
	hex_encode(hash, PASS_BYTES, HEX_LOWER, pass);
	return true;
}

bool access_make_pass(const struct access_identity *identity, const char *serial,
		      char pass[ACCESS_PASS_SIZE])
{
	bool keeps = identity->kind == ACCESS_BY_KEY || identity->kind == ACCESS_BY_PASSWORD ||
		     identity->kind == ACCESS_BY_SESSION;

	return keeps && write_pass(identity->proof, serial, pass);
}

static bool pass_fits(const uint8_t proof[ACCESS_HASH_SIZE], const char *serial, const char *pass)
{
	char right[ACCESS_PASS_SIZE];

	return write_pass(proof, serial, right) && strlen(pass) == sizeof(right) - 1 &&
	       CRYPTO_memcmp(pass, right, sizeof(right)) == 0;
}

struct access_identity *access_pass_identity(const struct access *access, const char *serial,
					     const char *pass)
{
	const struct access_book *book = &access->book;
	uint8_t proof[ACCESS_HASH_SIZE];

	for (size_t i = 0; i < book->key_count; i++) {
		if (!access_key_is_over(&book->keys[i], clock_unix_s()) &&
		    pass_fits(book->keys[i].hash, serial, pass)) {
			return access_identity_of_key(&book->keys[i]);
		}
	}
	for (size_t i = 0; i < book->user_count; i++) {
		if (access_proof(&book->users[i], proof) && pass_fits(proof, serial, pass)) {
			return access_identity_of_user(ACCESS_BY_PASSWORD, &book->users[i]);
		}
	}
	return NULL;
}
