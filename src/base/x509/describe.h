/* SPDX-License-Identifier: MIT */
#ifndef BASE_X509_DESCRIBE_H
#define BASE_X509_DESCRIBE_H

#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

/* As RFC 2253 has it, cut where it is longer; "" where it is empty, or NULL. It may be anything: it
 * is a stranger's. */
void x509_describe_name(const X509_NAME *name, char *out, size_t capacity);

/* Unix seconds; 0: not known. */
int64_t x509_unix_seconds(const ASN1_TIME *time);

#endif
