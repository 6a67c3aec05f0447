/* SPDX-License-Identifier: MIT */
#include "cloud/api/signed_sessions.h"

#include "base/hex.h"
#include "protocol/ecdh.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDENT_LENGTH    32
#define IDENT_SIZE      (IDENT_LENGTH + 1)
#define ONCE_LENGTH_MAX 64
#define DIGEST_SIZE     32
#define MARK_SIZE       16 /* of a digest: two that are alike refuse one request too many */
#define TIME_DIGITS_MAX 15
#define FIRST_MARKS     8

/* A request that was taken. */
struct mark {
	uint8_t digest[MARK_SIZE]; /* of its number */
	int64_t until_s;           /* by the steady clock: could be taken for a new one so long */
};

struct marks {
	struct mark *items;
	size_t count;
	size_t capacity;
};

struct session {
	char ident[IDENT_SIZE]; /* "": free */
	char address[SIGNED_SESSIONS_ADDRESS_MAX];
	struct signed_key key;
	int64_t begun_s; /* by the steady clock, as used_s */
	int64_t used_s;
	uint64_t use;    /* which of all uses was its last: many are within one second */
	int64_t ahead_s; /* the wall's clock of the steady one, when it began */
	struct marks marks;
};

struct signed_sessions {
	struct session items[SIGNED_SESSIONS_MAX];
	struct marks exchanges;
	uint64_t uses;
};

struct signed_sessions *signed_sessions_create(void)
{
	return calloc(1, sizeof(struct signed_sessions));
}

static void session_clear(struct session *session)
{
	free(session->marks.items);
	OPENSSL_cleanse(session, sizeof(*session));
}

void signed_sessions_destroy(struct signed_sessions *sessions)
{
	if (!sessions) {
		return;
	}
	for (size_t i = 0; i < SIGNED_SESSIONS_MAX; i++) {
		session_clear(&sessions->items[i]);
	}
	free(sessions->exchanges.items);
	free(sessions);
}

/* --- requests --- */

static bool read_timestamp(const char *text, int64_t *seconds)
{
	size_t length = strlen(text);

	*seconds = 0;
	if (length == 0 || length > TIME_DIGITS_MAX || strspn(text, "0123456789") != length) {
		return false;
	}
	*seconds = (int64_t)strtoll(text, NULL, 10);
	return true;
}

static bool is_near(int64_t timestamp_s, int64_t now_s)
{
	return timestamp_s >= now_s - SIGNED_SESSIONS_WINDOW_S &&
	       timestamp_s <= now_s + SIGNED_SESSIONS_WINDOW_S;
}

static bool is_well_formed(const struct signed_request *request, int64_t *timestamp_s)
{
	size_t once = strlen(request->once);

	return strlen(request->ident) == IDENT_LENGTH &&
	       strspn(request->ident, HEX_BOTH) == IDENT_LENGTH && once > 0 &&
	       once <= ONCE_LENGTH_MAX && read_timestamp(request->timestamp, timestamp_s);
}

/* Those whose time is over could not be used again anyway. */
static void forget_old(struct marks *marks, int64_t steady_s)
{
	size_t kept = 0;

	for (size_t i = 0; i < marks->count; i++) {
		if (marks->items[i].until_s >= steady_s) {
			marks->items[kept++] = marks->items[i];
		}
	}
	marks->count = kept;
}

static bool make_session_room(struct marks *marks)
{
	if (marks->count < marks->capacity) {
		return true;
	}
	size_t capacity = marks->capacity ? 2 * marks->capacity : FIRST_MARKS;
	struct mark *larger = realloc(marks->items, capacity * sizeof(*larger));
	if (!larger) {
		return false;
	}
	marks->items = larger;
	marks->capacity = capacity;
	return true;
}

