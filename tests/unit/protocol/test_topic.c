/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/topic.h"

#include <flagship/error.h>
#include <flagship/topic.h>

#include <stdlib.h>
#include <string.h>

#define SERIAL         "AK7ZRM2D20000017"
#define USER_ID        "3a1f-77_B0"
#define LONGEST_SERIAL "0123456789abcdefghijklmnopQRSTUV"
#define LONGEST_USER   LONGEST_SERIAL "0123456789abcdefghijklmnop-_STUV"
#define ROUNDS         200000
#define LENGTH(array)  (sizeof(array) / sizeof((array)[0]))

struct topic_case {
	enum flagship_topic_kind kind;
	const char *owner;
	const char *topic;
};

static const struct topic_case cases[] = {
	{FLAGSHIP_TOPIC_NOTICE, SERIAL, "/phone/maker/" SERIAL "/notice"},
	{FLAGSHIP_TOPIC_COMMAND_REPLY, SERIAL, "/phone/maker/" SERIAL "/command/reply"},
	{FLAGSHIP_TOPIC_QUERY_REPLY, SERIAL, "/phone/maker/" SERIAL "/query/reply"},
	{FLAGSHIP_TOPIC_CHANGE_NOTICE, SERIAL, "/phone/maker/" SERIAL "/change_notice"},
	{FLAGSHIP_TOPIC_COMMAND, SERIAL, "/device/maker/" SERIAL "/command"},
	{FLAGSHIP_TOPIC_QUERY, SERIAL, "/device/maker/" SERIAL "/query"},
	{FLAGSHIP_TOPIC_USER_CHANGE_NOTICE, USER_ID, "/phone/user/" USER_ID "/change_notice"},
	{FLAGSHIP_TOPIC_SMART_COMMAND, SERIAL, "/smart/maker/" SERIAL "/command"},
	{FLAGSHIP_TOPIC_SERVER_COMMAND, SERIAL, "/server/maker/" SERIAL "/command"},
	{FLAGSHIP_TOPIC_NOTICE, "0", "/phone/maker/0/notice"},
	{FLAGSHIP_TOPIC_QUERY, LONGEST_SERIAL, "/device/maker/" LONGEST_SERIAL "/query"},
	{FLAGSHIP_TOPIC_USER_CHANGE_NOTICE, LONGEST_USER,
	 "/phone/user/" LONGEST_USER "/change_notice"},
};

static void topics_are_built(void **state)
{
	char out[FLAGSHIP_TOPIC_LENGTH_MAX + 1];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct topic_case *c = &cases[i];
		const size_t needed = strlen(c->topic) + 1;

		assert_true(needed <= sizeof(out));
		assert_int_equal(flagship_topic_build(c->kind, c->owner, out, needed), 0);
		assert_string_equal(out, c->topic);
		memset(out, '#', sizeof(out));
		for (size_t capacity = 0; capacity < needed; capacity++) {
			assert_int_equal(flagship_topic_build(c->kind, c->owner, out, capacity),
					 FLAGSHIP_ERROR_BUFFER);
		}
		assert_int_equal(out[0], '#');
	}
}

static void topics_are_parsed(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct flagship_topic topic;

		memset(&topic, '#', sizeof(topic));
		assert_int_equal(
			flagship_topic_parse(cases[i].topic, strlen(cases[i].topic), &topic), 0);
		assert_int_equal(topic.kind, cases[i].kind);
		assert_string_equal(topic.owner, cases[i].owner);
	}
}

/* Without a NUL behind it, which a message of the broker's has not, and without a copy. */
static void topics_are_taken_apart_where_they_lie(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const size_t length = strlen(cases[i].topic);
		char *copy = malloc(length);
		struct topic_parts parts;

		assert_non_null(copy);
		memcpy(copy, cases[i].topic, length);
		assert_true(topic_take_apart(copy, length, &parts));
		assert_int_equal(parts.kind, cases[i].kind);
		assert_ptr_equal(parts.owner,
				 copy + (strstr(cases[i].topic, cases[i].owner) - cases[i].topic));
		assert_int_equal(parts.owner_length, strlen(cases[i].owner));
		assert_false(topic_take_apart(copy, length - 1, &parts));
		free(copy);
	}
}

static void parts_of_topics_are_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		for (size_t length = 0; length < strlen(cases[i].topic); length++) {
			/* An allocation of just this length lets a sanitizer see what lies behind.
			 */
			char *copy = malloc(length ? length : 1);
			struct flagship_topic topic = {0};

			assert_non_null(copy);
			memcpy(copy, cases[i].topic, length);
			assert_int_equal(flagship_topic_parse(copy, length, &topic),
					 FLAGSHIP_ERROR_TOPIC);
			assert_int_equal(topic.owner[0], '\0');
			free(copy);
		}
	}
}

