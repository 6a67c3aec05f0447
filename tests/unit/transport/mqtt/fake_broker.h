/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_BROKER_H
#define TESTS_FAKE_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define FAKE_BROKER_BUFFER 4096
#define FAKE_BROKER_TOPICS 8
#define FAKE_BROKER_TOPIC  64

/*
 * As much of an MQTT broker as answers one client at a time, without TLS, on the loop of the test.
 * What it answers is set beforehand.
 */
struct fake_broker {
	uv_tcp_t server;
	uv_tcp_t *client; /* NULL where none is connected */
	uint16_t port;
	bool mqtt5;
	bool silent;                         /* takes everything, answers nothing */
	uint8_t connack;                     /* the code that a CONNECT is answered with */
	uint8_t granted[FAKE_BROKER_TOPICS]; /* the codes that a SUBSCRIBE is answered with */
	const char *refuses; /* topics that hold this text, whatever `granted` says; NULL: none */

	unsigned int connects;
	unsigned int subscribes;
	unsigned int subscribed; /* topics, in all of them */
	unsigned int unsubscribes;
	unsigned int unsubscribed;
	unsigned int publishes;
	unsigned int disconnects;
	char topics[FAKE_BROKER_TOPICS][FAKE_BROKER_TOPIC]; /* of the last SUBSCRIBE */
	uint8_t options[FAKE_BROKER_TOPICS];                /* QoS asked for */
	size_t topic_count;

	uint8_t buffer[FAKE_BROKER_BUFFER];
	size_t length;
};

void fake_broker_init(struct fake_broker *broker, uv_loop_t *loop);

/* Its handles are gone once the loop has run. */
void fake_broker_close(struct fake_broker *broker);

/* Hangs up on the client, if there is one. */
void fake_broker_drop(struct fake_broker *broker);

/* Sends these bytes as they are. */
void fake_broker_send(struct fake_broker *broker, const void *data, size_t length);

/* Publishes with QoS 0. */
void fake_broker_publish(struct fake_broker *broker, const char *topic, const char *payload);

#endif
