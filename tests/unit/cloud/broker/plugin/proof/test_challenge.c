/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/broker/plugin/proof/challenge.h"

#include <stdio.h>
#include <string.h>

#define KEY_HEX "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"
#define GUID    "00000000-0000-4000-8000-000000000000"
#define BYTES   512

static int make(void **state)
{
	struct flagship_key *key;

	if (flagship_key_create_hex(KEY_HEX, strlen(KEY_HEX), &key) != 0) {
		return 1;
	}
	*state = key;
	return 0;
}

static int drop(void **state)
{
	flagship_key_destroy(*state);
	return 0;
}

/* What stands in a question, as the printer reads it. */
static struct flagship_message ask(struct challenge *challenge, enum flagship_model model,
				   struct flagship_key *key, struct challenge_frame *frame)
{
	static uint8_t copy[CHALLENGE_FRAME_MAX];
	struct flagship_frame opened;
	struct flagship_message message;
	size_t count;

	assert_true(challenge_ask(challenge, model, key, GUID, frame));
	memcpy(copy, frame->bytes, frame->size);
	assert_int_equal(flagship_frame_open(key, copy, frame->size, &opened), 0);
	assert_int_equal(
		flagship_payload_read(opened.payload, opened.payload_length, &message, 1, &count),
		0);
	return message;
}

static enum challenge_result answer_echo(struct challenge *challenge,
					 const struct flagship_message *question, size_t length)
{
	const struct flagship_text *line = &question->as.gcode_command.command;
	char json[BYTES];

	snprintf(json, sizeof(json),
		 "{\"commandType\":1043,\"reply\":0,\"resData\":\"%.*s\\n+ringbuf:1,512,"
		 "0\\nok\\n\"}",
		 (int)length, line->data + strlen("M118 "));
	return challenge_receive(challenge, json, strlen(json));
}

static void the_digits_of_a_question_answer_it_once(void **state)
{
	struct challenge challenge = {0};
	struct challenge_frame frame;
	struct flagship_message first = ask(&challenge, FLAGSHIP_MODEL_M5, *state, &frame);

	assert_int_equal(frame.topic, FLAGSHIP_TOPIC_COMMAND);
	assert_int_equal(first.type, FLAGSHIP_MESSAGE_GCODE_COMMAND);
	/* Above the 16 characters of the board's filter of repeats, and below its 64 bytes. */
	assert_in_range(first.as.gcode_command.command.length, 16, 63);
	assert_int_equal(answer_echo(&challenge, &first, CHALLENGE_DIGITS - 1),
			 CHALLENGE_NO_ANSWER);
	assert_int_equal(answer_echo(&challenge, &first, CHALLENGE_DIGITS), CHALLENGE_ANSWERED);
	assert_int_equal(answer_echo(&challenge, &first, CHALLENGE_DIGITS), CHALLENGE_NO_ANSWER);
	assert_false(challenge_is_open(&challenge));
}

/* Where it is not known to the board, M118 comes back within the error. */
static void an_unknown_command_is_named_with_its_digits(void **state)
{
	struct challenge challenge = {0};
	struct challenge_frame frame;
	struct flagship_message question = ask(&challenge, FLAGSHIP_MODEL_M5C, *state, &frame);
	const struct flagship_text *line = &question.as.gcode_command.command;
	char json[BYTES];

	snprintf(json, sizeof(json),
		 "{\"commandType\":1043,\"reply\":0,\"resData\":\"echo:Unknown command: "
		 "\\\"%.*s\\\"\\n\"}",
		 (int)line->length, line->data);
	assert_int_equal(challenge_receive(&challenge, json, strlen(json)), CHALLENGE_ANSWERED);
}

static void the_question_itself_is_no_answer(void **state)
{
	struct challenge challenge = {0};
	struct challenge_frame frame;
	struct flagship_message question = ask(&challenge, FLAGSHIP_MODEL_M5, *state, &frame);

	assert_int_equal(challenge_receive(&challenge, question.json.data, question.json.length),
			 CHALLENGE_NO_ANSWER);
}

