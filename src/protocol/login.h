/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_LOGIN_H
#define PROTOCOL_LOGIN_H

#include <flagship/account.h>

#include <stddef.h>
#include <stdint.h>

/*
 * Opens what the service sealed for us as flagship_login_password seals for it, such as the e-mail
 * address in the answer to a login (protocol.md 4): with the scalar of that login and the service's
 * key, which the answer tells. NUL-terminated. Errors: ARGUMENT (it is not sealed so, does not fit,
 * or a key is none), CRYPTO. After an error out is as it was.
 */
int login_secret_open(const char *sealed, const uint8_t private_key[FLAGSHIP_LOGIN_PRIVATE_SIZE],
		      const char *service_public_hex, char *out, size_t capacity);

#endif
