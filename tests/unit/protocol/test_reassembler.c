/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>
#include <flagship/mqtt.h>
#include <flagship/reassembler.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SINGLE      FLAGSHIP_PACKET_TYPE_SINGLE
#define BEGIN       FLAGSHIP_PACKET_TYPE_MULTI_BEGIN
#define APPEND      FLAGSHIP_PACKET_TYPE_MULTI_APPEND
#define FINISH      FLAGSHIP_PACKET_TYPE_MULTI_FINISH

#define MORE        0
#define WHOLE       1
#define ORDER       FLAGSHIP_ERROR_PACKET_ORDER
#define TOO_LARGE   FLAGSHIP_ERROR_TOO_LARGE
#define STEPS_MAX   12
#define SMALL_LIMIT 8
#define PIECE_SIZE  1000
#define LENGTH(a)   (sizeof(a) / sizeof((a)[0]))

/* One call, what it returns, and the message where that is WHOLE. */
struct step {
	int packet_type; /* 0 ends the script */
	const char *data;
	int result;
	const char *message;
};

struct script {
	const char *name;
	struct step steps[STEPS_MAX];
};

static const struct script scripts[] = {
	{"single", {{SINGLE, "abc", WHOLE, "abc"}, {SINGLE, "", WHOLE, ""}}},
	{"begin and finish", {{BEGIN, "ab", MORE, NULL}, {FINISH, "cd", WHOLE, "abcd"}}},
	{"three parts",
	 {{BEGIN, "a", MORE, NULL}, {APPEND, "b", MORE, NULL}, {FINISH, "c", WHOLE, "abc"}}},
	{"empty parts",
	 {{BEGIN, "", MORE, NULL}, {APPEND, "", MORE, NULL}, {FINISH, "", WHOLE, ""}}},
	{"two messages",
	 {{BEGIN, "a", MORE, NULL},
	  {FINISH, "b", WHOLE, "ab"},
	  {BEGIN, "c", MORE, NULL},
	  {FINISH, "d", WHOLE, "cd"}}},
	{"a begin in the middle drops",
	 {{BEGIN, "a", MORE, NULL},
	  {APPEND, "b", MORE, NULL},
	  {BEGIN, "c", MORE, NULL},
	  {FINISH, "d", WHOLE, "cd"}}},
	{"a finish without a begin",
	 {{FINISH, "a", ORDER, NULL}, {BEGIN, "b", MORE, NULL}, {FINISH, "c", WHOLE, "bc"}}},
	{"an append without a begin",
	 {{APPEND, "a", ORDER, NULL},
	  {FINISH, "b", ORDER, NULL},
	  {BEGIN, "c", MORE, NULL},
	  {FINISH, "d", WHOLE, "cd"}}},
	{"a second finish",
	 {{BEGIN, "a", MORE, NULL}, {FINISH, "b", WHOLE, "ab"}, {FINISH, "c", ORDER, NULL}}},
	{"singles in between",
	 {{SINGLE, "x", WHOLE, "x"},
	  {BEGIN, "a", MORE, NULL},
	  {SINGLE, "0123456789", WHOLE, "0123456789"},
	  {APPEND, "b", MORE, NULL},
	  {SINGLE, "", WHOLE, ""},
	  {FINISH, "c", WHOLE, "abc"},
	  {SINGLE, "y", WHOLE, "y"}}},
	{"unknown types in between",
	 {{0xbf, "x", FLAGSHIP_ERROR_PACKET_TYPE, NULL},
	  {BEGIN, "a", MORE, NULL},
	  {0xc4, "x", FLAGSHIP_ERROR_PACKET_TYPE, NULL},
	  {0xff, "x", FLAGSHIP_ERROR_PACKET_TYPE, NULL},
	  {FINISH, "b", WHOLE, "ab"}}},
	{"just the limit",
	 {{BEGIN, "0123", MORE, NULL},
	  {APPEND, "456", MORE, NULL},
	  {FINISH, "7", WHOLE, "01234567"},
	  {BEGIN, "01234567", MORE, NULL},
	  {FINISH, "", WHOLE, "01234567"}}},
	{"too large to begin", {{BEGIN, "012345678", TOO_LARGE, NULL}, {FINISH, "", ORDER, NULL}}},
	{"too large at an append",
	 {{BEGIN, "0123456", MORE, NULL},
	  {APPEND, "78", TOO_LARGE, NULL},
	  {APPEND, "9", ORDER, NULL},
	  {FINISH, "a", ORDER, NULL},
	  {BEGIN, "b", MORE, NULL},
	  {FINISH, "c", WHOLE, "bc"}}},
	{"too large at the finish",
	 {{BEGIN, "01234567", MORE, NULL},
	  {FINISH, "8", TOO_LARGE, NULL},
	  {FINISH, "", ORDER, NULL},
	  {BEGIN, "9", MORE, NULL},
	  {FINISH, "", WHOLE, "9"}}},
};

