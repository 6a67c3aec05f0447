/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "listener.h"

#include "printer/e1/e1.h"

#include <string.h>

#define SEEDS 200

static struct listener listener;

static void start(uint64_t seed)
{
	listener_start(&listener, FLAGSHIP_MODEL_E1, VIRTUAL_PRINTER_IDLE, seed);
}

static const struct printer_e1 *e1(void)
{
	return &listener.state.e1;
}

/* Asks with the bare type; the answer is one object on the reply topic of queries. */
static void ask(const char *json, int64_t type)
{
	size_t before = listener.published[FLAGSHIP_TOPIC_QUERY_REPLY];

	assert_int_equal(listener_query(&listener, json), 0);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_QUERY_REPLY], before + 1);
	assert_int_equal(listener_last_count(&listener, FLAGSHIP_TOPIC_QUERY_REPLY, type), 1);
}

static void command(const char *json, int64_t type, int64_t reply)
{
	size_t before = listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY];

	assert_int_equal(listener_command(&listener, json), 0);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY], before + 1);
	assert_int_equal(listener_reply(&listener, type), reply);
}

static void answers_bare_types(void **state)
{
	static const char *const members[] = {"\"count\":6",
					      "\"colorSort\":[",
					      "\"leftInk\":[9200,",
					      "\"sn\":[\"SIMINK0",
					      "\"status\":[",
					      "\"manufactureTimestamp\":[",
					      "\"expirationTimestamp\":[",
					      "\"distanceExpiration\":[",
					      "\"expired\":[",
					      "\"wasteInk\":{"};

	(void)state;
	start(1);
	ask("{\"commandType\":1100}", 1100);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		assert_non_null(strstr(listener.last[FLAGSHIP_TOPIC_QUERY_REPLY], members[i]));
	}
	assert_true(e1()->ink_received && e1()->waste_received);
	assert_int_equal(e1()->inks[5].left_centi_percent, 5700);
	assert_int_equal(e1()->waste.left_centi_percent, 9200);
	assert_true(e1()->waste.days_left > 0);
	ask("{\"commandType\":1118}", 1118);
	ask("{\"commandType\":1153}", 1153);
	ask("{\"commandType\":1600}", 1600);
	assert_string_equal(e1()->version, "1.0.2");
	assert_int_equal(e1()->purifier_mode, 4);
	assert_int_equal(e1()->purifier_delay_s, 60);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_NOTICE], 0);
}

/* The same thing has another number in 1118 than in 1153. */
static void names_the_accessory_in_both_orders(void **state)
{
	bool seen[5] = {false};

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		start(seed);
		ask("{\"commandType\":1118}", 1118);
		ask("{\"commandType\":1153}", 1153);
		assert_string_equal(e1_plate_name(e1()), e1_attachment_name(e1()));
		seen[e1()->attachment] = true;
	}
	for (size_t i = 0; i < 5; i++) {
		assert_true(seen[i]);
	}
}

static void tells_days_that_are_null_or_negative(void **state)
{
	size_t unknown = 0;
	size_t expired = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		start(seed);
		ask("{\"commandType\":1100}", 1100);
		for (size_t i = 0; i < E1_INKS; i++) {
			const struct e1_ink *ink = &e1()->inks[i];

			unknown += ink->days_left == PRINTER_NEVER;
			expired += ink->days_left != PRINTER_NEVER && ink->days_left < 0;
			assert_int_equal(ink->expired,
					 ink->days_left != PRINTER_NEVER && ink->days_left < 0);
		}
	}
	assert_in_range(unknown, SEEDS / 4, SEEDS * 2);
	assert_in_range(expired, SEEDS / 8, SEEDS * 2);
}

static void sets_the_purifier(void **state)
{
	(void)state;
	start(1);
	command("{\"commandType\":1600,\"mode\":1,\"delay\":300}", 1600, 0);
	ask("{\"commandType\":1600}", 1600);
	assert_int_equal(e1()->purifier_mode, 1);
	assert_int_equal(e1()->purifier_delay_s, 300);
	command("{\"commandType\":1600,\"delay\":61}", 1600, 1);
	command("{\"commandType\":1600,\"mode\":5}", 1600, 1);
	ask("{\"commandType\":1600}", 1600);
	assert_int_equal(e1()->purifier_mode, 1);
	assert_int_equal(e1()->purifier_delay_s, 300);
}

static void refuses_what_it_has_no_parts_for(void **state)
{
	static const struct {
		const char *json;
		int64_t type;
	} commands[] = {
		{"{\"commandType\":1003,\"value\":20000}", 1003},
		{"{\"commandType\":1004,\"value\":5000}", 1004},
		{"{\"commandType\":1005,\"value\":60}", 1005},
		{"{\"commandType\":1006,\"value\":90}", 1006},
		{"{\"commandType\":1007,\"value\":0}", 1007},
		{"{\"commandType\":1021,\"value\":-13}", 1021},
		{"{\"commandType\":1023,\"value\":1}", 1023},
		{"{\"commandType\":1026,\"value\":2}", 1026},
		{"{\"commandType\":1043,\"cmdData\":\"M105\",\"cmdLen\":4}", 1043},
	};

	(void)state;
	start(1);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		command(commands[i].json, commands[i].type, 1);
	}
	listener_wait_s(&listener, 600);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_NOTICE], 0);
}

static void no_other_model_answers_so(void **state)
{
	static const char *const queries[] = {"{\"commandType\":1100}", "{\"commandType\":1118}",
					      "{\"commandType\":1153}", "{\"commandType\":1600}"};

	(void)state;
	listener_start(&listener, FLAGSHIP_MODEL_M5, VIRTUAL_PRINTER_IDLE, 1);
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		assert_int_equal(listener_query(&listener, queries[i]), 0);
	}
	assert_int_equal(listener_command(&listener, "{\"commandType\":1600,\"mode\":1}"), 0);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_QUERY_REPLY], 0);
	assert_int_equal(listener.published[FLAGSHIP_TOPIC_COMMAND_REPLY], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_bare_types),
		cmocka_unit_test(names_the_accessory_in_both_orders),
		cmocka_unit_test(tells_days_that_are_null_or_negative),
		cmocka_unit_test(sets_the_purifier),
		cmocka_unit_test(refuses_what_it_has_no_parts_for),
		cmocka_unit_test(no_other_model_answers_so),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("e1", tests, NULL, NULL);
}
