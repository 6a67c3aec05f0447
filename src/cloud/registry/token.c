/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/hex.h"
#include "cloud/registry/internal.h"
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

	if (!make_token(token) || !hash_token(token, hash)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	return database_run(
		registry->database,
		"INSERT INTO token (hash, user_id, label, created_at, expires_at, used_at)"
		" VALUES (?, ?, ?, ?, ?, ?)",
		DB_BLOB(hash, sizeof(hash)), DB_TEXT(user_id), DB_TEXT(label), DB_INT(now_s),
		DB_INT(expires_at), DB_INT(now_s));
}

/* Issued by a clock that was ahead, or not set yet. One that is itself not set yet says nothing
 * about when a token was issued. */
static bool is_misdated(int64_t created_at, int64_t now_s)
{
	return now_s >= CLOCK_FLOOR_S &&
	       (created_at - now_s > CLOCK_SLACK_S || created_at < CLOCK_FLOOR_S);
}

int registry_look_token(struct registry *registry, const char *token, int64_t now_s,
			char user_id[REGISTRY_TEXT_MAX], bool *note_due)
{
	uint8_t hash[REGISTRY_HASH_SIZE];
	int64_t used_at;
	int64_t created_at;

	*note_due = false;
	if (!hash_token(token, hash)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	int result = database_first(database_select(registry->database,
						    "SELECT user_id, used_at, created_at FROM token"
						    " WHERE hash = ?1 AND (expires_at > ?2 OR"
						    " (created_at < ?3 AND ?2 >= ?3))",
						    DB_BLOB(hash, sizeof(hash)), DB_INT(now_s),
						    DB_INT(CLOCK_FLOOR_S)),
				    DB_TO_BUFFER(user_id, REGISTRY_TEXT_MAX), DB_TO_INT(&used_at),
				    DB_TO_INT(&created_at));
	if (result > 0) {
		/* Now and then only: a write for every request would be one too many. */
		*note_due = is_misdated(created_at, now_s) || now_s - used_at >= USED_RESOLUTION_S;
	}
	return result;
}

/* Those that are misdated last from now on for as long as they were to: else for as much longer as
 * the clock was ahead when they were issued, or not at all. hash: NULL for all. */
static int date_again(struct registry *registry, const uint8_t *hash, int64_t now_s)
{
	return now_s < CLOCK_FLOOR_S
		       ? 0
		       : database_run(registry->database,
				      "UPDATE token SET expires_at = ?1 + expires_at - created_at,"
				      " created_at = ?1 WHERE (?2 IS NULL OR hash = ?2) AND"
				      " (created_at - ?1 > ?3 OR created_at < ?4)",
				      DB_INT(now_s), DB_BLOB(hash, hash ? REGISTRY_HASH_SIZE : 0),
				      DB_INT(CLOCK_SLACK_S), DB_INT(CLOCK_FLOOR_S));
}

int registry_note_token(struct registry *registry, const char *token, int64_t now_s)
{
	uint8_t hash[REGISTRY_HASH_SIZE];

	if (!hash_token(token, hash)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	int result = date_again(registry, hash, now_s);
	return result < 0 ? result
			  : database_run(registry->database,
					 "UPDATE token SET used_at = ? WHERE hash = ?",
					 DB_INT(now_s), DB_BLOB(hash, sizeof(hash)));
}

int registry_each_token(struct registry *registry,
			bool (*each)(void *context, const struct registry_token *token),
			void *context)
{
	struct database_rows *rows = database_select(
		registry->database,
		"SELECT hash, user_id, label, created_at, expires_at, used_at FROM token"
		" ORDER BY user_id, created_at",
		DB_NONE);
	struct registry_token token;
	int result;

	while ((result = database_next(rows)) > 0) {
		if (!database_read(rows, DB_TO_BLOB(token.hash, sizeof(token.hash)),
				   DB_TO_TEXT(token.user_id), DB_TO_TEXT(token.label),
				   DB_TO_INT(&token.created_at), DB_TO_INT(&token.expires_at),
				   DB_TO_INT(&token.used_at))) {
			continue;
		}
		if (!each(context, &token)) {
			database_end(rows);
			break;
		}
	}
	OPENSSL_cleanse(&token, sizeof(token));
	return result < 0 ? result : 1;
}

int registry_revoke_token(struct registry *registry, const char *hash_prefix)
{
	size_t length = strlen(hash_prefix);

	if (length < HASH_PREFIX_MIN || length > HASH_PREFIX_MAX ||
	    hash_prefix[strspn(hash_prefix, HEX_BOTH)] != '\0') {
		return 0;
	}
	int result = database_run(
		registry->database,
		"DELETE FROM token WHERE substr(hex(hash), 1, length(?1)) = upper(?1)",
		DB_TEXT(hash_prefix));
	return result < 0 ? result : database_changes(registry->database);
}

int registry_revoke_tokens_of(struct registry *registry, const char *user_id)
{
	int result = database_run(registry->database, "DELETE FROM token WHERE user_id = ?",
				  DB_TEXT(user_id));

	return result < 0 ? result : database_changes(registry->database);
}

int registry_drop_expired_tokens(struct registry *registry, int64_t now_s)
{
	int result = date_again(registry, NULL, now_s);

	return result < 0 ? result
			  : database_run(registry->database,
					 "DELETE FROM token WHERE expires_at <= ?", DB_INT(now_s));
}
