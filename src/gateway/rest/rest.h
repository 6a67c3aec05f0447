/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_REST_REST_H
#define GATEWAY_REST_REST_H

#include "daemon/http/http.h"
#include "daemon/log/log.h"
#include "gateway/events/events.h"
#include "gateway/printers/printers.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The gateway's own API, below /api/v1 (docs/api.md): JSON in and out, errors as RFC 9457. It has
 * no users yet, so that it is for this machine alone: requests that a page of another site could
 * have a browser send are refused.
 */
#define REST_BODY_MAX 65536

struct rest;

/* All of them outlive it. Errors: MEMORY. */
int rest_create(struct gateway_printers *printers, struct gateway_events *events, struct log *log,
		struct rest **rest) __attribute__((warn_unused_result));

/* Routes, rights and log of an HTTP server, whose context it is. */
void rest_fill_options(struct rest *rest, struct http_options *options);

/* Whoever waits for the end of a command is told that the gateway ends. NULL is accepted. */
void rest_stop(struct rest *rest);
/* Once the HTTP server is gone. NULL is accepted. */
void rest_destroy(struct rest *rest);

#endif
