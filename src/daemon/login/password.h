/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOGIN_PASSWORD_H
#define DAEMON_LOGIN_PASSWORD_H

#include <stddef.h>

/*
 * Passwords of people, kept as scrypt hashes: "scrypt$15$8$1$SALT$HASH" in hex. Each call takes
 * tens of milliseconds and 32 MiB: never on an event loop.
 */

#define PASSWORD_HASH_SIZE 160 /* of the text, with the NUL */

/* Errors: ARGUMENT (empty, or longer than FLAGSHIP_LOGIN_PASSWORD_MAX), CRYPTO, MEMORY. */
int password_hash(const char *password, char out[PASSWORD_HASH_SIZE])
	__attribute__((warn_unused_result));

/* 1: it fits; 0: not, also for a hash that is "" or damaged; it then takes as long as for any
 * other, so that nobody learns from the time whether there is such an account. MEMORY: it cannot be
 * told, for any hash likewise. */
int password_verify(const char *password, const char *hash);

#endif
