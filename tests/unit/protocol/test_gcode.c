/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/gcode.h>

#include <stdlib.h>
#include <string.h>

#define REPLY_LIMIT   512
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct ring {
	bool present;
	uint32_t queued;
	uint32_t size;
	bool flag;
};

struct reply_case {
	const char *text;
	bool complete;
	uint32_t leading_oks;
	struct ring ring;
	const char *body;
};

static const struct reply_case cases[] = {
	{"", false, 0, {0}, ""},
	{"o", false, 0, {0}, "o"},
	{"ok", false, 0, {0}, "ok"},
	{"ok\n", true, 0, {0}, ""},
	{"\nok\n", true, 0, {0}, ""},
	{"ok\nok\n", true, 1, {0}, ""},
	{"ok\n\nok\n\nok\n", true, 2, {0}, ""},
	{"X:1\nok\n", true, 0, {0}, "X:1"},
	{"X1\nok\nno\n", false, 0, {0}, "X1\nok\nno"},
	{"ok\n\nX:1\nY:2\nok\n", true, 1, {0}, "X:1\nY:2"},
	{"ok\n\nX:1\n\n\nok\n", true, 1, {0}, "X:1"},
	{"X:1\n\nY:2\nok\n", true, 0, {0}, "X:1\n\nY:2"},
	{"X:1\nok", false, 0, {0}, "X:1\nok"},
	{"X:1\nok\n\n", false, 0, {0}, "X:1\nok"},
	{"X:1\nok\nY:2\nok\n", true, 0, {0}, "X:1\nok\nY:2"},
	{"ok T:220.00 /220.00\n", false, 0, {0}, "ok T:220.00 /220.00"},
	{"echo:look\n", true, 0, {0}, "echo:look"},
	{"\n\n\n", false, 0, {0}, ""},
	{"ok\n\n+ringbuf:1,512,0\necho: M92 X", false, 1, {true, 1, 512, false}, "echo: M92 X"},
	{"ok\n\nok\n\n+ringbuf:1,512,0\nAcceler", false, 2, {true, 1, 512, false}, "Acceler"},
	{"Probe Z0.02\n+ringbuf:0,512,1\nok\n", true, 0, {true, 0, 512, true}, "Probe Z0.02"},
	{"+ringbuf:7,512,1\nok\n", true, 0, {true, 7, 512, true}, ""},
	{"+ringbuf:7,512,1\n", false, 0, {true, 7, 512, true}, ""},
	{"ok\n+ringbuf:2,512,0\nX\n+ringbuf:1,512,0\nok\n", true, 1, {true, 1, 512, false}, "X"},
	{"A\n+ringbuf:3,512,0\nB\nok\n", true, 0, {true, 3, 512, false}, "A\n+ringbuf:3,512,0\nB"},
	{"+ringbuf:4294967295,512,0\nok\n", true, 0, {true, UINT32_MAX, 512, false}, ""},
	{"X:0\nok\n\n+r", false, 0, {0}, "X:0\nok\n\n+r"},
	{"X\n+ringbuf:", false, 0, {0}, "X\n+ringbuf:"},
	{"X\n+ringbuf:1", false, 0, {0}, "X\n+ringbuf:1"},
	{"X\n+ringbuf:1,", false, 0, {0}, "X\n+ringbuf:1,"},
	{"X\n+ringbuf:1,5", false, 0, {0}, "X\n+ringbuf:1,5"},
	{"X\n+ringbuf:1,512,", false, 0, {0}, "X\n+ringbuf:1,512,"},
	{"X\n+ringbuf:1,512,0", false, 0, {0}, "X\n+ringbuf:1,512,0"},
	{"+ringbuf:1,512,2\nok\n", true, 0, {0}, "+ringbuf:1,512,2"},
	{"+ringbuf:1,512,0 \nok\n", true, 0, {0}, "+ringbuf:1,512,0 "},
	{"+ringbuf:1;512,0\nok\n", true, 0, {0}, "+ringbuf:1;512,0"},
	{"+ringbuf:1,512;0\nok\n", true, 0, {0}, "+ringbuf:1,512;0"},
	{"+ringbuf:-1,512,0\nok\n", true, 0, {0}, "+ringbuf:-1,512,0"},
	{"+ringbuf:1,,0\nok\n", true, 0, {0}, "+ringbuf:1,,0"},
	{"+ringbuf:,512,0\nok\n", true, 0, {0}, "+ringbuf:,512,0"},
	{"+ringbuf:1,512,\nok\n", true, 0, {0}, "+ringbuf:1,512,"},
	{"+ringbuf:10,512\nok\n", true, 0, {0}, "+ringbuf:10,512"},
	{"+ringbuf:4294967296\nok\n", true, 0, {0}, "+ringbuf:4294967296"},
	{"+ringbuf:4294967296,512,0\nok\n", true, 0, {0}, "+ringbuf:4294967296,512,0"},
	{"+ringbuf:1,99999999999,0\nok\n", true, 0, {0}, "+ringbuf:1,99999999999,0"},
	{"x+ringbuf:1,512,0\nok\n", true, 0, {0}, "x+ringbuf:1,512,0"},
};

