/* SPDX-License-Identifier: MIT */
#include "gateway/attach/internal.h"

#include "base/net/unix_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG  (2 * ATTACH_CLIENTS_MAX)
#define LOG_PART "attach"
#define WITHOUT  "flagship's commands go without this gateway"

/* --- the fleet --- */

static struct attach_client *client_at(struct list *place)
{
	return LIST_OF(place, struct attach_client, place);
}

/* Clients may end while they are called; they stay in the list until they are closed. */
static void on_event(void *context, const struct fleet_event *event)
{
	struct attach_server *server = context;

	for (struct list *at = server->clients.next; at != &server->clients; at = at->next) {
		attach_client_on_event(client_at(at), event);
	}
}

static void on_payload(void *context, struct fleet_printer *printer, enum flagship_topic_kind kind,
		       const struct channel_payload *payload)
{
	struct attach_server *server = context;

	for (struct list *at = server->clients.next; at != &server->clients; at = at->next) {
		attach_client_on_payload(client_at(at), printer, kind, payload);
	}
}

static void on_acknowledged(void *context, struct fleet_printer *printer)
{
	struct attach_server *server = context;

	for (struct list *at = server->clients.next; at != &server->clients; at = at->next) {
		attach_client_on_acknowledged(client_at(at), printer);
	}
}

static void on_reply(void *context, struct fleet_printer *printer, uint64_t id,
		     const struct flagship_message *message)
{
	struct attach_server *server = context;
	const struct client_command *command = id_table_find(&server->commands, id);

	(void)printer;
	if (command) {
		attach_command_on_reply(command, message);
	}
}

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	struct attach_server *server = context;
	struct client_command *command = id_table_find(&server->commands, report->id);

	(void)printer;
	if (command) {
		attach_command_on_done(command, report);
	}
}

static const struct fleet_handlers handlers = {
	.on_event = on_event,
	.on_payload = on_payload,
	.on_acknowledged = on_acknowledged,
	.on_reply = on_reply,
	.on_done = on_done,
};

/* --- who comes --- */

static void finish_closing(struct attach_server *server)
{
	if (server->closing && !server->pipe_open && !server->sends_away &&
	    list_is_empty(&server->clients)) {
		daemon_part_ended(server->daemon, &server->part);
	}
}

static void on_sent_away(uv_handle_t *handle);

/* libuv listens no more until who came last is accepted, be it to be sent away. */
static void send_away(struct attach_server *server)
{
	if (server->sends_away) {
		server->another_waits = true;
		return;
	}
	server->sends_away = true;
	server->another_waits = false;
	uv_pipe_init(server->pipe.loop, &server->sent_away, 0);
	server->sent_away.data = server;
	(void)uv_accept((uv_stream_t *)&server->pipe, (uv_stream_t *)&server->sent_away);
	uv_close((uv_handle_t *)&server->sent_away, on_sent_away);
}

static void on_sent_away(uv_handle_t *handle)
{
	struct attach_server *server = handle->data;

	server->sends_away = false;
	if (server->another_waits && !server->closing) {
		send_away(server);
	}
	finish_closing(server);
}

static void on_connection(uv_stream_t *pipe, int status)
{
	struct attach_server *server = pipe->data;
	struct attach_client *client = status < 0 ? NULL : calloc(1, sizeof(*client));

	if (!client) {
		if (status >= 0) {
			log_bounded(server->options.log, LOG_LEVEL_WARNING, LOG_PART,
				    "a program was sent away: out of memory");
			send_away(server);
		}
		return;
	}
	client->server = server;
	list_init(&client->commands);
	list_init(&client->place);
	list_insert(&server->clients, &client->place);
	server->client_count++;
	attach_stream_init(&client->stream, pipe->loop, &attach_client_handlers, client);
	if (uv_accept(pipe, (uv_stream_t *)&client->stream.pipe) != 0 ||
	    server->client_count > ATTACH_CLIENTS_MAX) {
		attach_client_end(client);
		return;
	}
	if (!attach_stream_is_ours(&client->stream)) {
		log_bounded(server->options.log, LOG_LEVEL_WARNING, LOG_PART,
			    "a program of another user was sent away");
		attach_client_end(client);
		return;
	}
	attach_client_start(client);
}

/* --- life --- */

void attach_server_forget(struct attach_server *server, struct attach_client *client)
{
	list_remove(&client->place);
	server->client_count--;
	free(client);
	finish_closing(server);
}

static void on_pipe_closed(uv_handle_t *handle)
{
	struct attach_server *server = handle->data;

	server->pipe_open = false;
	finish_closing(server);
}

static void stop(void *context)
{
	struct attach_server *server = context;
	struct list *next;

	server->closing = true;
	(void)unlink(server->path);
	fleet_unsubscribe(&server->listener);
	for (struct list *at = server->clients.next; at != &server->clients; at = next) {
		next = at->next;
		attach_client_end(client_at(at));
	}
	uv_close((uv_handle_t *)&server->pipe, on_pipe_closed);
}

static struct attach_server *make_server(const struct attach_options *options)
{
	struct attach_server *server = calloc(1, sizeof(*server));
	size_t size = strlen(options->folder) + sizeof("/" ATTACH_SOCKET_NAME);

	if (!server) {
		return NULL;
	}
	server->options = *options;
	list_init(&server->clients);
	server->path = malloc(size);
	if (!server->path) {
		free(server);
		return NULL;
	}
	snprintf(server->path, size, "%s/" ATTACH_SOCKET_NAME, options->folder);
	return server;
}

static void open_pipe(struct attach_server *server, int descriptor)
{
	uv_pipe_init(&server->daemon->loop, &server->pipe, 0);
	server->pipe.data = server;
	server->pipe_open = true;
	if (uv_pipe_open(&server->pipe, descriptor) != 0 ||
	    uv_listen((uv_stream_t *)&server->pipe, BACKLOG, on_connection) != 0) {
		log_event(server->options.log, LOG_LEVEL_WARNING, LOG_PART, WITHOUT,
			  LOG_TEXT("socket", server->path));
	}
}

struct attach_server *attach_server_start(struct daemon *daemon,
					  const struct attach_options *options)
{
	struct attach_server *server = make_server(options);

	if (!server) {
		log_event(options->log, LOG_LEVEL_WARNING, LOG_PART, WITHOUT,
			  LOG_TEXT("reason", "out of memory"));
		return NULL;
	}
	/* Who holds the lock of the folder may take away what an earlier gateway left. */
	int descriptor = unix_socket_bind(server->path);
	if (descriptor < 0) {
		log_event(options->log, LOG_LEVEL_WARNING, LOG_PART, WITHOUT,
			  LOG_TEXT("socket", server->path), LOG_TEXT("reason", strerror(errno)));
		attach_server_destroy(server);
		return NULL;
	}
	server->daemon = daemon;
	open_pipe(server, descriptor);
	server->listener.handlers = &handlers;
	server->listener.context = server;
	fleet_subscribe(gateway_printers_fleet(options->printers), &server->listener);
	server->part = (struct daemon_part){.name = "attachments", .stop = stop, .context = server};
	daemon_add(daemon, &server->part);
	return server;
}

void attach_server_destroy(struct attach_server *server)
{
	if (server) {
		id_table_finish(&server->commands);
		free(server->path);
		free(server);
	}
}
