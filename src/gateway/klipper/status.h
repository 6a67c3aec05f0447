/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_KLIPPER_STATUS_H
#define GATEWAY_KLIPPER_STATUS_H

#include "base/json/reader.h"
#include "base/json/writer.h"
#include "printer/profile.h"
#include "printer/state/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A printer as Klipper's objects, of which Moonraker's clients know it ("print_stats", "extruder").
 * What a model has not, or never told, has no member here, and an object without members is not
 * listed: no page shows a panel for what is not there. Pure: no I/O, no clock.
 */
#define STATUS_MEMBERS(X)                                          \
	X(WEBHOOKS_STATE, "webhooks", "state")                     \
	X(WEBHOOKS_MESSAGE, "webhooks", "state_message")           \
	X(PRINT_FILENAME, "print_stats", "filename")               \
	X(PRINT_TOTAL, "print_stats", "total_duration")            \
	X(PRINT_DURATION, "print_stats", "print_duration")         \
	X(PRINT_FILAMENT, "print_stats", "filament_used")          \
	X(PRINT_STATE, "print_stats", "state")                     \
	X(PRINT_MESSAGE, "print_stats", "message")                 \
	X(PRINT_INFO, "print_stats", "info")                       \
	X(SDCARD_PATH, "virtual_sdcard", "file_path")              \
	X(SDCARD_PROGRESS, "virtual_sdcard", "progress")           \
	X(SDCARD_ACTIVE, "virtual_sdcard", "is_active")            \
	X(SDCARD_POSITION, "virtual_sdcard", "file_position")      \
	X(SDCARD_SIZE, "virtual_sdcard", "file_size")              \
	X(DISPLAY_PROGRESS, "display_status", "progress")          \
	X(DISPLAY_MESSAGE, "display_status", "message")            \
	X(TOOLHEAD_HOMED, "toolhead", "homed_axes")                \
	X(TOOLHEAD_EXTRUDER, "toolhead", "extruder")               \
	X(TOOLHEAD_VELOCITY, "toolhead", "max_velocity")           \
	X(TOOLHEAD_MINIMUM, "toolhead", "axis_minimum")            \
	X(TOOLHEAD_MAXIMUM, "toolhead", "axis_maximum")            \
	X(GCODE_ABSOLUTE, "gcode_move", "absolute_coordinates")    \
	X(GCODE_ABSOLUTE_E, "gcode_move", "absolute_extrude")      \
	X(GCODE_ORIGIN, "gcode_move", "homing_origin")             \
	X(MOTION_VELOCITY, "motion_report", "live_velocity")       \
	X(EXTRUDER_TEMPERATURE, "extruder", "temperature")         \
	X(EXTRUDER_TARGET, "extruder", "target")                   \
	X(EXTRUDER_CAN, "extruder", "can_extrude")                 \
	X(BED_TEMPERATURE, "heater_bed", "temperature")            \
	X(BED_TARGET, "heater_bed", "target")                      \
	X(FAN_SPEED, "fan", "speed")                               \
	X(HEATERS_HEATERS, "heaters", "available_heaters")         \
	X(HEATERS_SENSORS, "heaters", "available_sensors")         \
	X(HEATERS_MONITORS, "heaters", "available_monitors")       \
	X(IDLE_STATE, "idle_timeout", "state")                     \
	X(IDLE_TIME, "idle_timeout", "printing_time")              \
	X(PAUSE_PAUSED, "pause_resume", "is_paused")               \
	X(CONFIG_CONFIG, "configfile", "config")                   \
	X(CONFIG_SETTINGS, "configfile", "settings")               \
	X(CONFIG_WARNINGS, "configfile", "warnings")               \
	X(CONFIG_PENDING, "configfile", "save_config_pending")     \
	X(CONFIG_ITEMS, "configfile", "save_config_pending_items") \
	X(GCODE_COMMANDS, "gcode", "commands")                     \
	X(SYSTEM_LOAD, "system_stats", "sysload")                  \
	X(SYSTEM_TIME, "system_stats", "cputime")                  \
	X(SYSTEM_MEMORY, "system_stats", "memavail")

#define STATUS_ENUM(id, object, member) STATUS_##id,
enum status_member {
	STATUS_MEMBERS(STATUS_ENUM) STATUS_COUNT
};
#undef STATUS_ENUM

/* Which members: a bit each. */
typedef uint64_t status_set;
_Static_assert(STATUS_COUNT <= 64, "a bit for each member");

enum klippy {
	KLIPPY_DISCONNECTED, /* the printer is offline, or its broker is not reached */
	KLIPPY_STARTUP,      /* it is there, and has not told yet how it is */
	KLIPPY_READY,
	KLIPPY_SHUTDOWN, /* an error stopped it */
};

/* "ready" … */
const char *klippy_name(enum klippy klippy);
/* `reached`: its topics are subscribed. */
enum klippy klippy_of(const struct printer_state *state, bool reached);
/* One sentence for people. */
void klippy_describe(enum klippy klippy, const struct printer_state *state, char *out,
		     size_t capacity);

/* Of this machine; negative: not known. */
struct status_system {
	double load;
	double cpu_s;
	int64_t memory_kib;
};

struct status_source {
	const struct printer_state *state;
	const struct printer_profile *profile;
	enum klippy klippy;
	const char *homed;     /* "xyz", or some of it: as far as it is known */
	bool relative_moves;   /* G91 was asked for here */
	bool relative_extrude; /* M83 */
	int64_t file_size;     /* of the job's file in the file area; negative: it is not there */
	int64_t gcode_start;   /* its bytes that are printed, as the metadata of the file says */
	int64_t gcode_end;     /* not above the start: not known */
	const char *root;      /* folder of the file area, as clients see it */
	const char *message;   /* of M117; "" for none */
	struct status_system system;
};

/* All of it as JSON, at one moment. Zeroed is empty. */
struct status_image {
	char *text;
	size_t capacity;
	size_t offsets[STATUS_COUNT];
	size_t lengths[STATUS_COUNT]; /* 0: it is not there */
};

/* False for want of memory: the image is as before. */
bool status_fill(struct status_image *image, const struct status_source *source)
	__attribute__((warn_unused_result));
void status_finish(struct status_image *image);

/* Members that are there, or that were, and differ; all where `older` is empty. */
status_set status_compare(const struct status_image *older, const struct status_image *newer);
/* An object of objects, with the members of `wanted` that are there. */
void status_write(struct json_writer *writer, const struct status_image *image, status_set wanted);
/* ["webhooks",…] of objects that are there. */
void status_write_names(struct json_writer *writer, const struct status_image *image);

/* {"extruder":null,"toolhead":["position"]}: what nobody knows is passed over. False where it is no
 * such object. */
bool status_read_wanted(const struct json_value *objects, status_set *wanted)
	__attribute__((warn_unused_result));
/* All members of an object, or the one; 0: there is none of that name. NULL: all of it. */
status_set status_find(struct flagship_text object, const struct flagship_text *member);

/* The model has nozzle, bed and axes. */
bool status_has_heaters(const struct printer_state *state);

/* Whether a job prepares, prints or is paused. */
bool status_has_job(const struct printer_state *state);
/* As print_stats.state: "standby", "printing", "paused", "complete", "cancelled", "error". */
const char *status_print_state(const struct printer_state *state);

/* status_config.c: the printer's configuration, as far as pages ask for it. */
void status_write_settings(struct json_writer *writer, const struct status_source *source);

#endif
