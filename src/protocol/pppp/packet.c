/* SPDX-License-Identifier: MIT */
#include "protocol/pppp/packet.h"

#include "base/bytes.h"

#include <assert.h>
#include <string.h>

#define HOST_FAMILY_IPV4 2
#define INDEX_SIZE       2

static_assert(FLAGSHIP_PPPP_DATA_MAX / INDEX_SIZE == FLAGSHIP_PPPP_INDEXES_MAX,
	      "a DRW_ACK is no longer than a DRW");
static_assert(FLAGSHIP_PPPP_DRW_DATA_OFFSET == FLAGSHIP_PPPP_DRW_ACK_INDEXES_OFFSET,
	      "nor is what stands before its numbers");

static bool copy_word(const uint8_t *bytes, size_t size, bool digits, char *out)
{
	size_t length = 0;

	for (; length < size && bytes[length] != 0; length++) {
		uint8_t c = bytes[length];
		if (!(c >= 'A' && c <= 'Z') && !(digits && c >= '0' && c <= '9')) {
			return false;
		}
		out[length] = (char)c;
	}
	out[length] = '\0';
	return length > 0;
}

static int read_duid(const uint8_t *bytes, struct flagship_pppp_duid *duid)
{
	duid->serial = bytes_read_u32be(bytes + FLAGSHIP_PPPP_DUID_SERIAL_OFFSET);
	if (copy_word(bytes + FLAGSHIP_PPPP_DUID_PREFIX_OFFSET, FLAGSHIP_PPPP_DUID_PREFIX_SIZE,
		      false, duid->prefix) &&
	    copy_word(bytes + FLAGSHIP_PPPP_DUID_CHECK_OFFSET, FLAGSHIP_PPPP_DUID_CHECK_SIZE, true,
		      duid->check)) {
		return 0;
	}
	return FLAGSHIP_ERROR_DUID;
}

void packet_write_duid(const struct flagship_pppp_duid *duid, uint8_t *bytes)
{
	memset(bytes, 0, FLAGSHIP_PPPP_DUID_SIZE);
	memcpy(bytes + FLAGSHIP_PPPP_DUID_PREFIX_OFFSET, duid->prefix,
	       strnlen(duid->prefix, FLAGSHIP_PPPP_DUID_PREFIX_SIZE));
	bytes_write_u32be(bytes + FLAGSHIP_PPPP_DUID_SERIAL_OFFSET, duid->serial);
	memcpy(bytes + FLAGSHIP_PPPP_DUID_CHECK_OFFSET, duid->check,
	       strnlen(duid->check, FLAGSHIP_PPPP_DUID_CHECK_SIZE));
}

static void read_host(const uint8_t *bytes, struct flagship_pppp_host *host)
{
	const uint8_t *address = bytes + FLAGSHIP_PPPP_HOST_ADDRESS_OFFSET;

	for (size_t i = 0; i < sizeof(host->address); i++) {
		host->address[i] = address[sizeof(host->address) - 1 - i];
	}
	host->port = bytes_read_u16le(bytes + FLAGSHIP_PPPP_HOST_PORT_OFFSET);
}

void packet_write_host(const struct flagship_pppp_host *host, uint8_t *bytes)
{
	uint8_t *address = bytes + FLAGSHIP_PPPP_HOST_ADDRESS_OFFSET;

	memset(bytes, 0, FLAGSHIP_PPPP_HOST_SIZE);
	bytes[FLAGSHIP_PPPP_HOST_FAMILY_OFFSET] = HOST_FAMILY_IPV4;
	bytes_write_u16le(bytes + FLAGSHIP_PPPP_HOST_PORT_OFFSET, host->port);
	for (size_t i = 0; i < sizeof(host->address); i++) {
		address[sizeof(host->address) - 1 - i] = host->address[i];
	}
}