struct refused_case {
	const char *topic;
	int error;
};

static const struct refused_case refused[] = {
	{"", FLAGSHIP_ERROR_TOPIC},
	{"/", FLAGSHIP_ERROR_TOPIC},
	{"#", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL, FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "/", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "/#", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "/+", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "/+/reply", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "/notice/", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "/notices", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "/Notice", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "//notice", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "/reply", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "/command", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/" SERIAL "/query", FLAGSHIP_ERROR_TOPIC},
	{"/device/maker/" SERIAL "/notice", FLAGSHIP_ERROR_TOPIC},
	{"/device/maker/" SERIAL "/command/reply", FLAGSHIP_ERROR_TOPIC},
	{"/Phone/maker/" SERIAL "/notice", FLAGSHIP_ERROR_TOPIC},
	{"/phone/MAKER/" SERIAL "/notice", FLAGSHIP_ERROR_TOPIC},
	{"phone/maker/" SERIAL "/notice", FLAGSHIP_ERROR_TOPIC},
	{"//phone/maker/" SERIAL "/notice", FLAGSHIP_ERROR_TOPIC},
	{" /phone/maker/" SERIAL "/notice", FLAGSHIP_ERROR_TOPIC},
	{"/+/maker/" SERIAL "/notice", FLAGSHIP_ERROR_TOPIC},
	{"/phone/user/" USER_ID "/notice", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/A/B/notice", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker///notice", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker/notice", FLAGSHIP_ERROR_TOPIC},
	{"/phone/maker//notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/maker/+/notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/maker/#/notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/maker/AK 7/notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/maker/AK-7/notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/maker/AK_7/notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/maker/\xc3\xa9/notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/maker/" LONGEST_SERIAL "0/notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/user//change_notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/user/+/change_notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/user/a.b/change_notice", FLAGSHIP_ERROR_SERIAL},
	{"/phone/user/" LONGEST_USER "0/change_notice", FLAGSHIP_ERROR_SERIAL},
};

static void other_topics_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		struct flagship_topic topic;
		struct flagship_topic before;

		memset(&topic, '#', sizeof(topic));
		before = topic;
		assert_int_equal(
			flagship_topic_parse(refused[i].topic, strlen(refused[i].topic), &topic),
			refused[i].error);
		assert_memory_equal(&topic, &before, sizeof(topic));
	}
}

static void a_nul_is_no_end(void **state)
{
	static const char inside[] = "/phone/maker/AK\0007/notice";
	static const char behind[] = "/phone/maker/AK7/notice";
	struct flagship_topic topic;

	(void)state;
	assert_int_equal(flagship_topic_parse(inside, sizeof(inside) - 1, &topic),
			 FLAGSHIP_ERROR_SERIAL);
	assert_int_equal(flagship_topic_parse(behind, sizeof(behind), &topic),
			 FLAGSHIP_ERROR_TOPIC);
	assert_int_equal(flagship_topic_parse(NULL, 0, &topic), FLAGSHIP_ERROR_TOPIC);
}

