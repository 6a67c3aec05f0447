/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulator/printer/faults.h"

#include <stdio.h>
#include <string.h>

#define MESSAGES   1000
#define REPLY      "{\"commandType\":1003,\"reply\":0}"
#define FRAME_SIZE 100
#define MANY       (MESSAGES * 2 / 5)

struct heard {
	size_t count[FLAGSHIP_TOPIC_QUERY_REPLY + 1];
	char last[VIRTUAL_PRINTER_JSON_MAX];
};

static struct heard heard;
static struct faults faults;
static struct fault_plan plan;

/* Its padding as well, for is_empty. */
static void clear_plan(void)
{
	memset(&plan, 0, sizeof(plan));
}

static bool is_empty(void)
{
	static const struct fault_plan empty;

	return memcmp(&plan, &empty, sizeof(plan)) == 0;
}
static struct virtual_printer printer;

static void hear(void *context, enum flagship_topic_kind kind, const char *json, size_t length)
{
	struct heard *to = context;

	assert_int_equal(strlen(json), length);
	memcpy(to->last, json, length + 1);
	to->count[kind]++;
}

static void publish(void *context, enum flagship_topic_kind kind, const char *json, size_t length)
{
	faults_publish(context, kind, json, length);
}

static void start(const char *const *texts, uint64_t seed)
{
	const struct virtual_printer_output output = {.publish = publish, .context = &faults};

	memset(&heard, 0, sizeof(heard));
	clear_plan();
	for (; *texts; texts++) {
		assert_true(fault_plan_add(&plan, *texts));
	}
	faults_init(&faults, &plan, seed, &(struct faults_output){hear, &heard});
	virtual_printer_init(&printer, simulator_model_find(FLAGSHIP_MODEL_M5),
			     VIRTUAL_PRINTER_IDLE, seed, NULL, &output);
}

#define START(seed, ...) start((const char *const[]){__VA_ARGS__, NULL}, seed)

static void reply(void)
{
	faults_publish(&faults, FLAGSHIP_TOPIC_COMMAND_REPLY, REPLY, sizeof(REPLY) - 1);
}

static int receive(enum flagship_topic_kind kind, const char *json)
{
	return faults_receive(&faults, &printer, kind, json, strlen(json));
}

static void reads_faults(void **state)
{
	static const char *const bad[] = {"",
					  "=",
					  "x",
					  "refuse=",
					  "refuse=1",
					  "refus",
					  "refuser",
					  "drop-replies",
					  "drop-replies=",
					  "drop-replies=-0.1",
					  "drop-replies=1.01",
					  "drop-replies=0x1",
					  "drop-replies=nan",
					  "drop-replies=0.1.2",
					  "drop-replies=.",
					  "late-replies=3601",
					  "late-replies=1s",
					  "churn=2",
					  "clock-skew=",
					  "clock-skew=-",
					  "clock-skew=--1",
					  "clock-skew=1000000001"};

	(void)state;
	clear_plan();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(fault_plan_add(&plan, bad[i]));
		assert_true(is_empty());
	}
	START(1, "drop-replies=0.25", "late-replies=1.5", "other-type-replies", "ack-no-effect",
	      "refuse", "silent", "malformed=1", "churn=0.5", "clock-skew=-90");
	assert_true(plan.drop_replies == 0.25 && plan.malformed == 1);
	assert_int_equal(plan.late_replies_ms, 1500);
	assert_true(plan.churn == 0.5);
	assert_int_equal(plan.clock_skew_s, -90);
	assert_true(plan.other_type_replies && plan.ack_no_effect && plan.refuse && plan.silent);
	assert_false(is_empty());
}

static void each_fault_alone_is_one(void **state)
{
	static const char *const values[] = {"", "=0.5", "=1"};

	(void)state;
	for (size_t i = 0; fault_plan_names[i]; i++) {
		char text[64];
		size_t length = strcspn(fault_plan_names[i], "=");
		const char *sample = fault_plan_names[i] + length;
		const char *value = *sample == '\0'             ? values[0]
				    : strcmp(sample, "=P") == 0 ? values[1]
								: values[2];

		snprintf(text, sizeof(text), "%.*s%s", (int)length, fault_plan_names[i], value);
		clear_plan();
		assert_true(fault_plan_add(&plan, text));
		assert_false(is_empty());
	}
}

