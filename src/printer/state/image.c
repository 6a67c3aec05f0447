/* SPDX-License-Identifier: MIT */
#include "printer/state/image.h"

#include "printer/state/alert.h"

#include <assert.h>
#include <string.h>

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

enum field_kind {
	FIELD_BITS, /* every pattern is a value: integers, real numbers, times */
	FIELD_FLAG,
	FIELD_TEXT,
	FIELD_ENUM,  /* an int below the limit */
	FIELD_COUNT, /* a byte up to the limit */
};

struct field {
	uint16_t offset;
	uint16_t size; /* of one of them */
	uint8_t repeat;
	uint8_t kind;
	uint8_t limit;
};

#define MEMBER_SIZE(member) sizeof(((struct printer_state *)NULL)->member)
#define FIELD(member, form, most)                                                              \
	{                                                                                      \
		.offset = offsetof(struct printer_state, member), .size = MEMBER_SIZE(member), \
		.repeat = 1, .kind = (form), .limit = (most)                                   \
	}
#define BITS(member)        FIELD(member, FIELD_BITS, 0)
#define FLAG(member)        FIELD(member, FIELD_FLAG, 0)
#define TEXT(member)        FIELD(member, FIELD_TEXT, 0)
#define ENUM(member, last)  FIELD(member, FIELD_ENUM, (last) + 1)
#define COUNT(member, most) FIELD(member, FIELD_COUNT, most)
#define NAMES(member)                                                               \
	{                                                                           \
		.offset = offsetof(struct printer_state, member),                   \
		.size = PRINTER_FILAMENT_NAME_MAX, .repeat = PRINTER_FILAMENTS_MAX, \
		.kind = FIELD_TEXT                                                  \
	}

