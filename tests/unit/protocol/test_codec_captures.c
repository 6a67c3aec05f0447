/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/frame.h>
#include <flagship/gcode.h>

#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Captures of other people's printers stand beside the checkout, not in it. */
#define FRAME_PATH      CAPTURES_DIR "/real-frame-m5.json"
#define REPLIES_PATH    CAPTURES_DIR "/m5c-gcode-replies.jsonl"
#define CAPTURE_REPLIES 8
#define REPLY_LIMIT     512

static void a_captured_frame_is_parsed(void **state)
{
	struct bytes file = vectors_read_file(FRAME_PATH);
	struct flagship_frame frame;
	struct bytes data;
	cJSON *entry;

	(void)state;
	assert_non_null(file.data);
	entry = cJSON_Parse((const char *)file.data);
	assert_non_null(entry);
	data = vectors_decode_hex(vectors_string(entry, "frame"));
	assert_int_equal(flagship_frame_parse(data.data, data.length, &frame), 0);
	assert_int_equal(frame.signature, FLAGSHIP_SIGNATURE_MA);
	assert_int_equal(frame.size, (size_t)vectors_number(entry, "size"));
	assert_int_equal(frame.device_type, (int)vectors_number(entry, "format"));
	assert_int_equal(frame.packet_type, (int)vectors_number(entry, "packet_type"));
	assert_int_equal(frame.packet_number, (int)vectors_number(entry, "packet_num"));
	assert_int_equal(frame.time, (uint32_t)vectors_number(entry, "time"));
	assert_string_equal(frame.guid, vectors_string(entry, "guid"));
	assert_ptr_equal(frame.payload, data.data + 64);
	assert_int_equal(frame.payload_length, data.length - 65);
	free(data.data);
	free(file.data);
	cJSON_Delete(entry);
}

/* What the classes of protocol.md 3.3 predict of each: the capture's own notes knew none. */
static const struct prediction {
	const char *command;
	enum flagship_gcode_class class;
	bool whole;
	const char *last; /* of the answer, where it is whole */
} predictions[CAPTURE_REPLIES] = {
	{"M92", FLAGSHIP_GCODE_NOT_AWAITED, false, NULL},
	{"M204", FLAGSHIP_GCODE_NOT_AWAITED_EARLY, false, NULL},
	{"M851", FLAGSHIP_GCODE_QUEUED, true, "Z0.02"},
	{"M114", FLAGSHIP_GCODE_AT_ONCE, true, "Z:0"},
	{"M119", FLAGSHIP_GCODE_QUEUED, true, "z_probe: open"},
	{"M913", FLAGSHIP_GCODE_QUEUED, true, "E stealthChop max speed: 0"},
	/* Cut at the limit, before its ok. */
	{"M115", FLAGSHIP_GCODE_AT_ONCE, false, NULL},
	{"M503", FLAGSHIP_GCODE_QUEUED, false, NULL},
};

static void check_captured_reply(const cJSON *entry, const struct prediction *prediction)
{
	const char *command = vectors_string(entry, "_cmd");
	const char *text = vectors_string(entry, "resData");
	const size_t length = strlen(text);
	const enum flagship_gcode_class class = flagship_gcode_class_of(command, strlen(command),
									FLAGSHIP_MODEL_M5C);
	struct flagship_gcode_reply reply;

	assert_string_equal(command, prediction->command);
	assert_int_equal(class, prediction->class);
	assert_true(flagship_gcode_reply_fits(class, text, length));
	flagship_gcode_reply_parse(class, text, length, (int64_t)vectors_number(entry, "resLen"),
				   &reply);
	assert_int_equal(reply.complete, prediction->whole);
	if (prediction->last != NULL) {
		const size_t last = strlen(prediction->last);

		assert_true(reply.body_length >= last);
		assert_memory_equal(text + reply.body_offset + reply.body_length - last,
				    prediction->last, last);
	}
	assert_int_equal(reply.cut_at_limit, length == REPLY_LIMIT);
	assert_true(reply.length_matches);
	assert_int_equal(reply.has_ring_buffer, strstr(text, "+ringbuf:1,512,0\n") != NULL);
	if (reply.has_ring_buffer) {
		assert_int_equal(reply.queued, 1);
		assert_int_equal(reply.ring_size, REPLY_LIMIT);
		assert_false(reply.queue_flag);
		assert_null(memchr(text + reply.body_offset, '+', reply.body_length));
	}
	assert_true(reply.body_length > 0);
	assert_memory_not_equal(text + reply.body_offset, "ok\n", 3);
}

static void captured_replies_are_as_their_classes_say(void **state)
{
	struct bytes file = vectors_read_file(REPLIES_PATH);
	int replies = 0;

	(void)state;
	assert_non_null(file.data);
	for (char *line = strtok((char *)file.data, "\n"); line; line = strtok(NULL, "\n")) {
		cJSON *entry = cJSON_Parse(line);

		assert_non_null(entry);
		if (cJSON_HasObjectItem(entry, "resData")) {
			assert_true(replies < CAPTURE_REPLIES);
			check_captured_reply(entry, &predictions[replies]);
			replies++;
		}
		cJSON_Delete(entry);
	}
	free(file.data);
	assert_int_equal(replies, CAPTURE_REPLIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_captured_frame_is_parsed),
		cmocka_unit_test(captured_replies_are_as_their_classes_say),
	};

	/* Not skip(): cmocka writes it in a way that other readers of TAP take for a failure. */
	if (access(FRAME_PATH, R_OK) || access(REPLIES_PATH, R_OK)) {
		puts("1..0 # SKIP no captures in " CAPTURES_DIR);
		return EXIT_SUCCESS;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
