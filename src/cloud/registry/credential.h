/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_REGISTRY_CREDENTIAL_H
#define CLOUD_REGISTRY_CREDENTIAL_H

#include "cloud/registry/registry.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What a printer presented to the broker, as a hash that can be stored: HMAC-SHA-256, keyed with a
 * random secret of this installation, over user name and password. Fast, since the broker's loop
 * waits for it. False where neither is there: a printer without a login has no credential.
 */
#define CREDENTIAL_SECRET_SIZE 32

bool credential_hash(const uint8_t secret[CREDENTIAL_SECRET_SIZE], const char *username,
		     const char *password, uint8_t out[REGISTRY_HASH_SIZE]);

/* Of a client that presents nothing but its client id: never that of a user name and password. */
bool credential_hash_client(const uint8_t secret[CREDENTIAL_SECRET_SIZE], const char *client_id,
			    uint8_t out[REGISTRY_HASH_SIZE]);

/* The secret, kept in the registry; made by the first call. */
int credential_secret(struct registry *registry, uint8_t secret[CREDENTIAL_SECRET_SIZE]);

#endif
