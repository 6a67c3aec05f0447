/* SPDX-License-Identifier: MIT */
#include "simulator/printer/notices.h"

#include <string.h>

#define TARGET_EVERY_BEATS                                                    \
	3 /* m5c-print.jsonl: an unchanged target comes with every third beat \
	   */

void notices_init(struct notices *notices, const struct snapshot *snapshot)
{
	*notices = (struct notices){.reported = *snapshot};
}

static bool is_same_temperature(struct snapshot_temperature a, struct snapshot_temperature b)
{
	return a.current_centi_c == b.current_centi_c && a.target_centi_c == b.target_centi_c;
}

static bool is_same_layers(struct snapshot_layers a, struct snapshot_layers b)
{
	return a.layer == b.layer && a.layers == b.layers;
}

static size_t write_changed_job(const struct snapshot *reported, const struct snapshot *now,
				struct json_writer *writer)
{
	size_t count = 0;

	if (now->has_job &&
	    (memcmp(&reported->schedule, &now->schedule, sizeof(now->schedule)) != 0 ||
	     !reported->has_job)) {
		snapshot_write_schedule(now, writer);
		count++;
	}
	if (!now->model->has_ink && !is_same_layers(reported->layers, now->layers)) {
		snapshot_write_layers(now, writer);
		count++;
	}
	if (reported->state != now->state) {
		snapshot_write_state(now, writer);
		count++;
	}
	return count;
}

static size_t write_changed_parts(const struct snapshot *reported, const struct snapshot *now,
				  struct json_writer *writer)
{
	size_t count = 0;

	if (now->model->heats && !is_same_temperature(reported->nozzle, now->nozzle)) {
		snapshot_write_nozzle(now, true, writer);
		count++;
	}
	if (now->model->heats && !is_same_temperature(reported->bed, now->bed)) {
		snapshot_write_bed(now, true, writer);
		count++;
	}
	if (!now->model->has_ink && reported->fan_percent != now->fan_percent) {
		snapshot_write_value(FLAGSHIP_MESSAGE_FAN_SPEED, now->fan_percent, writer);
		count++;
	}
	if (now->model->has_ink && memcmp(&reported->ink, &now->ink, sizeof(now->ink)) != 0) {
		snapshot_write_ink(now, writer);
		count++;
	}
	return count;
}

static bool is_target_due(uint32_t *beats, struct snapshot_temperature reported,
			  struct snapshot_temperature now)
{
	(*beats)++;
	if (*beats < TARGET_EVERY_BEATS && reported.target_centi_c == now.target_centi_c) {
		return false;
	}
	*beats = 0;
	return true;
}

static size_t write_rhythm(struct notices *notices, const struct snapshot *now,
			   struct json_writer *writer)
{
	const struct snapshot *reported = &notices->reported;
	bool in_job = now->has_job;
	bool nozzle_target = is_target_due(&notices->nozzle_beats, reported->nozzle, now->nozzle);
	bool bed_target = is_target_due(&notices->bed_beats, reported->bed, now->bed);
	size_t count = 2;

	if (in_job) {
		snapshot_write_schedule(now, writer);
		count++;
	}
	snapshot_write_nozzle(now, nozzle_target || !in_job, writer);
	snapshot_write_bed(now, bed_target || !in_job, writer);
	if (reported->fan_percent != now->fan_percent) {
		snapshot_write_value(FLAGSHIP_MESSAGE_FAN_SPEED, now->fan_percent, writer);
		count++;
	}
	if (in_job) {
		snapshot_write_value(FLAGSHIP_MESSAGE_PRINT_SPEED, now->speed_mm_s, writer);
		count++;
	}
	if (in_job && !is_same_layers(reported->layers, now->layers)) {
		snapshot_write_layers(now, writer);
		count++;
	}
	if (in_job || reported->state != now->state) {
		snapshot_write_state(now, writer);
		count++;
	}
	return count;
}

size_t notices_write_settings(struct notices *notices, const struct snapshot *now,
			      struct json_writer *writer)
{
	struct snapshot *reported = &notices->reported;
	size_t count = 0;

	if (now->model->has_ink) {
		return 0;
	}
	if (reported->speed_mm_s != now->speed_mm_s) {
		snapshot_write_value(FLAGSHIP_MESSAGE_PRINT_SPEED, now->speed_mm_s, writer);
		reported->speed_mm_s = now->speed_mm_s;
		count++;
	}
	if (reported->z_offset_centi_mm != now->z_offset_centi_mm) {
		snapshot_write_value(FLAGSHIP_MESSAGE_Z_AXIS_RECOUP, now->z_offset_centi_mm,
				     writer);
		reported->z_offset_centi_mm = now->z_offset_centi_mm;
		count++;
	}
	if (reported->motor_lock != now->motor_lock) {
		snapshot_write_value(FLAGSHIP_MESSAGE_MOTOR_LOCK, now->motor_lock, writer);
		reported->motor_lock = now->motor_lock;
		count++;
	}
	if (reported->levelled != now->levelled) {
		snapshot_write_levelled(now, writer);
		reported->levelled = now->levelled;
		count++;
	}
	return count;
}

size_t notices_write_beat(struct notices *notices, const struct snapshot *now,
			  struct json_writer *writer)
{
	size_t count;

	if (now->model->only_changes) {
		count = write_changed_parts(&notices->reported, now, writer);
		count += write_changed_job(&notices->reported, now, writer);
	} else {
		count = write_rhythm(notices, now, writer);
	}
	count += notices_write_settings(notices, now, writer);
	notices->reported = *now;
	return count;
}

static void write_heat(const struct snapshot *snapshot, struct json_writer *writer)
{
	if (snapshot->model->heats) {
		snapshot_write_nozzle(snapshot, true, writer);
		snapshot_write_bed(snapshot, true, writer);
	}
	if (snapshot->model->has_ink) {
		snapshot_write_ink(snapshot, writer);
	}
}

void notices_write_burst(const struct snapshot *snapshot, struct json_writer *writer)
{
	snapshot_write_state(snapshot, writer);
	if (snapshot->has_job) {
		snapshot_write_schedule(snapshot, writer);
	}
	write_heat(snapshot, writer);
	if (snapshot->model->has_ink) {
		/* Nothing of nozzle, bed, fan, layers or filament: an E1 has none. */
		return;
	}
	snapshot_write_value(FLAGSHIP_MESSAGE_FAN_SPEED, snapshot->fan_percent, writer);
	snapshot_write_value(FLAGSHIP_MESSAGE_PRINT_SPEED, snapshot->speed_mm_s, writer);
	snapshot_write_value(FLAGSHIP_MESSAGE_Z_AXIS_RECOUP, snapshot->z_offset_centi_mm, writer);
	snapshot_write_feed(0, 0, writer);
	snapshot_write_value(FLAGSHIP_MESSAGE_MOTOR_LOCK, snapshot->motor_lock, writer);
	snapshot_write_break_point(snapshot, writer);
	snapshot_write_layers(snapshot, writer);
	snapshot_write_max_speed(snapshot, writer);
	snapshot_write_value(FLAGSHIP_MESSAGE_BUTTON_MAP, 0, writer);
	snapshot_write_levelled(snapshot, writer);
	snapshot_write_nozzle_type(writer);
	snapshot_write_value(FLAGSHIP_MESSAGE_UNKNOWN_1097, 0, writer);
	snapshot_write_filament(writer);
}
