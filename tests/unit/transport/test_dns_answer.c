/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/dns.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define NAME   "make-mqtt.ankermake.com"
#define TARGET "ankermake-emqx-nlb-60dd062d3b52769a.elb.us-east-2.amazonaws.com"

/* The name of the question, at offset 12, and in wire form. */
#define QUESTION_NAME       \
	"\x09make-mqtt\x09" \
	"ankermake\x03"     \
	"com\0"
#define QUESTION_RECORD QUESTION_NAME "\0\x01\0\x01"
#define TARGET_NAME                               \
	"\x23"                                    \
	"ankermake-emqx-nlb-60dd062d3b52769a\x03" \
	"elb\x09us-east-2\x09"                    \
	"amazonaws\x03"                           \
	"com\0"
#define TTL                          "\0\0\0\x3c"
#define POINTER_TO_NAME              "\xc0\x0c"

#define HEADER(flags, answers)       "\x12\x34" flags "\0\x01\0" answers "\0\0\0\0"
#define GOOD                         "\x81\x80"
#define NO_SUCH_NAME                 "\x81\x83"
#define A_QUESTION                   "\x01\0"
#define ADDRESS(owner, bytes)        owner "\0\x01\0\x01" TTL "\0\x04" bytes
#define ADDRESS_6(owner)             owner "\0\x1c\0\x01" TTL "\0\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
#define ALIAS(owner, length, target) owner "\0\x05\0\x01" TTL "\0" length target

#define MESSAGE(text)                (const uint8_t *)(text), sizeof(text) - 1

struct answer_case {
	const char *about;
	const uint8_t *message;
	size_t length;
	bool good;
	size_t alias_count;
	const char *alias; /* the last one */
	size_t address_count;
	const char *address; /* the first one */
};

static const struct answer_case cases[] = {
	{"an address",
	 MESSAGE(HEADER(GOOD, "\x01") QUESTION_RECORD ADDRESS(POINTER_TO_NAME, "\x7f\0\0\x01")),
	 true, 0, NULL, 1, "127.0.0.1"},
	{"as the vendor's broker",
	 MESSAGE(HEADER(GOOD, "\x03") QUESTION_RECORD ALIAS(POINTER_TO_NAME, "\x41", TARGET_NAME)
			 ADDRESS(TARGET_NAME, "\x03\x16\xf7\x55")
				 ADDRESS(TARGET_NAME, "\x03\x86\x77\x8c")),
	 true, 1, TARGET, 2, "3.22.247.85"},
	{"the end before the alias",
	 MESSAGE(HEADER(GOOD, "\x02") QUESTION_RECORD ADDRESS(TARGET_NAME, "\x03\x16\xf7\x55")
			 ALIAS(POINTER_TO_NAME, "\x41", TARGET_NAME)),
	 true, 1, TARGET, 1, "3.22.247.85"},
	{"IPv6", MESSAGE(HEADER(GOOD, "\x01") QUESTION_RECORD ADDRESS_6(POINTER_TO_NAME)), true, 0,
	 NULL, 1, "2001:db8::1"},
	{"a name in capitals",
	 MESSAGE(HEADER(GOOD, "\x01") QUESTION_RECORD ADDRESS("\x09MAKE-MQTT\x09"
							      "ankermake\x03"
							      "com\0",
							      "\x7f\0\0\x01")),
	 true, 0, NULL, 1, "127.0.0.1"},
	{"of another name",
	 MESSAGE(HEADER(GOOD, "\x01") QUESTION_RECORD ADDRESS("\x01x\0", "\x7f\0\0\x01")), true, 0,
	 NULL, 0, NULL},
	{"what is no name of a host",
	 MESSAGE(HEADER(GOOD, "\x01") QUESTION_RECORD ALIAS(POINTER_TO_NAME, "\x05",
							    "\x03"
							    "a\x1b.\0")),
	 true, 1, "a??", 0, NULL},
	{"an alias of itself",
	 MESSAGE(HEADER(GOOD, "\x01")
			 QUESTION_RECORD ALIAS(POINTER_TO_NAME, "\x02", POINTER_TO_NAME)),
	 true, DNS_ALIASES_MAX, NAME, 0, NULL},
	{"nothing known", MESSAGE(HEADER(GOOD, "\0") QUESTION_RECORD), true, 0, NULL, 0, NULL},
	{"no such name", MESSAGE(HEADER(NO_SUCH_NAME, "\0") QUESTION_RECORD), false, 0, NULL, 0,
	 NULL},
	{"a question", MESSAGE(HEADER(A_QUESTION, "\0") QUESTION_RECORD), false, 0, NULL, 0, NULL},
	{"a pointer to itself", MESSAGE(HEADER(GOOD, "\0") "\xc0\x0c\0\x01\0\x01"), false, 0, NULL,
	 0, NULL},
	{"a pointer out of it", MESSAGE(HEADER(GOOD, "\0") "\xff\xff\0\x01\0\x01"), false, 0, NULL,
	 0, NULL},
	{"half a pointer", MESSAGE(HEADER(GOOD, "\0") "\xc0"), false, 0, NULL, 0, NULL},
	{"a label of no known kind", MESSAGE(HEADER(GOOD, "\0") "\x40x\0\0\x01\0\x01"), false, 0,
	 NULL, 0, NULL},
	{"more answers promised",
	 MESSAGE(HEADER(GOOD, "\x02") QUESTION_RECORD ADDRESS(POINTER_TO_NAME, "\x7f\0\0\x01")),
	 false, 0, NULL, 0, NULL},
	{"an address of three bytes",
	 MESSAGE(HEADER(GOOD, "\x01") QUESTION_RECORD POINTER_TO_NAME "\0\x01\0\x01" TTL
								      "\0\x03\x7f\0\0"),
	 true, 0, NULL, 0, NULL},
	{"nothing", MESSAGE(""), false, 0, NULL, 0, NULL},
};

