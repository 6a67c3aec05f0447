/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_TLS_TRUST_H
#define TRANSPORT_TLS_TRUST_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRUST_PIN_SIZE      32 /* SHA-256 */
#define TRUST_HOST_MAX      256
#define TRUST_DETAIL_MAX    704
#define TRUST_ADVICE_MAX    448
#define TRUST_PIN_TEXT_SIZE (2 * TRUST_PIN_SIZE + 1)

/* What makes a broker's certificate good. At most one; none means the system's store, or for the
 * vendor's hosts the fingerprint that is built in. */
struct trust_options {
	const char *ca_file;    /* PEM; verified against it and nothing else */
	const char *pin_sha256; /* of the DER certificate: 64 hex digits, colons allowed */
	bool insecure;          /* no check at all */
	bool web;               /* HTTPS: the vendor's hosts go by the system's store too */
};

enum trust_mode {
	TRUST_SYSTEM,
	TRUST_CA_FILE,
	TRUST_PIN,
	TRUST_INSECURE,
};

/* What became of one connection's handshake. Zeroed to begin with. */
struct trust_verdict {
	bool refused;                  /* the certificate */
	bool established;              /* the handshake came to its end */
	int alert;                     /* the last one that the other side sent; 0: none */
	char detail[TRUST_DETAIL_MAX]; /* why it was refused */
	char advice[TRUST_ADVICE_MAX]; /* and what to do about it */
};

/* A TLS context for one host. Must stay where it is while the context is in use. */
struct trust {
	SSL_CTX *context;
	enum trust_mode mode;
	uint8_t pin[TRUST_PIN_SIZE];
	char host[TRUST_HOST_MAX];
	bool host_is_address;
	char detail[TRUST_DETAIL_MAX]; /* why trust_init failed */
	struct trust_verdict *opening; /* of connections that begin now; NULL: of nobody's */
	struct trust_verdict verdict;  /* of connections that have none of their own */
};

/* False where the text is no SHA-256 fingerprint. */
bool trust_parse_pin(const char *text, uint8_t pin[TRUST_PIN_SIZE]);

/* Whether the name is one of the vendor's. */
bool trust_is_vendor(const char *host);

/* Lower-case hex digits. */
void trust_format_pin(const uint8_t pin[TRUST_PIN_SIZE], char out[TRUST_PIN_TEXT_SIZE]);

/*
 * TLS 1.2 or newer, verified against `host`, which is a name or an address; SNI carries the name.
 * Errors, with trust->detail: ARGUMENT (pin, host, more than one option), CRYPTO (CA file), MEMORY.
 */
int trust_init(struct trust *trust, const struct trust_options *options, const char *host);

/* The same for a context that another library made and frees: it takes over what the certificate is
 * checked against, and `trust` must stay where it is while the context is in use. trust->context is
 * left alone. */
int trust_attach(struct trust *trust, const struct trust_options *options, const char *host,
		 SSL_CTX *context);

/* Where the verdict on this connection goes, whoever else uses the context. It must outlive tls. */
void trust_follow(SSL *tls, struct trust_verdict *verdict);

/* A zeroed value is accepted. */
void trust_finish(struct trust *trust);

#endif