static void old_questions_are_open_no_more(void **state)
{
	struct challenge challenge = {0};
	struct challenge_frame frame;
	char digits[CHALLENGE_DIGITS + 1];
	char json[BYTES];

	(void)ask(&challenge, FLAGSHIP_MODEL_M5, *state, &frame);
	memcpy(digits, challenge.questions[0].digits, sizeof(digits));
	for (int i = 0; i < CHALLENGE_OPEN_MAX; i++) {
		(void)ask(&challenge, FLAGSHIP_MODEL_M5, *state, &frame);
	}
	snprintf(json, sizeof(json), "{\"commandType\":1043,\"resData\":\"%s\"}", digits);
	assert_int_equal(challenge_receive(&challenge, json, strlen(json)), CHALLENGE_NO_ANSWER);
}

static void blocks_of_a_question_are_noticed_wherever_they_stand(void **state)
{
	struct challenge challenge = {0};
	struct challenge_frame frame;
	struct flagship_frame parsed;
	uint8_t other[10 * 16];

	(void)ask(&challenge, FLAGSHIP_MODEL_M5, *state, &frame);
	assert_int_equal(flagship_frame_parse(frame.bytes, frame.size, &parsed), 0);
	for (size_t own = 0; own < parsed.payload_length; own += 16) {
		for (size_t at = 0; at < sizeof(other); at += 16) {
			memset(other, 0xa5, sizeof(other));
			memcpy(other + at, parsed.payload + own, 16);
			/* All answers begin with the same text. */
			assert_int_equal(challenge_repeats(&challenge, other, sizeof(other)),
					 own != 0 || at != 0);
		}
	}
	memset(other, 0xa5, sizeof(other));
	assert_false(challenge_repeats(&challenge, other, sizeof(other)));
}

static enum challenge_result answer_order(struct challenge *challenge, int64_t type)
{
	char json[BYTES];

	snprintf(json, sizeof(json), "[{\"commandType\":%d,\"plateType\":1}]", (int)type);
	return challenge_receive(challenge, json, strlen(json));
}

static void an_e1_has_to_be_right_many_times_in_a_row(void **state)
{
	struct challenge challenge = {0};
	struct challenge_frame frame;
	struct flagship_message question;
	size_t size = 0;

	for (int round = 1; round < 2 * CHALLENGE_ROUNDS; round++) {
		question = ask(&challenge, FLAGSHIP_MODEL_E1, *state, &frame);
		assert_int_equal(frame.topic, FLAGSHIP_TOPIC_QUERY);
		/* Its length does not tell which one it is. */
		assert_true(size == 0 || size == frame.size);
		size = frame.size;
		/* One that is wrong halfway ends the row. */
		if (round == CHALLENGE_ROUNDS - 1) {
			int64_t wrong = question.type == FLAGSHIP_MESSAGE_E1_PLATES
						? FLAGSHIP_MESSAGE_E1_ACCESSORY
						: FLAGSHIP_MESSAGE_E1_PLATES;
			assert_int_equal(answer_order(&challenge, wrong), CHALLENGE_WRONG);
			assert_int_equal(answer_order(&challenge, question.type),
					 CHALLENGE_NO_ANSWER);
			continue;
		}
		assert_int_equal(answer_order(&challenge, question.type), CHALLENGE_GOES_ON);
		assert_int_equal(answer_order(&challenge, question.type), CHALLENGE_NO_ANSWER);
		if (challenge.streak == CHALLENGE_ROUNDS - 1) {
			break;
		}
	}
	question = ask(&challenge, FLAGSHIP_MODEL_E1, *state, &frame);
	assert_int_equal(answer_order(&challenge, question.type), CHALLENGE_ANSWERED);
}

static void both_answers_at_once_are_none(void **state)
{
	static const char both[] = "[{\"commandType\":1118,\"plateType\":1},"
				   "{\"commandType\":1153,\"attType\":1}]";
	struct challenge challenge = {0};
	struct challenge_frame frame;

	(void)ask(&challenge, FLAGSHIP_MODEL_E1, *state, &frame);
	assert_int_equal(challenge_receive(&challenge, both, strlen(both)), CHALLENGE_NO_ANSWER);
	assert_int_equal(challenge.streak, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_digits_of_a_question_answer_it_once),
		cmocka_unit_test(an_unknown_command_is_named_with_its_digits),
		cmocka_unit_test(the_question_itself_is_no_answer),
		cmocka_unit_test(old_questions_are_open_no_more),
		cmocka_unit_test(blocks_of_a_question_are_noticed_wherever_they_stand),
		cmocka_unit_test(an_e1_has_to_be_right_many_times_in_a_row),
		cmocka_unit_test(both_answers_at_once_are_none),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
