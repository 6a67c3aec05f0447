/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/hex.h"
#include "cloud/registry/query.h"
#include "cloud/registry/registry.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#define TOKEN_BYTES       24 /* 48 hex digits, as the vendor's: programs check that */
#define HASH_PREFIX_MIN   8  /* hex digits */
#define HASH_PREFIX_MAX   ((size_t)2 * REGISTRY_HASH_SIZE)
#define USED_RESOLUTION_S 60
#define CLOCK_SLACK_S     INT64_C(86400)

static bool hash_token(const char *token, uint8_t hash[REGISTRY_HASH_SIZE])
{
	return EVP_Digest(token, strlen(token), hash, NULL, EVP_sha256(), NULL) == 1;
}

static bool make_token(char token[REGISTRY_TOKEN_SIZE])
{
	uint8_t bytes[TOKEN_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, token);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return true;
}

int registry_issue_token(struct registry *registry, const char *user_id, const char *label,
			 int64_t now_s, int64_t expires_at, char token[REGISTRY_TOKEN_SIZE])
{
	uint8_t hash[REGISTRY_HASH_SIZE];
	sqlite3_stmt *statement = registry_prepare(
		registry,
		"INSERT INTO token (hash, user_id, label, created_at, expires_at, used_at)"
		" VALUES (?, ?, ?, ?, ?, ?)");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	if (!make_token(token) || !hash_token(token, hash)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	registry_bind_hash(statement, 1, hash);
	registry_bind_text(statement, 2, user_id);
	registry_bind_text(statement, 3, label);
	sqlite3_bind_int64(statement, 4, now_s);
	sqlite3_bind_int64(statement, 5, expires_at);
	sqlite3_bind_int64(statement, 6, now_s);
	return registry_change(registry, statement);
}

/* Now and then only: a write for every request would be one too many. */
static void note_use(struct registry *registry, const uint8_t hash[REGISTRY_HASH_SIZE],
		     int64_t now_s)
{
	sqlite3_stmt *statement = registry_prepare(registry,
						   "UPDATE token SET used_at = ? WHERE hash = ?");

	if (!statement) {
		return;
	}
	sqlite3_bind_int64(statement, 1, now_s);
	registry_bind_hash(statement, 2, hash);
	/* That a token was used is no reason to refuse it. */
	(void)registry_change(registry, statement);
}

/* It would last for as much longer as the clock was ahead when it was issued. */
static void shorten(struct registry *registry, const uint8_t hash[REGISTRY_HASH_SIZE],
		    int64_t now_s)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "UPDATE token SET expires_at = ?1 + expires_at - created_at,"
			  " created_at = ?1, used_at = ?1 WHERE hash = ?2");

	if (!statement) {
		return;
	}
	sqlite3_bind_int64(statement, 1, now_s);
	registry_bind_hash(statement, 2, hash);
	/* The next use tries again. */
	(void)registry_change(registry, statement);
}

/* A clock that is itself not set yet says nothing about when a token was issued. */
static bool is_of_the_future(int64_t created_at, int64_t now_s)
{
	return now_s >= CLOCK_FLOOR_S && created_at - now_s > CLOCK_SLACK_S;
}

int registry_check_token(struct registry *registry, const char *token, int64_t now_s,
			 char user_id[REGISTRY_TEXT_MAX])
{
	uint8_t hash[REGISTRY_HASH_SIZE];
	sqlite3_stmt *statement = registry_prepare(
		registry,
		"SELECT user_id, used_at, created_at FROM token WHERE hash = ? AND expires_at > ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	if (!hash_token(token, hash)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	registry_bind_hash(statement, 1, hash);
	sqlite3_bind_int64(statement, 2, now_s);
	int result = registry_step(registry, statement);
	if (result <= 0) {
		return result;
	}
	registry_column_text(statement, 0, user_id, REGISTRY_TEXT_MAX);
	int64_t used_at = sqlite3_column_int64(statement, 1);
	int64_t created_at = sqlite3_column_int64(statement, 2);
	registry_reset(statement);
	if (is_of_the_future(created_at, now_s)) {
		shorten(registry, hash, now_s);
	} else if (now_s - used_at >= USED_RESOLUTION_S) {
		note_use(registry, hash, now_s);
	}
	return 1;
}

int registry_each_token(struct registry *registry,
			bool (*each)(void *context, const struct registry_token *token),
			void *context)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "SELECT hash, user_id, label, created_at, expires_at, used_at FROM token"
			  " ORDER BY user_id, created_at");
	struct registry_token token;
	int result;

	while ((result = registry_step(registry, statement)) > 0) {
		if (!registry_column_hash(statement, 0, token.hash)) {
			continue;
		}
		registry_column_text(statement, 1, token.user_id, sizeof(token.user_id));
		registry_column_text(statement, 2, token.label, sizeof(token.label));
		token.created_at = sqlite3_column_int64(statement, 3);
		token.expires_at = sqlite3_column_int64(statement, 4);
		token.used_at = sqlite3_column_int64(statement, 5);
		if (!each(context, &token)) {
			registry_reset(statement);
			break;
		}
	}
	OPENSSL_cleanse(&token, sizeof(token));
	return result < 0 ? result : 1;
}

int registry_revoke_token(struct registry *registry, const char *hash_prefix)
{
	size_t length = strlen(hash_prefix);
	sqlite3_stmt *statement;

	if (length < HASH_PREFIX_MIN || length > HASH_PREFIX_MAX ||
	    hash_prefix[strspn(hash_prefix, "0123456789abcdefABCDEF")] != '\0') {
		return 0;
	}
	statement = registry_prepare(
		registry, "DELETE FROM token WHERE substr(hex(hash), 1, length(?1)) = upper(?1)");
	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, hash_prefix);
	int result = registry_change(registry, statement);
	return result < 0 ? result : sqlite3_changes(registry->database);
}

int registry_revoke_tokens_of(struct registry *registry, const char *user_id)
{
	sqlite3_stmt *statement = registry_prepare(registry, "DELETE FROM token WHERE user_id = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, user_id);
	int result = registry_change(registry, statement);
	return result < 0 ? result : sqlite3_changes(registry->database);
}

int registry_drop_expired_tokens(struct registry *registry, int64_t now_s)
{
	sqlite3_stmt *statement = registry_prepare(registry,
						   "DELETE FROM token WHERE expires_at <= ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	sqlite3_bind_int64(statement, 1, now_s);
	return registry_change(registry, statement);
}
