/* SPDX-License-Identifier: MIT */
#include "../tests/unit/apply.h"
#include "base/json/writer.h"
#include "printer/guard/guard.h"
#include "simulator/gcode/packet.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX     512
#define JSON_MAX     (6 * LINE_MAX + 128)
#define REASON_MAX   512
#define LETTERS      26
#define FORCED       4
#define CODE_MODULUS 65536

/*
 * A line of G-code, its first byte the model, whether a job runs, and force. What the guard lets
 * pass is split as the motion board splits it (simulator/gcode/packet.h), and each command that
 * comes out must pass as well; then it is read as the board's parser reads it, and must not be what
 * must never happen. And JSON that carries the line is judged as the line is.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct printer_state state;
	struct printer_profile profile;
	bool job_runs;
};

/* As Marlin's parser sees it: upper-case letters, the last value of each counts. */
struct command {
	char letter;
	unsigned int number;
	bool given[LETTERS];
	bool has_value[LETTERS];
	double value[LETTERS];
};

static void set_up(struct world *world, uint8_t choice)
{
	static const char reported[] = "[{\"commandType\":1003,\"currentTemp\":20000,"
				       "\"targetTemp\":20000},{\"commandType\":1004,"
				       "\"targetTemp\":6000},{\"commandType\":1021,\"value\":0}]";
	static const char idle[] = "{\"commandType\":1000,\"subType\":1,\"value\":0}";
	static const char printing[] = "{\"commandType\":1000,\"subType\":1,\"value\":1}";
	enum flagship_model model = choice & 1 ? FLAGSHIP_MODEL_M5C : FLAGSHIP_MODEL_M5;
	const char *job = choice & 2 ? printing : idle;

	printer_state_init(&world->state, NULL, NULL, model);
	printer_profile_init(&world->profile, model);
	assert(apply_json(&world->state, reported, 0, NULL, NULL) == 0);
	assert(apply_json(&world->state, job, 0, NULL, NULL) == 0);
	world->job_runs = choice & 2;
}

static enum guard_verdict check(const struct world *world, enum command_kind kind, const char *text,
				bool force)
{
	struct command_request request = {.kind = kind, .text = text, .force = force};
	char reason[REASON_MAX] = "";
	enum guard_verdict verdict = guard_check(&world->state, &world->profile, NULL, &request,
						 reason, sizeof(reason));

	assert(verdict == GUARD_PASS || reason[0] != '\0');
	return verdict;
}

static bool is_number(const char *text)
{
	text += *text == '+' || *text == '-';
	return isdigit((unsigned char)*text) || (*text == '.' && isdigit((unsigned char)text[1]));
}

static void read_parameters(const char *text, struct command *command)
{
	while (*text != '\0') {
		char letter = *text++;
		if (letter < 'A' || letter > 'Z') {
			continue;
		}
		text += strspn(text, " ");
		size_t index = (size_t)(letter - 'A');
		command->given[index] = true;
		command->has_value[index] = is_number(text);
		command->value[index] = 0;
		if (is_number(text)) {
			char number[LINE_MAX];
			/* Marlin ends a number at an exponent. */
			size_t length = strcspn(text, "Ee ");
			memcpy(number, text, length);
			number[length] = '\0';
			command->value[index] = strtod(number, NULL);
		}
	}
}

static bool read_command(const char *line, bool folds_case, struct command *command)
{
	char copy[LINE_MAX];
	char *text = copy;

	*command = (struct command){0};
	for (size_t i = 0; i <= strlen(line); i++) {
		copy[i] = (char)(folds_case ? toupper((unsigned char)line[i]) : line[i]);
	}
	text += strspn(text, " ");
	if (*text == 'N' && (isdigit((unsigned char)text[1]) || text[1] == '-')) {
		text += 2;
		text += strspn(text, "0123456789");
		text += strspn(text, " ");
	}
	command->letter = *text;
	if (*text != 'G' && *text != 'M') {
		return false;
	}
	text++;
	text += strspn(text, " ");
	if (!isdigit((unsigned char)*text)) {
		return false;
	}
	while (isdigit((unsigned char)*text)) {
		command->number = (command->number * 10 + (unsigned int)(*text++ - '0')) %
				  CODE_MODULUS;
	}
	read_parameters(text, command);
	return true;
}

static bool is_code(const struct command *command, char letter, unsigned int number)
{
	return command->letter == letter && command->number == number;
}

static bool has(const struct command *command, char letter)
{
	return command->given[letter - 'A'];
}

static double value_of(const struct command *command, char letter)
{
	return command->has_value[letter - 'A'] ? command->value[letter - 'A'] : 0;
}

