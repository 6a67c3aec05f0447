/* SPDX-License-Identifier: MIT */
/*
 * Follows a printer with libmosquitto and libflagship: asks it for its state, then prints what it
 * says, message by message.
 *
 *	cc follow.c -o follow $(pkg-config --cflags --libs flagship libmosquitto)
 *	FLAGSHIP_KEY=… ./follow localhost 8789 ca.pem AK7ABC0123456789
 *
 * "-" in place of the CA file: no TLS. MQTT_USERNAME and MQTT_PASSWORD log in; a number at the end
 * stops after so many messages.
 */
#include <flagship/flagship.h>

#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEEPALIVE_S 40
#define GUID        "00000000-0000-4000-8000-000000000000" /* any: replies do not carry it back */

struct follow {
	struct flagship_key *key;
	const char *serial;
	long left; /* messages to go; negative: without end */
	int failed;
};

/* Query 1027: what the printer answers with is most of its state. */
static void ask_status(struct follow *follow, struct mosquitto *mosquitto)
{
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	char json[64];
	uint8_t bytes[256];
	struct flagship_frame frame;
	size_t length;
	size_t size;

	flagship_frame_init(&frame, GUID);
	frame.time = (uint32_t)time(NULL);
	if (flagship_build_query_status(json, sizeof(json), &length) == 0 &&
	    flagship_topic_build(FLAGSHIP_TOPIC_QUERY, follow->serial, topic, sizeof(topic)) == 0 &&
	    flagship_frame_seal(follow->key, &frame, json, length, bytes, sizeof(bytes), &size) ==
		    0) {
		mosquitto_publish(mosquitto, NULL, topic, (int)size, bytes, 1, false);
	}
}

static void handle_connect(struct mosquitto *mosquitto, void *context, int code)
{
	struct follow *follow = context;
	char topics[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	int count = flagship_topic_client(follow->serial, NULL, topics);

	if (code != 0) {
		fprintf(stderr, "follow: refused: %s\n", mosquitto_connack_string(code));
		follow->failed = 1;
		mosquitto_disconnect(mosquitto);
		return;
	}
	for (int i = 0; i < count; i++) {
		mosquitto_subscribe(mosquitto, NULL, topics[i], 1);
	}
	ask_status(follow, mosquitto);
}

static void print_objects(struct follow *follow, const void *plaintext, size_t length)
{
	struct flagship_payload payload;
	struct flagship_message message;

	flagship_payload_init(&payload, plaintext, length);
	while (follow->left != 0 && flagship_payload_next(&payload, &message) > 0) {
		printf("%-18s %.*s\n", message.info != NULL ? message.info->name : "(unknown)",
		       (int)message.json.length, message.json.data);
		follow->left -= follow->left > 0;
	}
	fflush(stdout);
}

/* A frame is decrypted in place, and what libmosquitto hands over is not ours to change. */
static void handle_message(struct mosquitto *mosquitto, void *context,
			   const struct mosquitto_message *message)
{
	struct follow *follow = context;
	size_t length = (size_t)message->payloadlen;
	uint8_t *bytes = malloc(length + 1);
	struct flagship_frame frame;

	if (bytes == NULL || length == 0) {
		free(bytes);
		return;
	}
	memcpy(bytes, message->payload, length);
	int error = flagship_frame_open(follow->key, bytes, length, &frame);
	if (error == 0) {
		print_objects(follow, frame.payload, frame.payload_length);
	} else {
		fprintf(stderr, "follow: %s: %s\n", message->topic, flagship_strerror(error));
	}
	free(bytes);
	if (follow->left == 0) {
		mosquitto_disconnect(mosquitto);
	}
}

static int run(struct mosquitto *mosquitto, const char *host, int port, const char *ca)
{
	int code = MOSQ_ERR_SUCCESS;

	mosquitto_connect_callback_set(mosquitto, handle_connect);
	mosquitto_message_callback_set(mosquitto, handle_message);
	if (strcmp(ca, "-") != 0) {
		code = mosquitto_tls_set(mosquitto, ca, NULL, NULL, NULL, NULL);
	}
	if (code == 0 && getenv("MQTT_USERNAME") != NULL) {
		code = mosquitto_username_pw_set(mosquitto, getenv("MQTT_USERNAME"),
						 getenv("MQTT_PASSWORD"));
	}
	if (code == 0) {
		code = mosquitto_connect(mosquitto, host, port, KEEPALIVE_S);
	}
	/* Comes back by itself when the connection is lost. */
	return code == 0 ? mosquitto_loop_forever(mosquitto, -1, 1) : code;
}

int main(int argc, char **argv)
{
	struct follow follow = {.left = argc > 5 ? atol(argv[5]) : -1};
	const char *key = getenv("FLAGSHIP_KEY");

	if (argc < 5 || !key || flagship_key_create_hex(key, strlen(key), &follow.key) != 0) {
		fprintf(stderr, "usage: FLAGSHIP_KEY=HEX follow HOST PORT CA|- SERIAL [COUNT]\n");
		return 2;
	}
	follow.serial = argv[4];
	mosquitto_lib_init();
	struct mosquitto *mosquitto = mosquitto_new(NULL, true, &follow);
	int code = mosquitto == NULL ? MOSQ_ERR_NOMEM
				     : run(mosquitto, argv[1], atoi(argv[2]), argv[3]);
	if (code != 0) {
		fprintf(stderr, "follow: %s:%s: %s\n", argv[1], argv[2], mosquitto_strerror(code));
	}
	mosquitto_destroy(mosquitto);
	mosquitto_lib_cleanup();
	flagship_key_destroy(follow.key); /* wipes it, too */
	return code != 0 || follow.failed;
}
