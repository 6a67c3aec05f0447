/* SPDX-License-Identifier: MIT */
#include "transport/http/internal.h"
#include "transport/proxy.h"
#include "transport/tls/reason.h"

#include <stdio.h>
#include <string.h>

enum http_failure http_outcome_classify(const struct http_transfer *transfer, CURLcode result)
{
	switch (result) {
	case CURLE_OK:
		return HTTP_FAILURE_NONE;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return HTTP_FAILURE_RESOLVE;
	case CURLE_COULDNT_CONNECT:
		return HTTP_FAILURE_CONNECT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
		return HTTP_FAILURE_CERTIFICATE;
	case CURLE_SSL_CONNECT_ERROR:
		return transfer->client->trust.verdict.refused ? HTTP_FAILURE_CERTIFICATE
							       : HTTP_FAILURE_TLS;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_FAILURE_TIMEOUT;
	case CURLE_WRITE_ERROR:
		return transfer->too_large || transfer->head_too_large ? HTTP_FAILURE_TOO_LARGE
								       : HTTP_FAILURE_MACHINE;
	case CURLE_OUT_OF_MEMORY:
		return HTTP_FAILURE_MACHINE;
	default:
		return HTTP_FAILURE_LOST;
	}
}

static void describe(const struct http_transfer *transfer, CURLcode result,
		     enum http_failure failure, char detail[HTTP_DETAIL_MAX])
{
	const struct http_client *client = transfer->client;
	const char *reported = transfer->curl_detail[0] ? transfer->curl_detail
							: curl_easy_strerror(result);

	switch (failure) {
	case HTTP_FAILURE_NONE:
		detail[0] = '\0';
		return;
	case HTTP_FAILURE_CERTIFICATE:
		if (client->trust.verdict.detail[0]) {
			snprintf(detail, HTTP_DETAIL_MAX, "%s; %s", client->trust.verdict.detail,
				 client->trust.verdict.advice);
			return;
		}
		break;
	case HTTP_FAILURE_TLS:
		snprintf(detail, HTTP_DETAIL_MAX, "%s: TLS failed: %s", client->host,
			 tls_reason_of(tls_reason_code(reported), reported).what);
		return;
	case HTTP_FAILURE_TIMEOUT:
		snprintf(detail, HTTP_DETAIL_MAX, "%s did not answer in time", client->host);
		return;
	case HTTP_FAILURE_TOO_LARGE:
		if (transfer->head_too_large) {
			snprintf(detail, HTTP_DETAIL_MAX,
				 "%s sends headers without an end: it is no such service, or "
				 "something in between answers for it",
				 client->host);
			return;
		}
		snprintf(detail, HTTP_DETAIL_MAX, "the answer of %s is larger than %zu bytes",
			 client->host, client->answer_max);
		return;
	case HTTP_FAILURE_LOST:
		snprintf(detail, HTTP_DETAIL_MAX,
			 "the connection to %s broke off before the answer was whole: %s",
			 client->host, reported);
		return;
	default:
		break;
	}
	snprintf(detail, HTTP_DETAIL_MAX, "%s: %s", client->host, reported);
}

/* A proxy in the way fails in the words of the network, and its host is not the one that was asked
 * for. */
static void append_proxy(const struct http_client *client, char detail[HTTP_DETAIL_MAX])
{
	struct proxy proxy;
	size_t length = strlen(detail);

	if (proxy_find(client->host, &proxy)) {
		snprintf(detail + length, HTTP_DETAIL_MAX - length,
			 "; it was asked through the proxy %s, which the variable %s names: unset "
			 "it, or put %s into no_proxy",
			 proxy.url, proxy.variable, client->host);
	}
}

void http_outcome_describe(const struct http_transfer *transfer, CURLcode result,
			   enum http_failure failure, char detail[HTTP_DETAIL_MAX])
{
	describe(transfer, result, failure, detail);
	switch (failure) {
	case HTTP_FAILURE_RESOLVE:
	case HTTP_FAILURE_CONNECT:
	case HTTP_FAILURE_TIMEOUT:
	case HTTP_FAILURE_TLS:
	case HTTP_FAILURE_LOST:
		append_proxy(transfer->client, detail);
		return;
	default:
		return;
	}
}