static void check_case(const struct reply_case *c)
{
	const size_t length = strlen(c->text);
	char *text = malloc(length ? length : 1);
	struct flagship_gcode_reply reply;

	assert_non_null(text);
	memcpy(text, c->text, length);
	memset(&reply, 0x55, sizeof(reply));
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, text, length, (int64_t)length, &reply);
	assert_int_equal(reply.complete, c->complete);
	assert_int_equal(reply.cut_at_limit, false);
	assert_int_equal(reply.length_matches, true);
	assert_int_equal(reply.leading_oks, c->leading_oks);
	assert_int_equal(reply.has_ring_buffer, c->ring.present);
	assert_int_equal(reply.queued, c->ring.queued);
	assert_int_equal(reply.ring_size, c->ring.size);
	assert_int_equal(reply.queue_flag, c->ring.flag);
	assert_true(reply.body_offset + reply.body_length <= length);
	assert_int_equal(reply.body_length, strlen(c->body));
	assert_memory_equal(text + reply.body_offset, c->body, reply.body_length);
	free(text);
}

static void replies_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		check_case(&cases[i]);
	}
}

static void lengths_are_compared(void **state)
{
	struct flagship_gcode_reply reply;

	(void)state;
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, "ok\n", 3, 3, &reply);
	assert_true(reply.length_matches);
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, "ok\n", 3, 2, &reply);
	assert_false(reply.length_matches);
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, "ok\n", 3, INT64_MAX, &reply);
	assert_false(reply.length_matches);
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, "ok\n", 3, -1, &reply);
	assert_true(reply.length_matches);
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, "ok\n", 3, 0, &reply);
	assert_false(reply.length_matches);
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, "", 0, 0, &reply);
	assert_true(reply.length_matches);
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, NULL, 0, 1, &reply);
	assert_false(reply.length_matches);
	assert_false(reply.complete);
}

static void the_limit_is_marked(void **state)
{
	static const char end[] = {'\n', 'o', 'k', '\n'};
	char text[REPLY_LIMIT + 1];
	struct flagship_gcode_reply reply;

	(void)state;
	memset(text, 'x', sizeof(text));
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, text, REPLY_LIMIT - 1, -1, &reply);
	assert_false(reply.cut_at_limit);
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, text, REPLY_LIMIT, -1, &reply);
	assert_true(reply.cut_at_limit);
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, text, REPLY_LIMIT + 1, -1, &reply);
	assert_true(reply.cut_at_limit);
	assert_int_equal(reply.body_length, REPLY_LIMIT + 1);
	memcpy(text + REPLY_LIMIT - sizeof(end), end, sizeof(end));
	flagship_gcode_reply_parse(FLAGSHIP_GCODE_QUEUED, text, REPLY_LIMIT, -1, &reply);
	assert_true(reply.cut_at_limit);
	assert_true(reply.complete);
	assert_int_equal(reply.body_length, REPLY_LIMIT - sizeof(end));
}

