/* SPDX-License-Identifier: MIT */
#include "cli/client.h"

#include <flagship/flagship.h>

#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC_KINDS (FLAGSHIP_TOPIC_USER_CHANGE_NOTICE + 1)
#define ERRORS_MAX  64 /* more than there are kinds of errors */
#define UUID_BYTES  16
#define PUBLISH_QOS 1
#define QUERY_MAX   128

/* How the printer writes, and so reads. */
enum shape {
	SHAPE_UNKNOWN,
	SHAPE_FRAME,
	SHAPE_GCM, /* seen with some E1 accounts */
};

struct client {
	const struct connection *connection;
	struct client_handlers handlers;
	void *context;
	struct mqtt_session *session;
	struct flagship_reassembler reassemblers[TOPIC_KINDS];
	struct client_counts counts;
	bool told[ERRORS_MAX]; /* an error of this kind was told already */
	char guid[FLAGSHIP_GUID_LENGTH + 1];
	bool was_ready;
	enum shape shape;      /* learned from what came */
	char query[QUERY_MAX]; /* the last one, until the shape is known */
	size_t query_length;
	enum flagship_model model;
	bool closing;
};

/* A random UUID, version 4. */
static bool make_guid(char out[FLAGSHIP_GUID_LENGTH + 1])
{
	uint8_t bytes[UUID_BYTES];
	char *p = out;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10) {
			*p++ = '-';
		}
		p += sprintf(p, "%02x", bytes[i]);
	}
	return true;
}

static void tell_once(struct client *client, int error, size_t length)
{
	size_t index = (size_t)-error;

	if (index >= ERRORS_MAX || client->told[index]) {
		return;
	}
	client->told[index] = true;
	cli_warn("printer %s: a message of %zu bytes was refused: %s%s", client->connection->serial,
		 length, flagship_strerror(error),
		 error == FLAGSHIP_ERROR_PADDING || error == FLAGSHIP_ERROR_AUTHENTICATION
			 ? "; check that --key-file holds the key of this printer"
			 : "");
}

static bool is_wrong_key(int error)
{
	return error == FLAGSHIP_ERROR_PADDING || error == FLAGSHIP_ERROR_AUTHENTICATION ||
	       error == FLAGSHIP_ERROR_JSON;
}

static void refuse(struct client *client, int error, size_t length)
{
	if (is_wrong_key(error)) {
		client->counts.wrong_key++;
	} else {
		client->counts.malformed++;
	}
	tell_once(client, error, length);
}

/* Whether it is JSON that a printer could have written: a wrong key may leave good padding. */
static int check_payload(const uint8_t *plaintext, size_t length)
{
	struct flagship_payload payload;
	struct flagship_message message;
	int result;

	flagship_payload_init(&payload, plaintext, length);
	do {
		result = flagship_payload_next(&payload, &message);
	} while (result > 0);
	return result;
}

static void deliver(struct client *client, enum flagship_topic_kind kind, const uint8_t *plaintext,
		    size_t length)
{
	int error = check_payload(plaintext, length);

	if (error) {
		refuse(client, error, length);
		return;
	}
	client->counts.payloads++;
	client->handlers.on_payload(client->context, kind, plaintext, length);
}

static bool send_payload(struct client *client, enum flagship_topic_kind kind, enum shape shape,
			 const char *json, size_t length);

/* A query that went out as a frame was not understood, and goes out again. */
static void learn_gcm(struct client *client)
{
	if (client->shape != SHAPE_GCM && client->query_length > 0) {
		send_payload(client, FLAGSHIP_TOPIC_QUERY, SHAPE_GCM, client->query,
			     client->query_length);
		client->query_length = 0;
	}
	client->shape = SHAPE_GCM;
	if (client->connection->model == FLAGSHIP_MODEL_UNKNOWN) {
		client->model = FLAGSHIP_MODEL_E1;
	}
}

static bool is_frame(const uint8_t *data, size_t length)
{
	return length >= 2 && data[0] == 'M' && (data[1] == 'A' || data[1] == 'B');
}

static void open_gcm(struct client *client, enum flagship_topic_kind kind, uint8_t *data,
		     size_t length)
{
	uint8_t *plaintext;
	size_t plaintext_length;
	int error = flagship_gcm_open(client->connection->key, data, length, &plaintext,
				      &plaintext_length);

	if (error) {
		/* What is neither shape is more likely a damaged frame. */
		refuse(client,
		       error == FLAGSHIP_ERROR_AUTHENTICATION ? error : FLAGSHIP_ERROR_SIGNATURE,
		       length);
		return;
	}
	learn_gcm(client);
	deliver(client, kind, plaintext, plaintext_length);
}

