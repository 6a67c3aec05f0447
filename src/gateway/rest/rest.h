/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_REST_REST_H
#define GATEWAY_REST_REST_H

#include "gateway/events/events.h"
#include "gateway/files/files.h"
#include "gateway/printers/printers.h"
#include "gateway/web/web.h"

/*
 * The gateway's own API, below /api/v1 (docs/api.md): JSON in and out, errors as RFC 9457.
 */
#define REST_BODY_MAX 65536

struct rest;

/* All of them outlive it. Errors: MEMORY. */
int rest_create(struct gateway_printers *printers, struct gateway_events *events,
		struct files *files, struct rest **rest) __attribute__((warn_unused_result));

void rest_fill_api(struct rest *rest, struct web_api *api);
/* An error of this interface. */
web_refuse rest_refuse;

/* Whoever waits for the end of a command is told that the gateway ends. NULL is accepted. */
void rest_stop(struct rest *rest);
/* Once the HTTP server is gone. NULL is accepted. */
void rest_destroy(struct rest *rest);

#endif
