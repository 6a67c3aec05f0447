/* SPDX-License-Identifier: MIT */
#include "gateway/access/sessions.h"

#include "base/hex.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define BYTE_BITS 8

bool session_make_token(char token[SESSION_TOKEN_SIZE])
{
	uint8_t bytes[SESSION_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, token);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return true;
}

/* --- sessions --- */

/* A free one; else the longest unused: of the user where he has his share, else of all. */
static struct session *find_free_session(struct sessions *sessions, const char *user)
{
	struct session *oldest = NULL;
	struct session *own = NULL;
	struct session *unused = NULL;
	size_t count = 0;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *session = &sessions->items[i];

		if (!session->used) {
			unused = session;
			continue;
		}
		oldest = !oldest || session->order < oldest->order ? session : oldest;
		if (strcmp(session->user, user) == 0) {
			count++;
			own = !own || session->order < own->order ? session : own;
		}
	}
	return count >= SESSIONS_OF_USER_MAX ? own : unused ? unused : oldest;
}

struct session *sessions_begin(struct sessions *sessions, const char *user,
			       const uint8_t proof[ACCESS_HASH_SIZE], int64_t now_s,
			       char token[SESSION_TOKEN_SIZE])
{
	struct session *session = find_free_session(sessions, user);

	session_revoke(session);
	if (!session_make_token(token) || !session_make_token(session->csrf) ||
	    !access_hash(token, session->hash)) {
		return NULL;
	}
	memcpy(session->proof, proof, sizeof(session->proof));
	snprintf(session->user, sizeof(session->user), "%s", user);
	session->created_s = now_s;
	session->used_s = now_s;
	session->order = ++sessions->order;
	session->used = true;
	return session;
}

static int64_t end_of(const struct session *session, int64_t idle_s, int64_t max_s)
{
	int64_t unused_s = session->used_s + idle_s;
	int64_t old_s = session->created_s + max_s;

	return unused_s < old_s ? unused_s : old_s;
}

void sessions_end_old(struct sessions *sessions, int64_t now_s, int64_t idle_s, int64_t max_s)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *session = &sessions->items[i];

		if (session->used && now_s >= end_of(session, idle_s, max_s)) {
			session_revoke(session);
		}
	}
}

int64_t sessions_next_end_s(const struct sessions *sessions, int64_t idle_s, int64_t max_s)
{
	int64_t next_s = INT64_MAX;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		const struct session *session = &sessions->items[i];
		int64_t end_s = end_of(session, idle_s, max_s);

		if (session->used && end_s < next_s) {
			next_s = end_s;
		}
	}
	return next_s;
}

struct session *sessions_find(struct sessions *sessions, const char *token, int64_t now_s,
			      int64_t idle_s, int64_t max_s)
{
	uint8_t hash[ACCESS_HASH_SIZE];

	return strlen(token) == SESSION_TOKEN_SIZE - 1 && access_hash(token, hash)
		       ? sessions_find_hash(sessions, hash, now_s, idle_s, max_s)
		       : NULL;
}

struct session *sessions_find_hash(struct sessions *sessions, const uint8_t hash[ACCESS_HASH_SIZE],
				   int64_t now_s, int64_t idle_s, int64_t max_s)
{
	struct session *found = NULL;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (sessions->items[i].used &&
		    CRYPTO_memcmp(sessions->items[i].hash, hash, ACCESS_HASH_SIZE) == 0) {
			found = &sessions->items[i];
		}
	}
	if (found && now_s >= end_of(found, idle_s, max_s)) {
		session_revoke(found);
		return NULL;
	}
	if (found) {
		found->used_s = now_s;
		found->order = ++sessions->order;
	}
	return found;
}

void session_revoke(struct session *session)
{
	OPENSSL_cleanse(session, sizeof(*session));
}

void sessions_end_of(struct sessions *sessions, const char *user)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (sessions->items[i].used && strcmp(sessions->items[i].user, user) == 0) {
			session_revoke(&sessions->items[i]);
		}
	}
}

/* --- nonces --- */

int nonces_init(struct nonces *nonces)
{
	*nonces = (struct nonces){0};
	return RAND_bytes(nonces->secret, sizeof(nonces->secret)) == 1 ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

/* What comes first in the bytes is signed by what comes last. */
static bool sign(const struct nonces *nonces, const uint8_t *bytes, uint8_t tag[NONCE_TAG])
{
	uint8_t whole[ACCESS_HASH_SIZE];
	unsigned int length = 0;

	if (!HMAC(EVP_sha256(), nonces->secret, sizeof(nonces->secret), bytes,
		  NONCE_BYTES - NONCE_TAG, whole, &length)) {
		return false;
	}
	memcpy(tag, whole, NONCE_TAG);
	return true;
}

static int64_t issued_at(const uint8_t *bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < sizeof(value); i++) {
		value = value << BYTE_BITS | bytes[i];
	}
	return (int64_t)value;
}

