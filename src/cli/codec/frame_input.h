/* SPDX-License-Identifier: MIT */
#ifndef CLI_CODEC_FRAME_INPUT_H
#define CLI_CODEC_FRAME_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest frame that is read: a message of 1 MiB and what surrounds it. */
#define FRAME_INPUT_FRAME_MAX ((size_t)1024 * 1024 + 128)

/* As many characters as the longest frame may take in hex: "0x4d, " for each byte. */
#define FRAME_INPUT_LINE_MAX (6 * FRAME_INPUT_FRAME_MAX)

/*
 * Splits a file into frames. A file that begins with MA or MB, or holds anything but text, is
 * binary: one frame, or several one after the other by their size fields. All else is hex, one
 * frame a line; see hex_read. Memory is bounded by the limits above.
 */
struct frame_input {
	int descriptor;
	bool whole; /* a binary file is one frame whatever it holds */
	bool started;
	bool ended;
	bool binary;
	uint8_t *buffer;
	size_t start;
	size_t end;
	size_t capacity;

	size_t number; /* of the frame that was read last, from 1 */
	size_t line;   /* where that frame stands in a file of hex, from 1; 0 in a binary one */
	const char *problem; /* after FRAME_INPUT_BAD, one line for people */
	size_t offset;       /* the byte of the frame or the character of the line it is about */
};

enum frame_input_result {
	FRAME_INPUT_END,
	FRAME_INPUT_FRAME, /* well-formed or not: that is for the caller to see */
	FRAME_INPUT_BAD,   /* no bytes could be had; later ones may be good */
};

/* The descriptor stays the caller's. whole: for payloads that do not tell their size. */
void frame_input_init(struct frame_input *input, int descriptor, bool whole);
void frame_input_finish(struct frame_input *input);

/* *frame may be changed in place; it stays valid until the next call. */
enum frame_input_result frame_input_next(struct frame_input *input, uint8_t **frame,
					 size_t *length);

#endif
