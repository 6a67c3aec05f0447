/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_MQTT_GATE_H
#define TRANSPORT_MQTT_GATE_H

#include "transport/mqtt/framing.h"

#include <mosquitto.h>
#include <openssl/bio.h>
#include <stdbool.h>

/*
 * Stands between a broker and libmosquitto, which reads on as long as there is something and takes
 * every announced length at its word: what it is about to read is looked at before, and it gets no
 * more than that.
 *
 * Under TLS, a filter below the connection lets one record in at a time, and it is looked at by
 * SSL_peek; what libmosquitto answers meanwhile waits there until mqtt_gate_flush, so that those
 * whom the message is for are served before the broker is. Without TLS, libmosquitto gets one end
 * of a pair of sockets in place of its own, and what is good is passed on; here lies the other end,
 * and the socket that leads to the broker.
 */
struct mqtt_gate {
	struct mqtt_framing framing;
	BIO_METHOD *method; /* of the filter; NULL without TLS */
	BIO *filter;        /* NULL once the connection is gone */
	bool lets_in;       /* the filter */
	bool holds;         /* it keeps what is written */
	char *held;         /* of MQTT_GATE_HELD_MAX; NULL while there is nothing */
	size_t held_length;
	bool shaken;      /* the handshake of TLS came to its end */
	int network;      /* without TLS: the socket of the broker; else -1 */
	int inner;        /* without TLS: our end of the pair; else -1 */
	uint64_t unread;  /* packets that came while the broker read none of ours */
	uint64_t packets; /* as of the last look */
};

/* So many packets of a broker that reads none are answered; then it is enough. */
#define MQTT_GATE_UNREAD_MAX 10000

/* Of answers to one record: a packet has 26 bytes of it or more. */
#define MQTT_GATE_HELD_MAX 4096u

/* Before the first use. */
void mqtt_gate_init(struct mqtt_gate *gate);

/* Once libmosquitto has a socket. -1 where it cannot be done. */
int mqtt_gate_open(struct mqtt_gate *gate, struct mosquitto *mosquitto);

/* The socket that leads to the broker. */
int mqtt_gate_socket(const struct mqtt_gate *gate, struct mosquitto *mosquitto);

/*
 * In place of mosquitto_loop_read, with its codes. Where the broker sent what is not taken,
 * *problem says what it was, and stays as it is else.
 */
int mqtt_gate_read(struct mqtt_gate *gate, struct mosquitto *mosquitto, const char **problem);

/* Sends what libmosquitto has written, as far as the network takes it. False where some is left. */
bool mqtt_gate_flush(struct mqtt_gate *gate);

/* After mosquitto_destroy. */
void mqtt_gate_finish(struct mqtt_gate *gate);

#endif