static void lets_everything_through_without_a_fault(void **state)
{
	uint8_t frame[FRAME_SIZE] = {1, 2, 3};

	(void)state;
	START(1, "drop-replies=0");
	reply();
	assert_string_equal(heard.last, REPLY);
	assert_int_equal(receive(FLAGSHIP_TOPIC_COMMAND, "{\"commandType\":1006,\"value\":90}"), 0);
	assert_int_equal(printer.machine.speed_mm_s, 90);
	assert_int_equal(faults_damage(&faults, frame, FRAME_SIZE), FRAME_SIZE);
	assert_true(frame[0] == 1 && frame[1] == 2 && frame[2] == 3 && frame[3] == 0);
}

static void drop_many(uint64_t seed, char fate[MESSAGES + 1])
{
	START(seed, "drop-replies=0.2");
	for (size_t i = 0; i < MESSAGES; i++) {
		size_t before = heard.count[FLAGSHIP_TOPIC_COMMAND_REPLY];
		reply();
		faults_publish(&faults, FLAGSHIP_TOPIC_NOTICE, "[]", 2);
		fate[i] = heard.count[FLAGSHIP_TOPIC_COMMAND_REPLY] > before ? '.' : 'x';
	}
	fate[MESSAGES] = '\0';
	assert_int_equal(heard.count[FLAGSHIP_TOPIC_NOTICE], MESSAGES);
	assert_int_equal(faults.dropped + heard.count[FLAGSHIP_TOPIC_COMMAND_REPLY], MESSAGES);
	assert_in_range(faults.dropped, MESSAGES / 5 - 50, MESSAGES / 5 + 50);
}

static void drops_the_same_replies_for_the_same_seed(void **state)
{
	char first[MESSAGES + 1];
	char second[MESSAGES + 1];
	char third[MESSAGES + 1];

	(void)state;
	drop_many(5, first);
	drop_many(5, second);
	drop_many(6, third);
	assert_string_equal(first, second);
	assert_string_not_equal(first, third);
}

static void holds_replies_back_in_order(void **state)
{
	(void)state;
	START(1, "late-replies=2");
	faults_advance(&faults, 1000);
	reply();
	faults_publish(&faults, FLAGSHIP_TOPIC_NOTICE, "[]", 2);
	assert_string_equal(heard.last, "[]");
	faults_advance(&faults, 2000);
	faults_publish(&faults, FLAGSHIP_TOPIC_QUERY_REPLY, "[1]", 3);
	faults_advance(&faults, 2999);
	assert_int_equal(heard.count[FLAGSHIP_TOPIC_COMMAND_REPLY], 0);
	faults_advance(&faults, 3000);
	assert_string_equal(heard.last, REPLY);
	assert_int_equal(heard.count[FLAGSHIP_TOPIC_QUERY_REPLY], 0);
	reply();
	faults_advance(&faults, 4000);
	assert_string_equal(heard.last, "[1]");
	faults_finish(&faults);
	faults_advance(&faults, 9000);
	assert_int_equal(heard.count[FLAGSHIP_TOPIC_COMMAND_REPLY], 1);
	reply();
	faults_finish(&faults);
}

static void changes_the_type_of_replies(void **state)
{
	(void)state;
	START(1, "other-type-replies");
	reply();
	assert_string_equal(heard.last, "{\"commandType\":1004,\"reply\":0}");
	faults_publish(&faults, FLAGSHIP_TOPIC_QUERY_REPLY, REPLY, sizeof(REPLY) - 1);
	assert_string_equal(heard.last, REPLY);
}

static void answers_commands_without_effect(void **state)
{
	static const struct {
		const char *fault;
		const char *to_speed;
		const char *to_gcode;
	} cases[] = {
		{"ack-no-effect", "{\"commandType\":1006,\"reply\":0}",
		 "{\"commandType\":1043,\"reply\":0,\"resCode\":0,\"resLen\":20,"
		 "\"resData\":\"+ringbuf:0,512,1\\nok\\n\"}"},
		{"refuse", "{\"commandType\":1006,\"reply\":1}",
		 "{\"commandType\":1043,\"reply\":1}"},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		START(1, cases[i].fault);
		int64_t before = printer.machine.speed_mm_s;
		(void)receive(FLAGSHIP_TOPIC_COMMAND, "{\"commandType\":1006,\"value\":90}");
		assert_string_equal(heard.last, cases[i].to_speed);
		(void)receive(FLAGSHIP_TOPIC_COMMAND,
			      "{\"commandType\":1043,\"cmdData\":\"M104 S200\",\"cmdLen\":9}");
		assert_string_equal(heard.last, cases[i].to_gcode);
		assert_int_equal(printer.machine.speed_mm_s, before);
		assert_int_equal(thermal_target_centi_c(&printer.machine.nozzle), 0);
		assert_int_equal(printer.tally.count, 0);
		(void)receive(FLAGSHIP_TOPIC_COMMAND, "{\"commandType\":9999}");
		assert_int_equal(heard.count[FLAGSHIP_TOPIC_COMMAND_REPLY], 2);
		(void)receive(FLAGSHIP_TOPIC_QUERY, "{\"commandType\":1027}");
		assert_int_equal(heard.count[FLAGSHIP_TOPIC_QUERY_REPLY], 1);
		assert_true(receive(FLAGSHIP_TOPIC_COMMAND, "{\"commandType\":1006") < 0);
	}
}

