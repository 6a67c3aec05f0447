/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_LOGIN_LOGIN_H
#define CLOUD_API_LOGIN_LOGIN_H

#include "cloud/api/calls.h"
#include "cloud/api/login/exchange.h"
#include "daemon/login/attempt.h"

#include <stdbool.h>
#include <stdint.h>

#define API_ADDRESS_MAX 64 /* of a client, as text */

/* A login in six steps; those that wait for the registry, or hash a password, run on threads. */
struct api_login {
	struct login_attempt attempt; /* by e-mail, of the user id */
	char address[API_ADDRESS_MAX];
	char label[REGISTRY_TEXT_MAX];
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];
	char hash[PASSWORD_HASH_SIZE]; /* "" where there is no such account */
	bool right;
	bool unknown;                    /* for want of memory */
	struct registry_account account; /* who was let in, and with what token */
	char token[REGISTRY_TOKEN_SIZE];
	int64_t expires_at;
};

/* Where a token lasts so long. */
#define API_LOGIN_LABEL      "login from "    /* of a token; the address follows */
#define API_TOKEN_LIFETIME_S INT64_C(7776000) /* 90 days */

/* On the loop. False where the answer stands already: malformed, or for another service. */
bool api_login_read(struct api_login *login, const struct exchange *exchange,
		    const struct api_request *request, const char *address,
		    const struct address_key *key, struct api_answer *answer);

/* On a thread: whose login it is. Returns what registry_find_account does. */
int api_login_look_up(struct api_login *login, struct registry *registry);

/* On the loop, with the result of that. False where the answer stands: it comes too soon, or the
 * registry failed. */
bool api_login_admit(struct api_login *login, int found, const struct login_throttle *throttle,
		     struct api_answer *answer);

/* It goes on: counts as wrong until it is known to be right, so that many at once are not free. */
void api_login_try(const struct api_login *login, struct login_throttle *throttle);

/* It does not: wipes it. */
void api_login_forget(struct api_login *login);

/* On a thread: takes as long for a wrong user as for a wrong password. */
void api_login_verify(struct api_login *login);

/* On the loop: false where the password was wrong, and the answer stands; the login is wiped. */
bool api_login_judge(struct api_login *login, struct login_throttle *throttle,
		     struct api_answer *answer);

/* On a thread that writes: issues a token. now_s: Unix seconds. 1, 0 where the account went away
 * meanwhile, or an error of the registry. */
int api_login_let_in(struct api_login *login, struct registry *registry, int64_t now_s);

/* On the loop, with the result of that, once the token is on the disk; wipes the login. */
void api_login_end(struct api_login *login, int let_in, const char *service_public_hex,
		   uint16_t mqtt_port, struct api_answer *answer);

/* In place of what follows api_login_try where nobody waits for the answer any more: counts as
 * wrong. */
void api_login_abandon(struct api_login *login, struct login_throttle *throttle);

#endif
