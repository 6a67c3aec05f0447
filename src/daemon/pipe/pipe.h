/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_PIPE_PIPE_H
#define DAEMON_PIPE_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/*
 * Texts to and fro on a unix socket, which this user alone may open: each has one byte behind it
 * that ends it, and holds none itself.
 */
struct pipe_server;
struct pipe_client;

#define PIPE_CLIENTS_MAX 32 /* of one server: who comes after them is sent away */

struct pipe_handler {
	/* Somebody came. What is returned is given to `text` and `closed`; NULL: he is sent away.
	 */
	void *(*opened)(void *context, const char *name, struct pipe_client *client);
	void (*text)(void *own, const char *text, size_t length);
	/* He reads too slowly: he was told, and is put out. */
	void (*slow)(void *own);
	/* Once, and last: never from within a function of this header. */
	void (*closed)(void *own);
};

struct pipe_options {
	const char *path; /* a socket that lies there is replaced */
	const char *name; /* for `opened`; outlives the server */
	char end;
	size_t text_max;  /* who sends a longer one is put out */
	size_t queue_max; /* bytes; who does not read so many is told, and put out */
	const char *slow; /* what he is told, in place of all that he did not read */
	struct pipe_handler handler;
	void *context;
};

/* 0, or a negative errno. */
int pipe_server_create(uv_loop_t *loop, const struct pipe_options *options,
		       struct pipe_server **server) __attribute__((warn_unused_result));
/* Clients are put out; the loop is needed a little longer. NULL is accepted. */
void pipe_server_close(struct pipe_server *server);

/* A copy of it, and the end behind it. What cannot be sent ends the client. */
void pipe_client_send(struct pipe_client *client, const char *text, size_t length);
/* Nothing more is read until it is resumed. */
void pipe_client_pause(struct pipe_client *client, bool paused);
void pipe_client_end(struct pipe_client *client);

#endif
