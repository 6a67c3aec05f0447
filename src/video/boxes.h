/* SPDX-License-Identifier: MIT */
#ifndef VIDEO_BOXES_H
#define VIDEO_BOXES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Boxes of MP4 (ISO/IEC 14496-12), big endian, into memory of the caller. Pure.
 */
#define BOXES_TYPE_LENGTH 4

/* What both, heads and fragments, go by. */
#define MP4_PROFILE_AT 1 /* in a sequence parameter set: profile, constraints, level */
#define MP4_TRACK_ID   1

/* Counts beyond its end and writes nothing there. */
struct boxes {
	uint8_t *out;
	size_t capacity;
	size_t length;
};

void boxes_put(struct boxes *boxes, const void *data, size_t length);
void boxes_put_u8(struct boxes *boxes, uint8_t value);
void boxes_put_u16(struct boxes *boxes, uint16_t value);
void boxes_put_u32(struct boxes *boxes, uint32_t value);
void boxes_put_zeros(struct boxes *boxes, size_t count);

/* Return where it begins, for boxes_end. */
size_t boxes_begin(struct boxes *boxes, const char type[BOXES_TYPE_LENGTH]);
size_t boxes_begin_full(struct boxes *boxes, const char type[BOXES_TYPE_LENGTH], uint8_t version,
			uint32_t flags);
void boxes_end(struct boxes *boxes, size_t at);

/* What was put there before. */
void boxes_patch_u32(struct boxes *boxes, size_t at, uint32_t value);

/* The length; errors: BUFFER (more was put than fits, or nothing), with 0. */
int boxes_finish(const struct boxes *boxes, size_t *length) __attribute__((warn_unused_result));

#endif
