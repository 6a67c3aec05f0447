/* SPDX-License-Identifier: MIT */
#include "cli/codec/record_redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define JSON_MAX 4096

static void check(struct record_redact *redact, const char *json, const char *wanted)
{
	const struct flagship_json object = {.data = json, .length = (uint32_t)strlen(json)};
	char out[JSON_MAX];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, sizeof(out));
	json_object_begin(&writer);
	record_redact_members(redact, object, &writer);
	json_object_end(&writer);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	assert_string_equal(out, wanted);
}

static void what_passes_and_what_does_not(void **state)
{
	static const char *const private_texts[] = {"AK7LEFT", NULL, "anne"};
	static const char *const cases[][2] = {
		{"{}", "{}"},
		{"{\"a\":1,\"b\":-2.50,\"c\":true,\"d\":null}",
		 "{\"a\":1,\"b\":-2.50,\"c\":true,\"d\":null}"},
		{"{\"name\":\"boat.gcode\"}", "{\"name\":\"text-1.gcode\"}"},
		{"{\"name\":\"BOAT.GCODE\"}", "{\"name\":\"text-2.gcode\"}"},
		{"{\"other\":\"bo\\u0061t.gcode\"}", "{\"other\":\"text-1.gcode\"}"},
		{"{\"name\":\"\",\"n\":\"-12.5\"}", "{\"name\":\"\",\"n\":\"-12.5\"}"},
		{"{\"id\":\"123456789012\"}", "{\"id\":\"text-3\"}"},
		{"{\"filamentType\":[\"PLA\",\"x of Anne\"]}",
		 "{\"filamentType\":[\"PLA\",\"text-4\"]}"},
		{"{\"resData\":\"ok\\n\"}", "{\"resData\":\"ok\\n\"}"},
		{"{\"resData\":\"UUID:ak7left\"}", "{\"resData\":\"text-5\"}"},
		{"{\"userId\":2379577,\"KEY\":[1,2],\"token\":{\"a\":1}}",
		 "{\"userId\":\"(hidden)\",\"KEY\":\"(hidden)\",\"token\":\"(hidden)\"}"},
		{"{\"AK7LEFT\":1,\"x\":{\"y\":[{\"z\":\"boat.gcode\"}]}}",
		 "{\"x\":{\"y\":[{\"z\":\"text-1.gcode\"}]}}"},
	};
	struct record_redact redact;

	(void)state;
	record_redact_init(&redact, private_texts, 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i][0]);
		check(&redact, cases[i][0], cases[i][1]);
	}
	record_redact_finish(&redact);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_passes_and_what_does_not),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
