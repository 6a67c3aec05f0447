/* SPDX-License-Identifier: MIT */
#include "base/net/unix_socket.h"
#include "daemon/http/internal.h"

#include <flagship/error.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where a server listens, and how a connection begins. */

#define ACCEPTS_AT_ONCE  32
#define FULL_REPORTED_MS 60000
#define LINE_SIZE        192

static struct lws_vhost *make_vhost(struct http_server *server, struct http_tls *tls)
{
	struct lws_context_creation_info information = {0};
	char name[32];

	snprintf(name, sizeof(name), "http-%u", server->vhosts++);
	information.protocols = server->protocols;
	information.user = server;
	information.vhost_name = name;
	information.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	information.timeout_secs = (unsigned int)(server->options.limits.step_ms / HTTP_MS_PER_S) +
				   1;
	if (tls) {
		information.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
				      LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
		/* Or else it makes one for a client, which there is not, and does not free it where
		 * another virtual host has no TLS. */
		information.provided_client_ssl_ctx = tls->context;
		information.alpn = "http/1.1";
	}
	server->making = tls;
	struct lws_vhost *vhost = lws_create_vhost(server->context, &information);
	server->making = NULL;
	return vhost;
}

static void set_up_socket(int descriptor)
{
	int flags = fcntl(descriptor, F_GETFL);

	(void)fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
	(void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

static socklen_t read_address(const char *text, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = htons(port);
		return sizeof(*ipv4);
	}
	if (inet_pton(AF_INET6, text, &ipv6->sin6_addr) == 1) {
		ipv6->sin6_family = AF_INET6;
		ipv6->sin6_port = htons(port);
		return sizeof(*ipv6);
	}
	return 0;
}

static int listen_on_address(const struct http_listener *listener, struct problem *problem)
{
	struct sockaddr_storage address;
	socklen_t size = read_address(listener->address, listener->port, &address);
	int on = 1;
	int descriptor = size > 0 ? socket(address.ss_family, SOCK_STREAM, 0) : -1;

	if (size == 0) {
		problem_set(problem, "%.200s is no numeric address to listen on",
			    listener->address);
		return -1;
	}
	if (descriptor >= 0) {
		set_up_socket(descriptor);
		setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (address.ss_family == AF_INET6) {
			setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		}
	}
	if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, size) != 0 ||
	    listen(descriptor, SOMAXCONN) != 0) {
		problem_set(problem, "cannot listen on %s port %u: %s", listener->address,
			    listener->port, strerror(errno));
		if (descriptor >= 0) {
			close(descriptor);
		}
		return -1;
	}
	return descriptor;
}

/* With errno where somebody serves it, or nobody may say. */
static bool is_free(const char *path)
{
	int probe = unix_socket_connect(path);

	if (probe < 0) {
		return errno == ECONNREFUSED || errno == ENOENT;
	}
	close(probe);
	errno = EADDRINUSE;
	return false;
}

static int listen_on_path(const struct http_listener *listener, struct problem *problem)
{
	const char *path = listener->unix_path;
	int descriptor = is_free(path) ? unix_socket_bind(path) : -1;

	if (descriptor >= 0 && listen(descriptor, SOMAXCONN) == 0) {
		return descriptor;
	}
	problem_set(problem, "cannot listen on %.900s: %s", path, strerror(errno));
	if (descriptor >= 0) {
		close(descriptor);
	}
	return -1;
}

static uint16_t port_of(int descriptor)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);

	if (getsockname(descriptor, (struct sockaddr *)&address, &size) != 0) {
		return 0;
	}
	return address.ss_family == AF_INET    ? ntohs(((struct sockaddr_in *)&address)->sin_port)
	       : address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port)
					       : 0;
}

