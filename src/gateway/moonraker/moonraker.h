/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_MOONRAKER_MOONRAKER_H
#define GATEWAY_MOONRAKER_MOONRAKER_H

#include "base/problem.h"
#include "daemon/log/log.h"
#include "daemon/pipe/pipe.h"
#include "gateway/access/access.h"
#include "gateway/files/files.h"
#include "gateway/history/history.h"
#include "gateway/printers/printers.h"
#include "gateway/queue/queue.h"
#include "gateway/web/web.h"
#include "gateway/webcam/book.h"

#include <stddef.h>
#include <uv.h>

/*
 * The API of Moonraker, for programs that know printers with Klipper: Mainsail, Fluidd, phones,
 * slicers. JSON-RPC 2.0 over a WebSocket and by POST, and the same methods as HTTP calls; each
 * client sees one printer. docs/moonraker.md says what is there and what is not.
 */
struct moonraker;

#define MOONRAKER_SOCKETS_MAX  512
#define MOONRAKER_CALLS_MAX    64      /* of one client, that are not answered yet */
#define MOONRAKER_CALLS_A_S    500     /* of one client: then it waits */
#define MOONRAKER_MESSAGE_MAX  262144  /* bytes of one message of a client */
#define MOONRAKER_SCRIPT_MAX   64      /* lines */
#define MOONRAKER_DATABASE_MAX 4194304 /* bytes, of all namespaces */
#define MOONRAKER_STORE_MAX    1000    /* lines of G-code and answers, of one printer */
#define MOONRAKER_PERIOD_MS    100     /* between two changes that are told */
#define MOONRAKER_PIPE_END     '\x03'  /* behind each message of a unix socket */

struct moonraker_options {
	struct gateway_printers *printers;
	struct files *files;
	struct history *history;
	struct queue *queue; /* NULL: nothing can be printed */
	struct webcam_book *webcams;
	struct access *access;
	struct log *log;
	const char *folder; /* of the gateway: moonraker.json is there */
};

/* All of the options outlive it. Errors: STORE (with problem), MEMORY. */
int moonraker_create(uv_loop_t *loop, const struct moonraker_options *options,
		     struct moonraker **moonraker, struct problem *problem)
	__attribute__((warn_unused_result));

/* Its routes: with a printer in their paths ("/moonraker/{printer}/server/info"), or for a port of
 * one printer ("/server/info"). */
void moonraker_fill_api(struct moonraker *moonraker, bool own_port, struct web_api *api);

/* For the unix socket of a printer, whose serial number is its name: path and name are left to the
 * caller. */
void moonraker_fill_pipe(struct moonraker *moonraker, struct pipe_options *options);

size_t moonraker_sockets(const struct moonraker *moonraker);

/* Clients are sent away, and the loop is needed a little longer. NULL is accepted. */
void moonraker_stop(struct moonraker *moonraker);
/* Once the loop runs no more, and the HTTP servers are gone. NULL is accepted. */
void moonraker_destroy(struct moonraker *moonraker);

#endif
