/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/access/internal.h"
#include "gateway/access/networks.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
	[ACCESS_BY_OPEN] = "open",         [ACCESS_BY_UNIX] = "unix",
	[ACCESS_BY_SESSION] = "session",   [ACCESS_BY_KEY] = "key",
	[ACCESS_BY_PASSWORD] = "password", [ACCESS_BY_NETWORK] = "network",
};

const char *access_kind_name(enum access_kind kind)
{
	return kinds[kind];
}

const char *access_identity_user(const struct access_identity *identity)
{
	switch (identity->kind) {
	case ACCESS_BY_OPEN:
	case ACCESS_BY_UNIX:
		return "";
	case ACCESS_BY_SESSION:
	case ACCESS_BY_PASSWORD:
		return identity->of_key ? NULL : identity->name;
	case ACCESS_BY_KEY:
	case ACCESS_BY_NETWORK:
	default:
		return NULL;
	}
}

const char *access_identity_shown_as(const struct access_identity *identity)
{
	return identity->of_key ? identity->maker : access_identity_user(identity);
}

bool access_identity_sees_less(const struct access_identity *identity)
{
	return identity->of_key && identity->grant.printers;
}

struct access_identity *access_identity_make(enum access_kind kind, const char *name,
					     const struct access_grant *grant)
{
	struct access_identity *identity = calloc(1, sizeof(*identity));

	if (!identity) {
		return NULL;
	}
	identity->kind = kind;
	snprintf(identity->name, sizeof(identity->name), "%s", name);
	if (access_grant_copy(&identity->grant, grant)) {
		free(identity);
		return NULL;
	}
	return identity;
}

struct access_identity *access_identity_of_owner(void)
{
	const struct access_grant everything = {.role = ACCESS_ADMIN};

	return access_identity_make(ACCESS_BY_UNIX, "owner", &everything);
}

struct access_identity *access_identity_of_user(enum access_kind kind,
						const struct access_user *user)
{
	struct access_identity *identity = access_identity_make(kind, user->name, &user->grant);

	if (identity && !access_proof(user, identity->proof)) {
		access_identity_free(identity);
		return NULL;
	}
	return identity;
}

struct access_identity *access_identity_of_key(const struct access_key *key)
{
	struct access_identity *identity = access_identity_make(ACCESS_BY_KEY, key->name,
								&key->grant);

	if (identity) {
		memcpy(identity->proof, key->hash, sizeof(identity->proof));
	}
	return identity;
}

static const struct access_key *key_of_session(const struct access *access,
					       const struct session *session)
{
	const char *id = session->user + strlen(SESSION_OF_KEY);
	const struct access_key *key = strncmp(session->user, SESSION_OF_KEY,
					       strlen(SESSION_OF_KEY)) == 0
					       ? access_book_key(&access->book, id)
					       : NULL;

	return key && !access_key_is_over(key, clock_unix_s()) ? key : NULL;
}

struct access_identity *access_identity_of_session(const struct access *access,
						   const struct session *session)
{
	const struct access_key *key = key_of_session(access, session);
	const struct access_user *user = access_book_user(&access->book, session->user);
	struct access_identity *identity = NULL;

	if (key) {
		identity = access_identity_of_key(key);
	} else if (user) {
		identity = access_identity_of_user(ACCESS_BY_SESSION, user);
	}
	if (identity) {
		identity->kind = ACCESS_BY_SESSION;
		identity->of_key = key != NULL;
		snprintf(identity->maker, sizeof(identity->maker), "%s",
			 key ? access_book_maker(&access->book, key) : "");
		memcpy(identity->session, session->hash, sizeof(identity->session));
	}
	return identity;
}

struct access_identity *access_identity_copy(const struct access_identity *identity)
{
	struct access_identity *copy = access_identity_make(identity->kind, identity->name,
							    &identity->grant);

	if (copy) {
		memcpy(copy->proof, identity->proof, sizeof(copy->proof));
		memcpy(copy->session, identity->session, sizeof(copy->session));
		copy->of_key = identity->of_key;
		memcpy(copy->maker, identity->maker, sizeof(copy->maker));
	}
	return copy;
}

void access_identity_free(void *context)
{
	struct access_identity *identity = context;

	if (identity) {
		access_grant_finish(&identity->grant);
		OPENSSL_cleanse(identity, sizeof(*identity));
		free(identity);
	}
}

static bool user_holds(const struct access *access, const struct access_identity *identity)
{
	const struct access_user *user = access_book_user(&access->book, identity->name);
	uint8_t proof[ACCESS_HASH_SIZE];

	return user && access_proof(user, proof) &&
	       memcmp(proof, identity->proof, sizeof(proof)) == 0 &&
	       access_grant_same(&user->grant, &identity->grant);
}

static bool key_holds(const struct access *access, const struct access_identity *identity)
{
	for (size_t i = 0; i < access->book.key_count; i++) {
		const struct access_key *key = &access->book.keys[i];

		if (memcmp(key->hash, identity->proof, sizeof(key->hash)) == 0) {
			return !access_key_is_over(key, clock_unix_s()) &&
			       access_grant_same(&key->grant, &identity->grant);
		}
	}
	return false;
}

static bool session_holds(const struct access *access, const struct access_identity *identity)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		const struct session *session = &access->sessions.items[i];

		if (session->used &&
		    memcmp(session->hash, identity->session, sizeof(session->hash)) == 0) {
			return identity->of_key ? key_holds(access, identity)
						: user_holds(access, identity);
		}
	}
	return false;
}

bool access_identity_holds(const struct access *access, const struct access_identity *identity)
{
	switch (identity->kind) {
	case ACCESS_BY_UNIX:
		return true;
	case ACCESS_BY_OPEN:
		return access_is_open(access);
	case ACCESS_BY_SESSION:
		return session_holds(access, identity);
	case ACCESS_BY_KEY:
		return key_holds(access, identity);
	case ACCESS_BY_PASSWORD:
		return user_holds(access, identity);
	case ACCESS_BY_NETWORK:
		return networks_have(access->book.settings.trusted_networks, identity->name);
	default:
		return false;
	}
}

const struct access_identity *access_identity(const struct http_request *request)
{
	return http_request_identity(request);
}

bool access_may_see(const struct http_request *request, const char *serial)
{
	const struct access_identity *identity = http_request_identity(request);

	return identity && access_grant_sees(&identity->grant, serial);
}
