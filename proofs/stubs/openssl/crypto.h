/* SPDX-License-Identifier: MIT */
/* In place of OpenSSL's: it writes each of the bytes, which have to be there. */
#ifndef PROOFS_OPENSSL_CRYPTO_H
#define PROOFS_OPENSSL_CRYPTO_H

#include <string.h>

static inline void OPENSSL_cleanse(void *memory, size_t size)
{
	memset(memory, 0, size);
}

#endif
