/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_TLS_TRUST_REASON_H
#define TRANSPORT_TLS_TRUST_REASON_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

/* Names of certificates come from the other side: escaped, and cut here. */
#define TRUST_REASON_NAME_MAX 96
#define TRUST_REASON_MAX      320

/*
 * What is wrong with the chain that X509_verify_cert has just refused, and what would help, both
 * for people and without a full stop. own_ca: the anchors are those of a CA file, not of the
 * system.
 */
void trust_reason_describe(X509_STORE_CTX *store, bool own_ca, char what[TRUST_REASON_MAX],
			   char advice[TRUST_REASON_MAX]);

/* Why a CA file cannot be used: not to be read, or no certificate in PEM form. */
void trust_reason_of_file(const char *file, char *out, size_t size);

#endif
