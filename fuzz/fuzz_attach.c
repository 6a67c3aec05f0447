/* SPDX-License-Identifier: MIT */
#include "../tests/unit/apply.h"
#include "fleet/attach/frame.h"
#include "printer/state/image.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * A stream of frames, as a gateway receives it of a client and a client of a gateway. What is taken
 * for whole is written again, and has to be the same bytes.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_same(struct attach_writer *writer, const struct attach_reader *read)
{
	assert(attach_finish(writer));
	assert(writer->length == ATTACH_HEADER_SIZE + read->left);
	assert(memcmp(writer->bytes + ATTACH_HEADER_SIZE, read->at, read->left) == 0);
	attach_writer_free(writer);
}

static void run_command(struct attach_reader values)
{
	const struct attach_reader before = values;
	struct command_request request;
	struct attach_writer writer;
	char *text;
	uint64_t place = attach_take_number(&values);
	uint64_t id = attach_take_number(&values);

	attach_take_request(&values, &request, &text);
	if (attach_end(&values)) {
		assert(request.kind <= COMMAND_STATUS && request.timeout_ms >= 0);
		attach_begin(&writer, ATTACH_COMMAND);
		attach_put_number(&writer, place);
		attach_put_number(&writer, id);
		attach_put_request(&writer, &request);
		assert_same(&writer, &before);
	}
	free(text);
}

static void run_done(struct attach_reader values)
{
	const struct attach_reader before = values;
	struct attach_report taken;
	struct attach_writer writer;
	uint64_t numbers[3];

	for (size_t i = 0; i < 3; i++) {
		numbers[i] = attach_take_number(&values);
	}
	attach_take_report(&values, &taken);
	if (!attach_end(&values)) {
		return;
	}
	assert(taken.report.outcome <= COMMAND_FAILED && taken.report.detail == taken.detail);
	/* The text lies within the reply that it is a part of. */
	if (taken.report.gcode) {
		assert(taken.report.text >= taken.gcode.text &&
		       taken.report.text + taken.report.text_length <=
			       taken.gcode.text + taken.gcode.length);
	}
	attach_begin(&writer, ATTACH_DONE);
	for (size_t i = 0; i < 3; i++) {
		attach_put_number(&writer, numbers[i]);
	}
	attach_put_report(&writer, &taken.report);
	assert_same(&writer, &before);
}

/* A state that was taken over can be written, and gone on with. */
static void run_state(struct attach_reader values)
{
	static const char message[] = "{\"commandType\":1000,\"subType\":1,\"value\":1}";
	struct printer_state *state = malloc(sizeof(*state));
	uint8_t again[PRINTER_IMAGE_MAX];
	size_t length;

	assert(state);
	printer_state_init(state, "AK7", NULL, FLAGSHIP_MODEL_UNKNOWN);
	(void)attach_take_number(&values);
	const uint8_t *image = attach_take_bytes(&values, &length);
	if (attach_end(&values) && printer_image_read(state, image, length)) {
		printer_image_write(state, again);
		assert(length == printer_image_size() && memcmp(again, image, length) == 0);
		(void)apply_json(state, message, 1000, NULL, NULL);
	}
	free(state);
}

static void run_texts(struct attach_reader values)
{
	char text[ATTACH_VERSION_MAX];
	size_t length;

	attach_take_text(&values, text, sizeof(text));
	assert(strlen(text) < sizeof(text));
	const uint8_t *bytes = attach_take_bytes(&values, &length);
	assert(bytes && (values.failed ? length <= values.left || length == 0 : true));
	(void)attach_take_flag(&values);
	assert(!values.failed || !attach_end(&values));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);
	size_t taken = 0;
	int result = 1;

	assert(exact);
	memcpy(exact, data, size);
	while (result > 0) {
		struct attach_reader values;
		uint8_t kind = 0;
		size_t frame = 0;

		result = attach_next(exact + taken, size - taken, &kind, &values, &frame);
		if (result > 0) {
			assert(frame > 0 && frame <= size - taken);
			taken += frame;
			switch (kind) {
			case ATTACH_COMMAND:
				run_command(values);
				break;
			case ATTACH_DONE:
				run_done(values);
				break;
			case ATTACH_STATE:
				run_state(values);
				break;
			default:
				run_texts(values);
				break;
			}
		}
	}
	free(exact);
	return 0;
}
