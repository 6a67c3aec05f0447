/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/sentences/sentences.h"

#include <stdio.h>
#include <string.h>

#define TEXT_SIZE    2048
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* As it is written, with something in each of its places. */
static void write_text(const char *pattern, char out[TEXT_SIZE])
{
	size_t used = 0;
	unsigned int place = 0;

	for (const char *at = pattern; *at != '\0'; at++) {
		if (*at != '{') {
			out[used++] = *at;
			continue;
		}
		const char *end = strchr(at, '}');
		place++;
		used += (size_t)(end[-1] == '#'
					 ? snprintf(out + used, TEXT_SIZE - used, "%u.5", place)
				 : end[-1] == '!'
					 ? snprintf(out + used, TEXT_SIZE - used, "it is held")
					 : snprintf(out + used, TEXT_SIZE - used, "Anything%u",
						    place));
		at = end;
	}
	out[used] = '\0';
}

static void each_sentence_is_read_as_itself(void **state)
{
	(void)state;
	for (const struct sentence *const *part = sentence_parts(); *part; part++) {
		for (const struct sentence *sentence = *part; sentence->code; sentence++) {
			struct sentence_found found;
			char text[TEXT_SIZE];

			write_text(sentence->text, text);
			if (!sentence_find(text, &found)) {
				fail_msg("%s is not found by: %s", sentence->code, text);
			}
			if (found.sentence != sentence) {
				fail_msg("%s is hidden by %s", sentence->code,
					 found.sentence->code);
			}
		}
	}
}

struct written_case {
	const char *text;
	const char *json; /* of the object */
};

static const struct written_case written[] = {
	{"it is held", "{\"reason\":\"it is held\",\"reason_code\":\"queue-held\"}"},
	{"Printer 5 prints 'a's b.gcode'",
	 "{\"reason\":\"Printer 5 prints 'a's b.gcode'\",\"reason_code\":\"queue-printer-prints\","
	 "\"reason_arguments\":{\"printer\":\"Printer 5\",\"job\":\"a's b.gcode\"}}"},
	{"X goes from -5 to 220.5 mm on this printer",
	 "{\"reason\":\"X goes from -5 to 220.5 mm on this printer\","
	 "\"reason_code\":\"guard-axis-range\","
	 "\"reason_arguments\":{\"axis\":\"X\",\"from\":-5,\"to\":220.5}}"},
	/* A sentence in one in one. */
	{"A: the connection was lost: it was given up",
	 "{\"reason\":\"A: the connection was lost: it was given up\",\"reason_code\":\"named\","
	 "\"reason_arguments\":{\"name\":\"A\",\"why\":{\"text\":\"the connection was lost: it was "
	 "given up\",\"code\":\"broker-lost\",\"arguments\":{\"why\":{\"text\":\"it was given up\","
	 "\"code\":\"command-given-up\"}}}}}"},
	/* What stands in it is not known. */
	{"it was stopped: error 17",
	 "{\"reason\":\"it was stopped: error 17\",\"reason_code\":\"queue-stopped-for\","
	 "\"reason_arguments\":{\"why\":\"error 17\"}}"},
	{"api.example.com did not answer in time; check the network, and that names of the vendor "
	 "are not blocked",
	 "{\"reason\":\"api.example.com did not answer in time; check the network, and that names "
	 "of "
	 "the vendor are not blocked\",\"reason_code\":\"vendor-network\",\"reason_arguments\":"
	 "{\"why\":{\"text\":\"api.example.com did not answer in time\",\"code\":\"vendor-late\","
	 "\"arguments\":{\"host\":\"api.example.com\"}}}}"},
	{"A: no sentence", "{\"reason\":\"A: no sentence\"}"},
	{"none of many printers takes it now",
	 "{\"reason\":\"none of many printers takes it now\"}"},
	{"", "{\"reason\":\"\"}"},
};

static void a_text_is_written_with_its_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(written); i++) {
		char json[TEXT_SIZE];
		struct json_writer writer;
		size_t length;

		json_writer_init(&writer, json, sizeof(json));
		json_object_begin(&writer);
		sentence_member(&writer, "reason", written[i].text);
		json_object_end(&writer);
		assert_int_equal(json_writer_finish(&writer, &length), 0);
		assert_string_equal(json, written[i].json);
	}
}

static void what_others_wrote_gets_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(written); i++) {
		cJSON *object = cJSON_CreateObject();

		assert_non_null(cJSON_AddStringToObject(object, "reason", written[i].text));
		sentence_annotate(object, "reason");
		sentence_annotate(object, "detail");
		char *text = cJSON_PrintUnformatted(object);
		assert_string_equal(text, written[i].json);
		cJSON_free(text);
		cJSON_Delete(object);
	}
}

static void nothing_is_null(void **state)
{
	char json[TEXT_SIZE];
	struct json_writer writer;
	size_t length;

	(void)state;
	json_writer_init(&writer, json, sizeof(json));
	json_object_begin(&writer);
	sentence_member_known(&writer, "reason", "");
	sentence_member(&writer, "detail", NULL);
	json_object_end(&writer);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	assert_string_equal(json, "{\"reason\":null,\"detail\":null}");
}

/* A name that fits everywhere, and a text that is all colons. */
static void a_text_made_to_be_slow_is_none(void **state)
{
	struct sentence_found found;
	char text[TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(text); i += 2) {
		memcpy(text + i, ": ", 3);
	}
	assert_false(sentence_find(text, &found));
	assert_null(found.sentence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sentence_is_read_as_itself),
		cmocka_unit_test(a_text_is_written_with_its_code),
		cmocka_unit_test(what_others_wrote_gets_the_same),
		cmocka_unit_test(nothing_is_null),
		cmocka_unit_test(a_text_made_to_be_slow_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
