/* SPDX-License-Identifier: MIT */
#include "daemon/pipe/pipe.h"

#include "base/memory/list.h"
#include "base/unix_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG   32
#define READ_SIZE ((size_t)16 * 1024)

struct pipe_server {
	struct pipe_options options;
	uv_pipe_t pipe;
	char *path;
	struct list clients;
	size_t client_count;
	uv_pipe_t away; /* for whom there was no memory, who */
	bool away_open; /* is being closed, and */
	bool away_more; /* not the only one */
	bool closing;
	bool closed; /* its own handle: those of clients may be there still */
};

struct pipe_client {
	struct list place;
	struct pipe_server *server;
	uv_pipe_t pipe;
	void *own;   /* NULL: nobody was told of him */
	char *bytes; /* received, and no whole text yet */
	size_t length;
	size_t capacity;
	bool paused;
	bool taking; /* texts are being handed over */
	bool ended;
};

/* --- the end --- */

static void free_server(struct pipe_server *server)
{
	if (server->closed && !server->away_open && server->client_count == 0) {
		free(server->path);
		free(server);
	}
}

static void on_client_closed(uv_handle_t *handle)
{
	struct pipe_client *client = handle->data;
	struct pipe_server *server = client->server;

	if (client->own) {
		server->options.handler.closed(client->own);
	}
	list_remove(&client->place);
	server->client_count--;
	free(client->bytes);
	free(client);
	free_server(server);
}

void pipe_client_end(struct pipe_client *client)
{
	if (!client->ended) {
		client->ended = true;
		uv_close((uv_handle_t *)&client->pipe, on_client_closed);
	}
}

/* --- receiving --- */

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
	struct pipe_client *client = handle->data;

	(void)suggested;
	if (client->capacity - client->length < READ_SIZE) {
		size_t capacity = 2 * client->capacity + READ_SIZE;
		char *larger = realloc(client->bytes, capacity);

		if (!larger) {
			*room = uv_buf_init(NULL, 0);
			return;
		}
		client->bytes = larger;
		client->capacity = capacity;
	}
	*room = uv_buf_init(client->bytes + client->length, (unsigned int)READ_SIZE);
}

/* Whoever is paused in between keeps what came already until he is resumed. */
static void take_texts(struct pipe_client *client)
{
	const struct pipe_options *options = &client->server->options;
	size_t taken = 0;

	client->taking = true;
	while (!client->ended && !client->paused && taken < client->length) {
		const char *text = client->bytes + taken;
		const char *end = memchr(text, options->end, client->length - taken);

		if (!end) {
			break;
		}
		taken += (size_t)(end - text) + 1;
		if ((size_t)(end - text) > options->text_max) {
			pipe_client_end(client);
		} else {
			options->handler.text(client->own, text, (size_t)(end - text));
		}
	}
	client->taking = false;
	client->length -= taken;
	if (client->length > 0 && taken > 0) {
		memmove(client->bytes, client->bytes + taken, client->length);
	}
	if (!client->paused && client->length > options->text_max) {
		pipe_client_end(client);
	}
}

static void on_bytes(uv_stream_t *pipe, ssize_t size, const uv_buf_t *room)
{
	struct pipe_client *client = pipe->data;

	(void)room;
	if (client->ended) {
		return;
	}
	if (size < 0) {
		pipe_client_end(client);
		return;
	}
	client->length += (size_t)size;
	take_texts(client);
}

static void read_on(struct pipe_client *client)
{
	if (uv_read_start((uv_stream_t *)&client->pipe, give_room, on_bytes) != 0) {
		pipe_client_end(client);
	}
}

void pipe_client_pause(struct pipe_client *client, bool paused)
{
	if (client->ended || client->paused == paused) {
		return;
	}
	client->paused = paused;
	if (paused) {
		(void)uv_read_stop((uv_stream_t *)&client->pipe);
		return;
	}
	if (!client->taking) {
		take_texts(client);
	}
	if (!client->ended && !client->paused) {
		read_on(client);
	}
}

/* --- sending --- */

struct sending {
	uv_write_t request;
	char bytes[];
};

static void on_sent(uv_write_t *request, int status)
{
	(void)status; /* what is lost, reading notices */
	free(request);
}

