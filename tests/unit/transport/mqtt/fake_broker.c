/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_broker.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum packet_type {
	PACKET_CONNECT = 1,
	PACKET_CONNACK = 2,
	PACKET_PUBLISH = 3,
	PACKET_PUBACK = 4,
	PACKET_SUBSCRIBE = 8,
	PACKET_SUBACK = 9,
	PACKET_UNSUBSCRIBE = 10,
	PACKET_UNSUBACK = 11,
	PACKET_PING = 12,
	PACKET_PONG = 13,
	PACKET_DISCONNECT = 14,
};

#define HEADER_SIZE  2 /* all packets of these tests are short */
#define LENGTH_LIMIT 128
#define REPLY_MAX    64
#define REFUSED      0x80

void fake_broker_send(struct fake_broker *broker, const void *data, size_t length)
{
	uv_buf_t part = uv_buf_init((char *)data, (unsigned int)length);

	assert_non_null(broker->client);
	int sent = uv_try_write((uv_stream_t *)broker->client, &part, 1);
	/* A client may have hung up by now. */
	assert_true(sent == (int)length || sent == UV_ECONNRESET || sent == UV_EPIPE);
}

static void answer(struct fake_broker *broker, enum packet_type type, const uint8_t *body,
		   size_t length)
{
	uint8_t reply[REPLY_MAX] = {(uint8_t)(type << 4), (uint8_t)length};

	assert_true(length + HEADER_SIZE <= sizeof(reply));
	if (length > 0) {
		memcpy(reply + HEADER_SIZE, body, length);
	}
	fake_broker_send(broker, reply, length + HEADER_SIZE);
}

static void answer_connect(struct fake_broker *broker)
{
	broker->connects++;
	answer(broker, PACKET_CONNACK, (const uint8_t[]){0, broker->connack, 0},
	       broker->mqtt5 ? 3 : 2);
}

static void answer_subscribe(struct fake_broker *broker, const uint8_t *body, size_t length)
{
	size_t start = broker->mqtt5 ? 3 : 2;
	size_t reply_length = start;
	uint8_t reply[REPLY_MAX] = {body[0], body[1], 0};

	broker->subscribes++;
	broker->topic_count = 0;
	for (size_t i = start; i < length;) {
		size_t topic_length = (size_t)body[i] << 8 | body[i + 1];
		size_t index = broker->topic_count++;
		assert_true(index < FAKE_BROKER_TOPICS && topic_length < FAKE_BROKER_TOPIC);
		memcpy(broker->topics[index], body + i + 2, topic_length);
		broker->topics[index][topic_length] = '\0';
		broker->options[index] = body[i + 2 + topic_length];
		bool refused = broker->refuses && strstr(broker->topics[index], broker->refuses);
		broker->subscribed++;
		reply[reply_length++] = refused ? REFUSED : broker->granted[index];
		i += 2 + topic_length + 1;
	}
	answer(broker, PACKET_SUBACK, reply, reply_length);
}

static void answer_unsubscribe(struct fake_broker *broker, const uint8_t *body, size_t length)
{
	broker->unsubscribes++;
	for (size_t i = 2; i < length; i += 2 + ((size_t)body[i] << 8 | body[i + 1])) {
		broker->unsubscribed++;
	}
	answer(broker, PACKET_UNSUBACK, body, 2);
}

static void answer_publish(struct fake_broker *broker, uint8_t header, const uint8_t *body)
{
	size_t topic_length = (size_t)body[0] << 8 | body[1];

	broker->publishes++;
	if ((header & 0x06) != 0) {
		answer(broker, PACKET_PUBACK, body + 2 + topic_length, 2);
	}
}

