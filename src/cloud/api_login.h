/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_LOGIN_H
#define CLOUD_API_LOGIN_H

#include "cloud/api_calls.h"
#include "cloud/exchange.h"
#include "cloud/throttle.h"

#include <stdbool.h>
#include <stdint.h>

#define API_ADDRESS_MAX 64 /* of a client, as text */

struct login_throttle {
	struct throttle accounts; /* by e-mail */
	struct throttle addresses;
};

/* A login in three steps, since the middle one takes as long as hashing a password does. */
struct api_login {
	char email[REGISTRY_TEXT_MAX];
	char address[API_ADDRESS_MAX];
	char label[REGISTRY_TEXT_MAX];
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];
	char hash[REGISTRY_PASSWORD_SIZE]; /* "" where there is no such account */
	bool right;
};

/* Where a token lasts so long. */
#define API_TOKEN_LIFETIME_S INT64_C(7776000) /* 90 days */

/* On the loop. False where the answer stands already: malformed, too soon, or for another service.
 */
bool api_login_begin(struct api_login *login, struct registry *registry,
		     const struct exchange *exchange, struct login_throttle *throttle,
		     const struct api_request *request, const char *address,
		     struct api_answer *answer);

/* On a thread: takes as long for a wrong user as for a wrong password. */
void api_login_verify(struct api_login *login);

/* On the loop again; wipes the login. now_s: Unix seconds. */
void api_login_end(struct api_login *login, struct registry *registry,
		   struct login_throttle *throttle, const char *service_public_hex,
		   uint16_t mqtt_port, int64_t now_s, struct api_answer *answer);

/* In place of the end where nobody waits for the answer any more: counts as wrong. */
void api_login_abandon(struct api_login *login, struct login_throttle *throttle);

#endif
