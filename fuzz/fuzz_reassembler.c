/* SPDX-License-Identifier: MIT */
#include <flagship/flagship.h>

#include <assert.h>
#include <string.h>

/*
 * The input is a limit and a list of packets: type and length, with data out of a pattern. A plain
 * array of the same limit tells what has to come of them.
 */

#define LIMIT_MAX    65536
#define PATTERN_SIZE (LIMIT_MAX + 256)
#define STEP_SIZE    3

struct model {
	uint8_t data[LIMIT_MAX];
	size_t length;
	size_t limit;
	int collecting;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int model_push(struct model *model, uint8_t packet_type, const uint8_t *data, size_t length)
{
	switch (packet_type) {
	case FLAGSHIP_PACKET_TYPE_SINGLE:
		return 1;
	case FLAGSHIP_PACKET_TYPE_MULTI_BEGIN:
		model->collecting = 1;
		model->length = 0;
		break;
	case FLAGSHIP_PACKET_TYPE_MULTI_APPEND:
	case FLAGSHIP_PACKET_TYPE_MULTI_FINISH:
		if (!model->collecting) {
			return FLAGSHIP_ERROR_PACKET_ORDER;
		}
		break;
	default:
		return FLAGSHIP_ERROR_PACKET_TYPE;
	}
	if (model->length + length > model->limit) {
		model->collecting = 0;
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	memcpy(model->data + model->length, data, length);
	model->length += length;
	if (packet_type != FLAGSHIP_PACKET_TYPE_MULTI_FINISH) {
		return 0;
	}
	model->collecting = 0;
	return 1;
}

static void check_push(struct flagship_reassembler *reassembler, struct model *model,
		       uint8_t packet_type, const uint8_t *data, size_t length)
{
	const uint8_t *message;
	size_t message_length;
	int expected = model_push(model, packet_type, data, length);
	int result = flagship_reassembler_push(reassembler, packet_type, data, length, &message,
					       &message_length);

	assert(result == expected);
	assert(reassembler->capacity <= model->limit);
	if (result == 1 && packet_type == FLAGSHIP_PACKET_TYPE_SINGLE) {
		assert(message == data && message_length == length);
	} else if (result == 1) {
		assert(message_length == model->length);
		assert(memcmp(message, model->data, message_length) == 0);
	}
}

static size_t read_u16(const uint8_t *data)
{
	return (size_t)(data[0] | data[1] << 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t pattern[PATTERN_SIZE];
	static struct model model;
	struct flagship_reassembler reassembler;

	if (size < 2) {
		return 0;
	}
	for (size_t i = 0; pattern[1] == 0 && i < sizeof(pattern); i++) {
		pattern[sizeof(pattern) - 1 - i] = (uint8_t)((i * i) >> 5 | 1);
	}
	model.limit = read_u16(data) + 1;
	model.collecting = 0;
	flagship_reassembler_init(&reassembler, model.limit);
	for (size_t i = 2; i + STEP_SIZE <= size; i += STEP_SIZE) {
		/* Each packet starts elsewhere, so that one in the place of another shows. */
		check_push(&reassembler, &model, data[i], pattern + i % 256,
			   read_u16(data + i + 1));
	}
	flagship_reassembler_finish(&reassembler);
	return 0;
}
