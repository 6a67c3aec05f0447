/* SPDX-License-Identifier: MIT */
#include "transport/tls/probe.h"

#include "base/clock.h"
#include "base/x509/describe.h"
#include "transport/tls/reason.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NO_PASSWORD "" /* of a certificate that is encrypted: nobody is asked */

/* Whether the socket got ready before the deadline; errno is set where it did not. */
static bool await(int descriptor, short events, int64_t deadline_ms)
{
	struct pollfd poller = {.fd = descriptor, .events = events};

	for (;;) {
		int64_t left_ms = deadline_ms - clock_steady_ms();
		int count = poll(&poller, 1, left_ms > 0 ? (int)left_ms : 0);

		if (count > 0) {
			return true;
		}
		if (count == 0) {
			errno = ETIMEDOUT;
			return false;
		}
		if (errno != EINTR) {
			return false;
		}
	}
}

static int await_connection(int descriptor, int64_t timeout_ms)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (!await(descriptor, POLLOUT, clock_steady_ms() + timeout_ms)) {
		return errno;
	}
	return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

int probe_tcp(const struct dns_address *address, int64_t timeout_ms)
{
	int descriptor = socket(address->socket.ss_family, SOCK_STREAM, 0);
	int error = 0;

	if (descriptor < 0) {
		return -errno;
	}
	if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0) {
		error = errno;
	} else if (connect(descriptor, (const struct sockaddr *)&address->socket,
			   address->length) != 0) {
		error = errno == EINPROGRESS ? await_connection(descriptor, timeout_ms) : errno;
	}
	if (error) {
		close(descriptor);
		return -error;
	}
	return descriptor;
}

static void read_certificate(const SSL *tls, struct probe_tls *result)
{
	X509 *certificate = SSL_get1_peer_certificate(tls);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (!certificate) {
		return;
	}
	if (X509_digest(certificate, EVP_sha256(), digest, &size) == 1 && size == TRUST_PIN_SIZE) {
		result->has_certificate = true;
		trust_format_pin(digest, result->fingerprint);
		x509_describe_name(X509_get_subject_name(certificate), result->subject,
				   sizeof(result->subject));
		x509_describe_name(X509_get_issuer_name(certificate), result->issuer,
				   sizeof(result->issuer));
		result->not_before_s = x509_unix_seconds(X509_get0_notBefore(certificate));
		result->not_after_s = x509_unix_seconds(X509_get0_notAfter(certificate));
	}
	X509_free(certificate);
}

/* 1 after success, 0 where the peer hung up or does not answer, with errno; -1 else. */
static int shake_hands(SSL *tls, int64_t deadline_ms)
{
	for (;;) {
		int code = SSL_connect(tls);
		int error = SSL_get_error(tls, code);

		if (code == 1) {
			return 1;
		}
		if (error == SSL_ERROR_SYSCALL) {
			errno = errno != 0 ? errno : ECONNRESET;
			return 0;
		}
		if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
			return -1;
		}
		if (!await(SSL_get_fd(tls), error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT,
			   deadline_ms)) {
			return 0;
		}
	}
}

bool probe_handshake(SSL *tls, int64_t timeout_ms)
{
	return shake_hands(tls, clock_steady_ms() + timeout_ms) == 1;
}

static void explain(const struct trust_verdict *verdict, int code, struct probe_tls *result)
{
	const struct tls_reason reported = tls_reason_of(
		ERR_peek_error(), code == 0 ? strerror(errno) : "of unknown reason");

	result->refused = verdict->refused;
	if (verdict->refused) {
		snprintf(result->detail, sizeof(result->detail), "%s", verdict->detail);
		snprintf(result->advice, sizeof(result->advice), "%s", verdict->advice);
	} else {
		snprintf(result->detail, sizeof(result->detail), "TLS failed: %s", reported.what);
		snprintf(result->advice, sizeof(result->advice), "%s", reported.advice);
	}
	ERR_clear_error();
}

void probe_tls(int socket, struct trust *trust, int64_t timeout_ms, struct probe_tls *result)
{
	SSL *tls = SSL_new(trust->context);
	struct trust_verdict verdict = {0};
	int code = -1;

	*result = (struct probe_tls){0};
	ERR_clear_error();
	errno = 0;
	if (tls) {
		trust_follow(tls, &verdict);
	}
	if (tls && SSL_set_fd(tls, socket) == 1) {
		code = shake_hands(tls, clock_steady_ms() + timeout_ms);
	}
	if (code != 1) {
		explain(&verdict, code, result);
	} else {
		result->done = true;
		snprintf(result->protocol, sizeof(result->protocol), "%s", SSL_get_version(tls));
		snprintf(result->cipher, sizeof(result->cipher), "%s", SSL_get_cipher_name(tls));
		read_certificate(tls, result);
		SSL_shutdown(tls);
	}
	SSL_free(tls);
}

bool probe_certificate(const struct dns_address *address, const char *host, int64_t timeout_ms,
		       struct probe_tls *result)
{
	struct trust trust = {0};
	int descriptor = probe_tcp(address, timeout_ms);

	*result = (struct probe_tls){0};
	if (descriptor < 0) {
		return false;
	}
	if (trust_init(&trust, &(struct trust_options){.insecure = true}, host) == 0) {
		probe_tls(descriptor, &trust, timeout_ms, result);
	}
	trust_finish(&trust);
	close(descriptor);
	return result->has_certificate;
}

int64_t probe_valid_from(const char *file)
{
	FILE *stream = fopen(file, "re");
	X509 *certificate = stream ? PEM_read_X509(stream, NULL, NULL, NO_PASSWORD) : NULL;
	int64_t from_s = 0;

	if (certificate) {
		from_s = x509_unix_seconds(X509_get0_notBefore(certificate));
	}
	X509_free(certificate);
	if (stream) {
		fclose(stream);
	}
	ERR_clear_error();
	return from_s;
}
