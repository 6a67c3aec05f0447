/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_OCTOPRINT_ASK_H
#define GATEWAY_OCTOPRINT_ASK_H

#include "base/memory/list.h"
#include "gateway/history/history.h"
#include "gateway/printers/printers.h"
#include "gateway/web/web.h"

#include <stdbool.h>
#include <uv.h>

/*
 * Requests that have a printer do something, for interfaces that answer with a status alone. All
 * goes through the one command queue and the guards. Most clients give up after ten seconds, so
 * what takes longer than ASK_WAIT_MS is answered as done: its end is seen in the state. What ended
 * is answered once the history has it.
 */
#define ASK_WAIT_MS   5000
#define ASK_LINES_MAX 64

struct ask {
	struct gateway_printers *printers;
	struct history *history;
	struct fleet_listener listener;
	struct list waiting;
	uv_timer_t timer;
	web_refuse *refuse;
	const char *asker; /* for the audit: "octoprint" */
};

void ask_init(struct ask *ask, uv_loop_t *loop, struct gateway_printers *printers,
	      struct history *history, web_refuse *refuse, const char *asker);
/* Ends the requests that wait; the loop is needed a little longer. */
void ask_stop(struct ask *ask);

/* Answers with 204, or refuses: 409 with the reason, 503, 504. */
void ask_submit(struct ask *ask, struct http_request *request, struct fleet_printer *printer,
		struct command_request *command);

/* Lines of G-code, one after the other; the first one that fails is the last. Copied. */
void ask_submit_lines(struct ask *ask, struct http_request *request, struct fleet_printer *printer,
		      const char *const *lines, size_t count);

/* A request without position, distance and the like: of this kind alone. */
struct command_request ask_command(enum command_kind kind);

#endif
