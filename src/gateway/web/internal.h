/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_WEB_INTERNAL_H
#define GATEWAY_WEB_INTERNAL_H

#include "gateway/web/web.h"

#define WEB_FORBIDDEN   403
#define WEB_NOT_FOUND   404
#define WEB_CONFLICT    409
#define WEB_UNSUPPORTED 415

/* Whether a request may come at all, whoever asks: NULL, or why not, with the status. */
const char *web_origin_fault(const struct http_request *request, const struct web_api *api,
			     int *status);

#endif