/* Remembers the request, or says that it is not to be taken. */
static enum signed_result take_once(struct marks *marks, const struct signed_request *request,
				    int64_t timestamp_s, size_t most)
{
	uint8_t digest[DIGEST_SIZE];

	if (EVP_Digest(request->once, strlen(request->once), digest, NULL, EVP_sha256(), NULL) !=
	    1) {
		return SIGNED_BROKEN;
	}
	forget_old(marks, request->steady_s);
	for (size_t i = 0; i < marks->count; i++) {
		if (memcmp(marks->items[i].digest, digest, MARK_SIZE) == 0) {
			return SIGNED_REPLAYED;
		}
	}
	if (marks->count >= most) {
		return SIGNED_TOO_MANY;
	}
	if (!make_session_room(marks)) {
		return SIGNED_BROKEN;
	}
	struct mark *mark = &marks->items[marks->count++];
	memcpy(mark->digest, digest, MARK_SIZE);
	mark->until_s = request->steady_s + timestamp_s - request->now_s +
			SIGNED_SESSIONS_WINDOW_S + SIGNED_SESSIONS_BACK_S;
	return SIGNED_TAKEN;
}

/* What is forged is not remembered: it would fill the memory for nothing. */
static enum signed_result judge(const struct signed_key *key, struct marks *marks, size_t most,
				const struct signed_request *request, int64_t timestamp_s)
{
	if (!signed_verify(key, request->timestamp, request->once, request->body, request->length,
			   request->signature)) {
		return SIGNED_BAD_SIGNATURE;
	}
	if (!is_near(timestamp_s, request->now_s)) {
		return SIGNED_BAD_TIME;
	}
	return take_once(marks, request, timestamp_s, most);
}

/* --- sessions --- */

static int64_t ahead_of(const struct signed_request *request)
{
	return request->now_s - request->steady_s;
}

/* Where the clock was put back, requests of long ago would be near again. */
static bool is_over(const struct session *session, const struct signed_request *request)
{
	return request->steady_s >= session->begun_s + SIGNED_SESSIONS_LIFETIME_S ||
	       request->steady_s >= session->used_s + SIGNED_SESSIONS_IDLE_S ||
	       session->ahead_s - ahead_of(request) > SIGNED_SESSIONS_BACK_S;
}

static void end_old(struct signed_sessions *sessions, const struct signed_request *request)
{
	for (size_t i = 0; i < SIGNED_SESSIONS_MAX; i++) {
		if (sessions->items[i].ident[0] && is_over(&sessions->items[i], request)) {
			session_clear(&sessions->items[i]);
		}
	}
}

static struct session *find(struct signed_sessions *sessions, const char *ident)
{
	for (size_t i = 0; i < SIGNED_SESSIONS_MAX; i++) {
		if (strcmp(sessions->items[i].ident, ident) == 0) {
			return &sessions->items[i];
		}
	}
	return NULL;
}

/* The place of a new session: its own, one that is free, or that of the one that goes for it. */
static struct session *choose_place(struct signed_sessions *sessions,
				    const struct signed_request *request)
{
	struct session *same = find(sessions, request->ident);
	struct session *available = NULL;
	struct session *oldest = NULL;
	struct session *oldest_there = NULL;
	size_t there = 0;

	if (same) {
		return strcmp(same->address, request->address) == 0 ? same : NULL;
	}
	for (size_t i = 0; i < SIGNED_SESSIONS_MAX; i++) {
		struct session *session = &sessions->items[i];

		if (!session->ident[0]) {
			available = session;
			continue;
		}
		if (!oldest || session->use < oldest->use) {
			oldest = session;
		}
		if (strcmp(session->address, request->address) == 0) {
			there++;
			if (!oldest_there || session->use < oldest_there->use) {
				oldest_there = session;
			}
		}
	}
	if (there >= SIGNED_SESSIONS_OF_ADDRESS_MAX) {
		return oldest_there;
	}
	return available ? available : oldest;
}

