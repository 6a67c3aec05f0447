/* SPDX-License-Identifier: MIT */
#include "transport/mqtt/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PIECE_MAX 16384 /* also the most that a record of TLS holds */

/* --- the filter below TLS --- */

static int filter_read(BIO *filter, char *out, int count)
{
	const struct mqtt_gate *gate = BIO_get_data(filter);
	int result = -1;

	BIO_clear_retry_flags(filter);
	if (!gate->lets_in) {
		BIO_set_retry_read(filter);
		return -1;
	}
	result = BIO_read(BIO_next(filter), out, count);
	BIO_copy_next_retry(filter);
	return result;
}

/* What was kept goes out first. False where some is left; where it cannot be sent at all it is
 * dropped, since reading tells of that. */
static bool let_out(struct mqtt_gate *gate)
{
	size_t sent = 0;

	while (gate->filter && sent < gate->held_length) {
		BIO *socket = BIO_next(gate->filter);
		int count = BIO_write(socket, gate->held + sent, (int)(gate->held_length - sent));

		if (count > 0) {
			sent += (size_t)count;
		} else if (BIO_should_retry(socket)) {
			gate->held_length -= sent;
			memmove(gate->held, gate->held + sent, gate->held_length);
			return false;
		} else {
			break;
		}
	}
	free(gate->held);
	gate->held = NULL;
	gate->held_length = 0;
	return true;
}

static bool keep(struct mqtt_gate *gate, const char *bytes, size_t count)
{
	if (!gate->holds || count > MQTT_GATE_HELD_MAX - gate->held_length) {
		return false;
	}
	gate->held = gate->held ? gate->held : malloc(MQTT_GATE_HELD_MAX);
	if (!gate->held) {
		return false;
	}
	memcpy(gate->held + gate->held_length, bytes, count);
	gate->held_length += count;
	return true;
}

static int filter_write(BIO *filter, const char *bytes, int count)
{
	struct mqtt_gate *gate = BIO_get_data(filter);
	int result = -1;

	BIO_clear_retry_flags(filter);
	if (count > 0 && keep(gate, bytes, (size_t)count)) {
		return count;
	}
	if (!let_out(gate)) {
		BIO_set_retry_write(filter);
		return -1;
	}
	result = BIO_write(BIO_next(filter), bytes, count);
	BIO_copy_next_retry(filter);
	return result;
}

static long filter_control(BIO *filter, int command, long number, void *pointer)
{
	return BIO_next(filter) ? BIO_ctrl(BIO_next(filter), command, number, pointer) : 0;
}

static int filter_create(BIO *filter)
{
	BIO_set_init(filter, 1);
	return 1;
}

static int filter_destroy(BIO *filter)
{
	struct mqtt_gate *gate = BIO_get_data(filter);

	if (gate) {
		gate->filter = NULL;
	}
	return 1;
}

static int open_filter(struct mqtt_gate *gate, SSL *tls)
{
	BIO *socket = SSL_get_rbio(tls);
	BIO *filter;

	gate->method = BIO_meth_new(BIO_TYPE_FILTER, "flagship gate");
	if (!gate->method || !BIO_meth_set_read(gate->method, filter_read) ||
	    !BIO_meth_set_write(gate->method, filter_write) ||
	    !BIO_meth_set_ctrl(gate->method, filter_control) ||
	    !BIO_meth_set_create(gate->method, filter_create) ||
	    !BIO_meth_set_destroy(gate->method, filter_destroy)) {
		return -1;
	}
	filter = BIO_new(gate->method);
	if (!filter || !BIO_up_ref(socket)) {
		BIO_free(filter);
		return -1;
	}
	if (!BIO_up_ref(filter)) {
		BIO_free(socket);
		BIO_free(filter);
		return -1;
	}
	BIO_set_data(filter, gate);
	BIO_push(filter, socket);
	gate->filter = filter;
	SSL_set0_rbio(tls, filter);
	SSL_set0_wbio(tls, filter);
	return 0;
}

/* --- the pair of sockets --- */

/* The function of that name is another one in a program that refuses libmosquitto its pairs. */
static int make_pair(int pair[2])
{
	return (int)syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
			    pair);
}

static int open_pair(struct mqtt_gate *gate, int socket)
{
	int pair[2];

	gate->network = fcntl(socket, F_DUPFD_CLOEXEC, 0);
	if (gate->network < 0 || make_pair(pair) != 0) {
		return -1;
	}
	gate->inner = pair[0];
	bool taken = dup2(pair[1], socket) >= 0 && fcntl(socket, F_SETFD, FD_CLOEXEC) == 0;
	close(pair[1]);
	return taken ? 0 : -1;
}

/* -- both -- */

void mqtt_gate_init(struct mqtt_gate *gate)
{
	*gate = (struct mqtt_gate){.lets_in = true, .network = -1, .inner = -1};
}

int mqtt_gate_open(struct mqtt_gate *gate, struct mosquitto *mosquitto)
{
	SSL *tls = mosquitto_ssl_get(mosquitto);

	return tls ? open_filter(gate, tls) : open_pair(gate, mosquitto_socket(mosquitto));
}

int mqtt_gate_socket(const struct mqtt_gate *gate, struct mosquitto *mosquitto)
{
	return gate->network >= 0 ? gate->network : mosquitto_socket(mosquitto);
}