static enum flagship_model model_of_format(uint8_t format)
{
	switch (format) {
	case FLAGSHIP_FORMAT_M5C:
		return FLAGSHIP_MODEL_M5C;
	case FLAGSHIP_FORMAT_E1:
		return FLAGSHIP_MODEL_E1;
	default:
		return FLAGSHIP_MODEL_M5;
	}
}

static void open_frame(struct client *client, enum flagship_topic_kind kind, uint8_t *data,
		       size_t length)
{
	struct flagship_frame frame;
	const uint8_t *whole;
	size_t whole_length;
	int error = flagship_frame_open(client->connection->key, data, length, &frame);

	if (error) {
		refuse(client, error, length);
		return;
	}
	client->shape = SHAPE_FRAME;
	if (client->connection->model == FLAGSHIP_MODEL_UNKNOWN) {
		client->model = model_of_format(frame.format);
	}
	int result = flagship_reassembler_push(&client->reassemblers[kind], frame.packet_type,
					       frame.payload, frame.payload_length, &whole,
					       &whole_length);
	if (result < 0) {
		refuse(client, result, length);
	} else if (result > 0) {
		deliver(client, kind, whole, whole_length);
	}
}

static void handle_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct client *client = context;
	struct flagship_topic parsed;
	int error = flagship_topic_parse(topic, strlen(topic), &parsed);

	if (error) {
		refuse(client, error, length);
	} else if (is_frame(payload, length)) {
		open_frame(client, parsed.kind, payload, length);
	} else {
		open_gcm(client, parsed.kind, payload, length);
	}
}

static void handle_connect_failed(struct client *client, const struct mqtt_session_event *event)
{
	const struct connection *connection = client->connection;

	if (client->was_ready && !event->final) {
		return;
	}
	cli_error("printer %s: cannot connect to the broker %s: %s", connection->serial,
		  connection->endpoint, event->detail);
	if (event->failure == MQTT_SESSION_FAILURE_LOGIN) {
		cli_error("check --username and --password-file");
	} else if (event->failure == MQTT_SESSION_FAILURE_RESOLVE ||
		   event->failure == MQTT_SESSION_FAILURE_CONNECT) {
		cli_error("check that the broker runs, and host and port of --broker");
	}
	client->handlers.on_failed(client->context, CLI_CANNOT_CONNECT);
}

static void handle_disconnected(struct client *client, const struct mqtt_session_event *event)
{
	cli_warn("printer %s: %s; trying again in %.1f s", client->connection->serial,
		 event->detail, event->retry_in_ms / 1000.0);
	if (client->handlers.on_lost) {
		client->handlers.on_lost(client->context);
	}
}

static void handle_subscribed(struct client *client)
{
	if (client->was_ready) {
		cli_warn("printer %s: connected again", client->connection->serial);
	}
	client->was_ready = true;
	client->handlers.on_ready(client->context);
}

static void handle_event(void *context, const struct mqtt_session_event *event)
{
	struct client *client = context;

	switch (event->kind) {
	case MQTT_SESSION_SUBSCRIBED:
		handle_subscribed(client);
		break;
	case MQTT_SESSION_DISCONNECTED:
		handle_disconnected(client, event);
		break;
	case MQTT_SESSION_CONNECT_FAILED:
		handle_connect_failed(client, event);
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		cli_error("printer %s: %s to %s: this login may not follow this printer",
			  client->connection->serial, event->detail, event->topic);
		client->handlers.on_failed(client->context, CLI_NOT_ALLOWED);
		break;
	case MQTT_SESSION_CONNECTED:
		break;
	}
}

static void client_free(struct client *client)
{
	for (size_t i = 0; i < TOPIC_KINDS; i++) {
		flagship_reassembler_finish(&client->reassemblers[i]);
	}
	free(client);
}

static void handle_closed(void *context)
{
	struct client *client = context;
	struct client_handlers handlers = client->handlers;
	void *owner = client->context;

	client_free(client);
	if (handlers.on_closed) {
		handlers.on_closed(owner);
	}
}

