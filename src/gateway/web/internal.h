/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_WEB_INTERNAL_H
#define GATEWAY_WEB_INTERNAL_H

#include "gateway/web/web.h"

#define WEB_BAD_REQUEST 400
#define WEB_FORBIDDEN   403
#define WEB_NOT_FOUND   404
#define WEB_CONFLICT    409
#define WEB_TOO_LARGE   413
#define WEB_UNSUPPORTED 415

/* Whether a request may come at all, whoever asks: NULL, or why not, with the status. */
const char *web_origin_fault(const struct access *access, const struct http_request *request,
			     const struct web_api *api, int *status);

/* What the answer needs where a page of another origin may read it. */
void web_add_cors(const struct access *access, struct http_request *request);
/* A browser asks whether a page may ask. Whether that was answered. */
bool web_answer_preflight(const struct access *access, struct http_request *request,
			  const struct web_api *api);

extern const struct http_header web_headers[];
extern const size_t web_header_count;

#endif
