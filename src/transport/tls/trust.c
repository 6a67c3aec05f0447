/* SPDX-License-Identifier: MIT */
#include "transport/tls/trust.h"

#include "base/hex.h"

#include "base/text_encoding.h"
#include "transport/tls/trust_reason.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ALERT_MASK  0xff /* the rest is its level */
#define NO_PASSWORD ""   /* of a certificate that is encrypted: nobody is asked */

static const char vendor_domain[] = ".ankermake.com";

bool trust_parse_pin(const char *text, uint8_t pin[TRUST_PIN_SIZE])
{
	for (size_t i = 0; i < TRUST_PIN_SIZE; i++) {
		if (i > 0 && *text == ':') {
			text++;
		}
		if (!hex_decode(text, &pin[i], 1)) {
			return false;
		}
		text += 2;
	}
	return *text == '\0';
}

void trust_format_pin(const uint8_t pin[TRUST_PIN_SIZE], char out[TRUST_PIN_TEXT_SIZE])
{
	hex_encode(pin, TRUST_PIN_SIZE, HEX_LOWER, out);
}

bool trust_is_vendor(const char *host)
{
	size_t length = strlen(host);
	size_t domain = sizeof(vendor_domain) - 1;

	return length > domain && strcasecmp(host + length - domain, vendor_domain) == 0;
}

/* The fingerprint of the certificate that the broker shows. */
static bool presented_pin(X509_STORE_CTX *store, uint8_t pin[TRUST_PIN_SIZE])
{
	X509 *certificate = X509_STORE_CTX_get0_cert(store);
	unsigned int size = 0;

	return certificate && X509_digest(certificate, EVP_sha256(), pin, &size) == 1 &&
	       size == TRUST_PIN_SIZE;
}

static int refuse(struct trust_verdict *verdict, X509_STORE_CTX *store)
{
	verdict->refused = true;
	if (X509_STORE_CTX_get_error(store) == X509_V_OK) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	}
	return 0;
}

static int check_pin(const struct trust *trust, struct trust_verdict *verdict,
		     X509_STORE_CTX *store, const uint8_t presented[TRUST_PIN_SIZE])
{
	char expected_text[TRUST_PIN_TEXT_SIZE];
	char presented_text[TRUST_PIN_TEXT_SIZE];

	if (memcmp(presented, trust->pin, TRUST_PIN_SIZE) == 0) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	trust_format_pin(trust->pin, expected_text);
	trust_format_pin(presented, presented_text);
	snprintf(verdict->detail, sizeof(verdict->detail),
		 "the certificate is not the pinned one: expected SHA-256 %s, presented %s",
		 expected_text, presented_text);
	snprintf(verdict->advice, sizeof(verdict->advice),
		 "pin the new one only where you know that it was renewed");
	return refuse(verdict, store);
}

static int check_chain(const struct trust *trust, struct trust_verdict *verdict,
		       X509_STORE_CTX *store, const uint8_t presented[TRUST_PIN_SIZE])
{
	char pin[TRUST_PIN_TEXT_SIZE];
	char what[TRUST_REASON_MAX];
	char advice[TRUST_REASON_MAX];

	if (X509_verify_cert(store) == 1) {
		return 1;
	}
	trust_reason_describe(store, trust->mode == TRUST_CA_FILE, what, advice);
	trust_format_pin(presented, pin);
	snprintf(verdict->detail, sizeof(verdict->detail),
		 "the certificate of %s is not trusted: %s", trust->host, what);
	snprintf(verdict->advice, sizeof(verdict->advice),
		 "%s, or trust this certificate alone with --pin %s", advice, pin);
	return refuse(verdict, store);
}

void trust_follow(SSL *tls, struct trust_verdict *verdict)
{
	SSL_set_app_data(tls, verdict);
}

/* In a context that another library made the place may hold something of its own. */
static struct trust_verdict *verdict_of(struct trust *trust, const SSL *tls)
{
	bool is_ours = tls && SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls)) == trust;
	struct trust_verdict *own = is_ours ? SSL_get_app_data(tls) : NULL;

	return own ? own : &trust->verdict;
}

static int verify(X509_STORE_CTX *store, void *context)
{
	struct trust *trust = context;
	const SSL *tls = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct trust_verdict *verdict = verdict_of(trust, tls);
	uint8_t presented[TRUST_PIN_SIZE];

	verdict->refused = false;
	if (trust->mode == TRUST_INSECURE) {
		return 1;
	}
	if (!presented_pin(store, presented)) {
		snprintf(verdict->detail, sizeof(verdict->detail),
			 "the broker shows no certificate");
		snprintf(verdict->advice, sizeof(verdict->advice), "%s",
			 "give the broker a certificate");
		return refuse(verdict, store);
	}
	if (trust->mode == TRUST_PIN) {
		return check_pin(trust, verdict, store, presented);
	}
	return check_chain(trust, verdict, store, presented);
}

/*
 * libmosquitto puts the address that it connects to into the SNI extension. This runs before the
 * ClientHello is written, and puts the name there instead.
 */