static void log_full(struct http_server *server, const struct http_peer *victim)
{
	char line[LINE_SIZE];
	char network[INET6_ADDRSTRLEN] = "";

	if (!server->options.log || (server->full_reported_ms > 0 &&
				     http_now_ms() - server->full_reported_ms < FULL_REPORTED_MS)) {
		return;
	}
	server->full_reported_ms = http_now_ms();
	(void)inet_ntop(AF_INET6, victim->address.bytes, network, sizeof(network));
	snprintf(line, sizeof(line),
		 "too many connections: the idlest end where others come; the last one of them "
		 "was from %s",
		 network);
	server->options.log(server->options.context, line);
}

/* Whether a handshake is over, nobody tells. */
static void note_handshakes(struct http_server *server)
{
	for (struct http_connection *at = server->connections; at; at = at->next) {
		SSL *ssl = at->peer->silent && at->is_tls ? lws_get_ssl(at->wsi) : NULL;

		if (ssl && SSL_is_init_finished(ssl)) {
			at->peer->silent = false;
		}
	}
}

static void make_room(struct http_server *server, const struct address_key *address)
{
	struct http_peer *victim = http_peers_victim(&server->peers, address);

	if (!victim) {
		return;
	}
	note_handshakes(server);
	victim = http_peers_victim(&server->peers, address);
	log_full(server, victim);
	victim->doomed = true;
	if (victim->handle) {
		http_connection_kill(victim->handle);
	}
}

static struct http_connection *make_connection(struct http_server *server,
					       const struct http_listening *listening,
					       const struct sockaddr_storage *address)
{
	struct http_connection *connection = calloc(1, sizeof(*connection));
	struct address_key key = address_of_socket(address);
	const struct address_key *counted = listening->unix_path ? NULL : &key;
	const void *bytes =
		address->ss_family == AF_INET6
			? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
			: (const void *)&((const struct sockaddr_in *)address)->sin_addr;

	if (!connection) {
		return NULL;
	}
	make_room(server, counted);
	connection->peer = http_peers_add(&server->peers, counted, http_now_ms());
	if (!connection->peer) {
		free(connection);
		return NULL;
	}
	connection->peer->handle = connection;
	connection->server = server;
	list_init(&connection->sending);
	connection->listener = listening->context;
	connection->is_tls = listening->tls != NULL;
	connection->is_unix = listening->unix_path != NULL;
	if (connection->is_unix || !inet_ntop(address->ss_family, bytes, connection->address,
					      sizeof(connection->address))) {
		snprintf(connection->address, sizeof(connection->address), "unix");
	}
	connection->next = server->connections;
	connection->link = &server->connections;
	if (connection->next) {
		connection->next->link = &connection->next;
	}
	server->connections = connection;
	return connection;
}

static void adopt(const struct http_listening *listening, int descriptor,
		  const struct sockaddr_storage *address)
{
	struct http_server *server = listening->server;
	struct http_connection *connection = make_connection(server, listening, address);
	int on = 1;

	if (!connection) {
		close(descriptor);
		return;
	}
	set_up_socket(descriptor);
	if (!connection->is_unix) {
		setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	}
	const lws_adopt_desc_t description = {
		.vh = listening->vhost,
		.type = LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL,
		.fd = {.sockfd = descriptor},
		.vh_prot_name = server->protocols[0].name,
		.opaque = connection,
	};

	server->adopting = connection;
	struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&description);

	if (wsi) {
		connection->wsi = wsi;
	} else if (server->adopting) {
		http_connection_free(connection);
	}
	server->adopting = NULL;
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct http_listening *listening = poll->data;

	(void)events;
	for (int i = 0; status >= 0 && i < ACCEPTS_AT_ONCE && !listening->server->stopping; i++) {
		struct sockaddr_storage address = {0};
		socklen_t size = sizeof(address);
		int descriptor = accept(listening->descriptor, (struct sockaddr *)&address, &size);

		if (descriptor < 0) {
			if (errno == EINTR || errno == ECONNABORTED) {
				continue;
			}
			return;
		}
		adopt(listening, descriptor, &address);
	}
}

static void on_listening_closed(uv_handle_t *handle)
{
	struct http_listening *listening = handle->data;

	free(listening->unix_path);
	free(listening);
}

