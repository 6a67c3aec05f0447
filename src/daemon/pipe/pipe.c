/* SPDX-License-Identifier: MIT */
#include "daemon/pipe/pipe.h"

#include "base/memory/list.h"
#include "base/net/unix_socket.h"
#include "daemon/pipe/splitter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG   32
#define READ_SIZE ((size_t)16 * 1024)
#define TOLD_MS   5000 /* until who was told that he reads too slowly is put out, read or not */

struct pipe_server {
	struct pipe_options options;
	uv_pipe_t pipe;
	uv_timer_t told; /* runs while clients are there who were told */
	char *path;
	struct list clients;
	size_t client_count;
	uv_pipe_t away; /* for whom there was no memory, who */
	bool away_open; /* is being closed, and */
	bool away_more; /* not the only one */
	bool closing;
	unsigned int open; /* its own handles: those of clients may be there still */
};

struct pipe_client {
	struct list place;
	struct pipe_server *server;
	uv_pipe_t pipe;
	void *own; /* NULL: nobody was told of him */
	struct splitter splitter;
	struct list queue; /* to be sent */
	size_t queued;     /* bytes, with what is being written */
	bool writing;
	int64_t due_ms; /* he was told that he reads too slowly, and is put out then; 0: he was not
			 */
	bool paused;
	bool taking; /* texts are being handed over */
	bool ended;
};

/* --- the end --- */

static void free_server(struct pipe_server *server)
{
	if (server->open == 0 && !server->away_open && server->client_count == 0) {
		free(server->path);
		free(server);
	}
}

struct sending {
	struct list place;
	uv_write_t request;
	struct pipe_client *client;
	size_t length;
	char bytes[];
};

static void free_queue(struct pipe_client *client)
{
	while (!list_is_empty(&client->queue)) {
		struct sending *first = LIST_OF(client->queue.next, struct sending, place);

		list_remove(&first->place);
		client->queued -= first->length;
		free(first);
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
	free_queue(client);
	splitter_finish(&client->splitter);
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
	char *bytes = splitter_room(&client->splitter, READ_SIZE);

	(void)suggested;
	*room = uv_buf_init(bytes, bytes ? (unsigned int)READ_SIZE : 0);
}

/* Whoever is paused in between keeps what came already until he is resumed. */
static void take_texts(struct pipe_client *client)
{
	const struct pipe_options *options = &client->server->options;
	enum splitter_result result = SPLITTER_TEXT;
	const char *text;
	size_t length;

	client->taking = true;
	while (!client->ended && !client->paused && result == SPLITTER_TEXT) {
		result = splitter_next(&client->splitter, options->end, options->text_max, &text,
				       &length);
		if (result == SPLITTER_TEXT) {
			options->handler.text(client->own, text, length);
		} else if (result == SPLITTER_TOO_LONG) {
			pipe_client_end(client);
		}
	}
	client->taking = false;
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
	splitter_add(&client->splitter, (size_t)size);
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
	if (client->ended || client->due_ms != 0 || client->paused == paused) {
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

static void write_next(struct pipe_client *client);

static void on_sent(uv_write_t *request, int status)
{
	struct sending *sending = request->data;
	struct pipe_client *client = sending->client;

	client->writing = false;
	client->queued -= sending->length;
	free(sending);
	if (status < 0) {
		pipe_client_end(client);
	} else {
		write_next(client);
	}
}

/* One after the other, so that what waits can still be taken back. */
static void write_next(struct pipe_client *client)
{
	if (client->ended || client->writing) {
		return;
	}
	if (list_is_empty(&client->queue)) {
		if (client->due_ms != 0) {
			pipe_client_end(client);
		}
		return;
	}
	struct sending *first = LIST_OF(client->queue.next, struct sending, place);
	/* What was freed is in the list no more. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	uv_buf_t buffer = uv_buf_init(first->bytes, (unsigned int)first->length);

	list_remove(&first->place);
	client->writing = true;
	first->request.data = first;
	if (uv_write(&first->request, (uv_stream_t *)&client->pipe, &buffer, 1, on_sent) != 0) {
		client->writing = false;
		client->queued -= first->length;
		free(first);
		pipe_client_end(client);
	}
}

static void queue_text(struct pipe_client *client, const char *text, size_t length)
{
	struct sending *sending = malloc(sizeof(*sending) + length + 1);

	if (!sending) {
		pipe_client_end(client);
		return;
	}
	sending->client = client;
	sending->length = length + 1;
	memcpy(sending->bytes, text, length);
	sending->bytes[length] = client->server->options.end;
	list_init(&sending->place);
	list_insert(&client->queue, &sending->place);
	client->queued += sending->length;
	write_next(client);
}

static void on_told(uv_timer_t *timer)
{
	struct pipe_server *server = timer->data;
	int64_t now_ms = (int64_t)uv_now(timer->loop);
	bool waits = false;

	for (struct list *at = server->clients.next; at != &server->clients; at = at->next) {
		struct pipe_client *client = LIST_OF(at, struct pipe_client, place);

		if (client->due_ms != 0 && now_ms >= client->due_ms) {
			pipe_client_end(client);
		}
		waits = waits || (client->due_ms != 0 && !client->ended);
	}
	if (waits) {
		uv_timer_start(timer, on_told, TOLD_MS, 0);
	}
}

/* What he did not read is of no use any more; of what he reads then, this is the last. */
static void tell_slow(struct pipe_client *client)
{
	struct pipe_server *server = client->server;
	const char *slow = server->options.slow;

	pipe_client_pause(client, true);
	client->due_ms = (int64_t)uv_now(server->told.loop) + TOLD_MS;
	free_queue(client);
	queue_text(client, slow, strlen(slow));
	server->options.handler.slow(client->own);
	if (!uv_is_active((uv_handle_t *)&server->told)) {
		uv_timer_start(&server->told, on_told, TOLD_MS, 0);
	}
}

void pipe_client_send(struct pipe_client *client, const char *text, size_t length)
{
	if (client->ended || client->due_ms != 0) {
		return;
	}
	if (client->queued + length > client->server->options.queue_max) {
		tell_slow(client);
	} else {
		queue_text(client, text, length);
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
	list_init(&client->queue);
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

	server->open--;
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
	uv_close((uv_handle_t *)&server->told, on_server_closed);
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
	uv_timer_init(loop, &server->told);
	server->told.data = server;
	server->open = 2;
	int error = listen_at(server, descriptor);
	if (error) {
		pipe_server_close(server);
		return error;
	}
	*out = server;
	return 0;
}
