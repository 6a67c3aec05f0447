/* SPDX-License-Identifier: MIT */
#include "transport/mqtt/socket.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

static bool has_peer(int socket)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	return getpeername(socket, (struct sockaddr *)&peer, &size) == 0;
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
	if (peer || error == ECONNRESET || has_sent_tls(mosquitto)) {
		*tcp_open = true;
	}
	if (error == 0 && !peer) {
		/* Its first use takes the error of a refused connection away. */
		return *tcp_open ? ECONNRESET : ECONNREFUSED;
	}
	return error;
}
