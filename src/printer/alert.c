/* SPDX-License-Identifier: MIT */
#include "printer/alert.h"

#include "printer/job_internal.h"
#include "printer/text_buffer.h"

#include "protocol/json_reader.h"

#include <string.h>

static const char *error_text(const char *code)
{
	static const struct {
		const char *code;
		const char *text;
	} known[] = {
		{"0xFF01030001", "filament broken"},
		{"0xFF01030005", "G-code transfer failed"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].code, code) == 0) {
			return known[i].text;
		}
	}
	return NULL;
}

/* "", "0", "0x0000000000" */
static bool is_no_error(const char *code)
{
	return strspn(code, "0xX") == strlen(code);
}

static void report_error(const struct merge *merge, enum printer_event_kind kind)
{
	printer_report(&merge->reporter, &(struct printer_event){
						 .kind = kind,
						 .t_ms = merge->now_ms,
						 .error = &merge->state->error,
					 });
}

void alert_clear_error(const struct merge *merge)
{
	struct printer_state *state = merge->state;

	/* An error of this very moment belongs to what comes, not to what is past. */
	if (!state->error.code[0] ||
	    job_within(merge->now_ms, state->error_since_ms, state->job.track.reorder_ms)) {
		return;
	}
	report_error(merge, PRINTER_EVENT_ERROR_CLEARED);
	memcpy(state->error_before, state->error.code, sizeof(state->error_before));
	memset(&state->error, 0, sizeof(state->error));
	state->error_since_ms = merge->now_ms;
}

/* Whether this error was cleared so lately that the message may have been overtaken on its way. */
static bool is_old_error(const struct merge *merge, const char *code)
{
	const struct printer_state *state = merge->state;

	return !state->error.code[0] && strcmp(state->error_before, code) == 0 &&
	       job_within(merge->now_ms, state->error_since_ms, state->job.track.reorder_ms);
}

void alert_hear_error(const struct merge *merge, const struct flagship_printer_error *error)
{
	struct printer_error *current = &merge->state->error;
	char code[PRINTER_ERROR_CODE_MAX] = "";

	if (!(error->present & FLAGSHIP_PRINTER_ERROR_HAS_CODE)) {
		return;
	}
	flagship_text_copy(error->code, code, sizeof(code));
	if (is_no_error(code)) {
		alert_clear_error(merge);
		return;
	}
	if (is_old_error(merge, code)) {
		return;
	}
	bool is_new = strcmp(current->code, code) != 0;
	memcpy(current->code, code, sizeof(code));
	current->text = error_text(code);
	if (error->present & FLAGSHIP_PRINTER_ERROR_HAS_LEVEL) {
		text_buffer_set(current->level, sizeof(current->level), error->level);
	} else if (is_new) {
		current->level[0] = '\0';
	}
	if (is_new) {
		merge->state->error_since_ms = merge->now_ms;
		report_error(merge, PRINTER_EVENT_ERROR);
	}
}

/* False where it is no array of names. */
static bool read_filament(struct flagship_json types, struct printer_filament *filament)
{
	struct json_reader reader = {types.data, types.data + types.length};
	struct flagship_text name;

	while (filament->count < PRINTER_FILAMENTS_MAX && flagship_json_next_text(&types, &name)) {
		flagship_text_copy(name, filament->names[filament->count++],
				   PRINTER_FILAMENT_NAME_MAX);
	}
	return filament->count > 0 || (json_take(&reader, '[') && json_take(&reader, ']'));
}

static bool is_same_filament(const struct printer_filament *a, const struct printer_filament *b)
{
	if (a->heard != b->heard || a->count != b->count) {
		return false;
	}
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->names[i], b->names[i]) != 0) {
			return false;
		}
	}
	return true;
}

void alert_hear_filament(const struct merge *merge, const struct flagship_filament *filament)
{
	struct printer_state *state = merge->state;
	struct printer_filament heard = {.heard = true};

	if (!read_filament(filament->types, &heard) || is_same_filament(&heard, &state->filament)) {
		return;
	}
	if (is_same_filament(&heard, &state->filament_before) &&
	    job_within(merge->now_ms, state->filament_since_ms, state->job.track.reorder_ms)) {
		return;
	}
	bool first = !state->filament.heard;
	state->filament_before = state->filament;
	state->filament = heard;
	state->filament_since_ms = merge->now_ms;
	if (first) {
		return;
	}
	printer_report(&merge->reporter, &(struct printer_event){
						 .kind = PRINTER_EVENT_FILAMENT_CHANGED,
						 .t_ms = merge->now_ms,
						 .filament = &state->filament,
					 });
}