/* All but serial, name, and the texts that follow from codes. */
static const struct field fields[] = {
	FLAG(online),
	COUNT(error_count, PRINTER_ERRORS_MAX),
	ENUM(model, FLAGSHIP_MODEL_E1),
	BITS(offline_after_ms),
	BITS(seen_ms),
	BITS(nozzle),
	BITS(bed),
	BITS(fan_percent),
	BITS(speed_mm_s),
	BITS(max_speed_mm_s),
	BITS(z_offset_centi_mm),
	BITS(levelled),
	ENUM(alert.source, PRINTER_ALERT_AI),
	BITS(alert.number),
	TEXT(error.code),
	TEXT(error.level),
	BITS(error_since_ms),
	BITS(runout_ms),
	ENUM(job.state, PRINTER_JOB_DOWNLOADING),
	FLAG(job.state_received),
	BITS(job.progress_centi_percent),
	BITS(job.elapsed_s),
	BITS(job.remaining_s),
	BITS(job.remaining_ms),
	FLAG(job.remaining_estimated),
	BITS(job.layer),
	BITS(job.layers),
	BITS(job.speed_mm_s),
	BITS(job.filament_estimated),
	BITS(job.filament_used),
	BITS(job.received_ms),
	TEXT(job.filament_unit),
	TEXT(job.task_id),
	TEXT(job.name),
	ENUM(job.track.phase, JOB_ENDED),
	ENUM(job.track.phase_before_end, JOB_ENDED),
	ENUM(job.track.verdict, JOB_STOPPED),
	ENUM(job.track.model, FLAGSHIP_MODEL_E1),
	FLAG(job.track.paused),
	FLAG(job.track.doubtful),
	FLAG(job.track.three_runs),
	FLAG(job.track.complete_held),
	FLAG(job.track.complete_unseen),
	FLAG(job.track.progress_new),
	FLAG(job.track.summed_up),
	FLAG(job.track.concluded),
	FLAG(job.track.over_received),
	FLAG(job.track.watched),
	FLAG(job.track.identity_received),
	FLAG(job.track.identity_new),
	FLAG(job.track.state_gap),
	FLAG(job.track.identity_gap),
	FLAG(job.track.end_unsure),
	FLAG(job.track.end_confirmed),
	FLAG(job.track.idle_since_end),
	FLAG(job.track.name_is_preview),
	BITS(job.track.state),
	BITS(job.track.state_before),
	BITS(job.track.state_since_ms),
	BITS(job.track.awaited),
	BITS(job.track.held_state),
	BITS(job.track.held_ms),
	BITS(job.track.end_state),
	BITS(job.track.ended_ms),
	BITS(job.track.begun_ms),
	BITS(job.track.paused_ms),
	BITS(job.track.complete_ms),
	BITS(job.track.doubt_progress),
	BITS(job.track.doubt_elapsed_s),
	BITS(job.track.progress_max),
	BITS(job.track.percent_reported),
	BITS(job.track.layer_reported),
	BITS(job.track.schedule_ms),
	BITS(job.track.layer_ms),
	BITS(job.track.reorder_ms),
	BITS(job.track.fresh_starts),
	BITS(job.track.identity_changed_ms),
	BITS(job.track.preview_ms),
	TEXT(job.track.preview),
	TEXT(job.track.task_id_before),
	TEXT(job.track.name_before),
	BITS(job.track.time.reported_s),
	BITS(job.track.time.paused_s),
	BITS(job.track.time.pause_from_s),
	BITS(job.track.time.worked_s),
	BITS(job.track.time.progress),
	BITS(job.track.time.left_s),
	FLAG(job.track.time.wild),
	BITS(malformed),
	FLAG(filament.received),
	COUNT(filament.count, PRINTER_FILAMENTS_MAX),
	NAMES(filament.names),
	BITS(e1.state),
	BITS(e1.step),
	BITS(e1.inks),
	BITS(e1.waste),
	FLAG(e1.ink_received),
	FLAG(e1.waste_received),
	BITS(e1.attachment),
	BITS(e1.plate),
	TEXT(e1.version),
	BITS(e1.purifier_mode),
	BITS(e1.purifier_delay_s),
	BITS(e1.ink_ms),
	FLAG(filament_before.received),
	COUNT(filament_before.count, PRINTER_FILAMENTS_MAX),
	NAMES(filament_before.names),
	BITS(filament_since_ms),
	TEXT(errors[0].code),
	TEXT(errors[0].level),
	TEXT(errors[1].code),
	TEXT(errors[1].level),
	TEXT(errors[2].code),
	TEXT(errors[2].level),
	TEXT(errors[3].code),
	TEXT(errors[3].level),
	TEXT(error_before),
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static_assert(PRINTER_ERRORS_MAX == 4, "each error is a line of the table");
static_assert(sizeof(enum printer_job_state) == sizeof(uint32_t), "of enums, as they are read");
static_assert(sizeof(struct printer_temperature) == 3 * sizeof(int64_t) &&
		      sizeof(struct e1_ink) == 3 * sizeof(int64_t),
	      "of integers alone, so that every pattern is a value");
static_assert(sizeof(struct printer_state) <= PRINTER_IMAGE_MAX, "an image is no longer");

static uint64_t hash(uint64_t before, uint64_t number)
{
	return (before ^ number) * FNV_PRIME;
}

uint64_t printer_image_layout(void)
{
	uint64_t layout = hash(FNV_START, sizeof(struct printer_state));

	for (size_t i = 0; i < FIELDS; i++) {
		layout = hash(layout, fields[i].offset);
		layout = hash(layout, fields[i].size);
		layout = hash(layout, fields[i].repeat);
		layout = hash(layout, fields[i].kind);
		layout = hash(layout, fields[i].limit);
	}
	return layout;
}

size_t printer_image_size(void)
{
	size_t size = 0;

	for (size_t i = 0; i < FIELDS; i++) {
		size += (size_t)fields[i].size * fields[i].repeat;
	}
	return size;
}

void printer_image_write(const struct printer_state *state, uint8_t out[PRINTER_IMAGE_MAX])
{
	for (size_t i = 0; i < FIELDS; i++) {
		size_t size = (size_t)fields[i].size * fields[i].repeat;

		memcpy(out, (const uint8_t *)state + fields[i].offset, size);
		out += size;
	}
}

static bool is_valid(const struct field *field, const uint8_t *bytes)
{
	uint32_t number;

	switch ((enum field_kind)field->kind) {
	case FIELD_BITS:
		return true;
	case FIELD_FLAG:
		return bytes[0] <= 1;
	case FIELD_TEXT:
		return memchr(bytes, '\0', field->size);
	case FIELD_ENUM:
		memcpy(&number, bytes, sizeof(number));
		return number < field->limit;
	case FIELD_COUNT:
		return bytes[0] <= field->limit;
	}
	return false;
}

static bool is_image(const uint8_t *bytes, size_t length)
{
	if (length != printer_image_size()) {
		return false;
	}
	for (size_t i = 0; i < FIELDS; i++) {
		for (size_t one = 0; one < fields[i].repeat; one++) {
			if (!is_valid(&fields[i], bytes)) {
				return false;
			}
			bytes += fields[i].size;
		}
	}
	return true;
}

bool printer_image_read(struct printer_state *state, const uint8_t *bytes, size_t length)
{
	if (!is_image(bytes, length)) {
		return false;
	}
	for (size_t i = 0; i < FIELDS; i++) {
		size_t size = (size_t)fields[i].size * fields[i].repeat;

		memcpy((uint8_t *)state + fields[i].offset, bytes, size);
		bytes += size;
	}
	alert_find_texts(state);
	return true;
}
