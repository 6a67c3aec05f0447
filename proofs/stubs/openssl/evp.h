/* SPDX-License-Identifier: MIT */
/* In place of OpenSSL's, whose headers Frama-C need not read: what is proven calls none of it. */
#ifndef PROOFS_OPENSSL_EVP_H
#define PROOFS_OPENSSL_EVP_H

typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;

#endif
