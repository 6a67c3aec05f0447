/* SPDX-License-Identifier: MIT */
#include "apply.h"
#include "printer/guard/guard.h"
#include "printer/guard/rules.h"

#include "../../stride.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What is refused one way is refused in every other: as a request, as JSON, as G-code. */

#define ROUNDS      20000
#define TEXT_MAX    256
#define REASON_MAX  512
#define MODELS      3
#define CENTI       100.0
#define SEED        20261128u
#define LINE_NUMBER 10

struct world {
	struct printer_state state;
	struct printer_profile profile;
	struct guard_memory memory;
	unsigned int random;
};

/* One command, said in three ways; "" where there is none. */
struct ways {
	struct command_request typed;
	char json[TEXT_MAX];
	char line[TEXT_MAX];
};

static unsigned int below(struct world *world, unsigned int limit)
{
	world->random = world->random * 1664525u + 1013904223u;
	return (world->random >> 8) % limit;
}

static int64_t between(struct world *world, int64_t low, int64_t high)
{
	return low + (int64_t)below(world, (unsigned int)(high - low + 1));
}

static void hear(struct world *world, const char *format, long long value)
{
	char json[TEXT_MAX];

	snprintf(json, sizeof(json), format, value);
	assert_int_equal(apply_json(&world->state, json, 0, NULL, NULL), 0);
}

static void set_up(struct world *world)
{
	static const enum flagship_model models[MODELS] = {FLAGSHIP_MODEL_M5, FLAGSHIP_MODEL_M5C,
							   FLAGSHIP_MODEL_E1};
	enum flagship_model model = models[below(world, MODELS)];

	printer_state_init(&world->state, NULL, NULL, model);
	printer_profile_init(&world->profile, model);
	guard_memory_init(&world->memory);
	hear(world, "{\"commandType\":1000,\"subType\":1,\"value\":%lld}", below(world, 3));
	hear(world, "{\"commandType\":1001,\"name\":\"a%lld.gcode\"}", below(world, 2));
	if (below(world, 4) != 0) {
		hear(world, "{\"commandType\":1003,\"currentTemp\":%lld}",
		     between(world, 15000, 18000));
	}
	if (below(world, 4) != 0) {
		hear(world, "{\"commandType\":1021,\"value\":%lld}", between(world, -250, 250));
	}
	world->memory.relative = below(world, 2) != 0;
}

static enum guard_verdict check(const struct world *world, const struct command_request *request)
{
	char reason[REASON_MAX];

	return guard_check(&world->state, &world->profile, &world->memory, request, reason,
			   sizeof(reason));
}

/* A target now and then near to the limits, now and then anywhere. */
static int64_t some_target(struct world *world)
{
	static const int64_t near_to[] = {0, 3000, 10000, 11500, 16000, 16500, 26000, 31000};

	if (below(world, 2) != 0) {
		return near_to[below(world, 8)] + between(world, 0, 2);
	}
	return between(world, 0, 50000);
}

static void write_target(struct world *world, struct ways *ways)
{
	bool nozzle = below(world, 2) != 0;

	ways->typed.kind = nozzle ? COMMAND_NOZZLE_TARGET : COMMAND_BED_TARGET;
	ways->typed.value = some_target(world);
	snprintf(ways->json, TEXT_MAX, "{\"commandType\":%d,\"value\":%lld}", nozzle ? 1003 : 1004,
		 (long long)ways->typed.value);
	snprintf(ways->line, TEXT_MAX, "M%d %c%.2f",
		 (nozzle ? 104 : 140) + (below(world, 2) ? 5 : 0), below(world, 2) ? 'S' : 'R',
		 (double)ways->typed.value / CENTI);
	if (strncmp(ways->line, "M145", 4) == 0) {
		memcpy(ways->line, "M190", 4);
	}
}

static void write_fan(struct world *world, struct ways *ways)
{
	ways->typed.kind = COMMAND_FAN;
	ways->typed.value = between(world, 0, 100);
	snprintf(ways->json, TEXT_MAX, "{\"commandType\":1005,\"value\":%lld}",
		 (long long)ways->typed.value);
	snprintf(ways->line, TEXT_MAX, below(world, 2) ? "M106 S%lld" : "M107",
		 (long long)ways->typed.value);
}

