/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/hex.h"
#include "gateway/access/credentials.h"
#include "gateway/access/internal.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

/* With TLS a name that no page without it can set (RFC 6265bis, 4.1.3.2). */
#define SESSION_COOKIE        "flagship"
#define SESSION_COOKIE_SECURE "__Host-flagship"
#define DEVICE_COOKIE         "flagship_device"
#define COOKIE_SIZE           256
#define DEVICE_AGE_S          31536000 /* a year */

static const char *session_cookie(bool is_tls)
{
	return is_tls ? SESSION_COOKIE_SECURE : SESSION_COOKIE;
}

struct session *access_session_of(struct access *access, const struct http_request *request,
				  bool is_tls)
{
	const struct access_settings *settings = &access->book.settings;
	char token[SESSION_TOKEN_SIZE];

	if (!cookie_get(http_request_header(request, "cookie"), session_cookie(is_tls), token,
			sizeof(token))) {
		return NULL;
	}
	struct session *session = sessions_find(&access->sessions, token, clock_steady_s(),
						settings->session_idle_s, settings->session_max_s);
	OPENSSL_cleanse(token, sizeof(token));
	return access_live_session(access, session);
}

struct session *access_live_session(struct access *access, struct session *session)
{
	struct access_identity *identity = session ? access_identity_of_session(access, session)
						   : NULL;
	bool is_live = identity &&
		       memcmp(identity->proof, session->proof, sizeof(session->proof)) == 0;

	access_identity_free(identity);
	if (session && !is_live) {
		session_revoke(session);
		return NULL;
	}
	return session;
}

static void set_cookie(struct http_request *request, const char *name, const char *value,
		       int64_t age_s, bool is_tls)
{
	char text[COOKIE_SIZE];

	snprintf(text, sizeof(text), "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
		 name, value, (long long)age_s, is_tls ? "; Secure" : "");
	http_request_add_header(request, "set-cookie", text);
	OPENSSL_cleanse(text, sizeof(text));
}

/* --- devices --- */

/* What only this gateway can make, of a user with this password. */
static bool make_mark(const struct access *access, const struct access_user *user,
		      char mark[SESSION_TOKEN_SIZE])
{
	char text[ACCESS_NAME_SIZE + PASSWORD_HASH_SIZE + 2];
	uint8_t hash[ACCESS_HASH_SIZE];
	unsigned int length = 0;
	int size = snprintf(text, sizeof(text), "%s %s", user->name, user->password);
	bool done = HMAC(EVP_sha256(), access->book.secret, (int)strlen(access->book.secret),
			 (const unsigned char *)text, (size_t)size, hash, &length) != NULL;

	hex_encode(hash, sizeof(hash), HEX_LOWER, mark);
	OPENSSL_cleanse(text, sizeof(text));
	return done;
}

bool access_device_is_known(const struct access *access, const struct http_request *request,
			    const struct access_user *user, char mark[SESSION_TOKEN_SIZE])
{
	char given[SESSION_TOKEN_SIZE];

	return make_mark(access, user, mark) &&
	       cookie_get(http_request_header(request, "cookie"), DEVICE_COOKIE, given,
			  sizeof(given)) &&
	       strlen(given) == SESSION_TOKEN_SIZE - 1 &&
	       CRYPTO_memcmp(given, mark, SESSION_TOKEN_SIZE - 1) == 0;
}

/* --- sessions --- */

/* In place of the one that the request came with; the request is its own from now on. */
static bool begin_session(struct access *access, struct http_request *request, const char *owner,
			  const uint8_t proof[ACCESS_HASH_SIZE], const struct access_place *place)
{
	char token[SESSION_TOKEN_SIZE];

	access_end_session(access, request, false);
	struct session *session = sessions_begin(&access->sessions, owner, proof, clock_steady_s(),
						 token);
	if (!session) {
		return false;
	}
	access_watch_sessions(access);
	struct access_identity *identity = access_identity_of_session(access, session);
	if (identity) {
		http_request_set_user(request, identity->name);
		http_request_set_identity(request, identity, access_identity_free);
	}
	set_cookie(request, session_cookie(place->is_tls), token,
		   access->book.settings.session_max_s, place->is_tls);
	OPENSSL_cleanse(token, sizeof(token));
	return true;
}

bool access_begin_session(struct access *access, struct http_request *request, const char *name)
{
	const struct access_user *user = access_book_user(&access->book, name);
	char mark[SESSION_TOKEN_SIZE];
	uint8_t proof[ACCESS_HASH_SIZE];
	struct access_place place;

	access_place_of(access, request, &place);
	if (!user || !access_proof(user, proof) ||
	    !begin_session(access, request, name, proof, &place)) {
		return false;
	}
	if (make_mark(access, user, mark)) {
		set_cookie(request, DEVICE_COOKIE, mark, DEVICE_AGE_S, place.is_tls);
	}
	OPENSSL_cleanse(mark, sizeof(mark));
	return true;
}

enum access_outcome access_begin_key_session(struct access *access, struct http_request *request,
					     const char *secret)
{
	const struct access_key *key = access_book_find_secret(&access->book, secret);
	char owner[ACCESS_NAME_SIZE];
	struct access_place place;

	if (!key || access_key_is_over(key, clock_unix_s())) {
		return ACCESS_WRONG;
	}
	access_place_of(access, request, &place);
	snprintf(owner, sizeof(owner), SESSION_OF_KEY "%s", key->id);
	return begin_session(access, request, owner, key->hash, &place) ? ACCESS_RIGHT
									: ACCESS_BUSY;
}

void access_end_session(struct access *access, struct http_request *request, bool everywhere)
{
	struct access_place place;

	access_place_of(access, request, &place);
	struct session *session = access_session_of(access, request, place.is_tls);
	if (!session) {
		return;
	}
	if (everywhere) {
		char user[ACCESS_NAME_SIZE];

		snprintf(user, sizeof(user), "%s", session->user);
		sessions_end_of(&access->sessions, user);
	} else {
		session_revoke(session);
	}
	set_cookie(request, session_cookie(place.is_tls), "", 0, place.is_tls);
	access_end_streams(access);
}

void access_end_session_of(struct access *access, const struct access_identity *identity)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *session = &access->sessions.items[i];

		if (session->used &&
		    memcmp(session->hash, identity->session, sizeof(session->hash)) == 0) {
			session_revoke(session);
		}
	}
	access_end_streams(access);
}

const char *access_csrf(struct access *access, const struct http_request *request)
{
	const struct access_identity *identity = access_identity(request);

	for (size_t i = 0; identity && identity->kind == ACCESS_BY_SESSION && i < SESSIONS_MAX;
	     i++) {
		const struct session *session = &access->sessions.items[i];

		if (session->used &&
		    memcmp(session->hash, identity->session, sizeof(session->hash)) == 0) {
			return session->csrf;
		}
	}
	return NULL;
}

bool access_make_oneshot_of(struct access *access, const struct access_identity *identity,
			    char token[SESSION_TOKEN_SIZE])
{
	struct access_identity *copy = identity ? access_identity_copy(identity) : NULL;

	return copy && oneshots_make(&access->oneshots, copy, clock_steady_s(), token);
}

bool access_make_oneshot(struct access *access, const struct http_request *request,
			 char token[SESSION_TOKEN_SIZE])
{
	return access_make_oneshot_of(access, access_identity(request), token);
}
