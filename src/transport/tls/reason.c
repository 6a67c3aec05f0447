/* SPDX-License-Identifier: MIT */
#include "transport/tls/reason.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <stdlib.h>
#include <string.h>

#define CODE_MARK "error:"
#define CODE_BASE 16

static const struct tls_reason too_old = {
	"the broker speaks no TLS newer than 1.1, which is not safe",
	"switch on TLS 1.2 or newer at the broker (mosquitto: tls_version tlsv1.2), or bring it up "
	"to date",
};

static const struct tls_reason no_tls = {
	"what answers there is not TLS",
	"check the port of the broker: TLS is mostly 8883 or 8789; use mqtt:// where it has no TLS",
};

static const struct tls_reason weak_exchange = {
	"the broker's keys for the exchange are too short to be safe (Diffie-Hellman)",
	"have the broker use 2048 bits or more, or ECDHE ciphers",
};

static const struct tls_reason weak_key = {
	"a key or a signature in the broker's chain is too weak to be safe",
	"have its certificate issued anew with RSA of 2048 bits or more, or P-256, and SHA-256",
};

static const struct tls_reason nothing_shared = {
	"the broker and this machine have no safe cipher or signature in common",
	"allow modern ciphers at the broker (mosquitto: leave out ciphers), and give it a "
	"certificate with SHA-256",
};

static const struct tls_reason wants_certificate = {
	"the broker wants a certificate of its clients, and flagship has none to show",
	"let clients log in by name and password there (mosquitto: require_certificate false)",
};

static const struct tls_reason refused_name = {
	"the server knows no such name",
	"connect by the name that the broker's certificate is for",
};

static const struct tls_reason hung_up = {
	"what answers there hung up in the middle of the handshake",
	"check that this port is the broker's for TLS, and look into the broker's log",
};

static const struct {
	int reason;
	const struct tls_reason *reported;
} reasons[] = {
	{SSL_R_UNSUPPORTED_PROTOCOL, &too_old},
	{SSL_R_UNSUPPORTED_SSL_VERSION, &too_old},
	{SSL_R_WRONG_SSL_VERSION, &too_old},
	{SSL_R_VERSION_TOO_LOW, &too_old},
	{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, &too_old},
	{SSL_R_WRONG_VERSION_NUMBER, &no_tls},
	{SSL_R_HTTP_REQUEST, &no_tls},
	{SSL_R_DH_KEY_TOO_SMALL, &weak_exchange},
	{SSL_R_EE_KEY_TOO_SMALL, &weak_key},
	{SSL_R_CA_KEY_TOO_SMALL, &weak_key},
	{SSL_R_CA_MD_TOO_WEAK, &weak_key},
	{SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY, &nothing_shared},
	{SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, &nothing_shared},
	{SSL_R_NO_CIPHERS_AVAILABLE, &nothing_shared},
	{SSL_R_WRONG_CIPHER_RETURNED, &nothing_shared},
	{SSL_R_WRONG_SIGNATURE_TYPE, &nothing_shared},
	{SSL_R_UNKNOWN_DIGEST, &nothing_shared},
	{SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, &nothing_shared},
	{SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, &wants_certificate},
	{SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, &wants_certificate},
	{SSL_R_TLSV1_UNRECOGNIZED_NAME, &refused_name},
	{SSL_R_UNEXPECTED_EOF_WHILE_READING, &hung_up},
};

struct tls_reason tls_reason_of(unsigned long code, const char *otherwise)
{
	const char *words = code != 0 ? ERR_reason_error_string(code) : NULL;

	if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
		for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
			if (reasons[i].reason == ERR_GET_REASON(code)) {
				return *reasons[i].reported;
			}
		}
	}
	return (struct tls_reason){
		.what = words ? words : otherwise,
		.advice = "check that this port is the broker's for TLS; use mqtt:// where it has "
			  "none",
	};
}

unsigned long tls_reason_code(const char *log)
{
	const char *mark = strstr(log, CODE_MARK);

	return mark ? strtoul(mark + strlen(CODE_MARK), NULL, CODE_BASE) : 0;
}

unsigned long tls_reason_of_alert(int alert)
{
	return ERR_PACK(ERR_LIB_SSL, 0, SSL_AD_REASON_OFFSET + alert);
}
