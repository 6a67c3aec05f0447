/* SPDX-License-Identifier: MIT */
#include "daemon/http/pack.h"

#include <flagship/error.h>

#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST /* what is read is not written */
#include <zlib.h>

#define PACK_LEVEL   1  /* a state at 40 MB/s; better ones take twice as long for a tenth less */
#define GZIP_WINDOW  31 /* of zlib: 15 bits, and a header of gzip */
#define MEMORY_LEVEL 8
#define ROOM_FIRST   ((size_t)16 * 1024)

struct http_packer {
	z_stream stream;
	char *bytes;
	size_t capacity;
};

struct http_packer *http_packer_create(void)
{
	struct http_packer *packer = calloc(1, sizeof(*packer));

	if (packer && deflateInit2(&packer->stream, PACK_LEVEL, Z_DEFLATED, GZIP_WINDOW,
				   MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(packer);
		return NULL;
	}
	return packer;
}

static int grow_packed(struct http_packer *packer)
{
	size_t used = packer->capacity - packer->stream.avail_out;
	size_t capacity = packer->capacity == 0 ? ROOM_FIRST : 2 * packer->capacity;
	char *larger = capacity <= UINT_MAX ? realloc(packer->bytes, capacity) : NULL;

	if (!larger) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	packer->bytes = larger;
	packer->capacity = capacity;
	packer->stream.next_out = (Bytef *)larger + used;
	packer->stream.avail_out = (uInt)(capacity - used);
	return 0;
}

/* Until nothing is left to read, or to write where it is the end. */
static int deflate_all(struct http_packer *packer, int flush)
{
	do {
		if (packer->stream.avail_out == 0 && grow_packed(packer)) {
			return FLAGSHIP_ERROR_MEMORY;
		}
		if (deflate(&packer->stream, flush) == Z_STREAM_END) {
			return 0;
		}
	} while (packer->stream.avail_in > 0 || packer->stream.avail_out == 0 || flush == Z_FINISH);
	return 0;
}

int http_packer_add(struct http_packer *packer, const void *bytes, size_t length)
{
	const char *at = bytes;
	int error = 0;

	while (length > 0 && !error) {
		size_t piece = length < UINT_MAX ? length : UINT_MAX;

		packer->stream.next_in = (const Bytef *)at;
		packer->stream.avail_in = (uInt)piece;
		error = deflate_all(packer, Z_NO_FLUSH);
		at += piece;
		length -= piece;
	}
	return error;
}

const char *http_packer_finish(struct http_packer *packer, size_t *length)
{
	if (deflate_all(packer, Z_FINISH)) {
		return NULL;
	}
	*length = packer->capacity - packer->stream.avail_out;
	return packer->bytes;
}

void http_packer_destroy(struct http_packer *packer)
{
	if (packer) {
		deflateEnd(&packer->stream);
		free(packer->bytes);
		free(packer);
	}
}
