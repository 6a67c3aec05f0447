/* SPDX-License-Identifier: MIT */
/*
 * MQTT in its smallest form: Client A publishes a parameter, Client B follows it. A broker between
 * them passes each value on; neither knows of the other.
 *
 *	cc parameter.c -o parameter $(pkg-config --cflags --libs libmosquitto)
 *	mosquitto -p 1883 &
 *	./parameter HOST PORT follow [COUNT]     Client B: prints each value, ends after COUNT
 *	./parameter HOST PORT publish VALUE      Client A: sends one value and ends
 */
#include <mosquitto.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC         "network/application/clientA/parameter"
#define KEEPALIVE_S   60
#define AT_LEAST_ONCE 1 /* the broker confirms what it got, and sends again what was lost */

struct client {
	const char *value; /* to publish; NULL follows */
	long remaining;    /* values to follow; negative: no end */
	int refusal;       /* why the broker did not take us in */
};

/* The broker took us in. Subscriptions belong here: after a reconnect they are made again. */
static void on_connect(struct mosquitto *session, void *context, int refusal)
{
	struct client *client = context;

	client->refusal = refusal;
	if (refusal != 0) {
		fprintf(stderr, "parameter: %s\n", mosquitto_connack_string(refusal));
		mosquitto_disconnect(session);
	} else if (client->value == NULL) {
		mosquitto_subscribe(session, NULL, TOPIC, AT_LEAST_ONCE);
	} else {
		/* Retained: the broker keeps it for those who subscribe later. */
		mosquitto_publish(session, NULL, TOPIC, (int)strlen(client->value), client->value,
				  AT_LEAST_ONCE, true);
	}
}

/* Client A: the broker has the value. */
static void on_publish(struct mosquitto *session, void *context, int message_id)
{
	(void)context;
	(void)message_id;
	mosquitto_disconnect(session);
}

/* Client B: there is a new value. */
static void on_message(struct mosquitto *session, void *context,
		       const struct mosquitto_message *message)
{
	struct client *client = context;

	printf("%.*s\n", message->payloadlen, (const char *)message->payload);
	fflush(stdout);
	if (client->remaining > 0 && --client->remaining == 0) {
		mosquitto_disconnect(session);
	}
}

int main(int argc, char **argv)
{
	struct client client = {.remaining = -1};
	struct mosquitto *session;
	int error;

	if (argc == 5 && strcmp(argv[3], "publish") == 0) {
		client.value = argv[4];
	} else if ((argc == 4 || argc == 5) && strcmp(argv[3], "follow") == 0) {
		client.remaining = argc == 5 ? strtol(argv[4], NULL, 10) : -1;
	} else {
		fprintf(stderr, "usage: parameter HOST PORT publish VALUE | follow [COUNT]\n");
		return 2;
	}
	mosquitto_lib_init();
	session = mosquitto_new(NULL, true, &client); /* the library makes up a client id */
	if (session == NULL) {
		return 1;
	}
	mosquitto_connect_callback_set(session, on_connect);
	mosquitto_publish_callback_set(session, on_publish);
	mosquitto_message_callback_set(session, on_message);
	error = mosquitto_connect(session, argv[1], atoi(argv[2]), KEEPALIVE_S);
	if (error == MOSQ_ERR_SUCCESS) {
		/* Calls the functions above as things happen, until mosquitto_disconnect. */
		error = mosquitto_loop_forever(session, -1, 1);
	}
	if (error != MOSQ_ERR_SUCCESS) {
		fprintf(stderr, "parameter: %s\n", mosquitto_strerror(error));
	}
	mosquitto_destroy(session);
	return error != MOSQ_ERR_SUCCESS || client.refusal != 0;
}
