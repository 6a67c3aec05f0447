/* SPDX-License-Identifier: MIT */
/*
 * Any bytes, of any length up to beyond the largest packet, are read as a datagram. They end where
 * the memory ends. What a reader is told to look at lies in them: the data, and each index of a
 * DRW_ACK; and the two words of a duid end.
 */
#include "any.h"

#include <flagship/pppp_packet.h>

#include <string.h>

/* Of a fixed body the longest is that of P2P_RDY_ACK; a DRW is anything up to the largest. */
#define FIXED_MAX  64
#define LARGE_MIN  (FLAGSHIP_PPPP_PACKET_MAX - 4)
#define LENGTH_MAX (FLAGSHIP_PPPP_PACKET_MAX + 4)

static void look(const struct flagship_pppp_packet *packet)
{
	//@ assert packet->channel < FLAGSHIP_PPPP_CHANNELS;
	if (packet->data_length > 0) {
		//@ assert \valid_read(packet->data + (0 .. packet->data_length - 1));
	}
	if (packet->index_count > 0) {
		(void)flagship_pppp_packet_index(packet, any_size(packet->index_count - 1));
	}
	(void)strlen(packet->duid.prefix);
	(void)strlen(packet->duid.check);
}

int main(void)
{
	static uint8_t memory[LENGTH_MAX];
	struct flagship_pppp_packet packet;
	size_t length = any_size(1) ? any_size(FIXED_MAX)
				    : LARGE_MIN + any_size(LENGTH_MAX - LARGE_MIN);

	any_bytes(memory, sizeof(memory));
	//@ split length;
	int error = flagship_pppp_packet_read(memory + sizeof(memory) - length, length, &packet);
	//@ split error;
	if (!error) {
		look(&packet);
	}
	return error;
}