struct class_case {
	const char *line;
	enum flagship_gcode_class m5;
	enum flagship_gcode_class m5c;
};

static const struct class_case class_cases[] = {
	{"M105", FLAGSHIP_GCODE_TEMPERATURES, FLAGSHIP_GCODE_TEMPERATURES},
	{"M2021", FLAGSHIP_GCODE_INTERCEPTED, FLAGSHIP_GCODE_INTERCEPTED},
	{"M2024", FLAGSHIP_GCODE_INTERCEPTED, FLAGSHIP_GCODE_INTERCEPTED},
	{"M2025", FLAGSHIP_GCODE_INTERCEPTED, FLAGSHIP_GCODE_QUEUED},
	{"M114", FLAGSHIP_GCODE_AT_ONCE, FLAGSHIP_GCODE_AT_ONCE},
	{"m0114 R", FLAGSHIP_GCODE_AT_ONCE, FLAGSHIP_GCODE_AT_ONCE},
	{"M420 V", FLAGSHIP_GCODE_AT_ONCE, FLAGSHIP_GCODE_AT_ONCE},
	{"M290 Z0.1", FLAGSHIP_GCODE_AT_ONCE, FLAGSHIP_GCODE_AT_ONCE},
	{"M3012 M1", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_AT_ONCE},
	{"M3034 C", FLAGSHIP_GCODE_AT_ONCE, FLAGSHIP_GCODE_QUEUED},
	{"^105", FLAGSHIP_GCODE_AT_ONCE, FLAGSHIP_GCODE_AT_ONCE},
	{"M104 S0", FLAGSHIP_GCODE_NOT_AWAITED_EARLY, FLAGSHIP_GCODE_NOT_AWAITED_EARLY},
	{"M204", FLAGSHIP_GCODE_NOT_AWAITED_EARLY, FLAGSHIP_GCODE_NOT_AWAITED_EARLY},
	{"M106 S9", FLAGSHIP_GCODE_QUEUED_EARLY, FLAGSHIP_GCODE_QUEUED_EARLY},
	{"M107", FLAGSHIP_GCODE_QUEUED_EARLY, FLAGSHIP_GCODE_QUEUED_EARLY},
	{"M140 S60", FLAGSHIP_GCODE_QUEUED_EARLY, FLAGSHIP_GCODE_QUEUED_EARLY},
	{"M4897", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_QUEUED_EARLY},
	/* By number, G and M alike. */
	{"G92 E0", FLAGSHIP_GCODE_NOT_AWAITED, FLAGSHIP_GCODE_NOT_AWAITED},
	{"M92", FLAGSHIP_GCODE_NOT_AWAITED, FLAGSHIP_GCODE_NOT_AWAITED},
	{"G1 X1", FLAGSHIP_GCODE_NOT_AWAITED, FLAGSHIP_GCODE_NOT_AWAITED},
	{"G2 X1 I1", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_NOT_AWAITED},
	{"M220", FLAGSHIP_GCODE_NOT_AWAITED_EARLY, FLAGSHIP_GCODE_NOT_AWAITED_EARLY},
	{"G28", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_QUEUED},
	{"G114", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_QUEUED},
	{"M109 S200", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_QUEUED},
	{"M400", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_QUEUED},
	{"M503", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_QUEUED},
	{"M4204", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_QUEUED},
	{"T0", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_QUEUED},
	{"", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_QUEUED},
	{"M99999999999999999114", FLAGSHIP_GCODE_QUEUED, FLAGSHIP_GCODE_QUEUED},
};