static int create_session(struct client *client, uv_loop_t *loop)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = handle_event,
		.on_message = handle_message,
		.on_closed = handle_closed,
	};
	char texts[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	const char *topics[FLAGSHIP_CLIENT_TOPICS];
	struct mqtt_session_options options = connection_session_options(client->connection);
	int count = flagship_topic_client(client->connection->serial, client->connection->user_id,
					  texts);

	if (count < 0) {
		cli_error("--user-id: %s", flagship_strerror(count));
		return CLI_USAGE;
	}
	for (int i = 0; i < count; i++) {
		topics[i] = texts[i];
	}
	options.topics = topics;
	options.topic_count = (size_t)count;
	int error = mqtt_session_create(loop, &options, &handlers, client, &client->session);
	if (error == FLAGSHIP_ERROR_CRYPTO && options.trust.ca_file) {
		cli_error("the CA file %s cannot be read, or holds no certificate in PEM form",
			  options.trust.ca_file);
		return CLI_NOT_CONFIGURED;
	}
	if (error) {
		cli_error("cannot prepare the connection: %s", flagship_strerror(error));
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

int client_create(uv_loop_t *loop, const struct connection *connection,
		  const struct client_handlers *handlers, void *context, struct client **out)
{
	struct client *client = calloc(1, sizeof(*client));

	*out = NULL;
	if (!client) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return CLI_FAILED;
	}
	client->connection = connection;
	client->model = connection->model;
	client->handlers = *handlers;
	client->context = context;
	for (size_t i = 0; i < TOPIC_KINDS; i++) {
		flagship_reassembler_init(&client->reassemblers[i], 0);
	}
	/* A broken connection is an error that is returned, not a signal. */
	signal(SIGPIPE, SIG_IGN);
	int result = make_guid(client->guid) ? create_session(client, loop) : CLI_FAILED;
	if (result != OPTIONS_RUN) {
		client_free(client);
		return result;
	}
	mqtt_session_start(client->session);
	*out = client;
	return OPTIONS_RUN;
}

void client_close(struct client *client)
{
	if (!client || client->closing) {
		return;
	}
	client->closing = true;
	mqtt_session_close(client->session);
}

/* Allocates *sealed. */
static int seal(struct client *client, enum shape shape, const char *json, size_t length,
		uint8_t **sealed, size_t *size)
{
	struct flagship_frame frame;
	size_t capacity = length + FLAGSHIP_GCM_OVERHEAD;

	flagship_frame_init(&frame, client->guid);
	if (shape != SHAPE_GCM) {
		capacity = flagship_frame_sealed_size(frame.signature, FLAGSHIP_FORMAT_M5, length);
	}
	*sealed = malloc(capacity ? capacity : 1);
	if (!*sealed) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	if (shape == SHAPE_GCM) {
		return flagship_gcm_seal(client->connection->key, json, length, *sealed, capacity,
					 size);
	}
	return flagship_frame_seal(client->connection->key, &frame, json, length, *sealed, capacity,
				   size);
}

static bool send_payload(struct client *client, enum flagship_topic_kind kind, enum shape shape,
			 const char *json, size_t length)
{
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	uint8_t *sealed = NULL;
	size_t size = 0;
	int error = flagship_topic_build(kind, client->connection->serial, topic, sizeof(topic));

	if (!error) {
		error = seal(client, shape, json, length, &sealed, &size);
	}
	bool sent = !error && mqtt_session_publish(client->session, topic, sealed, size,
						   PUBLISH_QOS, NULL) == 0;
	free(sealed);
	return sent;
}

/*
 * A query changes nothing, so that one to an E1 whose shape is not known yet goes out in both; a
 * printer that was not said to be an E1 first has to write in the other shape.
 */
bool client_send_query(struct client *client, const char *json, size_t length)
{
	bool both = client->shape == SHAPE_UNKNOWN && client->model == FLAGSHIP_MODEL_E1;
	bool sent = send_payload(client, FLAGSHIP_TOPIC_QUERY, client->shape, json, length);

	if (sent && both) {
		/* Fails with a 16-byte key, which GCM is not used with. */
		send_payload(client, FLAGSHIP_TOPIC_QUERY, SHAPE_GCM, json, length);
	} else if (sent && client->shape == SHAPE_UNKNOWN && length <= sizeof(client->query)) {
		memcpy(client->query, json, length);
		client->query_length = length;
	}
	return sent;
}

bool client_send_command(struct client *client, const char *json, size_t length)
{
	return send_payload(client, FLAGSHIP_TOPIC_COMMAND, client->shape, json, length);
}

const struct client_counts *client_counts(const struct client *client)
{
	return &client->counts;
}

enum flagship_model client_model(const struct client *client)
{
	return client->model;
}