static const char *problem_of(enum mqtt_framing_result result)
{
	switch (result) {
	case MQTT_FRAMING_TOO_LARGE:
		return "the broker announces a packet that is larger than any of a printer's";
	case MQTT_FRAMING_BAD_LENGTH:
		return "the broker sends what is no MQTT: a length of more than four bytes";
	case MQTT_FRAMING_BAD_QOS:
		return "the broker sends messages of a QoS that nobody asked for";
	case MQTT_FRAMING_GOOD:
		break;
	}
	return NULL;
}

/* False where it is not to be passed on. */
static bool look_at(struct mqtt_gate *gate, const uint8_t *bytes, size_t count,
		    const char **problem)
{
	enum mqtt_framing_result result = mqtt_framing_take(&gate->framing, bytes, count);

	if (result != MQTT_FRAMING_GOOD) {
		*problem = problem_of(result);
		return false;
	}
	return true;
}

/* Each message is acknowledged, and what a broker does not read has to be kept. */
static int check_balance(struct mqtt_gate *gate, struct mosquitto *mosquitto, const char **problem)
{
	if (!mosquitto_want_write(mosquitto)) {
		gate->unread = 0;
	} else {
		gate->unread += gate->framing.packets - gate->packets;
	}
	gate->packets = gate->framing.packets;
	if (gate->unread > MQTT_GATE_UNREAD_MAX) {
		*problem = "the broker sends without an end, and reads nothing";
		return MOSQ_ERR_PROTOCOL;
	}
	return MOSQ_ERR_SUCCESS;
}

static int read_record(struct mqtt_gate *gate, struct mosquitto *mosquitto, SSL *tls,
		       const char **problem)
{
	uint8_t bytes[PIECE_MAX];

	gate->shaken = gate->shaken || SSL_is_init_finished(tls);
	if (!gate->shaken) {
		/* It goes on with the handshake, and with nothing else. */
		return mosquitto_loop_read(mosquitto, 1);
	}
	ERR_clear_error();
	gate->lets_in = true;
	int count = SSL_peek(tls, bytes, sizeof(bytes));
	gate->lets_in = false;
	if (count > 0 && !look_at(gate, bytes, (size_t)count, problem)) {
		return MOSQ_ERR_PROTOCOL;
	}
	/* Also where there was nothing: an end or an error is its to tell. */
	gate->holds = true;
	int code = mosquitto_loop_read(mosquitto, 1);
	gate->holds = false;
	return code;
}

static bool has_unread_bytes(struct mosquitto *mosquitto)
{
	int socket = mosquitto_socket(mosquitto);
	int count = 0;

	return socket >= 0 && ioctl(socket, FIONREAD, &count) == 0 && count > 0;
}

/* A piece always fits, since the one before was read to its end. */
static int read_piece(struct mqtt_gate *gate, struct mosquitto *mosquitto, const char **problem)
{
	uint8_t bytes[PIECE_MAX];
	ssize_t count = recv(gate->network, bytes, sizeof(bytes), MSG_DONTWAIT);
	int code;

	if (count < 0) {
		return errno == EAGAIN || errno == EINTR ? MOSQ_ERR_SUCCESS
		       : errno == ECONNRESET             ? MOSQ_ERR_CONN_LOST
							 : MOSQ_ERR_ERRNO;
	}
	if (count > 0 && !look_at(gate, bytes, (size_t)count, problem)) {
		return MOSQ_ERR_PROTOCOL;
	}
	if (count == 0) {
		shutdown(gate->inner, SHUT_WR);
	} else if (send(gate->inner, bytes, (size_t)count, MSG_NOSIGNAL) != count) {
		return MOSQ_ERR_CONN_LOST;
	}
	do {
		code = mosquitto_loop_read(mosquitto, 1);
	} while (code == MOSQ_ERR_SUCCESS && has_unread_bytes(mosquitto));
	return code;
}

int mqtt_gate_read(struct mqtt_gate *gate, struct mosquitto *mosquitto, const char **problem)
{
	SSL *tls = mosquitto_ssl_get(mosquitto);
	int code = tls ? read_record(gate, mosquitto, tls, problem)
		       : read_piece(gate, mosquitto, problem);

	return code == MOSQ_ERR_SUCCESS ? check_balance(gate, mosquitto, problem) : code;
}

bool mqtt_gate_flush(struct mqtt_gate *gate)
{
	uint8_t bytes[PIECE_MAX];
	ssize_t count;

	if (gate->network < 0) {
		return let_out(gate);
	}
	while ((count = recv(gate->inner, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT)) > 0) {
		ssize_t sent = send(gate->network, bytes, (size_t)count,
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent <= 0) {
			return false;
		}
		(void)recv(gate->inner, bytes, (size_t)sent, MSG_DONTWAIT);
	}
	return true;
}

void mqtt_gate_finish(struct mqtt_gate *gate)
{
	BIO_meth_free(gate->method);
	gate->method = NULL;
	free(gate->held);
	gate->held = NULL;
	if (gate->network >= 0) {
		close(gate->network);
	}
	if (gate->inner >= 0) {
		close(gate->inner);
	}
	gate->network = -1;
	gate->inner = -1;
}