static void check_heat(const struct world *world, const struct command *command)
{
	bool nozzle = is_code(command, 'M', 104) || is_code(command, 'M', 109);
	bool bed = is_code(command, 'M', 140) || is_code(command, 'M', 190);
	double limit_c = (double)(nozzle ? world->profile.nozzle_max_c : world->profile.bed_max_c);

	if (!nozzle && !bed) {
		return;
	}
	assert(value_of(command, 'S') <= limit_c + 1e-3);
	assert(value_of(command, 'R') <= limit_c + 1e-3);
	if (world->job_runs && has(command, 'S')) {
		assert(value_of(command, 'S') > 0);
	}
}

static void check_motion(const struct world *world, const struct command *command)
{
	if (is_code(command, 'G', 28)) {
		bool z = has(command, 'Z') || (!has(command, 'X') && !has(command, 'Y'));
		assert(!world->job_runs && !(z && world->profile.z_home_is_dangerous));
	}
	if (command->letter == 'G' && command->number <= 1) {
		assert(!world->job_runs);
		assert(value_of(command, 'Z') >= -1e-3 && value_of(command, 'Z') <= 250 + 1e-3);
	}
	if (is_code(command, 'M', 290)) {
		assert(fabs(value_of(command, 'Z')) <= 1 + 1e-3);
		assert(fabs(value_of(command, 'S')) <= 1 + 1e-3);
	}
}

static void check_settings(const struct command *command)
{
	static const unsigned int always[] = {112,  303,  500,  501,  502,  575,  81,
					      997,  999,  2006, 2009, 2022, 2023, 2024,
					      2025, 2201, 2202, 2203, 2204, 2300, 3031};

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		assert(!is_code(command, 'M', always[i]));
	}
	assert(!is_code(command, 'G', 2001));
	assert(!is_code(command, 'M', 211) || !has(command, 'S') || value_of(command, 'S') > 0);
	assert(!is_code(command, 'M', 2004) || !has(command, 'S'));
	assert(!is_code(command, 'M', 302) || (!has(command, 'S') && !has(command, 'P')));
	assert(!is_code(command, 'M', 851) || !has(command, 'Z'));
	assert(!is_code(command, 'M', 92) || !has(command, 'E'));
	assert(!is_code(command, 'M', 3013) || !has(command, 'W'));
}

static void check_harmless(const struct world *world, const char *line)
{
	for (int folds_case = 0; folds_case < 2; folds_case++) {
		struct command command;
		if (read_command(line, folds_case, &command)) {
			check_heat(world, &command);
			check_motion(world, &command);
			check_settings(&command);
		}
	}
}

static void check_split(const struct world *world, const char *line, bool force)
{
	struct gcode_packet packet;
	char command[GCODE_PACKET_COMMAND_MAX];
	unsigned int count = 0;

	gcode_packet_init(&packet, line);
	while (gcode_packet_next(&packet, command)) {
		count++;
		if (!force) {
			assert(check(world, COMMAND_GCODE, command, false) == GUARD_PASS);
			check_harmless(world, command);
		}
	}
	/* With force only # makes more of it than one. */
	assert(count <= 1 || (force && strchr(line, '#') != NULL));
}

static void check_json(const struct world *world, const char *line, enum guard_verdict verdict,
		       bool force)
{
	char json[JSON_MAX];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, json, sizeof(json));
	json_object_begin(&writer);
	json_key(&writer, "commandType");
	json_int(&writer, FLAGSHIP_MESSAGE_GCODE_COMMAND);
	json_key(&writer, "cmdData");
	json_string(&writer, line);
	json_object_end(&writer);
	assert(json_writer_finish(&writer, &length) == 0);
	enum guard_verdict as_json = check(world, COMMAND_SEND, json, force);
	/* What is no UTF-8 is not the same any more. */
	assert(as_json == verdict || as_json == GUARD_NEVER);
	assert(check(world, COMMAND_QUERY, json, force) == as_json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world world;
	char line[LINE_MAX];

	if (size < 1 || size > sizeof(line) || memchr(data + 1, '\0', size - 1) != NULL) {
		return 0;
	}
	memcpy(line, data + 1, size - 1);
	line[size - 1] = '\0';
	bool force = data[0] & FORCED;
	set_up(&world, data[0]);
	enum guard_verdict verdict = check(&world, COMMAND_GCODE, line, force);
	if (verdict == GUARD_PASS) {
		check_split(&world, line, force);
	}
	check_json(&world, line, verdict, force);
	return 0;
}
