/* SPDX-License-Identifier: MIT */
#include <flagship/flagship.h>

#include <assert.h>
#include <string.h>

#define TEXT_SIZE 64
#define OUT_SIZE  8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(const char *part, size_t length, const uint8_t *data, size_t size)
{
	const char *start = (const char *)data;

	return part >= start && part + length <= start + size;
}

static void check_text(struct flagship_text text, const uint8_t *data, size_t size)
{
	char out[TEXT_SIZE];

	assert(inside(text.data, text.length, data, size));
	flagship_text_copy(text, out, sizeof(out));
	assert(memchr(out, '\0', sizeof(out)));
}

static void check_fields(const struct flagship_message *message, const uint8_t *data, size_t size)
{
	for (uint32_t i = 0; i < message->info->field_count; i++) {
		const struct flagship_field_info *field = &message->info->fields[i];
		const void *place = (const char *)&message->as + field->offset;

		if (!(message->as.present & UINT32_C(1) << i)) {
			continue;
		}
		if (field->kind == FLAGSHIP_FIELD_TEXT) {
			check_text(*(const struct flagship_text *)place, data, size);
		} else if (field->kind == FLAGSHIP_FIELD_JSON) {
			struct flagship_json json = *(const struct flagship_json *)place;
			struct flagship_text text;
			assert(inside(json.data, json.length, data, size));
			while (flagship_json_next_text(&json, &text)) {
				check_text(text, data, size);
			}
		}
	}
}

/* What was read can be built again, and what was built can be read, with the same fields. */
static void check_round_trip(const struct flagship_message *message)
{
	char out[OUT_SIZE];
	size_t length;
	struct flagship_message again;
	size_t count;

	if (flagship_message_build(message, message->info->directions, out, sizeof(out), &length)) {
		return;
	}
	assert(flagship_payload_read(out, length, &again, 1, &count) == 0);
	assert(count == 1 && again.type == message->type);
	assert(again.as.present == message->as.present);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flagship_payload payload;
	struct flagship_message message;
	int result;

	flagship_payload_init(&payload, data, size);
	while ((result = flagship_payload_next(&payload, &message)) > 0) {
		assert(inside(message.json.data, message.json.length, data, size));
		if (message.info) {
			check_fields(&message, data, size);
			check_round_trip(&message);
		}
	}
	assert(result == 0 || flagship_payload_error_offset(&payload) <= size);
	assert(flagship_payload_next(&payload, &message) == result);
	return 0;
}
