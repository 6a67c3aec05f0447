/* SPDX-License-Identifier: MIT */
#include "gateway/push/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BIT(value) (1U << (value))
#define ALL        (BIT(PUSH_KINDS) - 1)

static void tells_one_thing_of_what_comes_at_once(void **state)
{
	static const struct {
		unsigned int types;
		unsigned int kinds;
		enum push_type told;
	} cases[] = {
		{0, ALL, PUSH_TYPES},
		{BIT(PUSH_TYPE_FINISHED), ALL, PUSH_TYPE_FINISHED},
		{BIT(PUSH_TYPE_FINISHED), BIT(PUSH_FAILED), PUSH_TYPES},
		{BIT(PUSH_TYPE_FINISHED) | BIT(PUSH_TYPE_PLATE), ALL, PUSH_TYPE_PLATE},
		{BIT(PUSH_TYPE_FINISHED) | BIT(PUSH_TYPE_PLATE), BIT(PUSH_FINISHED),
		 PUSH_TYPE_FINISHED},
		{BIT(PUSH_TYPE_PAUSED) | BIT(PUSH_TYPE_FILAMENT) | BIT(PUSH_TYPE_ERROR), ALL,
		 PUSH_TYPE_FILAMENT},
		{BIT(PUSH_TYPE_PAUSED) | BIT(PUSH_TYPE_FILAMENT) | BIT(PUSH_TYPE_ERROR),
		 BIT(PUSH_FAILED), PUSH_TYPE_ERROR},
		{BIT(PUSH_TYPE_STOPPED) | BIT(PUSH_TYPE_OFFLINE), ALL, PUSH_TYPE_STOPPED},
		{BIT(PUSH_TYPE_OFFLINE), ALL & ~BIT(PUSH_OFFLINE), PUSH_TYPES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(push_type_for(cases[i].types, cases[i].kinds), cases[i].told);
	}
}

static void knows_what_happened(void **state)
{
	static const struct printer_alert runout = {.source = PRINTER_ALERT_BOARD,
						    .number = PRINTER_ALERT_FILAMENT};
	static const struct printer_alert other = {.source = PRINTER_ALERT_AI,
						   .number = PRINTER_ALERT_FILAMENT};
	static const struct {
		struct printer_event event;
		enum push_type type;
	} cases[] = {
		{{.kind = PRINTER_EVENT_JOB_FINISHED}, PUSH_TYPE_FINISHED},
		{{.kind = PRINTER_EVENT_JOB_STOPPED}, PUSH_TYPE_STOPPED},
		{{.kind = PRINTER_EVENT_JOB_PAUSED}, PUSH_TYPE_PAUSED},
		{{.kind = PRINTER_EVENT_OFFLINE}, PUSH_TYPE_OFFLINE},
		{{.kind = PRINTER_EVENT_ERROR}, PUSH_TYPE_ERROR},
		{{.kind = PRINTER_EVENT_ALERT, .alert = &runout}, PUSH_TYPE_FILAMENT},
		{{.kind = PRINTER_EVENT_ALERT, .alert = &other}, PUSH_TYPE_ERROR},
		{{.kind = PRINTER_EVENT_ONLINE}, PUSH_TYPES},
		{{.kind = PRINTER_EVENT_JOB_RESUMED}, PUSH_TYPES},
		{{.kind = PRINTER_EVENT_PROGRESS}, PUSH_TYPES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(push_type_of(&cases[i].event), cases[i].type);
	}
}

static void writes_what_fits_whatever_it_is(void **state)
{
	struct push_notice notice = {.serial = "AK7ABC", .printer = "Left \"one\""};
	char text[PUSH_NOTICE_MAX];
	size_t length;

	(void)state;
	memset(notice.job, 1, sizeof(notice.job) - 1);
	memset(notice.reason, 0xFF, sizeof(notice.reason) - 1);
	memset(notice.printer, '"', sizeof(notice.printer) - 1);
	assert_int_equal(push_notice_write(&notice, PUSH_TYPE_ERROR, "zh", text, &length), 0);
	notice = (struct push_notice){.serial = "AK7ABC",
				      .printer = "Left",
				      .reason = "the nozzle is blocked",
				      .reason_code = "printer_7"};
	assert_int_equal(push_notice_write(&notice, PUSH_TYPE_ERROR, "zh", text, &length), 0);
	assert_string_equal(text, "{\"type\":\"error\",\"language\":\"zh\",\"tag\":\"AK7ABC\","
				  "\"printer\":\"Left\",\"job\":null,"
				  "\"reason\":\"the nozzle is blocked\","
				  "\"reason_code\":\"printer_7\",\"url\":\"/p/AK7ABC\"}");
	assert_int_equal(push_notice_write(&notice, PUSH_TYPE_PAUSED, "zh", text, &length), 0);
	assert_string_equal(text, "{\"type\":\"paused\",\"language\":\"zh\",\"tag\":\"AK7ABC\","
				  "\"printer\":\"Left\",\"job\":null,\"reason\":null,"
				  "\"url\":\"/p/AK7ABC\"}");
}

static void has_a_topic_a_printer(void **state)
{
	struct push_treatment one;
	struct push_treatment other;

	(void)state;
	push_treatment_of(PUSH_TYPE_PAUSED, "AK7ABC", &one);
	push_treatment_of(PUSH_TYPE_FINISHED, "AK7ABC", &other);
	assert_string_equal(one.topic, other.topic);
	assert_int_equal(strlen(one.topic), PUSH_TOPIC_SIZE - 1);
	assert_string_equal(one.urgency, "high");
	assert_string_equal(other.urgency, "normal");
	push_treatment_of(PUSH_TYPE_FINISHED, "AK7ABD", &other);
	assert_string_not_equal(one.topic, other.topic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_one_thing_of_what_comes_at_once),
		cmocka_unit_test(knows_what_happened),
		cmocka_unit_test(writes_what_fits_whatever_it_is),
		cmocka_unit_test(has_a_topic_a_printer),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
