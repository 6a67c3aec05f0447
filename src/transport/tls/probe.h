/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_TLS_PROBE_H
#define TRANSPORT_TLS_PROBE_H

#include "transport/dns.h"
#include "transport/tls/trust.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One step of a connection at a time, for a diagnosis. They block, for timeout_ms at most. */

#define PROBE_NAME_MAX   256
#define PROBE_DETAIL_MAX (TRUST_DETAIL_MAX + 128)
#define PROBE_WORD_MAX   64

/* A socket that is connected, for the caller to close; or the error as -errno. */
int probe_tcp(const struct dns_address *address, int64_t timeout_ms);

struct probe_tls {
	bool done;                     /* the handshake came to its end */
	bool refused;                  /* it was the certificate: detail is that of the trust */
	char detail[PROBE_DETAIL_MAX]; /* why it failed */
	char advice[TRUST_ADVICE_MAX]; /* what to do about it */
	char protocol[PROBE_WORD_MAX];
	char cipher[PROBE_WORD_MAX];
	/* Of the certificate, where has_certificate. A refused one is not known here. */
	bool has_certificate;
	char subject[PROBE_NAME_MAX];
	char issuer[PROBE_NAME_MAX];
	int64_t not_before_s; /* Unix seconds */
	int64_t not_after_s;
	char fingerprint[TRUST_PIN_TEXT_SIZE];
};

/* A handshake on this socket, which stays open. Nothing else is sent. trust is used alone until it
 * is over. */
void probe_tls(int socket, struct trust *trust, int64_t timeout_ms, struct probe_tls *result);

/* The handshake alone, on a socket that does not block (probe_tcp): in time however little at once
 * is sent. Errors are OpenSSL's. */
bool probe_handshake(SSL *tls, int64_t timeout_ms);

/*
 * What certificate is shown at this address, without trusting it: for telling why it was refused.
 * False where none could be seen.
 */
bool probe_certificate(const struct dns_address *address, const char *host, int64_t timeout_ms,
		       struct probe_tls *result);

/* From when on the certificate in this file (PEM) is valid; 0 where there is none. */
int64_t probe_valid_from(const char *file);

#endif