/* The client's point comes sealed, ours goes back so. */
static enum signed_result derive(const struct signed_key *fixed,
				 const struct signed_request *request, struct signed_key *key,
				 char out[SIGNED_SESSIONS_SEALED_POINT])
{
	uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE];
	char point[SIGNED_SESSIONS_SEALED_POINT];
	char own[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
	enum signed_result result = SIGNED_BROKEN;
	size_t length;

	if (signed_open(fixed, request->body, request->length, point, sizeof(point), &length)) {
		return SIGNED_MALFORMED;
	}
	int error = ecdh_random_scalar(scalar);
	if (!error) {
		error = signed_key_derive(scalar, point, key);
		result = error == FLAGSHIP_ERROR_ARGUMENT ? SIGNED_MALFORMED : SIGNED_BROKEN;
	}
	if (!error && ecdh_public_hex(scalar, own) == 0 &&
	    signed_seal(fixed, own, strlen(own), NULL, out, SIGNED_SESSIONS_SEALED_POINT,
			&length) == 0) {
		result = SIGNED_TAKEN;
	}
	OPENSSL_cleanse(scalar, sizeof(scalar));
	return result;
}

enum signed_result signed_sessions_exchange(struct signed_sessions *sessions,
					    const struct signed_request *request,
					    char out[SIGNED_SESSIONS_SEALED_POINT])
{
	struct signed_key fixed;
	struct signed_key key = {0};
	int64_t timestamp_s;

	if (!is_well_formed(request, &timestamp_s)) {
		return SIGNED_MALFORMED;
	}
	end_old(sessions, request);
	struct session *place = choose_place(sessions, request);
	if (!place) {
		return SIGNED_NO_SESSION;
	}
	signed_key_fixed(&fixed);
	enum signed_result result = judge(&fixed, &sessions->exchanges,
					  SIGNED_SESSIONS_EXCHANGES_MAX, request, timestamp_s);
	if (result == SIGNED_TAKEN) {
		result = derive(&fixed, request, &key, out);
	}
	if (result == SIGNED_TAKEN) {
		session_clear(place);
		place->key = key;
		place->begun_s = request->steady_s;
		place->used_s = request->steady_s;
		place->use = ++sessions->uses;
		place->ahead_s = ahead_of(request);
		snprintf(place->ident, sizeof(place->ident), "%s", request->ident);
		snprintf(place->address, sizeof(place->address), "%s", request->address);
	}
	OPENSSL_cleanse(&key, sizeof(key));
	return result;
}

enum signed_result signed_sessions_check(struct signed_sessions *sessions,
					 const struct signed_request *request,
					 struct signed_key *key)
{
	int64_t timestamp_s;

	if (!is_well_formed(request, &timestamp_s)) {
		return SIGNED_MALFORMED;
	}
	end_old(sessions, request);
	struct session *session = find(sessions, request->ident);
	if (!session) {
		return SIGNED_NO_SESSION;
	}
	enum signed_result result = judge(&session->key, &session->marks,
					  SIGNED_SESSIONS_REQUESTS_MAX, request, timestamp_s);
	if (result == SIGNED_TAKEN) {
		session->used_s = request->steady_s;
		session->use = ++sessions->uses;
		*key = session->key;
	}
	return result;
}

const char *signed_result_text(enum signed_result result)
{
	switch (result) {
	case SIGNED_TAKEN:
		return NULL;
	case SIGNED_MALFORMED:
		return "the signed session is malformed";
	case SIGNED_NO_SESSION:
		return "the signed session is unknown or over: exchange the keys again";
	case SIGNED_BAD_SIGNATURE:
		return "the signature is wrong";
	case SIGNED_BAD_TIME:
		return "the time of the request is too far from ours: check the clock";
	case SIGNED_REPLAYED:
		return "the request was sent before";
	case SIGNED_TOO_MANY:
		return "too many requests of this signed session: wait";
	case SIGNED_BROKEN:
		break;
	}
	return "the signed session cannot be served";
}