static void handle_packet(struct fake_broker *broker, uint8_t header, const uint8_t *body,
			  size_t length)
{
	switch (header >> 4) {
	case PACKET_CONNECT:
		answer_connect(broker);
		break;
	case PACKET_SUBSCRIBE:
		answer_subscribe(broker, body, length);
		break;
	case PACKET_UNSUBSCRIBE:
		answer_unsubscribe(broker, body, length);
		break;
	case PACKET_PUBLISH:
		answer_publish(broker, header, body);
		break;
	case PACKET_PING:
		answer(broker, PACKET_PONG, NULL, 0);
		break;
	case PACKET_DISCONNECT:
		broker->disconnects++;
		break;
	default:
		break;
	}
}

/* Takes whole packets off the buffer. */
static void handle_buffer(struct fake_broker *broker)
{
	while (broker->length >= HEADER_SIZE && broker->client) {
		size_t body_length = broker->buffer[1];
		size_t size = HEADER_SIZE + body_length;
		assert_true(body_length < LENGTH_LIMIT);
		if (broker->length < size) {
			return;
		}
		handle_packet(broker, broker->buffer[0], broker->buffer + HEADER_SIZE, body_length);
		broker->length -= size;
		memmove(broker->buffer, broker->buffer + size, broker->length);
	}
}

static void provide_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct fake_broker *broker = handle->data;

	(void)suggested;
	*out = uv_buf_init((char *)broker->buffer + broker->length,
			   (unsigned int)(sizeof(broker->buffer) - broker->length));
}

static void handle_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *data)
{
	struct fake_broker *broker = stream->data;

	(void)data;
	if (length < 0) {
		fake_broker_drop(broker);
		return;
	}
	if (!broker->silent) {
		broker->length += (size_t)length;
		handle_buffer(broker);
	}
}

static void handle_connection(uv_stream_t *server, int status)
{
	struct fake_broker *broker = server->data;

	assert_int_equal(status, 0);
	fake_broker_drop(broker);
	do {
		/* A test may have an allocation fail; this is not the one that it means. */
		broker->client = calloc(1, sizeof(*broker->client));
	} while (!broker->client);
	broker->length = 0;
	uv_tcp_init(server->loop, broker->client);
	broker->client->data = broker;
	assert_int_equal(uv_accept(server, (uv_stream_t *)broker->client), 0);
	uv_read_start((uv_stream_t *)broker->client, provide_buffer, handle_read);
}

void fake_broker_init(struct fake_broker *broker, uv_loop_t *loop)
{
	struct sockaddr_in address;
	int size = sizeof(address);

	memset(broker, 0, sizeof(*broker));
	uv_ip4_addr("127.0.0.1", 0, &address);
	uv_tcp_init(loop, &broker->server);
	broker->server.data = broker;
	assert_int_equal(uv_tcp_bind(&broker->server, (struct sockaddr *)&address, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&broker->server, 8, handle_connection), 0);
	uv_tcp_getsockname(&broker->server, (struct sockaddr *)&address, &size);
	broker->port = ntohs(address.sin_port);
}

void fake_broker_close(struct fake_broker *broker)
{
	fake_broker_drop(broker);
	if (!uv_is_closing((uv_handle_t *)&broker->server)) {
		uv_close((uv_handle_t *)&broker->server, NULL);
	}
}

void fake_broker_drop(struct fake_broker *broker)
{
	if (broker->client) {
		uv_close((uv_handle_t *)broker->client, (uv_close_cb)free);
		broker->client = NULL;
	}
}

void fake_broker_publish(struct fake_broker *broker, const char *topic, const char *payload)
{
	size_t topic_length = strlen(topic);
	size_t payload_length = strlen(payload);
	uint8_t body[REPLY_MAX] = {(uint8_t)(topic_length >> 8), (uint8_t)topic_length};
	size_t start = 2 + topic_length;

	assert_true(start + 1 + payload_length <= sizeof(body));
	memcpy(body + 2, topic, topic_length);
	if (broker->mqtt5) {
		body[start++] = 0;
	}
	memcpy(body + start, payload, payload_length);
	answer(broker, PACKET_PUBLISH, body, start + payload_length);
}
