/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_LOGIN_EXCHANGE_H
#define CLOUD_API_LOGIN_EXCHANGE_H

#include <flagship/account.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * The service's side of the password exchange (protocol.md 4, Login password): ECDH with the key of
 * this installation, then AES-256-CBC.
 */
struct exchange;

/* Errors: STORE (errno says why the file cannot be read; 0: it holds no P-256 key), MEMORY. */
int exchange_create(const char *key_file, struct exchange **exchange);
void exchange_destroy(struct exchange *exchange);

/* What clients encrypt for: uncompressed point in hex. */
const char *exchange_public_hex(const struct exchange *exchange);

/* encrypted: base64; public_hex: the client's point. False where they do not fit together, as with
 * a password for another service. password is wiped by the caller. */
bool exchange_open(const struct exchange *exchange, const char *encrypted, const char *public_hex,
		   char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1]);

#endif
