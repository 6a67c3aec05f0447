/* SPDX-License-Identifier: MIT */
#include "pppp_stream.h"

#include <assert.h>

/*
 * A stream of XZYH or AABB frames. It is read whole and in pieces of one to 256 bytes, and has to
 * come to the same.
 */

#define LIMIT 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that a reader found, as a number. */
struct tally {
	uint64_t hash;
	uint64_t bytes;
	uint64_t skipped;
	uint32_t too_large;
	uint32_t begun;
};

static void mix(struct tally *tally, const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		tally->hash = (tally->hash ^ data[i]) * 1099511628211u;
	}
	tally->bytes += length;
}

static void note(void *context, enum flagship_pppp_found found, uint32_t length,
		 const struct flagship_pppp_piece *piece)
{
	struct tally *tally = context;
	uint8_t mark = (uint8_t)found;

	if (found == FLAGSHIP_PPPP_FOUND_DATA) {
		mix(tally, piece->data, piece->length);
		return;
	}
	mix(tally, &mark, sizeof(mark));
	if (found == FLAGSHIP_PPPP_FOUND_BEGIN) {
		assert(length <= LIMIT);
		tally->begun++;
	}
}

static void read_xzyh(const uint8_t *stream, size_t size, size_t step, struct tally *tally)
{
	struct flagship_xzyh_reader reader;

	flagship_xzyh_reader_init(&reader, LIMIT);
	pppp_stream_read(&(struct pppp_stream_reader){.xzyh = &reader}, stream, size, step, note,
			 tally);
	tally->skipped = reader.skipped;
	tally->too_large = reader.too_large;
}

static void read_aabb(const uint8_t *stream, size_t size, size_t step, struct tally *tally)
{
	struct flagship_aabb_reader reader;

	flagship_aabb_reader_init(&reader, LIMIT);
	pppp_stream_read(&(struct pppp_stream_reader){.aabb = &reader}, stream, size, step, note,
			 tally);
	tally->skipped = reader.skipped;
	tally->too_large = reader.too_large;
}

static void assert_same(const struct tally *a, const struct tally *b)
{
	assert(a->hash == b->hash && a->bytes == b->bytes && a->begun == b->begun);
	assert(a->skipped == b->skipped && a->too_large == b->too_large);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tally whole = {0};
	struct tally pieces = {0};

	if (size < 2) {
		return 0;
	}
	size_t step = (size_t)data[0] + 1;
	read_xzyh(data + 1, size - 1, size, &whole);
	read_xzyh(data + 1, size - 1, step, &pieces);
	assert_same(&whole, &pieces);
	whole = (struct tally){0};
	pieces = (struct tally){0};
	read_aabb(data + 1, size - 1, size, &whole);
	read_aabb(data + 1, size - 1, step, &pieces);
	assert_same(&whole, &pieces);
	return 0;
}
