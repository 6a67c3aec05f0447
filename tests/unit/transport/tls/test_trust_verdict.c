/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/tls/trust.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

/* Many connections share one context: what one server shows decides nothing for the others. */
struct server {
	EVP_PKEY *key;
	X509 *certificate;
	SSL_CTX *context;
};

struct pair {
	SSL *client;
	SSL *server;
	struct trust_verdict verdict;
};

static void server_init(struct server *server)
{
	server->key = EVP_EC_gen("P-256");
	server->certificate = X509_new();
	server->context = SSL_CTX_new(TLS_server_method());
	assert_non_null(server->key);
	X509_gmtime_adj(X509_getm_notBefore(server->certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(server->certificate), 3600);
	X509_set_pubkey(server->certificate, server->key);
	assert_true(X509_sign(server->certificate, server->key, EVP_sha256()) > 0);
	assert_int_equal(SSL_CTX_use_certificate(server->context, server->certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(server->context, server->key), 1);
}

static void server_finish(struct server *server)
{
	SSL_CTX_free(server->context);
	X509_free(server->certificate);
	EVP_PKEY_free(server->key);
}

static void pin_of(const struct server *server, char text[TRUST_PIN_TEXT_SIZE])
{
	uint8_t pin[TRUST_PIN_SIZE];
	unsigned int size;

	assert_int_equal(X509_digest(server->certificate, EVP_sha256(), pin, &size), 1);
	trust_format_pin(pin, text);
}

static void pair_init(struct pair *pair, const struct trust *trust, const struct server *server)
{
	BIO *near;
	BIO *far;

	*pair = (struct pair){.client = SSL_new(trust->context),
			      .server = SSL_new(server->context)};
	assert_int_equal(BIO_new_bio_pair(&near, 0, &far, 0), 1);
	SSL_set_bio(pair->client, near, near);
	SSL_set_bio(pair->server, far, far);
	SSL_set_connect_state(pair->client);
	SSL_set_accept_state(pair->server);
}

static void pair_finish(struct pair *pair)
{
	SSL_free(pair->client);
	SSL_free(pair->server);
}

static void shake(struct pair *pair, unsigned int turns)
{
	for (unsigned int i = 0; i < turns; i++) {
		(void)SSL_do_handshake(pair->client);
		(void)SSL_do_handshake(pair->server);
	}
	ERR_clear_error();
}

static void each_connection_has_its_own(void **state)
{
	struct server good;
	struct server bad;
	char pin[TRUST_PIN_TEXT_SIZE];
	struct trust trust;
	struct pair pairs[3];

	(void)state;
	server_init(&good);
	server_init(&bad);
	pin_of(&good, pin);
	assert_int_equal(
		trust_init(&trust, &(struct trust_options){.pin_sha256 = pin}, "broker.example"),
		0);
	for (size_t i = 0; i < 3; i++) {
		pair_init(&pairs[i], &trust, i == 1 ? &bad : &good);
	}
	trust_follow(pairs[0].client, &pairs[0].verdict);
	trust_follow(pairs[1].client, &pairs[1].verdict);
	/* As one that another library makes: it is known from its first step on. */
	trust.opening = &pairs[2].verdict;
	shake(&pairs[2], 1);
	trust.opening = NULL;
	/* The first one is in the middle of it when the second one is refused. */
	shake(&pairs[0], 1);
	shake(&pairs[1], 4);
	assert_true(pairs[1].verdict.refused);
	assert_false(pairs[1].verdict.established);
	assert_non_null(strstr(pairs[1].verdict.detail, "not the pinned one"));
	shake(&pairs[0], 4);
	shake(&pairs[2], 4);
	for (size_t i = 0; i < 3; i += 2) {
		assert_false(pairs[i].verdict.refused);
		assert_true(pairs[i].verdict.established);
		assert_string_equal(pairs[i].verdict.detail, "");
	}
	assert_true(pairs[1].verdict.refused);
	assert_false(trust.verdict.refused);
	for (size_t i = 0; i < 3; i++) {
		pair_finish(&pairs[i]);
	}
	trust_finish(&trust);
	server_finish(&good);
	server_finish(&bad);
}

static void an_alert_is_of_one_connection(void **state)
{
	struct server server;
	struct trust trust;
	struct pair pairs[2];

	(void)state;
	server_init(&server);
	SSL_CTX_set_max_proto_version(server.context, TLS1_2_VERSION);
	assert_int_equal(
		trust_init(&trust, &(struct trust_options){.insecure = true}, "broker.example"), 0);
	for (size_t i = 0; i < 2; i++) {
		pair_init(&pairs[i], &trust, &server);
		trust_follow(pairs[i].client, &pairs[i].verdict);
	}
	SSL_set_min_proto_version(pairs[1].client, TLS1_3_VERSION);
	shake(&pairs[0], 1);
	shake(&pairs[1], 4);
	shake(&pairs[0], 4);
	assert_int_equal(pairs[1].verdict.alert, SSL_AD_PROTOCOL_VERSION);
	assert_int_equal(pairs[0].verdict.alert, 0);
	assert_true(pairs[0].verdict.established);
	for (size_t i = 0; i < 2; i++) {
		pair_finish(&pairs[i]);
	}
	trust_finish(&trust);
	server_finish(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_connection_has_its_own),
		cmocka_unit_test(an_alert_is_of_one_connection),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("trust_verdict", tests, NULL, NULL);
}