static void says_and_does_nothing_when_silent(void **state)
{
	(void)state;
	START(1, "silent");
	assert_int_equal(receive(FLAGSHIP_TOPIC_COMMAND, "{\"commandType\":1006,\"value\":90}"), 0);
	assert_int_equal(receive(FLAGSHIP_TOPIC_QUERY, "{\"commandType\":1027}"), 0);
	virtual_printer_publish_burst(&printer);
	for (size_t i = 0; i <= FLAGSHIP_TOPIC_QUERY_REPLY; i++) {
		assert_int_equal(heard.count[i], 0);
	}
	assert_int_not_equal(printer.machine.speed_mm_s, 90);
}

static void damages_frames(void **state)
{
	uint8_t good[FRAME_SIZE];
	uint8_t frame[FRAME_SIZE];
	size_t shorter = 0;
	size_t changed = 0;

	(void)state;
	memset(good, 'A', sizeof(good));
	START(1, "malformed=0.5");
	for (size_t i = 0; i < MESSAGES; i++) {
		memcpy(frame, good, sizeof(frame));
		size_t length = faults_damage(&faults, frame, sizeof(frame));
		assert_true(length <= sizeof(frame));
		shorter += length < sizeof(frame) ? 1 : 0;
		changed += length == sizeof(frame) && memcmp(frame, good, sizeof(good)) ? 1 : 0;
	}
	assert_int_equal(shorter + changed, faults.damaged);
	assert_in_range(faults.damaged, MANY, MESSAGES - MANY);
	assert_true(shorter > MESSAGES / 10 && changed > MESSAGES / 5);
	assert_int_equal(faults_damage(&faults, frame, 1), 1);
	assert_int_equal(faults_damage(&faults, frame, 0), 0);
}

/* Once, and only after a job has ended; in real time. */
static void late_updates(void **state)
{
	static const char job[] = "[{\"commandType\":1001,\"name\":\"a\",\"task_id\":\"t1\","
				  "\"progress\":9900},{\"commandType\":1000,\"subType\":1,"
				  "\"value\":1}]";
	static const char end[] = "{\"commandType\":1000,\"subType\":1,\"value\":4}";
	static const char idle[] = "{\"commandType\":1000,\"subType\":1,\"value\":0}";

	(void)state;
	START(1, "late-updates=60");
	faults_advance(&faults, 1000);
	faults_publish(&faults, FLAGSHIP_TOPIC_NOTICE, idle, strlen(idle));
	faults_advance(&faults, 200000);
	assert_int_equal(heard.count[FLAGSHIP_TOPIC_NOTICE], 1);
	faults_publish(&faults, FLAGSHIP_TOPIC_NOTICE, job, strlen(job));
	faults_publish(&faults, FLAGSHIP_TOPIC_NOTICE, end, strlen(end));
	faults_advance(&faults, 259999);
	assert_int_equal(heard.count[FLAGSHIP_TOPIC_NOTICE], 3);
	faults_advance(&faults, 260000);
	assert_int_equal(heard.count[FLAGSHIP_TOPIC_NOTICE], 5);
	assert_non_null(strstr(heard.last, "\"task_id\":\"t1\""));
	faults_publish(&faults, FLAGSHIP_TOPIC_NOTICE, idle, strlen(idle));
	faults_advance(&faults, 900000);
	assert_int_equal(heard.count[FLAGSHIP_TOPIC_NOTICE], 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_faults),
		cmocka_unit_test(each_fault_alone_is_one),
		cmocka_unit_test(lets_everything_through_without_a_fault),
		cmocka_unit_test(drops_the_same_replies_for_the_same_seed),
		cmocka_unit_test(holds_replies_back_in_order),
		cmocka_unit_test(changes_the_type_of_replies),
		cmocka_unit_test(answers_commands_without_effect),
		cmocka_unit_test(says_and_does_nothing_when_silent),
		cmocka_unit_test(damages_frames),
		cmocka_unit_test(late_updates),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
