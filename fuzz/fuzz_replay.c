/* SPDX-License-Identifier: MIT */
#include "printer/state/recording.h"
#include "printer/state/state_json.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* The last line may begin with this, for the model M5C. */
#define MODEL_MARK 'c'

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What may be told of one job, whatever was heard. */
struct life {
	bool online;
	bool preparing;
	bool started;
	size_t ended;
	size_t begun;
	size_t errors; /* that stand */
	bool alert;
};

static void check_event(const struct printer_event *event, void *context)
{
	struct life *life = context;
	char json[PRINTER_EVENT_JSON_MAX];
	size_t length;

	assert(printer_event_to_json(event, json, sizeof(json), &length) == 0);
	assert(strlen(json) == length);
	switch (event->kind) {
	case PRINTER_EVENT_ONLINE:
	case PRINTER_EVENT_OFFLINE:
		assert(life->online != (event->kind == PRINTER_EVENT_ONLINE));
		life->online = !life->online;
		break;
	case PRINTER_EVENT_JOB_PREPARING:
		assert(!life->preparing && !life->started);
		life->preparing = true;
		life->begun++;
		break;
	case PRINTER_EVENT_JOB_STARTED:
		assert(!life->started);
		life->begun += !life->preparing;
		life->started = true;
		break;
	case PRINTER_EVENT_JOB_FINISHED:
	case PRINTER_EVENT_JOB_STOPPED:
		/* One job may have been joined without a word. */
		assert(++life->ended <= life->begun + 1);
		life->preparing = false;
		life->started = false;
		break;
	case PRINTER_EVENT_PROGRESS:
		assert(event->number >= 1 && event->number <= 100);
		break;
	case PRINTER_EVENT_ERROR:
		assert(event->error->code[0] != '\0');
		life->errors++;
		break;
	case PRINTER_EVENT_ERROR_CLEARED:
		assert(life->errors-- > 0);
		break;
	case PRINTER_EVENT_ALERT:
	case PRINTER_EVENT_ALERT_CLEARED:
		assert(life->alert != (event->kind == PRINTER_EVENT_ALERT));
		assert(event->alert->source != PRINTER_ALERT_NONE && event->alert->text);
		life->alert = !life->alert;
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct printer_state state;
	struct recording recording;
	struct life life = {0};
	char json[PRINTER_STATE_JSON_MAX];
	size_t length;
	bool m5c = size > 0 && data[size - 1] == MODEL_MARK;

	recording_init(&recording);
	printer_state_init(&state, "AK1", NULL, m5c ? FLAGSHIP_MODEL_M5C : FLAGSHIP_MODEL_M5);
	while (size > 0) {
		const uint8_t *newline = memchr(data, '\n', size);
		size_t line = newline ? (size_t)(newline - data) : size;
		size_t offset = 0;
		int error = recording_feed(&recording, &state, (const char *)data, line,
					   check_event, &life, &offset);
		assert(error <= 0 && offset <= line);
		data += line + (newline ? 1 : 0);
		size -= line + (newline ? 1 : 0);
	}
	printer_state_settle(&state, check_event, &life);
	assert(state.job.remaining_s >= 0 || state.job.remaining_s == PRINTER_NEVER);
	assert(life.alert == (state.alert.source != PRINTER_ALERT_NONE));
	assert((state.error.code[0] != '\0') == (state.error_count > 0));
	const struct printer_moment now = {
		.now_ms = recording.now_ms,
		.unix_ms = recording.absolute ? recording.now_ms : PRINTER_NEVER,
	};
	assert(printer_state_to_json(&state, &now, json, sizeof(json), &length) == 0);
	assert(strlen(json) == length);
	return 0;
}