void pipe_client_send(struct pipe_client *client, const char *text, size_t length)
{
	uv_stream_t *stream = (uv_stream_t *)&client->pipe;
	struct sending *sending = client->ended ? NULL : malloc(sizeof(*sending) + length + 1);

	if (!sending) {
		pipe_client_end(client);
		return;
	}
	memcpy(sending->bytes, text, length);
	sending->bytes[length] = client->server->options.end;
	uv_buf_t buffer = uv_buf_init(sending->bytes, (unsigned int)length + 1);
	if (uv_write(&sending->request, stream, &buffer, 1, on_sent) != 0) {
		free(sending);
		pipe_client_end(client);
	} else if (uv_stream_get_write_queue_size(stream) > client->server->options.queue_max) {
		pipe_client_end(client);
	}
}

/* --- who comes --- */

static void send_away(struct pipe_server *server);

static void on_away(uv_handle_t *handle)
{
	struct pipe_server *server = handle->data;

	server->away_open = false;
	if (server->away_more && !server->closing) {
		send_away(server);
	}
	free_server(server);
}

/* libuv listens no more until who came last is accepted, be it to be sent away. */
static void send_away(struct pipe_server *server)
{
	server->away_more = server->away_open;
	if (server->away_open) {
		return;
	}
	server->away_open = true;
	uv_pipe_init(server->pipe.loop, &server->away, 0);
	server->away.data = server;
	(void)uv_accept((uv_stream_t *)&server->pipe, (uv_stream_t *)&server->away);
	uv_close((uv_handle_t *)&server->away, on_away);
}

static void on_connection(uv_stream_t *pipe, int status)
{
	struct pipe_server *server = pipe->data;
	const struct pipe_handler *handler = &server->options.handler;

	if (status < 0 || server->closing) {
		return;
	}
	struct pipe_client *client = calloc(1, sizeof(*client));
	if (!client) {
		send_away(server);
		return;
	}
	client->server = server;
	client->pipe.data = client;
	uv_pipe_init(pipe->loop, &client->pipe, 0);
	list_init(&client->place);
	list_insert(&server->clients, &client->place);
	server->client_count++;
	if (uv_accept(pipe, (uv_stream_t *)&client->pipe) == 0 &&
	    server->client_count <= PIPE_CLIENTS_MAX) {
		client->own = handler->opened(server->options.context, server->options.name,
					      client);
	}
	if (client->own) {
		read_on(client);
	} else {
		pipe_client_end(client);
	}
}

/* --- beginning --- */

static void on_server_closed(uv_handle_t *handle)
{
	struct pipe_server *server = handle->data;

	server->closed = true;
	free_server(server);
}

void pipe_server_close(struct pipe_server *server)
{
	if (!server || server->closing) {
		return;
	}
	server->closing = true;
	(void)unlink(server->path);
	for (struct list *at = server->clients.next; at != &server->clients; at = at->next) {
		pipe_client_end(LIST_OF(at, struct pipe_client, place));
	}
	uv_close((uv_handle_t *)&server->pipe, on_server_closed);
}

static int listen_at(struct pipe_server *server, int descriptor)
{
	int error = uv_pipe_open(&server->pipe, descriptor);

	if (error) {
		close(descriptor);
		return error;
	}
	return uv_listen((uv_stream_t *)&server->pipe, BACKLOG, on_connection);
}

int pipe_server_create(uv_loop_t *loop, const struct pipe_options *options,
		       struct pipe_server **out)
{
	struct pipe_server *server = calloc(1, sizeof(*server));
	char *path = server ? strdup(options->path) : NULL;
	int descriptor = path ? unix_socket_bind(path) : -1;

	*out = NULL;
	if (descriptor < 0) {
		int error = path ? -errno : -ENOMEM;

		free(path);
		free(server);
		return error;
	}
	server->options = *options;
	server->path = path;
	list_init(&server->clients);
	uv_pipe_init(loop, &server->pipe, 0);
	server->pipe.data = server;
	int error = listen_at(server, descriptor);
	if (error) {
		pipe_server_close(server);
		return error;
	}
	*out = server;
	return 0;
}