static void follow_handshake(const SSL *ssl, int where, int result)
{
	struct trust *trust = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (where & SSL_CB_HANDSHAKE_START) {
		SSL_set_tlsext_host_name((SSL *)ssl, trust->host_is_address ? NULL : trust->host);
		if (trust->opening) {
			trust_follow((SSL *)ssl, trust->opening);
		}
	}
	if (where == SSL_CB_READ_ALERT) {
		verdict_of(trust, ssl)->alert = result & ALERT_MASK;
	}
	if (where & SSL_CB_HANDSHAKE_DONE) {
		verdict_of(trust, ssl)->established = true;
	}
}

static int choose_mode(struct trust *trust, const struct trust_options *options)
{
	const char *pin = options->pin_sha256;

	if ((options->ca_file != NULL) + (pin != NULL) + options->insecure > 1) {
		snprintf(trust->detail, sizeof(trust->detail),
			 "only one of --ca, --pin and --insecure can be given");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (options->insecure) {
		trust->mode = TRUST_INSECURE;
		return 0;
	}
	if (options->ca_file) {
		trust->mode = TRUST_CA_FILE;
		return 0;
	}
	if (!pin && (options->web || !trust_is_vendor(trust->host))) {
		trust->mode = TRUST_SYSTEM;
		return 0;
	}
	trust->mode = TRUST_PIN;
	if (trust_parse_pin(pin ? pin : FLAGSHIP_VENDOR_CERTIFICATE_SHA256, trust->pin)) {
		return 0;
	}
	snprintf(trust->detail, sizeof(trust->detail),
		 "a pin is the SHA-256 fingerprint of a certificate: 64 hex digits");
	return FLAGSHIP_ERROR_ARGUMENT;
}

/* A byte order mark hides the first line from OpenSSL. */
static bool load_marked(SSL_CTX *context, const char *ca_file)
{
	char mark[TEXT_ENCODING_MARK_MAX];
	BIO *file = BIO_new_file(ca_file, "r");
	size_t left = sizeof(mark);
	size_t count = 0;
	X509 *certificate;

	if (file && BIO_read(file, mark, sizeof(mark)) == (int)sizeof(mark)) {
		(void)text_encoding_skip_mark(mark, &left);
	}
	while (left == 0 && (certificate = PEM_read_bio_X509(file, NULL, NULL, NO_PASSWORD))) {
		count += X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) == 1;
		X509_free(certificate);
	}
	BIO_free(file);
	return count > 0;
}

static int load_anchors(struct trust *trust, SSL_CTX *context, const char *ca_file)
{
	if (trust->mode == TRUST_SYSTEM) {
		if (SSL_CTX_set_default_verify_paths(context) == 1) {
			return 0;
		}
		snprintf(trust->detail, sizeof(trust->detail),
			 "the certificate store of the system cannot be read");
		return FLAGSHIP_ERROR_CRYPTO;
	}
	if (trust->mode != TRUST_CA_FILE ||
	    SSL_CTX_load_verify_locations(context, ca_file, NULL) == 1 ||
	    load_marked(context, ca_file)) {
		ERR_clear_error();
		return 0;
	}
	trust_reason_of_file(ca_file, trust->detail, sizeof(trust->detail));
	ERR_clear_error();
	return FLAGSHIP_ERROR_CRYPTO;
}

static int expect_host(struct trust *trust, SSL_CTX *context)
{
	X509_VERIFY_PARAM *expected = SSL_CTX_get0_param(context);
	int set = trust->host_is_address ? X509_VERIFY_PARAM_set1_ip_asc(expected, trust->host)
					 : X509_VERIFY_PARAM_set1_host(expected, trust->host, 0);

	return set == 1 ? 0 : FLAGSHIP_ERROR_MEMORY;
}

static int set_up_verification(struct trust *trust, SSL_CTX *context, const char *ca_file)
{
	if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context, verify, trust);
	int error = load_anchors(trust, context, ca_file);
	return error ? error : expect_host(trust, context);
}

static int set_up_context(struct trust *trust, const char *ca_file)
{
	trust->context = SSL_CTX_new(TLS_client_method());
	if (!trust->context) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	SSL_CTX_set_mode(trust->context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
						 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(trust->context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_app_data(trust->context, trust);
	SSL_CTX_set_info_callback(trust->context, follow_handshake);
	return set_up_verification(trust, trust->context, ca_file);
}

static int prepare(struct trust *trust, const struct trust_options *options, const char *host)
{
	struct in6_addr address;

	*trust = (struct trust){0};
	if (host[0] == '\0' || strlen(host) >= sizeof(trust->host)) {
		snprintf(trust->detail, sizeof(trust->detail), "this is no host name: '%.64s'",
			 host);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	memcpy(trust->host, host, strlen(host));
	trust->host_is_address = inet_pton(AF_INET, host, &address) == 1 ||
				 inet_pton(AF_INET6, host, &address) == 1;
	return choose_mode(trust, options);
}

int trust_attach(struct trust *trust, const struct trust_options *options, const char *host,
		 SSL_CTX *context)
{
	int error = prepare(trust, options, host);

	return error ? error : set_up_verification(trust, context, options->ca_file);
}

int trust_init(struct trust *trust, const struct trust_options *options, const char *host)
{
	int error = prepare(trust, options, host);

	if (!error) {
		error = set_up_context(trust, options->ca_file);
	}
	if (error) {
		SSL_CTX_free(trust->context);
		trust->context = NULL;
	}
	return error;
}

void trust_finish(struct trust *trust)
{
	SSL_CTX_free(trust->context);
	trust->context = NULL;
}
