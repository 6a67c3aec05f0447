/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_REASSEMBLER_H
#define FLAGSHIP_REASSEMBLER_H

#include <flagship/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLAGSHIP_REASSEMBLER_LIMIT_DEFAULT (1024u * 1024u)

/*
 * Collects the plaintexts of a message that spans several frames (protocol.md 2, grade C). The
 * buffer grows on demand up to the limit and is kept for the next message. Treat the members as
 * private.
 */
struct flagship_reassembler {
	uint8_t *data;
	size_t length;
	size_t capacity;
	size_t limit;
	int collecting;
};

/* limit: bytes of one message at most; 0 means FLAGSHIP_REASSEMBLER_LIMIT_DEFAULT. No heap yet. */
void flagship_reassembler_init(struct flagship_reassembler *reassembler, size_t limit);

/* Wipes and frees what was collected. A zeroed value is accepted. */
void flagship_reassembler_finish(struct flagship_reassembler *reassembler);

/*
 * Takes the plaintext of one opened frame. Returns 1 with a whole message, 0 where more is to come,
 * or an error. A single is whole at once, points to the caller's data (no copy, no heap) and leaves
 * what is being collected alone. A begin drops what was collected before it. An append or finish
 * without a begin: PACKET_ORDER. More than the limit: TOO_LARGE, and the message is dropped. Other:
 * PACKET_TYPE, MEMORY.
 * *message stays valid until the next call.
 */
FLAGSHIP_CHECKED int flagship_reassembler_push(struct flagship_reassembler *reassembler,
					       uint8_t packet_type, const uint8_t *data,
					       size_t length, const uint8_t **message,
					       size_t *message_length);

#ifdef __cplusplus
}
#endif

#endif
