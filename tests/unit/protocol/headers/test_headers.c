/* SPDX-License-Identifier: MIT */
/* Compiled as C17 and as C++17: the library's functions are found from both. */
#include <flagship/flagship.h>
#include <flagship/key.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Unlike ours, this header knows nothing of C++. */
#ifdef __cplusplus
extern "C" {
#endif
#include <cmocka.h>
#ifdef __cplusplus
}
#endif

static void functions_are_found(void **state)
{
	static const uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256] = {0};
	struct flagship_text text = flagship_text_from("text");
	struct flagship_key *key = NULL;
	struct flagship_frame frame;
	struct flagship_reassembler reassembler;
	struct flagship_gcode_reply reply;
	struct flagship_topic topic;
	size_t count = 0;

	(void)state;
	assert_true(flagship_text_equals(text, "text"));
	assert_int_equal(flagship_key_create(bytes, sizeof(bytes), &key), 0);
	flagship_key_destroy(key);
	flagship_reassembler_init(&reassembler, 0);
	flagship_reassembler_finish(&reassembler);
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, "ok\n", 3, -1, &reply);
	assert_true(reply.complete);
	assert_int_equal(flagship_topic_parse("", 0, &topic), FLAGSHIP_ERROR_TOPIC);
	assert_non_null(flagship_message_infos(&count));
	assert_true(count > 0);
	assert_int_equal(flagship_model_from_name("M5C"), FLAGSHIP_MODEL_M5C);
	assert_string_equal(flagship_region_name(FLAGSHIP_REGION_US), "us");
	assert_int_equal(flagship_check_code("", "", NULL), FLAGSHIP_ERROR_ARGUMENT);
	flagship_frame_init(&frame, "12345678-1234-1234-1234-123456789012");
	assert_int_equal(frame.packet_number, 0);
	assert_non_null(flagship_strerror(FLAGSHIP_ERROR_KEY));
	assert_non_null(flagship_version());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
