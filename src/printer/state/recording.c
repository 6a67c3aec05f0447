/* SPDX-License-Identifier: MIT */
#include "printer/state/recording.h"

#include "base/json/reader.h"

#include <math.h>

#define STAMP_MS_PER_S   1000.0
#define TIME_MAX_S       1e11 /* beyond the year 5000: no time at all */
#define ABSOLUTE_FROM_MS INT64_C(1000000000000)

static bool is_blank(const char *line, size_t length)
{
	struct json_reader reader = {line, line + length};

	json_skip_space(&reader);
	return reader.cursor == reader.end;
}

static void read_stamp(struct recording_line *read)
{
	struct json_value value;
	double seconds;

	read->has_time = json_object_find(read->messages[0].json, "_t", &value) &&
			 json_value_to_real(&value, &seconds) && fabs(seconds) <= TIME_MAX_S;
	if (read->has_time) {
		read->time_ms = llround(seconds * STAMP_MS_PER_S);
	}
}

static bool is_recorders_own(const struct recording_line *read)
{
	struct json_value value;

	if (read->count == 0 || json_object_find(read->messages[0].json, "_event", &value)) {
		return true;
	}
	for (size_t i = 0; i < read->count; i++) {
		if (read->messages[i].type != FLAGSHIP_MESSAGE_UNTYPED) {
			return false;
		}
	}
	return true;
}

int recording_read(struct recording_line *read, const char *line, size_t length)
{
	struct flagship_payload payload;
	int result;

	read->count = 0;
	read->has_time = false;
	if (is_blank(line, length)) {
		return 0;
	}
	/* The payload refuses more objects than there is room for. */
	flagship_payload_init(&payload, line, length);
	while ((result = flagship_payload_next(&payload, &read->messages[read->count])) > 0) {
		read->count++;
	}
	if (result < 0) {
		read->count = 0;
		read->error_offset = flagship_payload_error_offset(&payload);
		return result;
	}
	if (is_recorders_own(read)) {
		read->count = 0;
		return 0;
	}
	read_stamp(read);
	return 0;
}

void recording_init(struct recording *recording)
{
	*recording = (struct recording){0};
}

/* Lets the time pass that lies between two lines. */
static void pass_time(struct recording *recording, struct printer_state *state, int64_t time_ms,
		      printer_event_handler *handler, void *context)
{
	/* Only the M5C talks in a rhythm. The others are silent while nothing changes, and nobody
	 * asked them in a recording. */
	bool silence_reports = state->online && state->model == FLAGSHIP_MODEL_M5C;

	recording->timed = true;
	recording->absolute = time_ms >= ABSOLUTE_FROM_MS;
	recording->now_ms = time_ms;
	if (silence_reports && state->seen_ms + state->offline_after_ms <= time_ms) {
		printer_state_check_online(state, state->seen_ms + state->offline_after_ms, handler,
					   context);
	}
}

int recording_feed(struct recording *recording, struct printer_state *state, const char *line,
		   size_t length, printer_event_handler *handler, void *context,
		   size_t *error_offset)
{
	struct recording_line read;

	int error = recording_read(&read, line, length);
	if (error) {
		state->malformed++;
		*error_offset = read.error_offset;
		return error;
	}
	if (read.count == 0) {
		return 0;
	}
	if (read.has_time) {
		pass_time(recording, state, read.time_ms, handler, context);
	}
	/* Without times, the order of the lines is all there is: nothing can have been overtaken.
	 */
	state->job.track.reorder_ms = recording->timed ? PRINTER_REORDER_MS : 0;
	printer_state_merge(state, read.messages, read.count, recording->now_ms, handler, context);
	return 0;
}