static void write_home(struct world *world, struct ways *ways)
{
	static const struct {
		int64_t axes;
		int value;
		const char *line;
	} cases[] = {
		{COMMAND_AXIS_X | COMMAND_AXIS_Y, 0, "G28 X Y"},
		{COMMAND_AXIS_Z, 1, "G28 Z"},
		{COMMAND_AXES_ALL, 2, "G28"},
		{COMMAND_AXES_ALL, 2, "G28 X Y Z"},
	};
	size_t index = below(world, 4);

	ways->typed.kind = COMMAND_HOME;
	ways->typed.value = cases[index].axes;
	snprintf(ways->json, TEXT_MAX, "{\"commandType\":1026,\"value\":%d}", cases[index].value);
	snprintf(ways->line, TEXT_MAX, "%s", cases[index].line);
}

static void write_move(struct world *world, struct ways *ways)
{
	static const char letters[] = "XYZ";
	size_t length = (size_t)snprintf(ways->line, TEXT_MAX, "G%u", below(world, 2));

	ways->typed.kind = COMMAND_MOVE;
	ways->typed.relative = world->memory.relative;
	for (size_t axis = 0; axis < 3; axis++) {
		ways->typed.position_mm[axis] = NAN;
		if (below(world, 2) != 0) {
			double mm = (double)between(world, -300, 3000) / 10;
			ways->typed.position_mm[axis] = mm;
			length += (size_t)snprintf(ways->line + length, TEXT_MAX - length,
						   " %c%.1f", letters[axis], mm);
		}
	}
}

static void write_extrusion(struct world *world, struct ways *ways)
{
	ways->typed.kind = COMMAND_EXTRUDE;
	ways->typed.distance_mm = (double)between(world, 1, 50) * (below(world, 2) ? 1 : -1);
	snprintf(ways->line, TEXT_MAX, "G1 E%.1f", ways->typed.distance_mm);
}

static void write_offset(struct world *world, struct ways *ways)
{
	int64_t now = world->state.z_offset_centi_mm;
	int64_t change = between(world, -250, 250);

	ways->typed.kind = COMMAND_Z_OFFSET;
	ways->typed.relative = true;
	ways->typed.value = change;
	if (now != PRINTER_NEVER) {
		const long long wanted = now + change;
		snprintf(ways->json, TEXT_MAX, "{\"commandType\":1021,\"value\":%lld}", wanted);
	}
	snprintf(ways->line, TEXT_MAX, "M290 %c%.2f", below(world, 2) ? 'Z' : 'S',
		 (double)change / CENTI);
}

static void write_level(struct world *world, struct ways *ways)
{
	(void)world;
	ways->typed.kind = COMMAND_LEVEL;
	snprintf(ways->json, TEXT_MAX, "{\"commandType\":1007,\"value\":0}");
	snprintf(ways->line, TEXT_MAX, "G29");
}

static void write_name(struct world *world, struct ways *ways)
{
	static const char *const names[][2] = {
		{"Ada", "Ada"},      {" ", " "},       {"a\tb", "a\\tb"},
		{"\x7f", "\\u007f"}, {"\xff", "\xff"}, {"K\xc3\xbc", "K\\u00fc"},
	};
	size_t index = below(world, 6);

	ways->typed.kind = COMMAND_RENAME;
	ways->typed.text = names[index][0];
	snprintf(ways->json, TEXT_MAX, "{\"commandType\":1034,\"devName\":\"%s\"}",
		 names[index][1]);
}

static void write_deletion(struct world *world, struct ways *ways)
{
	static const char *const paths[] = {"/usr/data/a0.gcode", "/usr/data/a1.gcode"};

	ways->typed.kind = COMMAND_DELETE;
	ways->typed.text = paths[below(world, 2)];
	snprintf(ways->json, TEXT_MAX, "{\"commandType\":1032,\"filePath\":\"%s\"}",
		 ways->typed.text);
}

static void write_files(struct world *world, struct ways *ways)
{
	(void)world;
	ways->typed.kind = COMMAND_FILES;
	snprintf(ways->json, TEXT_MAX, "{\"commandType\":1009,\"value\":1}");
}

static void write_speed(struct world *world, struct ways *ways)
{
	ways->typed.kind = COMMAND_SPEED;
	ways->typed.value = between(world, 0, 600);
	snprintf(ways->json, TEXT_MAX, "{\"commandType\":1006,\"value\":%lld}",
		 (long long)ways->typed.value);
}

static void (*const writers[])(struct world *world, struct ways *ways) = {
	write_target, write_fan,   write_home, write_move,     write_extrusion, write_offset,
	write_level,  write_speed, write_name, write_deletion, write_files,
};

