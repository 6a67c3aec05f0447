/* SPDX-License-Identifier: MIT */
#include "daemon/http/internal.h"

#include <flagship/error.h>

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALPN "\x08http/1.1"

/*
 * libwebsockets makes the context of a virtual host once. So its connections are handed on to one
 * of ours as they say hello, and that can be another one at any time: whoever speaks already keeps
 * the one that he has.
 */

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_length,
			   const unsigned char *in, unsigned int in_length, void *context)
{
	unsigned char *chosen;

	(void)ssl;
	(void)context;
	if (SSL_select_next_proto(&chosen, out_length, (const unsigned char *)ALPN,
				  sizeof(ALPN) - 1, in, in_length) != OPENSSL_NPN_NEGOTIATED) {
		return SSL_TLSEXT_ERR_NOACK;
	}
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static int on_hello(SSL *ssl, int *alert, void *context)
{
	const struct http_tls *tls = context;

	if (!tls->context || !SSL_set_SSL_CTX(ssl, tls->context)) {
		*alert = SSL_AD_INTERNAL_ERROR;
		return SSL_CLIENT_HELLO_ERROR;
	}
	return SSL_CLIENT_HELLO_SUCCESS;
}

static void set_bounds(SSL_CTX *context)
{
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	/* An idle connection keeps no buffers. */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

void http_tls_attach(struct http_tls *tls, SSL_CTX *context)
{
	set_bounds(context);
	SSL_CTX_set_client_hello_cb(context, on_hello, tls);
	/* That of libwebsockets looks for its own contexts only, and aborts. */
	SSL_CTX_set_tlsext_servername_callback(context, NULL);
}

static void describe(const struct http_tls *tls, struct problem *problem)
{
	const char *file = access(tls->certificate_file, R_OK) != 0 ? tls->certificate_file
			   : access(tls->key_file, R_OK) != 0       ? tls->key_file
								    : NULL;

	if (file) {
		problem_set(problem, "%.900s cannot be read: %s", file, strerror(errno));
	} else {
		problem_set(problem,
			    "%.450s and %.450s are no certificate and the key that belongs "
			    "to it",
			    tls->certificate_file, tls->key_file);
	}
}

int http_tls_load(const struct http_tls *tls, SSL_CTX **out, struct problem *problem)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	*out = NULL;
	if (!context || SSL_CTX_use_certificate_chain_file(context, tls->certificate_file) != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, tls->key_file, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(context) != 1) {
		describe(tls, problem);
		ERR_clear_error();
		SSL_CTX_free(context);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	set_bounds(context);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	*out = context;
	return 0;
}

struct http_tls *http_tls_create(const char *certificate_file, const char *key_file,
				 struct problem *problem)
{
	struct http_tls *tls = calloc(1, sizeof(*tls));

	if (!tls) {
		return NULL;
	}
	tls->certificate_file = strdup(certificate_file);
	tls->key_file = strdup(key_file);
	if (!tls->certificate_file || !tls->key_file ||
	    http_tls_load(tls, &tls->context, problem) != 0) {
		http_tls_destroy(tls);
		return NULL;
	}
	return tls;
}

void http_tls_destroy(struct http_tls *tls)
{
	if (tls) {
		free(tls->certificate_file);
		free(tls->key_file);
		SSL_CTX_free(tls->context);
		free(tls);
	}
}