/* On the heap, so that sanitizers see a byte too many. */
static bool read_copy(const uint8_t *message, size_t length, struct dns_answer *answer)
{
	uint8_t *copy = malloc(length ? length : 1);
	bool result;

	assert_non_null(copy);
	memcpy(copy, message, length);
	result = dns_answer_read(copy, length, NAME, answer);
	free(copy);
	return result;
}

static void reads_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct answer_case *one = &cases[i];
		struct dns_answer answer = {0};

		print_message("# %s\n", one->about);
		assert_int_equal(read_copy(one->message, one->length, &answer), one->good);
		assert_int_equal(answer.alias_count, one->alias_count);
		assert_int_equal(answer.address_count, one->address_count);
		if (one->alias) {
			assert_string_equal(answer.aliases[one->alias_count - 1], one->alias);
		}
		if (one->address) {
			assert_string_equal(answer.addresses[0], one->address);
		}
	}
}

static void refuses_every_part_of_an_answer(void **state)
{
	const struct answer_case *whole = &cases[1];

	(void)state;
	for (size_t length = 0; length < whole->length; length++) {
		struct dns_answer answer = {0};

		assert_false(read_copy(whole->message, length, &answer));
		assert_int_equal(answer.alias_count + answer.address_count, 0);
	}
}

static void joins_the_answers_of_two_questions(void **state)
{
	static const uint8_t six[] = HEADER(GOOD, "\x02")
		QUESTION_RECORD ALIAS(POINTER_TO_NAME, "\x41", TARGET_NAME) ADDRESS_6(TARGET_NAME);
	struct dns_answer answer = {0};

	(void)state;
	assert_true(read_copy(cases[1].message, cases[1].length, &answer));
	assert_true(read_copy(six, sizeof(six) - 1, &answer));
	assert_int_equal(answer.alias_count, 1);
	assert_int_equal(answer.address_count, 3);
	assert_string_equal(answer.addresses[2], "2001:db8::1");
}

static void keeps_no_more_than_there_is_room_for(void **state)
{
	static const uint8_t record[] = ADDRESS(POINTER_TO_NAME, "\x7f\0\0\x01");
	static const uint8_t head[] = HEADER(GOOD, "\x20") QUESTION_RECORD;
	uint8_t message[1024];
	size_t length = sizeof(head) - 1;
	struct dns_answer answer = {0};

	(void)state;
	memcpy(message, head, length);
	for (size_t i = 0; i < 32; i++) {
		memcpy(message + length, record, sizeof(record) - 1);
		length += sizeof(record) - 1;
	}
	assert_true(read_copy(message, length, &answer));
	assert_int_equal(answer.address_count, DNS_ADDRESSES_MAX);
}

static void knows_local_addresses(void **state)
{
	static const struct {
		const char *address;
		bool local;
	} addresses[] = {
		{"127.0.0.1", true},    {"10.1.2.3", true},        {"192.168.178.20", true},
		{"172.16.0.1", true},   {"172.31.255.255", true},  {"172.32.0.1", false},
		{"169.254.7.7", true},  {"100.64.0.1", true},      {"100.128.0.1", false},
		{"3.22.247.85", false}, {"11.0.0.1", false},       {"192.169.0.1", false},
		{"::1", true},          {"fe80::1", true},         {"fd00::1", true},
		{"2001:db8::1", false}, {"::ffff:10.0.0.1", true}, {"::ffff:3.22.247.85", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct dns_addresses found;

		print_message("# %s\n", addresses[i].address);
		assert_int_equal(dns_resolve(addresses[i].address, 1, &found), 0);
		assert_int_equal(found.count, 1);
		assert_int_equal(dns_is_local(&found.items[0]), addresses[i].local);
	}
}

static void tells_what_is_no_name(void **state)
{
	struct dns_addresses found;

	(void)state;
	assert_int_not_equal(dns_resolve("256.1.1.1.", 1, &found), 0);
	assert_int_equal(found.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_answers),
		cmocka_unit_test(refuses_every_part_of_an_answer),
		cmocka_unit_test(joins_the_answers_of_two_questions),
		cmocka_unit_test(keeps_no_more_than_there_is_room_for),
		cmocka_unit_test(knows_local_addresses),
		cmocka_unit_test(tells_what_is_no_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
