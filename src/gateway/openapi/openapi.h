/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_OPENAPI_OPENAPI_H
#define GATEWAY_OPENAPI_OPENAPI_H

#include "gateway/web/web.h"

/*
 * GET /api/v1/openapi.json: what the gateway's own interface has, as OpenAPI 3.1. Paths and methods
 * are those of the routes that are served; what they are for is in operations.c, the shapes are in
 * schemas.json.
 */
struct openapi;

/* *web is there once everything is composed, and outlives it. Errors: MEMORY. */
int openapi_create(struct web *const *web, struct openapi **openapi)
	__attribute__((warn_unused_result));
void openapi_fill_api(struct openapi *openapi, struct web_api *api);
/* Once the HTTP server is gone. NULL is accepted. */
void openapi_destroy(struct openapi *openapi);

#endif
