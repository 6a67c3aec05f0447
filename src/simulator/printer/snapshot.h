/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_SNAPSHOT_H
#define SIMULATOR_PRINTER_SNAPSHOT_H

#include "simulator/machine/activity.h"
#include "simulator/machine/machine.h"
#include "simulator/machine/print_job.h"

#include "base/json/writer.h"

#include <stdbool.h>
#include <stdint.h>

struct snapshot_temperature {
	int64_t current_centi_c;
	int64_t target_centi_c;
};

/* The numbers of 1001. */
struct snapshot_schedule {
	int64_t remaining; /* as 1001 tells it */
	int64_t elapsed_s;
	int64_t progress_centi_percent;
	int64_t start_left_time;
	int64_t filament_mm; /* of the whole job */
	int64_t speed_mm_s;
};

struct snapshot_layers {
	int64_t layer;
	int64_t layers;
};

/* All that a printer could tell at one moment, in the units of its messages. */
struct snapshot {
	struct snapshot_temperature nozzle;
	struct snapshot_temperature bed;
	int64_t state; /* enum flagship_job_state */
	bool has_job;
	struct snapshot_schedule schedule;
	struct snapshot_layers layers;
	struct e1_levels ink;
	int64_t fan_percent;
	int64_t speed_mm_s;
	int64_t z_offset_centi_mm;
	int64_t motor_lock;
	int64_t levelled;
	int64_t break_point;
	/* Borrowed: the same from one snapshot to the next. */
	const struct simulator_model *model;
	const struct e1_parts *e1;
	const char *task_id;
	const char *job_name;
};

void snapshot_take(struct snapshot *snapshot, const struct machine *machine,
		   const struct print_job *job, const struct activity *activity);

/* Each writes one object. */
void snapshot_write_state(const struct snapshot *snapshot, struct json_writer *writer);
void snapshot_write_schedule(const struct snapshot *snapshot, struct json_writer *writer);
void snapshot_write_nozzle(const struct snapshot *snapshot, bool with_target,
			   struct json_writer *writer);
void snapshot_write_bed(const struct snapshot *snapshot, bool with_target,
			struct json_writer *writer);
void snapshot_write_layers(const struct snapshot *snapshot, struct json_writer *writer);
void snapshot_write_break_point(const struct snapshot *snapshot, struct json_writer *writer);
void snapshot_write_max_speed(const struct snapshot *snapshot, struct json_writer *writer);
void snapshot_write_levelled(const struct snapshot *snapshot, struct json_writer *writer);
void snapshot_write_nozzle_type(struct json_writer *writer);
void snapshot_write_filament(struct json_writer *writer);
void snapshot_write_ink(const struct snapshot *snapshot, struct json_writer *writer);

/* {"commandType":type,"value":value} */
void snapshot_write_value(int64_t type, int64_t value, struct json_writer *writer);

/* {"commandType":1023,"value":…,"progress":…} */
void snapshot_write_feed(int64_t value, int64_t progress_percent, struct json_writer *writer);

/* The last 1001 of an M5C's job, which has no progress. */
void snapshot_write_last_schedule(const struct snapshot *snapshot, struct json_writer *writer);

/* 1068 of the job that just ended. */
void snapshot_write_summary(const struct snapshot *snapshot, bool finished,
			    struct json_writer *writer);

/* The filament ran out: 1085, and 1000 with subType 2. */
void snapshot_write_no_filament(struct json_writer *writer);

/* It is there again: 1086, and 1000 with subType 2. */
void snapshot_write_filament_again(struct json_writer *writer);

/* 1044 of the running job, and of a file that was loaded. */
void snapshot_write_preview(const struct snapshot *snapshot, struct json_writer *writer);
void snapshot_write_loaded(const char *path, struct json_writer *writer);

#endif