static int read_drw(const uint8_t *body, size_t length, struct flagship_pppp_packet *packet)
{
	if (length < FLAGSHIP_PPPP_DRW_DATA_OFFSET) {
		return FLAGSHIP_ERROR_TOO_SHORT;
	}
	if (body[FLAGSHIP_PPPP_DRW_SIGNATURE_OFFSET] != FLAGSHIP_PPPP_DRW_SIGNATURE_MAGIC) {
		return FLAGSHIP_ERROR_MAGIC;
	}
	packet->channel = body[FLAGSHIP_PPPP_DRW_CHANNEL_OFFSET];
	if (packet->channel >= FLAGSHIP_PPPP_CHANNELS) {
		return FLAGSHIP_ERROR_RANGE;
	}
	packet->data = body + FLAGSHIP_PPPP_DRW_DATA_OFFSET;
	packet->data_length = length - FLAGSHIP_PPPP_DRW_DATA_OFFSET;
	if (packet->data_length > FLAGSHIP_PPPP_DATA_MAX) {
		return FLAGSHIP_ERROR_SIZE;
	}
	if (packet->type == FLAGSHIP_PPPP_TYPE_DRW) {
		packet->index = bytes_read_u16be(body + FLAGSHIP_PPPP_DRW_INDEX_OFFSET);
		return 0;
	}
	if ((size_t)bytes_read_u16be(body + FLAGSHIP_PPPP_DRW_ACK_COUNT_OFFSET) * INDEX_SIZE !=
	    packet->data_length) {
		return FLAGSHIP_ERROR_SIZE;
	}
	packet->index_count = (uint16_t)(packet->data_length / INDEX_SIZE);
	return 0;
}

/* What the body of this type has for a length, where that is fixed. */
static bool fixed_length(uint8_t type, size_t *length)
{
	switch (type) {
	case FLAGSHIP_PPPP_TYPE_HELLO:
	case FLAGSHIP_PPPP_TYPE_LAN_SEARCH:
	case FLAGSHIP_PPPP_TYPE_ALIVE:
	case FLAGSHIP_PPPP_TYPE_ALIVE_ACK:
	case FLAGSHIP_PPPP_TYPE_CLOSE:
		*length = 0;
		return true;
	case FLAGSHIP_PPPP_TYPE_HELLO_ACK:
	case FLAGSHIP_PPPP_TYPE_PUNCH_TO:
		*length = FLAGSHIP_PPPP_HOST_SIZE;
		return true;
	case FLAGSHIP_PPPP_TYPE_PUNCH_PKT:
	case FLAGSHIP_PPPP_TYPE_P2P_RDY:
		*length = FLAGSHIP_PPPP_DUID_SIZE;
		return true;
	case FLAGSHIP_PPPP_TYPE_P2P_RDY_ACK:
		*length = FLAGSHIP_PPPP_READY_ACK_SIZE;
		return true;
	default:
		return false;
	}
}

static int read_body(const uint8_t *body, size_t length, struct flagship_pppp_packet *packet)
{
	size_t expected;

	if (packet->type == FLAGSHIP_PPPP_TYPE_DRW || packet->type == FLAGSHIP_PPPP_TYPE_DRW_ACK) {
		return read_drw(body, length, packet);
	}
	if (!fixed_length(packet->type, &expected)) {
		packet->data = body;
		packet->data_length = length;
		return 0;
	}
	if (length != expected) {
		return FLAGSHIP_ERROR_SIZE;
	}
	switch (length) {
	case FLAGSHIP_PPPP_HOST_SIZE:
		read_host(body, &packet->host);
		return 0;
	case FLAGSHIP_PPPP_DUID_SIZE:
		return read_duid(body, &packet->duid);
	case FLAGSHIP_PPPP_READY_ACK_SIZE:
		read_host(body + FLAGSHIP_PPPP_READY_ACK_HOST_OFFSET, &packet->host);
		return read_duid(body + FLAGSHIP_PPPP_READY_ACK_DUID_OFFSET, &packet->duid);
	default:
		return 0;
	}
}

int flagship_pppp_packet_read(const uint8_t *data, size_t length,
			      struct flagship_pppp_packet *packet)
{
	memset(packet, 0, sizeof(*packet));
	if (length < FLAGSHIP_PPPP_HEADER_SIZE) {
		return FLAGSHIP_ERROR_TOO_SHORT;
	}
	if (data[FLAGSHIP_PPPP_HEADER_SIGNATURE_OFFSET] != FLAGSHIP_PPPP_HEADER_SIGNATURE_MAGIC) {
		return FLAGSHIP_ERROR_MAGIC;
	}
	packet->type = data[FLAGSHIP_PPPP_HEADER_TYPE_OFFSET];
	if (bytes_read_u16be(data + FLAGSHIP_PPPP_HEADER_LENGTH_OFFSET) !=
	    length - FLAGSHIP_PPPP_HEADER_SIZE) {
		return FLAGSHIP_ERROR_SIZE;
	}
	return read_body(data + FLAGSHIP_PPPP_HEADER_SIZE, length - FLAGSHIP_PPPP_HEADER_SIZE,
			 packet);
}

