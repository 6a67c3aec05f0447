/* SPDX-License-Identifier: MIT */
#include <flagship/error.h>
#include <flagship/mqtt.h>
#include <flagship/reassembler.h>

#include <openssl/crypto.h>

#include <stdlib.h>
#include <string.h>

#define REASSEMBLER_CAPACITY_FIRST 4096

void flagship_reassembler_init(struct flagship_reassembler *reassembler, size_t limit)
{
	memset(reassembler, 0, sizeof(*reassembler));
	reassembler->limit = limit ? limit : FLAGSHIP_REASSEMBLER_LIMIT_DEFAULT;
}

static void reassembler_free(struct flagship_reassembler *reassembler)
{
	if (reassembler->data) {
		OPENSSL_cleanse(reassembler->data, reassembler->capacity);
		free(reassembler->data);
	}
}

void flagship_reassembler_finish(struct flagship_reassembler *reassembler)
{
	reassembler_free(reassembler);
	memset(reassembler, 0, sizeof(*reassembler));
}

static void reassembler_drop(struct flagship_reassembler *reassembler)
{
	reassembler->collecting = 0;
	reassembler->length = 0;
}

/* needed: at most the limit. */
static size_t reassembler_choose_capacity(const struct flagship_reassembler *reassembler,
					  size_t needed)
{
	size_t capacity = reassembler->capacity ? reassembler->capacity
						: REASSEMBLER_CAPACITY_FIRST;

	while (capacity < needed && capacity <= reassembler->limit / 2) {
		capacity *= 2;
	}
	return capacity < needed || capacity > reassembler->limit ? reassembler->limit : capacity;
}

static int reassembler_reserve(struct flagship_reassembler *reassembler, size_t needed)
{
	size_t capacity;
	uint8_t *data;

	if (reassembler->data && needed <= reassembler->capacity) {
		return 0;
	}
	capacity = reassembler_choose_capacity(reassembler, needed);
	/* Not realloc: it would leave the plaintext behind in the memory it gives back. */
	data = malloc(capacity);
	if (!data) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	if (reassembler->data) {
		memcpy(data, reassembler->data, reassembler->length);
	}
	reassembler_free(reassembler);
	reassembler->data = data;
	reassembler->capacity = capacity;
	return 0;
}

/* A message that has lost a part is of no use: an error drops it. */
static int reassembler_collect(struct flagship_reassembler *reassembler, const uint8_t *data,
			       size_t length)
{
	if (length > reassembler->limit - reassembler->length) {
		reassembler_drop(reassembler);
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	int error = reassembler_reserve(reassembler, reassembler->length + length);
	if (error) {
		reassembler_drop(reassembler);
		return error;
	}
	if (length > 0) {
		memcpy(reassembler->data + reassembler->length, data, length);
	}
	reassembler->length += length;
	return 0;
}

static int reassembler_begin(struct flagship_reassembler *reassembler, const uint8_t *data,
			     size_t length)
{
	reassembler_drop(reassembler);
	reassembler->collecting = 1;
	return reassembler_collect(reassembler, data, length);
}

static int reassembler_append(struct flagship_reassembler *reassembler, const uint8_t *data,
			      size_t length)
{
	if (!reassembler->collecting) {
		return FLAGSHIP_ERROR_PACKET_ORDER;
	}
	return reassembler_collect(reassembler, data, length);
}

static int reassembler_complete(struct flagship_reassembler *reassembler, const uint8_t *data,
				size_t length, const uint8_t **message, size_t *message_length)
{
	int error = reassembler_append(reassembler, data, length);

	if (error) {
		return error;
	}
	*message = reassembler->data;
	*message_length = reassembler->length;
	reassembler_drop(reassembler);
	return 1;
}

int flagship_reassembler_push(struct flagship_reassembler *reassembler, uint8_t packet_type,
			      const uint8_t *data, size_t length, const uint8_t **message,
			      size_t *message_length)
{
	switch (packet_type) {
	case FLAGSHIP_PACKET_TYPE_SINGLE:
		*message = data;
		*message_length = length;
		return 1;
	case FLAGSHIP_PACKET_TYPE_MULTI_BEGIN:
		return reassembler_begin(reassembler, data, length);
	case FLAGSHIP_PACKET_TYPE_MULTI_APPEND:
		return reassembler_append(reassembler, data, length);
	case FLAGSHIP_PACKET_TYPE_MULTI_FINISH:
		return reassembler_complete(reassembler, data, length, message, message_length);
	default:
		return FLAGSHIP_ERROR_PACKET_TYPE;
	}
}
