/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_CERTIFICATE_H
#define CLOUD_BROKER_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The certificates of a local cloud. Valid from long ago, since a printer that has not heard of the
 * time yet would refuse what begins today.
 */
enum certificate_kind {
	CERTIFICATE_ECDSA, /* P-256 */
	CERTIFICATE_RSA,   /* 2048 bits, for firmware whose TLS knows nothing else */
};

/*
 * Each writes PEM files: keys with mode 0600, nothing that is there is replaced half. Errors:
 * CRYPTO, STORE (errno says why).
 */
int certificate_make_key(const char *key_file, enum certificate_kind kind);

/* A CA of its own key. name: its common name. */
int certificate_make_authority(const char *key_file, const char *certificate_file,
			       const char *name);

/* A server's certificate, followed by the CA's. hosts: names and addresses that go into it. */
int certificate_issue(const char *authority_key_file, const char *authority_file,
		      const char *key_file, const char *certificate_file, const char *common_name,
		      const char *const *hosts, size_t host_count);

#define CERTIFICATE_FINGERPRINT_SIZE 65

/* SHA-256 of the first certificate of a PEM file, in hex digits. Errors as above. */
int certificate_fingerprint(const char *file, char out[CERTIFICATE_FINGERPRINT_SIZE]);

/* 4 or 6 bytes of an address, or a name of letters, digits, hyphens and dots, maybe with *. in
 * front. */
bool certificate_host_valid(const char *host);

#endif
