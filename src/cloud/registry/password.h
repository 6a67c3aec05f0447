/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_REGISTRY_PASSWORD_H
#define CLOUD_REGISTRY_PASSWORD_H

#include "cloud/registry/registry.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Passwords of accounts, kept as scrypt hashes: "scrypt$15$8$1$SALT$HASH" in hex. Each call takes
 * tens of milliseconds and 32 MiB: never on an event loop.
 */

/* Errors: ARGUMENT (empty, or longer than FLAGSHIP_LOGIN_PASSWORD_MAX), CRYPTO, MEMORY. */
int password_hash(const char *password, char out[REGISTRY_PASSWORD_SIZE]);

/* 1: it fits; 0: not, also for a hash that is "" or damaged; it then takes as long as for any
 * other, so that nobody learns from the time whether there is such an account. MEMORY: it cannot be
 * told, for any hash likewise. */
int password_verify(const char *password, const char *hash);

#endif
