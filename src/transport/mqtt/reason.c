/* SPDX-License-Identifier: MIT */
#include "transport/mqtt/reason.h"

#include <errno.h>
#include <linux/tcp.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

#define UNKNOWN "Unknown error." /* so libmosquitto calls what it has no words for */

/* Of MQTT 3.1.1. */
enum connack_code {
	CONNACK_BAD_USERNAME_OR_PASSWORD = 4,
	CONNACK_NOT_AUTHORIZED = 5,
};

bool mqtt_reason_is_login(bool mqtt5, int code)
{
	if (!mqtt5) {
		return code == CONNACK_BAD_USERNAME_OR_PASSWORD || code == CONNACK_NOT_AUTHORIZED;
	}
	return code == MQTT_RC_BAD_USERNAME_OR_PASSWORD || code == MQTT_RC_NOT_AUTHORIZED ||
	       code == MQTT_RC_BANNED || code == MQTT_RC_BAD_AUTHENTICATION_METHOD;
}

const char *mqtt_reason_text(bool mqtt5, int code)
{
	return mqtt5 ? mosquitto_reason_string(code) : mosquitto_connack_string(code);
}

const char *mqtt_reason_of_library(int code)
{
	const char *text;

	switch (code) {
	case MOSQ_ERR_ERRNO:
		/* So libmosquitto calls whatever breaks inside of TLS. */
		return errno == EPROTO ? "TLS broke off" : strerror(errno);
	case MOSQ_ERR_KEEPALIVE:
		return "pings are not answered any more, though nobody closed it: the broker "
		       "hangs, "
		       "or the network in between is gone; check both";
	case MOSQ_ERR_CONN_LOST:
		return "the broker closed it";
	case MOSQ_ERR_TLS_HANDSHAKE:
		return "the TLS handshake failed";
	case MOSQ_ERR_TIMEOUT:
		return "it took too long";
	case MOSQ_ERR_OVERSIZE_PACKET:
		return "a packet was too large";
	default:
		text = mosquitto_strerror(code);
		return strcmp(text, UNKNOWN) != 0 ? text : "the MQTT library gives no reason";
	}
}

static bool has_peer(int socket)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	return getpeername(socket, (struct sockaddr *)&peer, &size) == 0;
}

/* What sent a byte that was acknowledged was open, however it ended. A refused one was not. */
static bool was_open(int socket)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	return getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
	       info.tcpi_bytes_acked > 0;
}

static bool has_sent_tls(struct mosquitto *mosquitto)
{
	const SSL *ssl = mosquitto_ssl_get(mosquitto);

	return ssl && BIO_number_written(SSL_get_wbio(ssl)) > 0;
}

int mqtt_socket_error(struct mosquitto *mosquitto, int socket, bool *tcp_open)
{
	bool peer = has_peer(socket);
	int error = 0;
	socklen_t size = sizeof(error);

	getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
	if (peer || error == ECONNRESET || was_open(socket) || has_sent_tls(mosquitto)) {
		*tcp_open = true;
	}
	if (!error && !peer) {
		/* Its first use takes the error of a refused connection away. */
		return *tcp_open ? ECONNRESET : ECONNREFUSED;
	}
	return error;
}