static int open_descriptor(const struct http_listener *listener, struct problem *problem)
{
	if (listener->descriptor > 0) {
		set_up_socket(listener->descriptor);
		return listener->descriptor;
	}
	return listener->unix_path ? listen_on_path(listener, problem)
				   : listen_on_address(listener, problem);
}

/* One for all listeners of the same files. */
static struct http_tls *find_certificate(struct http_server *server,
					 const struct http_listener *listener,
					 struct problem *problem)
{
	for (struct http_tls *at = server->certificates; at; at = at->next) {
		if (strcmp(at->certificate_file, listener->certificate_file) == 0 &&
		    strcmp(at->key_file, listener->key_file) == 0) {
			return at;
		}
	}
	struct http_tls *tls = http_tls_create(listener->certificate_file, listener->key_file,
					       problem);
	if (tls) {
		tls->next = server->certificates;
		server->certificates = tls;
	}
	return tls;
}

static int give_vhost(struct http_server *server, struct http_listening *listening,
		      const struct http_listener *listener, struct problem *problem)
{
	if (listener->certificate_file) {
		listening->tls = find_certificate(server, listener, problem);
		if (!listening->tls) {
			return FLAGSHIP_ERROR_ARGUMENT;
		}
		if (!listening->tls->vhost) {
			listening->tls->vhost = make_vhost(server, listening->tls);
		}
		listening->vhost = listening->tls->vhost;
	} else {
		server->plain = server->plain ? server->plain : make_vhost(server, NULL);
		listening->vhost = server->plain;
	}
	return listening->vhost ? 0 : problem_memory(problem);
}

int http_server_listen(struct http_server *server, const struct http_listener *listener,
		       uint16_t *port, struct problem *problem)
{
	struct http_listening *listening = calloc(1, sizeof(*listening));

	if (!listening) {
		return problem_memory(problem);
	}
	int error = give_vhost(server, listening, listener, problem);
	if (!error && listener->unix_path) {
		listening->unix_path = strdup(listener->unix_path);
		error = listening->unix_path ? 0 : problem_memory(problem);
	}
	if (!error) {
		listening->descriptor = open_descriptor(listener, problem);
		error = listening->descriptor < 0 ? FLAGSHIP_ERROR_ARGUMENT : 0;
	}
	if (error) {
		free(listening->unix_path);
		free(listening);
		return error;
	}
	listening->context = listener->context;
	listening->server = server;
	listening->next = server->listenings;
	server->listenings = listening;
	uv_poll_init(server->loop, &listening->poll, listening->descriptor);
	listening->poll.data = listening;
	uv_poll_start(&listening->poll, UV_READABLE, on_connection);
	if (port) {
		*port = port_of(listening->descriptor);
	}
	return 0;
}

void http_server_unlisten(struct http_server *server, const void *context)
{
	struct http_listening **link = &server->listenings;

	while (*link) {
		struct http_listening *listening = *link;

		if (listening->context == context) {
			*link = listening->next;
			http_listening_close(listening);
		} else {
			link = &listening->next;
		}
	}
	for (struct http_connection *at = server->connections; at; at = at->next) {
		if (at->listener == context) {
			at->listener = NULL;
			at->peer->doomed = true;
			http_connection_kill(at);
		}
	}
}

int http_server_reload(struct http_server *server, struct problem *problem)
{
	struct http_tls *broken;
	int error = 0;

	for (broken = server->certificates; broken; broken = broken->next) {
		error = http_tls_load(broken, &broken->newer, problem);
		if (error) {
			break;
		}
	}
	for (struct http_tls *at = server->certificates; at != broken; at = at->next) {
		SSL_CTX_free(error ? at->newer : at->context);
		at->context = error ? at->context : at->newer;
		at->newer = NULL;
	}
	return error;
}

void http_listening_close(struct http_listening *listening)
{
	uv_poll_stop(&listening->poll);
	close(listening->descriptor);
	if (listening->unix_path) {
		(void)unlink(listening->unix_path);
	}
	uv_close((uv_handle_t *)&listening->poll, on_listening_closed);
}
