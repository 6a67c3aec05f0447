/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "daemon/http/internal.h"
#include "daemon/http/pack.h"
#include "daemon/http/syntax/negotiate.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

/* What was written for this answer: tagged by its content, and packed where that pays. */

#define OK           200
#define NOT_MODIFIED 304
#define PACKED_MIN   1024
#define TAG_BYTES    16
#define OWN_HEADERS  4
#define ETAG_SIZE    (2 + 2 * TAG_BYTES + sizeof("-gzip"))

/* Of gzip's bytes, another one: they are other bytes. */
static bool write_etag(const struct http_response *response, bool packed, char out[ETAG_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char hex[2 * TAG_BYTES + 1];

	if (EVP_Digest(response->body, response->length, digest, NULL, EVP_sha256(), NULL) != 1) {
		return false;
	}
	hex_encode(digest, TAG_BYTES, HEX_LOWER, hex);
	snprintf(out, ETAG_SIZE, "\"%s%s\"", hex, packed ? "-gzip" : "");
	return true;
}

static bool is_picture(const char *content_type)
{
	return strncmp(content_type, "image/", strlen("image/")) == 0;
}

/* Whether it is shorter so. */
static bool pack(struct http_packer *packer, struct http_response *response)
{
	size_t length;
	const char *packed = packer && !http_packer_add(packer, response->body, response->length)
				     ? http_packer_finish(packer, &length)
				     : NULL;

	if (!packed || length >= response->length) {
		return false;
	}
	response->body = packed;
	response->length = length;
	return true;
}

void http_respond_document_with(struct http_request *request, const char *content_type,
				const struct http_header *more, size_t more_count, const void *body,
				size_t length)
{
	struct http_header headers[OWN_HEADERS + HTTP_DOCUMENT_HEADERS] = {
		{"cache-control", "no-cache"}, {"vary", "accept-encoding"}};
	struct http_response response = {.status = OK,
					 .content_type = content_type,
					 .headers = headers,
					 .header_count = 2,
					 .body = body,
					 .length = length};
	bool packs = length >= PACKED_MIN && !is_picture(content_type) &&
		     http_coding_choose(http_request_header(request, "accept-encoding"),
					HTTP_GZIP) == HTTP_GZIP;
	char etag[ETAG_SIZE];

	assert(more_count <= HTTP_DOCUMENT_HEADERS);
	for (size_t i = 0; i < more_count; i++) {
		headers[response.header_count++] = more[i];
	}
	if (write_etag(&response, packs, etag)) {
		headers[response.header_count++] = (struct http_header){"etag", etag};
		if (http_etag_matches(http_request_header(request, "if-none-match"), etag)) {
			response.status = NOT_MODIFIED;
			response.content_type = NULL;
			packs = false;
		}
	}
	struct http_packer *packer = packs ? http_packer_create() : NULL;
	if (pack(packer, &response)) {
		headers[response.header_count++] = (struct http_header){"content-encoding", "gzip"};
	}
	http_respond(request, &response);
	http_packer_destroy(packer);
}

void http_respond_document(struct http_request *request, const char *content_type, const void *body,
			   size_t length)
{
	http_respond_document_with(request, content_type, NULL, 0, body, length);
}
