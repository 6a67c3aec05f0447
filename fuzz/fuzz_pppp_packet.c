/* SPDX-License-Identifier: MIT */
#include <flagship/pppp_packet.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * One datagram of the local network. What is read is written again: the same bytes, but for those
 * that nobody reads. The same bytes go through both ciphers and back.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const uint8_t *data, size_t size, const struct flagship_pppp_packet *packet)
{
	uint8_t out[FLAGSHIP_PPPP_PACKET_MAX];
	struct flagship_pppp_packet again;
	size_t written;

	if (flagship_pppp_packet_write(packet, out, sizeof(out), &written) != 0) {
		/* Only what is passed through unread may be too long. */
		assert(size > FLAGSHIP_PPPP_PACKET_MAX && packet->data_length > 0);
		return;
	}
	assert(written == size && memcmp(out, data, FLAGSHIP_PPPP_HEADER_SIZE) == 0);
	assert(flagship_pppp_packet_read(out, written, &again) == 0);
	assert(again.type == packet->type && again.channel == packet->channel &&
	       again.index == packet->index && again.index_count == packet->index_count);
	assert(flagship_pppp_duid_equal(&again.duid, &packet->duid));
	assert(flagship_pppp_host_equal(&again.host, &packet->host));
	assert(again.data_length == packet->data_length);
	if (packet->data_length > 0) {
		assert(memcmp(out, data, size) == 0);
	}
	for (size_t i = 0; i < packet->index_count; i++) {
		assert(flagship_pppp_packet_index(&again, i) ==
		       flagship_pppp_packet_index(packet, i));
	}
	if (packet->duid.prefix[0] != '\0') {
		char text[FLAGSHIP_PPPP_DUID_TEXT_SIZE];
		struct flagship_pppp_duid duid;
		flagship_pppp_duid_format(&packet->duid, text);
		assert(flagship_pppp_duid_parse(text, &duid) == 0);
		assert(flagship_pppp_duid_equal(&duid, &packet->duid));
	}
}

static void check_ciphers(const uint8_t *data, size_t size)
{
	uint8_t *sealed = malloc(size + FLAGSHIP_PPPP_CURSE_OVERHEAD);
	size_t length;

	assert(sealed);
	flagship_pppp_simple_encode(data, size, sealed);
	flagship_pppp_simple_decode(sealed, size, sealed);
	assert(size == 0 || memcmp(sealed, data, size) == 0);
	flagship_pppp_curse_encode(data, size, sealed);
	assert(flagship_pppp_curse_decode(sealed, size + FLAGSHIP_PPPP_CURSE_OVERHEAD, sealed,
					  &length) == 0);
	assert(length == size && (size == 0 || memcmp(sealed, data, size) == 0));
	if (size > 0 && flagship_pppp_curse_decode(data, size, sealed, &length) == 0) {
		assert(length + FLAGSHIP_PPPP_CURSE_OVERHEAD == size);
	}
	free(sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flagship_pppp_packet packet;

	if (flagship_pppp_packet_read(data, size, &packet) == 0) {
		check_again(data, size, &packet);
	}
	check_ciphers(data, size);
	return 0;
}