static void check_step(struct flagship_reassembler *reassembler, const struct step *step)
{
	static const uint8_t untouched;
	const uint8_t *data = (const uint8_t *)step->data;
	const uint8_t *message = &untouched;
	size_t length = SIZE_MAX;
	int result = flagship_reassembler_push(reassembler, (uint8_t)step->packet_type, data,
					       strlen(step->data), &message, &length);

	assert_int_equal(result, step->result);
	if (result != WHOLE) {
		assert_ptr_equal(message, &untouched);
		assert_int_equal(length, SIZE_MAX);
		return;
	}
	assert_int_equal(length, strlen(step->message));
	assert_memory_equal(message, step->message, length);
	if (step->packet_type == SINGLE) {
		assert_ptr_equal(message, data);
	}
}

static void scripts_run_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(scripts); i++) {
		struct flagship_reassembler reassembler;

		print_message("# %s\n", scripts[i].name);
		flagship_reassembler_init(&reassembler, SMALL_LIMIT);
		for (size_t j = 0; j < STEPS_MAX && scripts[i].steps[j].packet_type; j++) {
			check_step(&reassembler, &scripts[i].steps[j]);
		}
		flagship_reassembler_finish(&reassembler);
	}
}

/* Collects a message of this size in pieces and looks at every byte of it. */
static void collect(struct flagship_reassembler *reassembler, size_t size)
{
	uint8_t piece[PIECE_SIZE];
	const uint8_t *message = NULL;
	size_t message_length = 0;
	size_t sent = 0;
	int result = MORE;

	while (result == MORE) {
		const size_t left = size - sent;
		const size_t length = left < sizeof(piece) ? left : sizeof(piece);
		const uint8_t type = sent == 0 ? BEGIN : length == left ? FINISH : APPEND;

		for (size_t i = 0; i < length; i++) {
			piece[i] = (uint8_t)((sent + i) * 7);
		}
		result = flagship_reassembler_push(reassembler, type, piece, length, &message,
						   &message_length);
		sent += length;
		assert_true(reassembler->capacity <= reassembler->limit);
	}
	assert_int_equal(result, WHOLE);
	assert_int_equal(message_length, size);
	for (size_t i = 0; i < size; i++) {
		if (message[i] != (uint8_t)(i * 7)) {
			fail_msg("byte %zu of %zu is wrong", i, size);
		}
	}
}

static void the_buffer_grows_up_to_the_limit(void **state)
{
	static const size_t limits[] = {4095, 4096, 4097, 10000, 16384, 65537};

	(void)state;
	for (size_t i = 0; i < LENGTH(limits); i++) {
		struct flagship_reassembler reassembler;

		flagship_reassembler_init(&reassembler, limits[i]);
		assert_null(reassembler.data);
		for (size_t size = PIECE_SIZE + 1; size < limits[i]; size += limits[i] / 5) {
			collect(&reassembler, size);
		}
		collect(&reassembler, limits[i]);
		assert_int_equal(reassembler.capacity, limits[i]);
		flagship_reassembler_finish(&reassembler);
		assert_null(reassembler.data);
	}
}

struct growth {
	size_t length;   /* of a message */
	size_t capacity; /* after it */
};

