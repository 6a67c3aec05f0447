/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCESS_SESSIONS_H
#define GATEWAY_ACCESS_SESSIONS_H

#include "gateway/access/book.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What lasts no longer than the process: sessions of browsers, and numbers of HTTP Digest that were
 * used. Of tokens hashes alone. Times are of the steady clock. No I/O.
 */
#define SESSIONS_MAX         512
#define SESSION_OF_KEY       ":" /* which no user's name holds */
#define SESSIONS_OF_USER_MAX 16
#define SESSION_BYTES        32
#define SESSION_TOKEN_SIZE   (2 * SESSION_BYTES + 1) /* in hex */

struct session {
	uint8_t hash[ACCESS_HASH_SIZE];  /* of the token */
	uint8_t proof[ACCESS_HASH_SIZE]; /* of the user's password, as it was */
	char user[ACCESS_NAME_SIZE];     /* SESSION_OF_KEY and its id: of a key */
	char csrf[SESSION_TOKEN_SIZE];   /* comes with every write by this session */
	int64_t created_s;
	int64_t used_s;
	uint64_t order; /* of its last use among all of them */
	bool used;      /* the place is */
};

/* All zero at the start. */
struct sessions {
	struct session items[SESSIONS_MAX];
	uint64_t order;
};

/* A random one, to be wiped. False where libcrypto failed. */
bool session_make_token(char token[SESSION_TOKEN_SIZE]);
/* A new one, in place of the one that was longest unused where its user has too many, or all have.
 * token: for the client, to be wiped. NULL where libcrypto failed. */
struct session *sessions_begin(struct sessions *sessions, const char *user,
			       const uint8_t proof[ACCESS_HASH_SIZE], int64_t now_s,
			       char token[SESSION_TOKEN_SIZE]);
/* NULL where there is none, or its time is over. One that is found is used now. */
struct session *sessions_find(struct sessions *sessions, const char *token, int64_t now_s,
			      int64_t idle_s, int64_t max_s);
/* The same by the hash of its token. */
struct session *sessions_find_hash(struct sessions *sessions, const uint8_t hash[ACCESS_HASH_SIZE],
				   int64_t now_s, int64_t idle_s, int64_t max_s);
void session_revoke(struct session *session);
/* Ends those whose time is over. */
void sessions_end_old(struct sessions *sessions, int64_t now_s, int64_t idle_s, int64_t max_s);
/* When the next one's is, if it is not used until then; INT64_MAX: there are none. */
int64_t sessions_next_end_s(const struct sessions *sessions, int64_t idle_s, int64_t max_s);
void sessions_end_of(struct sessions *sessions, const char *user);

/* --- nonces of HTTP Digest --- */

#define NONCES_MAX    64
#define NONCE_LIFE_MS INT64_C(300000)
#define NONCE_TAG     16
#define NONCE_BYTES   (8 + 8 + NONCE_TAG)
#define NONCE_SIZE    (2 * NONCE_BYTES + 1)

struct nonce {
	uint8_t bytes[NONCE_BYTES];
	int64_t issued_ms;
	uint32_t count; /* the highest that was used; 0: the place is free */
};

/* Nobody can fill it: a nonce is remembered once it was used with a right key. */
struct nonces {
	uint8_t secret[ACCESS_HASH_SIZE];
	struct nonce items[NONCES_MAX];
	int64_t forgotten_ms; /* of those issued by then nothing is known any more */
};

/* Error: CRYPTO. */
int nonces_init(struct nonces *nonces) __attribute__((warn_unused_result));
/* False where libcrypto failed. */
bool nonces_make(const struct nonces *nonces, int64_t now_ms, char out[NONCE_SIZE]);
/* Whether it is one of ours, and its time is not over. */
bool nonces_know(const struct nonces *nonces, const char *text, int64_t now_ms);
/* The request was right: whether it is no replay. Of a nonce that nonces_know. */
bool nonces_use(struct nonces *nonces, const char *text, uint32_t count);

/* --- tokens that serve once --- */

#define ONESHOTS_MAX   64
#define ONESHOT_LIFE_S 5

struct oneshot {
	uint8_t hash[ACCESS_HASH_SIZE];
	void *identity; /* the holder's */
	int64_t made_s;
	bool used;
};

struct oneshots {
	struct oneshot items[ONESHOTS_MAX];
	void (*release)(void *identity);
};

/* Takes the identity over. False where libcrypto failed. */
bool oneshots_make(struct oneshots *oneshots, void *identity, int64_t now_s,
		   char token[SESSION_TOKEN_SIZE]);
/* The identity, for the caller to release; NULL where there is no such token. */
void *oneshots_take(struct oneshots *oneshots, const char *token, int64_t now_s);
void oneshots_finish(struct oneshots *oneshots);

#endif
