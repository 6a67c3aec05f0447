/* SPDX-License-Identifier: MIT */
#include "printer/guard/internal.h"

#include "base/shown_text.h"
#include "base/text.h"
#include "printer/command/internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A bed that is cooler than this lets go of the print, as one that is off. */
#define BED_HOLDS_C 30.0

/* The app's own limits (protocol.md 3.5, 1021), with room for what a double cannot tell apart. */
#define OFFSET_LIMIT_MM  2.0
#define OFFSET_CHANGE_MM 1.0
#define TINY             1e-6

#define NAME_SIZE        256
#define FIRST_PRINTABLE  0x20
#define DELETE_CHARACTER 0x7f
#define C1_END           0xa0

static void write_reason(struct guard *guard, const char *format, va_list arguments)
{
	vsnprintf(guard->reason, guard->capacity, format, arguments);
}

bool guard_refuse(struct guard *guard, const char *format, ...)
{
	va_list arguments;

	if (guard->force) {
		return false;
	}
	va_start(arguments, format);
	write_reason(guard, format, arguments);
	va_end(arguments);
	return true;
}

bool guard_refuse_always(struct guard *guard, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_reason(guard, format, arguments);
	va_end(arguments);
	guard->never = true;
	return true;
}

/* A paused job still owns the position of the nozzle. */
bool guard_job_runs(struct guard *guard)
{
	if (!guard->state->job.state_received) {
		guard->lacks |= GUARD_FACT_JOB;
		return false;
	}
	return job_is_under_way(guard->state->job.state);
}

bool guard_in_job(struct guard *guard, const char *reason)
{
	return guard_job_runs(guard) && guard_refuse(guard, "%s", reason);
}

static bool guard_target(struct guard *guard, double target_c, int64_t limit_c, const char *part,
			 const char *damaged)
{
	if (isnan(target_c)) {
		return guard_refuse(guard, "what the %s's target is to be cannot be read", part);
	}
	return target_c > (double)limit_c + TINY &&
	       guard_refuse(guard, "a %s target above %" PRId64 " °C may damage the %s", part,
			    limit_c, damaged);
}

bool guard_nozzle(struct guard *guard, double target_c)
{
	if (guard_target(guard, target_c, guard->profile->nozzle_max_c, "nozzle", "hot end")) {
		return true;
	}
	return target_c < (double)guard->profile->cold_extrusion_c && guard_job_runs(guard) &&
	       guard_refuse(guard,
			    "a job is running, and a nozzle below %" PRId64 " °C extrudes nothing",
			    guard->profile->cold_extrusion_c);
}

bool guard_bed(struct guard *guard, double target_c)
{
	const int64_t now = guard->state->bed.target_centi_c;

	if (guard_target(guard, target_c, guard->profile->bed_max_c, "bed", "bed")) {
		return true;
	}
	/* A job that heats no bed misses none. */
	bool cools = now == PRINTER_NEVER || target_c < (double)now / COMMAND_CENTI;
	return cools && target_c < BED_HOLDS_C && guard_job_runs(guard) &&
	       guard_refuse(guard, "a job is running, and a bed that cools lets go of the print");
}

bool guard_fan(struct guard *guard)
{
	return guard_in_job(guard, "a job is running, and it sets the fan itself as each layer "
				   "needs it");
}

bool guard_speed(struct guard *guard, double mm_s)
{
	/* So that what cannot be read is refused too. */
	if (!(mm_s > 0)) {
		return guard_refuse(guard, "a print speed of 0 would stop the nozzle on the print");
	}
	return mm_s > (double)guard->profile->speed_max_mm_s &&
	       guard_refuse(guard, "this printer's print speed is at most %" PRId64 " mm/s",
			    guard->profile->speed_max_mm_s);
}

static bool guard_offset(struct guard *guard, double offset_mm)
{
	if (isnan(offset_mm)) {
		return guard_refuse(guard, "what the Z offset is to be cannot be read");
	}
	return fabs(offset_mm) > OFFSET_LIMIT_MM + TINY &&
	       guard_refuse(guard,
			    "a Z offset of %.2f mm is beyond %.0f mm, and may drive the nozzle "
			    "into the plate",
			    offset_mm, OFFSET_LIMIT_MM);
}

static bool guard_offset_from(struct guard *guard, int64_t now_centi_mm, double change_mm)
{
	return guard_offset(guard, (double)now_centi_mm / COMMAND_CENTI + change_mm);
}

/* Where it ends counts, from what the printer told and from what was sent since. */
bool guard_offset_change(struct guard *guard, double change_mm)
{
	const struct guard_memory *memory = guard->memory;
	const int64_t now = guard->state->z_offset_centi_mm;

	if (isnan(change_mm)) {
		return guard_refuse(guard, "by how much the Z offset is to change cannot be read");
	}
	if (fabs(change_mm) > OFFSET_CHANGE_MM + TINY &&
	    guard_refuse(guard,
			 "a Z offset that changes by more than %.0f mm at a time may drive "
			 "the nozzle into the plate",
			 OFFSET_CHANGE_MM)) {
		return true;
	}
	if (now == PRINTER_NEVER) {
		guard->lacks |= GUARD_FACT_Z_OFFSET;
		guard->unknown = true;
		return guard_refuse(guard, "the printer has not told its Z offset, so that nobody "
					   "knows where the change would end");
	}
	if (memory && memory->z_offset_centi_mm != PRINTER_NEVER &&
	    guard_offset_from(guard, memory->z_offset_centi_mm, change_mm)) {
		return true;
	}
	return guard_offset_from(guard, now, change_mm);
}