bool nonces_make(const struct nonces *nonces, int64_t now_ms, char out[NONCE_SIZE])
{
	uint8_t bytes[NONCE_BYTES];

	for (size_t i = 0; i < sizeof(now_ms); i++) {
		bytes[i] = (uint8_t)((uint64_t)now_ms >> BYTE_BITS * (sizeof(now_ms) - 1 - i));
	}
	if (RAND_bytes(bytes + sizeof(now_ms), sizeof(now_ms)) != 1 ||
	    !sign(nonces, bytes, bytes + NONCE_BYTES - NONCE_TAG)) {
		return false;
	}
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, out);
	return true;
}

static bool read_nonce(const char *text, uint8_t bytes[NONCE_BYTES])
{
	return strlen(text) == NONCE_SIZE - 1 && hex_decode(text, bytes, NONCE_BYTES);
}

bool nonces_know(const struct nonces *nonces, const char *text, int64_t now_ms)
{
	uint8_t bytes[NONCE_BYTES];
	uint8_t tag[NONCE_TAG];

	return read_nonce(text, bytes) && sign(nonces, bytes, tag) &&
	       CRYPTO_memcmp(tag, bytes + NONCE_BYTES - NONCE_TAG, sizeof(tag)) == 0 &&
	       now_ms - issued_at(bytes) < NONCE_LIFE_MS;
}

bool nonces_use(struct nonces *nonces, const char *text, uint32_t count)
{
	struct nonce *place = &nonces->items[0];
	uint8_t bytes[NONCE_BYTES];

	if (!read_nonce(text, bytes)) {
		return false;
	}
	for (size_t i = 0; i < NONCES_MAX; i++) {
		struct nonce *nonce = &nonces->items[i];

		if (nonce->count > 0 && memcmp(nonce->bytes, bytes, sizeof(bytes)) == 0) {
			bool fresh = count > nonce->count;

			nonce->count = fresh ? count : nonce->count;
			return fresh;
		}
		if (place->count > 0 &&
		    (nonce->count == 0 || nonce->issued_ms < place->issued_ms)) {
			place = nonce;
		}
	}
	int64_t issued_ms = issued_at(bytes);
	if (issued_ms <= nonces->forgotten_ms) {
		return false;
	}
	if (place->count > 0) {
		nonces->forgotten_ms = place->issued_ms;
		if (issued_ms <= nonces->forgotten_ms) {
			return false;
		}
	}
	memcpy(place->bytes, bytes, sizeof(place->bytes));
	place->issued_ms = issued_ms;
	place->count = count;
	return true;
}

/* --- tokens that serve once --- */

bool oneshots_make(struct oneshots *oneshots, void *identity, int64_t now_s,
		   char token[SESSION_TOKEN_SIZE])
{
	struct oneshot *place = &oneshots->items[0];

	for (size_t i = 0; i < ONESHOTS_MAX && place->used; i++) {
		struct oneshot *oneshot = &oneshots->items[i];

		if (!oneshot->used || oneshot->made_s < place->made_s) {
			place = oneshot;
		}
	}
	if (place->used) {
		oneshots->release(place->identity);
	}
	*place = (struct oneshot){.identity = identity, .made_s = now_s};
	if (!session_make_token(token) || !access_hash(token, place->hash)) {
		oneshots->release(identity);
		return false;
	}
	place->used = true;
	return true;
}

void *oneshots_take(struct oneshots *oneshots, const char *token, int64_t now_s)
{
	uint8_t hash[ACCESS_HASH_SIZE];
	void *identity = NULL;

	if (!access_hash(token, hash)) {
		return NULL;
	}
	for (size_t i = 0; i < ONESHOTS_MAX; i++) {
		struct oneshot *oneshot = &oneshots->items[i];
		bool is_it = oneshot->used && CRYPTO_memcmp(oneshot->hash, hash, sizeof(hash)) == 0;
		bool over = now_s - oneshot->made_s > ONESHOT_LIFE_S;

		if (oneshot->used && over) {
			oneshots->release(oneshot->identity);
		} else if (is_it) {
			identity = oneshot->identity;
		}
		if (oneshot->used && (over || is_it)) {
			*oneshot = (struct oneshot){0};
		}
	}
	return identity;
}

void oneshots_finish(struct oneshots *oneshots)
{
	for (size_t i = 0; i < ONESHOTS_MAX; i++) {
		if (oneshots->items[i].used) {
			oneshots->release(oneshots->items[i].identity);
		}
	}
	*oneshots = (struct oneshots){0};
}