/* The same line in other letters, with other blanks, with a line number. */
static void respell(struct world *world, const char *line, char out[TEXT_MAX])
{
	bool lower = below(world, 2) != 0;
	bool spread = below(world, 2) != 0;
	bool tight = !spread && below(world, 2) != 0;
	size_t length = 0;

	if (below(world, 4) == 0) {
		length = (size_t)snprintf(out, TEXT_MAX, "N%d", LINE_NUMBER);
	}
	for (const char *at = line; *at != '\0'; at++) {
		/* Without blanks 0X is the beginning of another number. */
		bool drop = *at == ' ' && tight && at[1] != 'X';
		if (!drop) {
			out[length++] = (char)(lower ? tolower((unsigned char)*at) : *at);
		}
		if (spread && isalpha((unsigned char)*at)) {
			out[length++] = ' ';
		}
	}
	out[length] = '\0';
}

static void fail_ways(const struct ways *ways, const char *other, enum guard_verdict typed,
		      enum guard_verdict verdict)
{
	fail_msg("%s is %d, but %s is %d", command_kind_name(ways->typed.kind), typed, other,
		 verdict);
}

static void compare(const struct world *world, const struct ways *ways, enum command_kind kind,
		    const char *text)
{
	struct command_request request = {.kind = kind, .text = text};
	enum guard_verdict typed = check(world, &ways->typed);
	enum guard_verdict verdict = text[0] != '\0' ? check(world, &request) : typed;

	if ((typed == GUARD_PASS) != (verdict == GUARD_PASS)) {
		fail_ways(ways, text, typed, verdict);
	}
}

static void all_ways_are_one(void **context)
{
	struct world world = {.random = SEED};
	size_t refused = 0;
	size_t rounds = ROUNDS / test_stride();

	(void)context;
	for (size_t i = 0; i < rounds; i++) {
		struct ways ways = {{.kind = COMMAND_STATUS}, "", ""};
		char line[TEXT_MAX];
		char json[2 * TEXT_MAX];

		set_up(&world);
		writers[below(&world, sizeof(writers) / sizeof(writers[0]))](&world, &ways);
		refused += check(&world, &ways.typed) != GUARD_PASS;
		compare(&world, &ways, COMMAND_SEND, ways.json);
		compare(&world, &ways, COMMAND_QUERY, ways.json);
		if (ways.line[0] != '\0') {
			respell(&world, ways.line, line);
			compare(&world, &ways, COMMAND_GCODE, line);
			snprintf(json, sizeof(json),
				 "{\"cmdData\":\"%s\",\"commandType\":1043,\"cmdLen\":%zu}", line,
				 strlen(line));
			compare(&world, &ways, COMMAND_SEND, json);
		}
	}
	/* Both happen often enough to mean something. */
	assert_in_range(refused, rounds / 4, rounds * 3 / 4);
}

/* Every row of the table for codes, as a line and as JSON, in the states where it applies. */
static void check_row(const struct guard_rule *rule, int number)
{
	struct world world = {.random = SEED};
	char line[TEXT_MAX];
	char json[2 * TEXT_MAX];
	struct command_request as_line = {.kind = COMMAND_GCODE, .text = line};
	struct command_request as_json = {.kind = COMMAND_SEND, .text = json};
	const char *argument = rule->condition == GUARD_WITH_LETTERS ? rule->letters : "S";
	bool home_xy = rule->condition == GUARD_HOMES_XY;

	snprintf(line, sizeof(line), "%c%d %c%d", rule->subject == GUARD_G ? 'G' : 'M', number,
		 home_xy ? 'X' : argument[0], 0);
	snprintf(json, sizeof(json), "{\"commandType\":1043,\"cmdData\":\"%s\"}", line);
	for (size_t i = 0; i < 64; i++) {
		set_up(&world);
		bool job = world.state.job.state == PRINTER_JOB_PRINTING ||
			   world.state.job.state == PRINTER_JOB_PAUSED;
		enum guard_when when = guard_rule_when(rule, world.profile.model);
		bool applies = when == GUARD_ALWAYS || (when == GUARD_JOB && job) ||
			       (when == GUARD_Z_AT_RISK &&
				(job || world.profile.z_home_is_dangerous));
		if (applies) {
			assert_int_equal(check(&world, &as_line), GUARD_REFUSED);
			assert_int_equal(check(&world, &as_json), GUARD_REFUSED);
		}
	}
}

static void every_row_counts(void **context)
{
	size_t count;
	const struct guard_rule *rules = guard_rules(&count);

	(void)context;
	for (size_t i = 0; i < count; i++) {
		for (int number = rules[i].first;
		     rules[i].subject != GUARD_MESSAGE && number <= rules[i].last; number++) {
			check_row(&rules[i], number);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways_are_one),
		cmocka_unit_test(every_row_counts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