static void write_drw(const struct flagship_pppp_packet *packet, uint8_t *body)
{
	bool data = packet->type == FLAGSHIP_PPPP_TYPE_DRW;

	body[FLAGSHIP_PPPP_DRW_SIGNATURE_OFFSET] = FLAGSHIP_PPPP_DRW_SIGNATURE_MAGIC;
	body[FLAGSHIP_PPPP_DRW_CHANNEL_OFFSET] = packet->channel;
	bytes_write_u16be(body + FLAGSHIP_PPPP_DRW_INDEX_OFFSET,
			  data ? packet->index : packet->index_count);
	if (packet->data_length > 0) {
		memcpy(body + FLAGSHIP_PPPP_DRW_DATA_OFFSET, packet->data, packet->data_length);
	}
}

static void write_body(const struct flagship_pppp_packet *packet, size_t length, uint8_t *body)
{
	switch (packet->type) {
	case FLAGSHIP_PPPP_TYPE_DRW:
	case FLAGSHIP_PPPP_TYPE_DRW_ACK:
		write_drw(packet, body);
		return;
	case FLAGSHIP_PPPP_TYPE_HELLO_ACK:
	case FLAGSHIP_PPPP_TYPE_PUNCH_TO:
		packet_write_host(&packet->host, body);
		return;
	case FLAGSHIP_PPPP_TYPE_PUNCH_PKT:
	case FLAGSHIP_PPPP_TYPE_P2P_RDY:
		packet_write_duid(&packet->duid, body);
		return;
	case FLAGSHIP_PPPP_TYPE_P2P_RDY_ACK:
		memset(body, 0, FLAGSHIP_PPPP_READY_ACK_SIZE);
		packet_write_duid(&packet->duid, body + FLAGSHIP_PPPP_READY_ACK_DUID_OFFSET);
		packet_write_host(&packet->host, body + FLAGSHIP_PPPP_READY_ACK_HOST_OFFSET);
		return;
	default:
		if (length > 0) {
			memcpy(body, packet->data, length);
		}
		return;
	}
}

static int measure_drw(const struct flagship_pppp_packet *packet, size_t *length)
{
	size_t least = packet->type == FLAGSHIP_PPPP_TYPE_DRW
			       ? packet->data_length
			       : (size_t)packet->index_count * INDEX_SIZE;

	if (packet->channel >= FLAGSHIP_PPPP_CHANNELS) {
		return FLAGSHIP_ERROR_RANGE;
	}
	if (packet->data_length > FLAGSHIP_PPPP_DATA_MAX || packet->data_length != least) {
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	*length = FLAGSHIP_PPPP_DRW_DATA_OFFSET + packet->data_length;
	return 0;
}

int flagship_pppp_packet_write(const struct flagship_pppp_packet *packet, uint8_t *out,
			       size_t capacity, size_t *written)
{
	size_t length = packet->data_length;
	int error = 0;

	if (packet->type == FLAGSHIP_PPPP_TYPE_DRW || packet->type == FLAGSHIP_PPPP_TYPE_DRW_ACK) {
		error = measure_drw(packet, &length);
	} else if (!fixed_length(packet->type, &length) &&
		   length > FLAGSHIP_PPPP_PACKET_MAX - FLAGSHIP_PPPP_HEADER_SIZE) {
		error = FLAGSHIP_ERROR_TOO_LARGE;
	}
	if (error) {
		return error;
	}
	if (capacity < FLAGSHIP_PPPP_HEADER_SIZE + length) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	out[FLAGSHIP_PPPP_HEADER_SIGNATURE_OFFSET] = FLAGSHIP_PPPP_HEADER_SIGNATURE_MAGIC;
	out[FLAGSHIP_PPPP_HEADER_TYPE_OFFSET] = packet->type;
	bytes_write_u16be(out + FLAGSHIP_PPPP_HEADER_LENGTH_OFFSET, (uint16_t)length);
	write_body(packet, length, out + FLAGSHIP_PPPP_HEADER_SIZE);
	*written = FLAGSHIP_PPPP_HEADER_SIZE + length;
	return 0;
}

uint16_t flagship_pppp_packet_index(const struct flagship_pppp_packet *packet, size_t place)
{
	assert(place < packet->index_count);
	return bytes_read_u16be(packet->data + place * INDEX_SIZE);
}