bool guard_offset_to(struct guard *guard, double offset_mm)
{
	const int64_t now = guard->state->z_offset_centi_mm;

	return guard_offset(guard, offset_mm) ||
	       guard_offset_change(
		       guard, now == PRINTER_NEVER ? 0 : offset_mm - (double)now / COMMAND_CENTI);
}

static bool guard_axis(struct guard *guard, size_t axis, double to_mm)
{
	static const char letters[GUARD_AXES] = {'X', 'Y', 'Z'};
	const double *range = guard->profile->range_mm[axis];

	if (isinf(to_mm)) {
		return guard_refuse(guard, "where %c is to go cannot be read", letters[axis]);
	}
	if (guard->relative) {
		if (axis == GUARD_AXES - 1 && to_mm < 0) {
			return guard_refuse(guard, "nobody knows how high the nozzle is, and down "
						   "it may hit the plate or a print");
		}
		return fabs(to_mm) > range[1] - range[0] + TINY &&
		       guard_refuse(guard, "%c is %g mm long on this printer", letters[axis],
				    range[1] - range[0]);
	}
	return (to_mm < range[0] - TINY || to_mm > range[1] + TINY) &&
	       guard_refuse(guard, "%c goes from %g to %g mm on this printer", letters[axis],
			    range[0], range[1]);
}

bool guard_position(struct guard *guard, const double position_mm[GUARD_AXES])
{
	for (size_t axis = 0; axis < GUARD_AXES; axis++) {
		if (!isnan(position_mm[axis]) && guard_axis(guard, axis, position_mm[axis])) {
			return true;
		}
	}
	return false;
}

bool guard_extrusion(struct guard *guard)
{
	const int64_t now = guard->state->nozzle.current_centi_c;
	const int64_t least_c = guard->profile->cold_extrusion_c;

	if (now == PRINTER_NEVER) {
		guard->lacks |= GUARD_FACT_NOZZLE;
		guard->unknown = true;
		return guard_refuse(guard,
				    "the printer has not told how warm its nozzle is, and "
				    "filament moves from %" PRId64 " °C on",
				    least_c);
	}
	return now < least_c * COMMAND_CENTI &&
	       guard_refuse(guard,
			    "the nozzle has %.0f °C, and filament moves from %" PRId64
			    " °C on; below that the extruder grinds it",
			    (double)now / COMMAND_CENTI, least_c);
}

/* The base name's length; *base is where it begins. */
static size_t find_base(const char *path, const char **base)
{
	size_t length = strlen(path);

	while (length > 0 && path[length - 1] == '/') {
		length--;
	}
	size_t start = length;
	while (start > 0 && path[start - 1] != '/') {
		start--;
	}
	*base = path + start;
	return length - start;
}

bool guard_delete(struct guard *guard, const char *path)
{
	const char *name = guard->state->job.name;
	const char *base;

	if (!path) {
		return guard_refuse(guard, "which file is to be deleted cannot be read");
	}
	if (!guard_job_runs(guard)) {
		return false;
	}
	if (name[0] == '\0') {
		return guard_refuse(guard, "a job is running, and the printer has not told which "
					   "file it prints");
	}
	size_t length = find_base(path, &base);
	return strlen(name) == length && strncmp(base, name, length) == 0 &&
	       guard_refuse(guard, "%s is being printed", path);
}

static bool is_control(uint32_t character)
{
	return character < FIRST_PRINTABLE || (character >= DELETE_CHARACTER && character < C1_END);
}

bool guard_name(struct guard *guard, struct flagship_text name)
{
	char copy[NAME_SIZE];
	size_t length = flagship_text_copy(name, copy, sizeof(copy));
	bool has_ink = false;

	if (length >= sizeof(copy)) {
		return guard_refuse(guard, "the name is longer than any printer takes");
	}
	for (size_t i = 0; i < length;) {
		uint32_t character;

		i += utf8_decode(copy + i, length - i, &character);
		if (character == UTF8_REPLACEMENT) {
			return guard_refuse(guard, "the name is no UTF-8, and a name that is none "
						   "may crash the printer");
		}
		if (is_control(character)) {
			return guard_refuse(guard, "the name holds a control character, which may "
						   "crash the printer");
		}
		if (!shown_text_is_plain(character)) {
			return guard_refuse(guard, "the name holds a character that commands "
						   "terminals, such as a mark of direction");
		}
		has_ink = has_ink || character != ' ';
	}
	return !has_ink &&
	       guard_refuse(guard, "a name of nothing, or of blanks alone, may crash the printer");
}

bool guard_light(struct guard *guard)
{
	switch (guard->profile->model) {
	case FLAGSHIP_MODEL_M5C:
		return false;
	case FLAGSHIP_MODEL_E1:
		return guard_refuse_always(guard, "nobody knows how an E1's light is switched");
	default:
		return guard_refuse_always(guard, "the light of an M5 is switched over the local "
						  "network, which flagship cannot do yet");
	}
}
