/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_PPPP_FRAME_H
#define FLAGSHIP_PPPP_FRAME_H

#include <flagship/error.h>
#include <flagship/pppp.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The two kinds of frames in the streams of a PPPP session: XZYH for commands and video, AABB for
 * files (protocol.md 5; layout in specifications/pppp.stf). A stream is cut into packets at any
 * place, so both are read piece by piece. No heap; nothing is copied.
 */

#define FLAGSHIP_XZYH_HEADER_SIZE FLAGSHIP_XZYH_DATA_OFFSET
#define FLAGSHIP_AABB_HEADER_SIZE FLAGSHIP_AABB_DATA_OFFSET
#define FLAGSHIP_AABB_OVERHEAD    (FLAGSHIP_AABB_HEADER_SIZE + FLAGSHIP_AABB_CRC_SIZE)

struct flagship_xzyh {
	uint16_t command; /* enum flagship_xzyh_command */
	uint32_t length;  /* of the data, bytes */
	uint8_t channel;
	uint8_t sign_code;
	uint8_t device_type;
};

struct flagship_aabb {
	uint8_t kind; /* enum flagship_aabb_kind */
	uint8_t sequence;
	uint32_t position; /* of the data in the file, bytes */
	uint32_t length;   /* of the data, bytes */
};

/* CRC-16/XMODEM: begins with 0, and goes on from what it returned before. */
uint16_t flagship_crc16(uint16_t crc, const uint8_t *data, size_t length);

/* Writes the header; the data, header->length bytes, follows it on the wire. */
void flagship_xzyh_write(const struct flagship_xzyh *header,
			 uint8_t out[FLAGSHIP_XZYH_HEADER_SIZE]);

/*
 * Writes the header; the data follows it on the wire, then the CRC, which begins with what this
 * returns, goes on over the data with flagship_crc16, and is written by flagship_aabb_write_crc.
 */
uint16_t flagship_aabb_write(const struct flagship_aabb *header,
			     uint8_t out[FLAGSHIP_AABB_HEADER_SIZE]);
void flagship_aabb_write_crc(uint16_t crc, uint8_t out[FLAGSHIP_AABB_CRC_SIZE]);

/* What a push to one of the readers found. */
enum flagship_pppp_found {
	FLAGSHIP_PPPP_FOUND_NOTHING, /* all bytes are taken, and more are wanted */
	FLAGSHIP_PPPP_FOUND_BEGIN,   /* the header of a frame is known */
	FLAGSHIP_PPPP_FOUND_DATA,    /* bytes of its data: *piece, inside the caller's buffer */
	FLAGSHIP_PPPP_FOUND_END,     /* the frame is whole */
	FLAGSHIP_PPPP_FOUND_DAMAGE,  /* an AABB frame whose CRC is wrong: forget its data */
};

struct flagship_pppp_piece {
	const uint8_t *data;
	size_t length;
};

/*
 * Reads frames out of a stream. Bytes before a frame that do not begin one, and headers that ask
 * for more than the limit, are passed over up to the next frame, and counted. Treat the members but
 * header and the counts as private.
 */
struct flagship_xzyh_reader {
	struct flagship_xzyh header; /* of the frame that was begun last */
	uint64_t skipped;            /* bytes that belong to no frame */
	uint32_t too_large;          /* headers above the limit */
	uint32_t limit;
	uint32_t left; /* bytes of data that are still to come */
	uint8_t state;
	uint8_t held; /* bytes of a header that have come */
	uint8_t bytes[FLAGSHIP_XZYH_HEADER_SIZE];
};

struct flagship_aabb_reader {
	struct flagship_aabb header; /* of the frame that was begun last */
	uint64_t skipped;            /* bytes that belong to no frame */
	uint32_t too_large;          /* headers above the limit */
	uint32_t damaged;            /* frames whose CRC was wrong */
	uint32_t limit;
	uint32_t left;
	uint16_t crc;
	uint8_t state;
	uint8_t held;
	uint8_t bytes[FLAGSHIP_AABB_HEADER_SIZE];
};

/* limit: bytes of data in one frame at most. Ends nothing, so that there is no finish. */
void flagship_xzyh_reader_init(struct flagship_xzyh_reader *reader, uint32_t limit);
void flagship_aabb_reader_init(struct flagship_aabb_reader *reader, uint32_t limit);

/*
 * Takes bytes of the stream until something is found; *data and *length move past what was taken.
 * Call again until it is NOTHING. A frame gives BEGIN, DATA as often as needed (never for no bytes)
 * and END or DAMAGE.
 */
enum flagship_pppp_found flagship_xzyh_reader_push(struct flagship_xzyh_reader *reader,
						   const uint8_t **data, size_t *length,
						   struct flagship_pppp_piece *piece);
enum flagship_pppp_found flagship_aabb_reader_push(struct flagship_aabb_reader *reader,
						   const uint8_t **data, size_t *length,
						   struct flagship_pppp_piece *piece);

/*
 * Bytes of the stream were lost: what follows does not continue the frame. The reader looks for the
 * next one; the frame that was being read gets no END.
 */
void flagship_xzyh_reader_resync(struct flagship_xzyh_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
