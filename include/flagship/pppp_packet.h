/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_PPPP_PACKET_H
#define FLAGSHIP_PPPP_PACKET_H

#include <flagship/error.h>
#include <flagship/pppp.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Packets of PPPP, the protocol of the local network: one datagram each (protocol.md 5; layout in
 * specifications/pppp.stf). No heap, no state.
 */

#define FLAGSHIP_PPPP_PORT        32108 /* UDP, of a printer */
#define FLAGSHIP_PPPP_CHANNELS    8
#define FLAGSHIP_PPPP_DATA_MAX    1024 /* bytes of a stream in one packet */
#define FLAGSHIP_PPPP_INDEXES_MAX 512  /* of one DRW_ACK, as many as fit the largest packet */
#define FLAGSHIP_PPPP_PACKET_MAX \
	(FLAGSHIP_PPPP_HEADER_SIZE + FLAGSHIP_PPPP_DRW_DATA_OFFSET + FLAGSHIP_PPPP_DATA_MAX)
#define FLAGSHIP_PPPP_DUID_TEXT_SIZE 28 /* the longest text form and its NUL */

/* Who a printer is on the local network. Both texts end with a NUL, and are empty for nobody. */
struct flagship_pppp_duid {
	char prefix[FLAGSHIP_PPPP_DUID_PREFIX_SIZE + 1];
	uint32_t serial;
	char check[FLAGSHIP_PPPP_DUID_CHECK_SIZE + 1];
};

/* An IPv4 address and a UDP port. */
struct flagship_pppp_host {
	uint8_t address[FLAGSHIP_PPPP_HOST_ADDRESS_SIZE]; /* as it is written: 192, 168, 1, 20 */
	uint16_t port;
};

/* Text such as EUPRAKM-012345-ABCDE to its parts. Error: DUID, and *duid is nobody. */
FLAGSHIP_CHECKED int flagship_pppp_duid_parse(const char *text, struct flagship_pppp_duid *duid);

/* The text form, "" for nobody. The serial has six digits or more. */
void flagship_pppp_duid_format(const struct flagship_pppp_duid *duid,
			       char text[FLAGSHIP_PPPP_DUID_TEXT_SIZE]);

bool flagship_pppp_duid_equal(const struct flagship_pppp_duid *a,
			      const struct flagship_pppp_duid *b);
bool flagship_pppp_host_equal(const struct flagship_pppp_host *a,
			      const struct flagship_pppp_host *b);

/* One packet. Which members count depends on the type. */
struct flagship_pppp_packet {
	uint8_t type; /* enum flagship_pppp_type; others are passed through with their body */
	struct flagship_pppp_duid duid; /* PUNCH_PKT, P2P_RDY, P2P_RDY_ACK */
	struct flagship_pppp_host host; /* HELLO_ACK, PUNCH_TO, P2P_RDY_ACK */
	uint8_t channel;                /* DRW, DRW_ACK: below FLAGSHIP_PPPP_CHANNELS */
	uint16_t index;                 /* DRW */
	uint16_t index_count;           /* DRW_ACK; flagship_pppp_packet_index reads them */
	/*
	 * DRW: bytes of the stream. DRW_ACK: index_count big-endian numbers of 16 bits. Types of
	 * relays, and types that are not known: the whole body. Inside the caller's buffer.
	 */
	const uint8_t *data;
	size_t data_length;
};

/*
 * Reads one datagram. A body of a known type must have exactly its length; a duid that is not made
 * of letters and digits is refused. Errors: TOO_SHORT, MAGIC, SIZE, RANGE (channel), DUID.
 */
FLAGSHIP_CHECKED int flagship_pppp_packet_read(const uint8_t *data, size_t length,
					       struct flagship_pppp_packet *packet);

/*
 * Writes one datagram, up to FLAGSHIP_PPPP_PACKET_MAX bytes. A DRW_ACK takes its numbers from data,
 * as reading gives them. Errors: BUFFER, TOO_LARGE (data), RANGE (channel).
 */
FLAGSHIP_CHECKED int flagship_pppp_packet_write(const struct flagship_pppp_packet *packet,
						uint8_t *out, size_t capacity, size_t *written);

/* The index of a DRW_ACK at this place, which is below index_count. */
uint16_t flagship_pppp_packet_index(const struct flagship_pppp_packet *packet, size_t place);

#define FLAGSHIP_PPPP_CURSE_OVERHEAD 4

/*
 * The two ciphers that packets for relays have; neither keeps a secret. out may be data. The simple
 * cipher keeps the length. The other adds FLAGSHIP_PPPP_CURSE_OVERHEAD bytes, which tell a wrong
 * key; decode returns the length without them. Errors of decode: TOO_SHORT, AUTHENTICATION.
 */
void flagship_pppp_simple_encode(const uint8_t *data, size_t length, uint8_t *out);
void flagship_pppp_simple_decode(const uint8_t *data, size_t length, uint8_t *out);
void flagship_pppp_curse_encode(const uint8_t *data, size_t length, uint8_t *out);
FLAGSHIP_CHECKED int flagship_pppp_curse_decode(const uint8_t *data, size_t length, uint8_t *out,
						size_t *out_length);

#ifdef __cplusplus
}
#endif

#endif
