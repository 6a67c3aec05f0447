/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_SIGNED_SESSIONS_H
#define CLOUD_API_SIGNED_SESSIONS_H

#include "protocol/signed_session.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The service's side of the signed session (protocol.md 4): which sessions there are, and whether a
 * request belongs to one. Bounded in number, over all and for each address, and in time; no request
 * is taken twice, since each carries a time and a number that is remembered for as long as its time
 * is near enough. Sessions last by the steady clock, and end where the one on the wall is put back.
 * No I/O; the time is passed in.
 */
struct signed_sessions;

#define SIGNED_SESSIONS_MAX            256
#define SIGNED_SESSIONS_OF_ADDRESS_MAX 32
#define SIGNED_SESSIONS_LIFETIME_S     INT64_C(43200) /* from the key exchange on */
#define SIGNED_SESSIONS_IDLE_S         INT64_C(3600)
#define SIGNED_SESSIONS_WINDOW_S       INT64_C(300) /* how wrong a client's clock may be */
#define SIGNED_SESSIONS_BACK_S         INT64_C(60)  /* how far ours may be put back */
#define SIGNED_SESSIONS_REQUESTS_MAX   512          /* of one session, within the window */
#define SIGNED_SESSIONS_EXCHANGES_MAX  1024         /* of all, within the window */
#define SIGNED_SESSIONS_ADDRESS_MAX    64
#define SIGNED_SESSIONS_SEALED_POINT   256

enum signed_result {
	SIGNED_TAKEN,
	SIGNED_MALFORMED,  /* headers that are none, or no key sealed in the body */
	SIGNED_NO_SESSION, /* unknown, or over: the keys have to be exchanged again */
	SIGNED_BAD_SIGNATURE,
	SIGNED_BAD_TIME, /* too far from ours */
	SIGNED_REPLAYED,
	SIGNED_TOO_MANY, /* requests within the window */
	SIGNED_BROKEN,   /* no memory, or the like */
};

/* Headers are "" where absent. body: what the signature is over. */
struct signed_request {
	const char *ident;
	const char *timestamp;
	const char *once;
	const char *signature;
	const char *body;
	size_t length;
	const char *address; /* of the client */
	int64_t now_s;       /* Unix seconds */
	int64_t steady_s;    /* base/clock.h */
};

/* NULL: no memory. */
struct signed_sessions *signed_sessions_create(void);
void signed_sessions_destroy(struct signed_sessions *sessions);

/*
 * A key exchange; body is the sealed key, without the JSON around it. After SIGNED_TAKEN out is our
 * point, sealed. A session of the same name is replaced where it is of the same address; where
 * there is no room, the one that has been idle longest goes, of the same address first.
 */
enum signed_result signed_sessions_exchange(struct signed_sessions *sessions,
					    const struct signed_request *request,
					    char out[SIGNED_SESSIONS_SEALED_POINT]);

/* Whether a request is to be taken, and then the key that its body is sealed with; copied, and
 * wiped by the caller. */
enum signed_result signed_sessions_check(struct signed_sessions *sessions,
					 const struct signed_request *request,
					 struct signed_key *key);

/* For people; NULL for SIGNED_TAKEN. */
const char *signed_result_text(enum signed_result result);

#endif
