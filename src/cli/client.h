/* SPDX-License-Identifier: MIT */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "cli/cli.h"
#include "cli/connection.h"

#include <flagship/topic.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * A client of one printer on a libuv loop: connects, follows the printer's topics, decrypts what
 * comes, encrypts what goes. Trouble is told on stderr with the printer's serial number.
 */
struct client;

struct client_handlers {
	/* Subscribed: what is sent from now on can be answered. Again after each reconnection. */
	void (*on_ready)(void *context);
	/* One whole plaintext, valid during the call. */
	void (*on_payload)(void *context, enum flagship_topic_kind kind, const uint8_t *plaintext,
			   size_t length);
	/* The connection was lost and is being made again; may be NULL. */
	void (*on_lost)(void *context);
	/* It cannot go on, which was told; the client is to be closed. */
	void (*on_failed)(void *context, enum cli_exit status);
	/* It is gone; may be NULL. */
	void (*on_closed)(void *context);
};

struct client_counts {
	uint64_t payloads;  /* decrypted */
	uint64_t malformed; /* refused before decryption, or not completed */
	uint64_t wrong_key; /* refused after it */
};

/* connection is borrowed and must outlive the client. Trouble is told on stderr. Returns
 * OPTIONS_RUN, or an exit status. */
int client_create(uv_loop_t *loop, const struct connection *connection,
		  const struct client_handlers *handlers, void *context, struct client **client);

/* Any number of times before on_closed; NULL is accepted. */
void client_close(struct client *client);

/* Seals one JSON payload and publishes it with QoS 1, in the shape that the printer writes in: a
 * frame, or the GCM payload of some E1 accounts. Until it was heard, a frame; a query to an E1 then
 * goes out in both shapes. False where it could not be sent: not connected, or too long. */
bool client_send_query(struct client *client, const char *json, size_t length);
bool client_send_command(struct client *client, const char *json, size_t length);

const struct client_counts *client_counts(const struct client *client);

/* The model of --model, else the one whose header the last frame had: 24 bytes of format 1 come
 * from an M5C, of format 6 and GCM payloads from an E1, 64 bytes from an M5. UNKNOWN where nothing
 * came yet. */
enum flagship_model client_model(const struct client *client);

#endif