static void the_buffer_doubles(void **state)
{
	static const struct growth growths[] = {
		{1, 4096},      {4096, 4096},   {4097, 8192},    {8192, 8192},     {5000, 8192},
		{32769, 65536}, {65536, 65536}, {65537, 100000}, {100000, 100000},
	};
	struct flagship_reassembler reassembler;
	uint8_t *data = calloc(1, 100000);

	(void)state;
	assert_non_null(data);
	flagship_reassembler_init(&reassembler, 100000);
	for (size_t i = 0; i < LENGTH(growths); i++) {
		const bool fits = growths[i].length <= reassembler.capacity;
		const uint8_t *before = reassembler.data;
		const uint8_t *message;
		size_t length;

		assert_int_equal(flagship_reassembler_push(&reassembler, BEGIN, data,
							   growths[i].length, &message, &length),
				 MORE);
		assert_int_equal(reassembler.capacity, growths[i].capacity);
		assert_int_equal(reassembler.data == before, fits);
	}
	flagship_reassembler_finish(&reassembler);
	/* The last doubling meets the limit exactly. */
	flagship_reassembler_init(&reassembler, 8192);
	collect(&reassembler, 4097);
	assert_int_equal(reassembler.capacity, 8192);
	flagship_reassembler_finish(&reassembler);
	free(data);
}

static void the_default_limit_is_exact(void **state)
{
	struct flagship_reassembler reassembler;
	const uint8_t *message;
	size_t length;
	uint8_t *data = calloc(1, FLAGSHIP_REASSEMBLER_LIMIT_DEFAULT + 1);

	(void)state;
	assert_non_null(data);
	flagship_reassembler_init(&reassembler, 0);
	collect(&reassembler, FLAGSHIP_REASSEMBLER_LIMIT_DEFAULT);
	assert_int_equal(flagship_reassembler_push(&reassembler, BEGIN, data,
						   FLAGSHIP_REASSEMBLER_LIMIT_DEFAULT, &message,
						   &length),
			 MORE);
	assert_int_equal(
		flagship_reassembler_push(&reassembler, APPEND, data, 1, &message, &length),
		TOO_LARGE);
	assert_int_equal(flagship_reassembler_push(&reassembler, BEGIN, data,
						   FLAGSHIP_REASSEMBLER_LIMIT_DEFAULT + 1, &message,
						   &length),
			 TOO_LARGE);
	/* Lengths that would wrap when they are added up. */
	assert_int_equal(flagship_reassembler_push(&reassembler, BEGIN, data, 1, &message, &length),
			 MORE);
	assert_int_equal(
		flagship_reassembler_push(&reassembler, APPEND, data, SIZE_MAX, &message, &length),
		TOO_LARGE);
	flagship_reassembler_finish(&reassembler);
	free(data);
}

static void a_huge_limit_does_not_wrap(void **state)
{
	struct flagship_reassembler reassembler;

	(void)state;
	flagship_reassembler_init(&reassembler, SIZE_MAX);
	collect(&reassembler, 100 * PIECE_SIZE);
	assert_true(reassembler.capacity < 2 * 100 * PIECE_SIZE);
	flagship_reassembler_finish(&reassembler);
}

static void null_is_accepted_for_an_empty_part(void **state)
{
	struct flagship_reassembler reassembler;
	const uint8_t *message = NULL;
	size_t length = 1;

	(void)state;
	flagship_reassembler_init(&reassembler, 0);
	assert_int_equal(flagship_reassembler_push(&reassembler, BEGIN, NULL, 0, &message, &length),
			 MORE);
	assert_int_equal(
		flagship_reassembler_push(&reassembler, FINISH, NULL, 0, &message, &length), WHOLE);
	assert_int_equal(length, 0);
	assert_non_null(message);
	flagship_reassembler_finish(&reassembler);
	flagship_reassembler_finish(&reassembler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_run_as_written),
		cmocka_unit_test(the_buffer_grows_up_to_the_limit),
		cmocka_unit_test(the_buffer_doubles),
		cmocka_unit_test(the_default_limit_is_exact),
		cmocka_unit_test(a_huge_limit_does_not_wrap),
		cmocka_unit_test(null_is_accepted_for_an_empty_part),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
