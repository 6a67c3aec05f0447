/* SPDX-License-Identifier: MIT */
#include "video/bits.h"
#include "video/h264.h"

#include <flagship/error.h>

#define MACROBLOCK       16 /* luma samples a side */
#define LIST_SMALL       16 /* values of a scaling list */
#define LIST_LARGE       64
#define LISTS_SMALL      6 /* the first ones */
#define LISTS            8
#define LISTS_444        12
#define LIST_FIRST       8 /* what the first value differs from */
#define LIST_MODULUS     256
#define CHROMA_NONE      0
#define CHROMA_444       3
#define CYCLE_MAX        255
#define PROFILE_BITS     8
#define CONSTRAINTS_BITS 8
#define LEVEL_BITS       8

/* Those of 7.3.2.1.1 whose set tells chroma, depths and scaling. */
static bool tells_chroma(uint32_t profile)
{
	static const uint8_t profiles[] = {44, 83, 86, 100, 110, 118, 122, 128, 244};

	for (size_t i = 0; i < sizeof(profiles); i++) {
		if (profiles[i] == profile) {
			return true;
		}
	}
	return false;
}

static void skip_list(struct bits *bits, size_t count)
{
	int32_t last = LIST_FIRST;
	int32_t next = LIST_FIRST;

	for (size_t i = 0; i < count && next != 0 && !bits->failed; i++) {
		int32_t change = bits_read_signed(bits);

		if (change < -LIST_MODULUS || change > LIST_MODULUS) {
			bits->failed = true;
			return;
		}
		next = (last + change + LIST_MODULUS) % LIST_MODULUS;
		last = next != 0 ? next : last;
	}
}

static void skip_lists(struct bits *bits, size_t lists)
{
	for (size_t i = 0; i < lists; i++) {
		if (bits_read_flag(bits)) {
			skip_list(bits, i < LISTS_SMALL ? LIST_SMALL : LIST_LARGE);
		}
	}
}

/* Returns the format of chroma. */
static uint32_t read_chroma(struct bits *bits)
{
	uint32_t chroma = bits_read_unsigned(bits);

	if (chroma == CHROMA_444) {
		(void)bits_read_flag(bits); /* separate planes */
	}
	(void)bits_read_unsigned(bits); /* depths of luma and chroma */
	(void)bits_read_unsigned(bits);
	(void)bits_read_flag(bits);
	if (bits_read_flag(bits)) {
		skip_lists(bits, chroma == CHROMA_444 ? LISTS_444 : LISTS);
	}
	return chroma;
}

static void skip_order(struct bits *bits)
{
	uint32_t type = bits_read_unsigned(bits);

	if (type == 0) {
		(void)bits_read_unsigned(bits);
	} else if (type == 1) {
		(void)bits_read_flag(bits);
		(void)bits_read_signed(bits);
		(void)bits_read_signed(bits);
		uint32_t cycle = bits_read_unsigned(bits);
		bits->failed = bits->failed || cycle > CYCLE_MAX;
		for (uint32_t i = 0; i < cycle && !bits->failed; i++) {
			(void)bits_read_signed(bits);
		}
	}
}

/* Samples of a side, of which some on both ends are cropped; 0 where that makes no sense. */
static uint32_t side_of(uint32_t macroblocks, uint64_t cropped)
{
	uint64_t side = (uint64_t)macroblocks * MACROBLOCK;

	return side <= H264_SIDE_MAX && cropped < side ? (uint32_t)(side - cropped) : 0;
}

static void read_frame(struct bits *bits, uint32_t chroma, uint32_t *width, uint32_t *height)
{
	uint32_t columns = bits_read_unsigned(bits);
	uint32_t rows = bits_read_unsigned(bits);
	uint32_t fields = bits_read_flag(bits) ? 1 : 2;
	uint64_t crop[4] = {0}; /* left, right, top, bottom, in units of chroma samples */

	if (fields > 1) {
		(void)bits_read_flag(bits);
	}
	(void)bits_read_flag(bits);
	if (bits_read_flag(bits)) {
		for (size_t i = 0; i < sizeof(crop) / sizeof(crop[0]); i++) {
			crop[i] = bits_read_unsigned(bits);
		}
	}
	if (columns >= H264_SIDE_MAX || rows >= H264_SIDE_MAX) {
		bits->failed = true;
		return;
	}
	bool subsampled_x = chroma != CHROMA_NONE && chroma != CHROMA_444;
	bool subsampled_y = chroma == 1;
	*width = side_of(columns + 1, (crop[0] + crop[1]) * (subsampled_x ? 2 : 1));
	*height = side_of((rows + 1) * fields,
			  (crop[2] + crop[3]) * (subsampled_y ? 2 : 1) * fields);
}

int h264_read_size(const uint8_t *sequence, size_t length, uint32_t *width, uint32_t *height)
{
	struct bits bits;
	uint32_t chroma = 1;

	*width = 0;
	*height = 0;
	if (length < 1) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	bits_init(&bits, sequence + 1, length - 1);
	uint32_t profile = bits_read(&bits, PROFILE_BITS);
	(void)bits_read(&bits, CONSTRAINTS_BITS + LEVEL_BITS);
	(void)bits_read_unsigned(&bits);
	if (tells_chroma(profile)) {
		chroma = read_chroma(&bits);
	}
	(void)bits_read_unsigned(&bits); /* length of frame numbers */
	skip_order(&bits);
	(void)bits_read_unsigned(&bits); /* pictures that are referred to */
	(void)bits_read_flag(&bits);
	read_frame(&bits, chroma, width, height);
	return bits.failed || chroma > CHROMA_444 || *width == 0 || *height == 0
		       ? FLAGSHIP_ERROR_ARGUMENT
		       : 0;
}