/* Whatever is accepted is just what would be built for it. */
static void random_changes_are_never_misread(void **state)
{
	static const char characters[] = "/+#A7_- mnphoe\xff";

	(void)state;
	srand(1);
	for (int round = 0; round < ROUNDS; round++) {
		const struct topic_case *c = &cases[(size_t)rand() % LENGTH(cases)];
		const size_t length = strlen(c->topic);
		char changed[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
		char built[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
		struct flagship_topic topic;

		memcpy(changed, c->topic, length + 1);
		changed[(size_t)rand() % length] = characters[(size_t)rand() % sizeof(characters)];
		if (flagship_topic_parse(changed, length, &topic)) {
			continue;
		}
		assert_int_equal(
			flagship_topic_build(topic.kind, topic.owner, built, sizeof(built)), 0);
		assert_int_equal(strlen(built), length);
		assert_memory_equal(built, changed, length);
	}
}

static void serials_are_letters_and_digits(void **state)
{
	(void)state;
	assert_true(flagship_serial_valid(SERIAL));
	assert_true(flagship_serial_valid("z"));
	assert_true(flagship_serial_valid(LONGEST_SERIAL));
	assert_false(flagship_serial_valid(NULL));
	assert_false(flagship_serial_valid(""));
	assert_false(flagship_serial_valid(LONGEST_SERIAL "0"));
	for (int c = 1; c <= UINT8_MAX; c++) {
		const char serial[] = {'A', (char)c, '7', '\0'};
		const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		const bool digit = c >= '0' && c <= '9';

		assert_int_equal(flagship_serial_valid(serial), letter || digit);
	}
}

static void nothing_is_built_for_a_wrong_owner(void **state)
{
	char out[FLAGSHIP_TOPIC_LENGTH_MAX + 1] = "#";

	(void)state;
	assert_int_equal(flagship_topic_build(FLAGSHIP_TOPIC_QUERY, "+", out, sizeof(out)),
			 FLAGSHIP_ERROR_SERIAL);
	assert_int_equal(flagship_topic_build(FLAGSHIP_TOPIC_QUERY, "", out, sizeof(out)),
			 FLAGSHIP_ERROR_SERIAL);
	assert_int_equal(flagship_topic_build(FLAGSHIP_TOPIC_QUERY, NULL, out, sizeof(out)),
			 FLAGSHIP_ERROR_SERIAL);
	assert_int_equal(flagship_topic_build(FLAGSHIP_TOPIC_QUERY, USER_ID, out, sizeof(out)),
			 FLAGSHIP_ERROR_SERIAL);
	assert_int_equal(flagship_topic_build((enum flagship_topic_kind)FLAGSHIP_TOPIC_KINDS,
					      SERIAL, out, sizeof(out)),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(
		flagship_topic_build((enum flagship_topic_kind) - 1, SERIAL, out, sizeof(out)),
		FLAGSHIP_ERROR_ARGUMENT);
	assert_string_equal(out, "#");
}

static void a_client_subscribes_to_five(void **state)
{
	static const char *const expected[FLAGSHIP_CLIENT_TOPICS] = {
		"/phone/maker/" SERIAL "/notice",        "/phone/maker/" SERIAL "/command/reply",
		"/phone/maker/" SERIAL "/query/reply",   "/phone/maker/" SERIAL "/change_notice",
		"/phone/user/" USER_ID "/change_notice",
	};
	char topics[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];

	(void)state;
	assert_int_equal(flagship_topic_client(SERIAL, USER_ID, topics), 5);
	for (size_t i = 0; i < LENGTH(expected); i++) {
		assert_string_equal(topics[i], expected[i]);
	}
	assert_int_equal(flagship_topic_client(SERIAL, NULL, topics), 4);
	assert_int_equal(flagship_topic_client(SERIAL, "", topics), 4);
	for (size_t i = 0; i < LENGTH(expected) - 1; i++) {
		assert_string_equal(topics[i], expected[i]);
	}
	assert_int_equal(flagship_topic_client(SERIAL, "+", topics), FLAGSHIP_ERROR_SERIAL);
	assert_int_equal(flagship_topic_client("#", USER_ID, topics), FLAGSHIP_ERROR_SERIAL);
	assert_int_equal(flagship_topic_client(NULL, NULL, topics), FLAGSHIP_ERROR_SERIAL);
}

/* Each byte at each place of serial numbers of each length: they are looked at eight at a time. */
static void no_other_byte_is_in_a_serial(void **state)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];

	(void)state;
	for (size_t length = 1; length <= FLAGSHIP_SERIAL_LENGTH_MAX; length++) {
		for (size_t at = 0; at < length; at++) {
			for (unsigned int byte = 1; byte <= UINT8_MAX; byte++) {
				bool valid = (byte >= '0' && byte <= '9') ||
					     (byte >= 'A' && byte <= 'Z') ||
					     (byte >= 'a' && byte <= 'z');

				memset(serial, 'A', sizeof(serial));
				serial[length] = '\0';
				serial[at] = (char)byte;
				assert_int_equal(flagship_serial_valid(serial), valid);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topics_are_built),
		cmocka_unit_test(topics_are_parsed),
		cmocka_unit_test(topics_are_taken_apart_where_they_lie),
		cmocka_unit_test(parts_of_topics_are_none),
		cmocka_unit_test(other_topics_are_refused),
		cmocka_unit_test(a_nul_is_no_end),
		cmocka_unit_test(random_changes_are_never_misread),
		cmocka_unit_test(serials_are_letters_and_digits),
		cmocka_unit_test(no_other_byte_is_in_a_serial),
		cmocka_unit_test(nothing_is_built_for_a_wrong_owner),
		cmocka_unit_test(a_client_subscribes_to_five),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
