/* SPDX-License-Identifier: MIT */
#include "command_mix.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define CENTI        100.0
#define FANS         100
#define SPEEDS       200
#define SPEED_LEAST  20
#define HOTTEST      20000 /* 0.01 °C */
#define OFFSETS      100   /* 0.01 mm, either way */
#define DISTANCES    9973  /* of 0.01 mm: a prime, so that many numbers differ */
#define PLATE        20000 /* 0.01 mm */
#define MANY_IN_FOUR 4

typedef void make_function(uint64_t number, struct mixed_command *command);

static void make_gcode(uint64_t number, struct mixed_command *command)
{
	snprintf(command->text, sizeof(command->text), "M118 soak-%" PRIu64, number);
	snprintf(command->mark, sizeof(command->mark), "\"M118 soak-%" PRIu64 "\"", number);
	command->request.kind = COMMAND_GCODE;
}

static void make_send(uint64_t number, struct mixed_command *command)
{
	snprintf(command->text, sizeof(command->text),
		 "{\"commandType\":1034,\"devName\":\"send-%" PRIu64 "\"}", number);
	snprintf(command->mark, sizeof(command->mark), "\"send-%" PRIu64 "\"", number);
	command->request.kind = COMMAND_SEND;
}

static void make_rename(uint64_t number, struct mixed_command *command)
{
	snprintf(command->text, sizeof(command->text), "name-%" PRIu64, number);
	snprintf(command->mark, sizeof(command->mark), "\"name-%" PRIu64 "\"", number);
	command->request.kind = COMMAND_RENAME;
}

static void make_query(uint64_t number, struct mixed_command *command)
{
	(void)number;
	snprintf(command->text, sizeof(command->text), "{\"commandType\":1027}");
	command->request.kind = COMMAND_QUERY;
}

static void make_extrude(uint64_t number, struct mixed_command *command)
{
	command->request.kind = COMMAND_EXTRUDE;
	command->request.force = true; /* cold as the nozzle may be, it has to be sent */
	command->request.distance_mm = (double)(1 + number % DISTANCES) / CENTI;
	snprintf(command->mark, sizeof(command->mark), "G1 E%.3f", command->request.distance_mm);
}

static void make_move(uint64_t number, struct mixed_command *command)
{
	command->request.kind = COMMAND_MOVE;
	command->request.position_mm[0] = (double)(number % PLATE) / CENTI;
	command->request.position_mm[1] = NAN;
	command->request.position_mm[2] = NAN;
	snprintf(command->mark, sizeof(command->mark), "G1 X%.3f", command->request.position_mm[0]);
}

static void make_nozzle(uint64_t number, struct mixed_command *command)
{
	command->request.kind = COMMAND_NOZZLE_TARGET;
	command->request.value = (int64_t)(number % HOTTEST);
}

static void make_bed(uint64_t number, struct mixed_command *command)
{
	command->request.kind = COMMAND_BED_TARGET;
	command->request.value = (int64_t)(number % (HOTTEST / MANY_IN_FOUR));
}

static void make_fan(uint64_t number, struct mixed_command *command)
{
	command->request.kind = COMMAND_FAN;
	command->request.value = (int64_t)(number % FANS);
}

static void make_speed(uint64_t number, struct mixed_command *command)
{
	command->request.kind = COMMAND_SPEED;
	command->request.value = SPEED_LEAST + (int64_t)(number % SPEEDS);
}

static void make_z_offset(uint64_t number, struct mixed_command *command)
{
	command->request.kind = COMMAND_Z_OFFSET;
	command->request.value = (int64_t)(number % (2 * OFFSETS)) - OFFSETS;
}

static void make_home(uint64_t number, struct mixed_command *command)
{
	(void)number;
	command->request.kind = COMMAND_HOME;
	command->request.value = COMMAND_AXES_ALL;
}

static void make_files(uint64_t number, struct mixed_command *command)
{
	command->request.kind = COMMAND_FILES;
	command->request.value = (int64_t)(number % 2);
}

static void make_delete(uint64_t number, struct mixed_command *command)
{
	snprintf(command->text, sizeof(command->text),
		 "/usr/data/local/model/none-%" PRIu64 ".gcode", number);
	command->request.kind = COMMAND_DELETE;
}

static void make_start(uint64_t number, struct mixed_command *command)
{
	(void)number;
	snprintf(command->text, sizeof(command->text), "/tmp/udisk/udisk1/calibration_cube.gcode");
	command->request.kind = COMMAND_START;
}

static void make_light(uint64_t number, struct mixed_command *command)
{
	command->request.kind = COMMAND_LIGHT;
	command->request.value = (int64_t)(number % 2);
}

/* A kind without anything else. */
#define MAKE_PLAIN(name, of_kind)                                        \
	static void name(uint64_t number, struct mixed_command *command) \
	{                                                                \
		(void)number;                                            \
		command->request.kind = (of_kind);                       \
	}

MAKE_PLAIN(make_pause, COMMAND_PAUSE)
MAKE_PLAIN(make_resume, COMMAND_RESUME)
MAKE_PLAIN(make_stop, COMMAND_STOP)
MAKE_PLAIN(make_cooldown, COMMAND_COOLDOWN)
MAKE_PLAIN(make_level, COMMAND_LEVEL)
MAKE_PLAIN(make_status, COMMAND_STATUS)

/* Those that must never be done twice come more often. */
static make_function *const mix[] = {
	make_gcode, make_pause, make_extrude, make_nozzle,   make_send,     make_query,
	make_gcode, make_speed, make_move,    make_resume,   make_fan,      make_rename,
	make_gcode, make_files, make_extrude, make_status,   make_bed,      make_light,
	make_gcode, make_start, make_delete,  make_z_offset, make_gcode,    make_move,
	make_send,  make_home,  make_gcode,   make_stop,     make_cooldown, make_level,
};

void command_mix_make(uint64_t number, int64_t timeout_ms, struct mixed_command *command)
{
	*command = (struct mixed_command){.request.timeout_ms = timeout_ms};
	mix[number % (sizeof(mix) / sizeof(mix[0]))](number, command);
	command->request.text = command->text[0] ? command->text : NULL;
}
