/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ATTACH_INTERNAL_H
#define GATEWAY_ATTACH_INTERNAL_H

#include "base/memory/list.h"
#include "fleet/attach/stream.h"
#include "fleet/id_table.h"
#include "gateway/attach/attach.h"

struct attach_server {
	struct attach_options options;
	struct daemon *daemon;
	struct daemon_part part;
	struct fleet_listener listener;
	uv_pipe_t pipe;
	char *path;
	struct list clients;
	size_t client_count;
	struct id_table commands; /* of all clients, by the id of the service */
	uv_pipe_t sent_away;      /* for whom there was no memory */
	bool sends_away;          /* it is being closed, and */
	bool another_waits;       /* for it */
	bool pipe_open;
	bool closing;
};

/* One printer that a client follows. */
struct followed {
	struct fleet_printer *printer;
	uint64_t place; /* by which the client calls it */
};

struct attach_client {
	struct list place;
	struct attach_server *server;
	struct attach_stream stream;
	struct followed **followed;
	size_t count;
	struct id_table by_printer;
	struct fleet_login *login; /* of all that it follows; NULL before */
	struct list commands;
	struct camera_claim claim; /* zeroed: none */
	bool greeted;
};

/* A command of a client that goes on. */
struct client_command {
	struct list place;
	struct attach_client *client;
	struct fleet_printer *printer;
	uint64_t id;               /* the client's */
	uint64_t service;          /* the service's */
	struct attach_writer done; /* once it is over: told when the history has it */
};

/* The connection was accepted into its stream. */
void attach_client_start(struct attach_client *client);

/* It is gone, or is to go: its commands are given up. */
void attach_client_end(struct attach_client *client);

/* What the fleet reports, where it concerns the client. */
void attach_client_on_event(struct attach_client *client, const struct fleet_event *event);
void attach_client_on_payload(struct attach_client *client, struct fleet_printer *printer,
			      enum flagship_topic_kind kind, const struct channel_payload *payload);
void attach_client_on_acknowledged(struct attach_client *client,
				   const struct fleet_printer *printer);
void attach_command_on_reply(const struct client_command *command,
			     const struct flagship_message *message);
/* Frees it, at the latest when the history has it. */
void attach_command_on_done(struct client_command *command, const struct command_report *report);

/* keys.c: what clients ask of programs that ask for a key, and decide. False where it is no frame
 * of that. */
bool attach_client_take_keys(struct attach_client *client, struct attach_reader *values);
bool attach_client_take_decision(struct attach_client *client, struct attach_reader *values);

/* claim.c: that it wants a printer's only session, once. False where it is no frame of that. */
bool attach_client_take_claim(struct attach_client *client, struct attach_reader *values);

/* Who misses one would go on with what is not so. */
void attach_client_send(struct attach_client *client, struct attach_writer *writer);

/* Its connection is closed: the last of it. */
void attach_server_forget(struct attach_server *server, struct attach_client *client);

extern const struct attach_stream_handlers attach_client_handlers;

#endif
