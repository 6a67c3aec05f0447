/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCESS_INTERNAL_H
#define GATEWAY_ACCESS_INTERNAL_H

#include "base/memory/list.h"
#include "daemon/login/queue.h"
#include "daemon/reload/watch.h"
#include "gateway/access/access.h"
#include "gateway/access/activity/activity.h"

#include <limits.h>

#define ACCESS_LOG_PART     "access"
#define ACCESS_SERVERS_MAX  4
#define ACCESS_KNOWN_MAX    32

#define ACCESS_UNAUTHORIZED 401
#define ACCESS_FORBIDDEN    403
#define ACCESS_NOT_FOUND    404
#define ACCESS_TOO_MANY     429
#define ACCESS_UNAVAILABLE  503

/* Name and password that were right, so that Basic costs a hash once and not with each request. */
struct access_known {
	uint8_t hash[ACCESS_HASH_SIZE]; /* keyed, of both */
	uint8_t proof[ACCESS_HASH_SIZE];
	char user[ACCESS_NAME_SIZE];
	bool used;
};

struct access {
	uv_loop_t *loop;
	struct log *log;
	bool open_without_users;
	bool beyond;
	char *proxies;
	char *names;
	char host[HOST_NAME_MAX + 1]; /* of this machine */
	char path[PATH_MAX];          /* of access.json */
	char setup_path[PATH_MAX];
	struct access_book book;
	struct watch *watch;
	struct http_server *servers[ACCESS_SERVERS_MAX];
	size_t server_count;
	struct sessions sessions;
	struct nonces nonces;
	struct oneshots oneshots;
	struct key_requests requests;
	struct access_known known[ACCESS_KNOWN_MAX];
	size_t next_known;
	uint8_t known_secret[ACCESS_HASH_SIZE];
	uint8_t token_secret[ACCESS_HASH_SIZE]; /* signs tokens */
	struct activity activity;
	struct login_throttle throttle;
	struct list works; /* struct work of verify.c */
	struct login_queue queue;
	uv_timer_t sessions_end;
	bool timer_open;
	bool stopping;
	char setup_token[SESSION_TOKEN_SIZE]; /* "": none is offered */
	int64_t setup_until_s;
};

/* --- access.c --- */

bool access_is_open(const struct access *access);
/* Ends the streams of who may not have them any more. */
void access_end_streams(struct access *access);
/* A session has begun, or sessions last for another time: sees to it that they end in time, and the
 * streams with them. */
void access_watch_sessions(struct access *access);
/* SHA-256 of the text that is kept of a password. */
bool access_proof(const struct access_user *user, uint8_t proof[ACCESS_HASH_SIZE]);
void access_withdraw_setup(struct access *access);

/* --- identity.c --- */

/* Owned; NULL for want of memory. */
struct access_identity *access_identity_make(enum access_kind kind, const char *name,
					     const struct access_grant *grant);
struct access_identity *access_identity_of_user(enum access_kind kind,
						const struct access_user *user);
struct access_identity *access_identity_of_key(const struct access_key *key);
/* Of its user or key as they are now; NULL where that is gone, or over, or for want of memory. */
struct access_identity *access_identity_of_session(const struct access *access,
						   const struct session *session);

/* --- cookies.c --- */

/* The session that a request's cookie names; NULL: none. */
struct session *access_session_of(struct access *access, const struct http_request *request,
				  bool is_tls);
/* NULL where its user is gone, or has another password by now: then it ends. NULL is accepted. */
struct session *access_live_session(struct access *access, struct session *session);
/* Whether this device logged in as the user before. */
bool access_device_is_known(const struct access *access, const struct http_request *request,
			    const struct access_user *user, char mark[SESSION_TOKEN_SIZE]);

/* --- tokens.c --- */

/* Of a token that was given with a login; NULL: of none, or for want of memory. Owned. */
struct access_identity *access_token_identity(struct access *access, const char *token);

/* Whose pass to the printer with this serial number it is; NULL: of none, or for want of memory.
 * Owned. */
struct access_identity *access_pass_identity(const struct access *access, const char *serial,
					     const char *pass);

/* --- verify.c --- */

void access_begin_works(struct access *access);
void access_give_up_works(struct access *access);
/* Whether this name and password were right before; of whom. */
const struct access_user *access_find_known(const struct access *access, const char *name,
					    const char *password);

#endif