static void lines_have_classes(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(class_cases); i++) {
		const struct class_case *c = &class_cases[i];
		const size_t length = strlen(c->line);

		assert_int_equal(flagship_gcode_class_of(c->line, length, FLAGSHIP_MODEL_M5),
				 c->m5);
		assert_int_equal(flagship_gcode_class_of(c->line, length, FLAGSHIP_MODEL_M5C),
				 c->m5c);
	}
	/* One that is unknown may be either. */
	assert_int_equal(flagship_gcode_class_of("M3012", 5, FLAGSHIP_MODEL_UNKNOWN),
			 FLAGSHIP_GCODE_AT_ONCE);
	assert_int_equal(flagship_gcode_class_of("M2025", 5, FLAGSHIP_MODEL_UNKNOWN),
			 FLAGSHIP_GCODE_INTERCEPTED);
}

#define TEMPERATURES "ok T:220.00 /220.00 B:60.00 /60.00 @:0 B@:0\n"
#define RING         "+ringbuf:1,512,0\n"

struct whole_case {
	const char *line;
	const char *text;
	bool whole;
	bool fits;
	const char *body;
};

static const struct whole_case whole_cases[] = {
	{"M114", "X:1 Y:2\nok\n", true, true, "X:1 Y:2"},
	{"M114", "X:1 Y:2\nok\n\n+r", true, true, "X:1 Y:2"},
	{"M114", "X:1 Y:2\nok\n\n" RING, true, true, "X:1 Y:2"},
	{"M114", "X:1 Y:2\no", false, true, "X:1 Y:2\no"},
	{"M114", "ok\n", false, true, ""},
	{"M290 Z1", "ok\n\n" RING, true, true, ""},
	/* The end of a G28 that was given up, and what an M204 says later. */
	{"M114", "X:0\n" RING "ok\n", true, false, "X:0"},
	{"M114", "ok\n\n" RING "echo: late\n", false, false, NULL},
	{"M114", TEMPERATURES, false, false, NULL},
	{"M105", TEMPERATURES, true, true, "T:220.00 /220.00 B:60.00 /60.00 @:0 B@:0"},
	{"M105", "ok T:220.00 /2", false, true, NULL},
	{"M105", "X:0\n" RING "ok\n", true, false, NULL},
	{"M119", "x_min: open\n" RING "ok\n", true, true, "x_min: open"},
	{"M119", "X:1 Y:2\nok\n\n" RING, false, false, NULL},
	{"M119", TEMPERATURES, false, false, NULL},
	{"M140 S0", "ok\n", false, true, ""},
	{"M140 S0", "ok\n\n" RING "ok\n", true, true, ""},
	{"M204", "ok\n\nok\n\n" RING "Acceler", false, true, "Acceler"},
	{"M92", "ok\n\n" RING "echo: M92 X", false, true, "echo: M92 X"},
	{"G1 X1", "ok\n\n" RING, false, true, ""},
	{"M2021", "+ringbuf:0,512,1\nok\n", true, true, ""},
	{"M2024", "ok\n", true, true, ""},
	{"M2024", "X:0\n" RING "ok\n", true, false, NULL},
};

static void replies_are_whole_by_their_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(whole_cases); i++) {
		const struct whole_case *c = &whole_cases[i];
		const size_t length = strlen(c->text);
		const enum flagship_gcode_class class = flagship_gcode_class_of(
			c->line, strlen(c->line), FLAGSHIP_MODEL_M5C);
		struct flagship_gcode_reply reply;

		flagship_gcode_reply_parse(class, c->text, length, -1, &reply);
		assert_int_equal(reply.complete, c->whole);
		assert_int_equal(flagship_gcode_reply_fits(class, c->text, length), c->fits);
		if (c->body != NULL) {
			assert_int_equal(reply.body_length, strlen(c->body));
			assert_memory_equal(c->text + reply.body_offset, c->body,
					    reply.body_length);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_taken_apart),
		cmocka_unit_test(lengths_are_compared),
		cmocka_unit_test(the_limit_is_marked),
		cmocka_unit_test(lines_have_classes),
		cmocka_unit_test(replies_are_whole_by_their_class),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
