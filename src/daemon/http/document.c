/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "daemon/http/internal.h"
#include "daemon/http/syntax/negotiate.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* what is read is not written */
#include <zlib.h>

/* What was written for this answer: tagged by its content, and packed where that pays. */

#define OK           200
#define NOT_MODIFIED 304
#define PACKED_MIN   1024
#define PACK_LEVEL   1  /* a state at 40 MB/s; better ones take twice as long for a tenth less */
#define GZIP_WINDOW  31 /* of zlib: 15 bits, and a header of gzip */
#define MEMORY_LEVEL 8
#define TAG_BYTES    16
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

/* NULL where it cannot be, or would not be shorter. */
static void *pack(const void *bytes, size_t length, size_t *packed)
{
	z_stream stream = {.next_in = bytes, .avail_in = (uInt)length};
	void *out = malloc(length);

	stream.next_out = out;
	stream.avail_out = (uInt)length;
	if (!out || deflateInit2(&stream, PACK_LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
				 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(out);
		return NULL;
	}
	int result = deflate(&stream, Z_FINISH);

	*packed = length - stream.avail_out;
	deflateEnd(&stream);
	if (result != Z_STREAM_END) {
		free(out);
		return NULL;
	}
	return out;
}

void http_respond_document(struct http_request *request, const char *content_type, const void *body,
			   size_t length)
{
	struct http_header headers[4] = {{"cache-control", "no-cache"},
					 {"vary", "accept-encoding"}};
	struct http_response response = {.status = OK,
					 .content_type = content_type,
					 .headers = headers,
					 .header_count = 2,
					 .body = body,
					 .length = length};
	bool packable = length >= PACKED_MIN && length <= UINT32_MAX;
	bool packs = packable && http_coding_choose(http_request_header(request, "accept-encoding"),
						    HTTP_GZIP) == HTTP_GZIP;
	char etag[ETAG_SIZE];
	void *packed = NULL;

	if (write_etag(&response, packs, etag)) {
		headers[response.header_count++] = (struct http_header){"etag", etag};
		if (http_etag_matches(http_request_header(request, "if-none-match"), etag)) {
			response.status = NOT_MODIFIED;
			response.content_type = NULL;
			packs = false;
		}
	}
	if (packs && (packed = pack(body, length, &response.length))) {
		response.body = packed;
		headers[response.header_count++] = (struct http_header){"content-encoding", "gzip"};
	} else {
		response.length = length;
	}
	http_respond(request, &response);
	free(packed);
}
