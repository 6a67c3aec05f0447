/* SPDX-License-Identifier: MIT */
#include "printer/state/alert.h"

#include "base/text.h"
#include "printer/job/internal.h"

#include "base/json/reader.h"

#include <string.h>

#define CODE_FILAMENT "0xFF01030001"
#define NUMBER_NONE   0

static const char *error_text(const char *code)
{
	static const struct {
		const char *code;
		const char *text;
	} known[] = {
		{CODE_FILAMENT, "filament broken"},
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

static int badness(const struct printer_error *error)
{
	if (strcmp(error->level, "S") == 0) {
		return 2;
	}
	return strcmp(error->level, "P0") == 0;
}

const char *printer_error_severity(const struct printer_error *error)
{
	static const char *const names[] = {"minor", "serious", "critical"};

	return error->level[0] ? names[badness(error)] : NULL;
}

/* The worst is shown, of equals the last. */
static void show_error(struct printer_state *state)
{
	const struct printer_error *worst = NULL;

	for (uint8_t i = 0; i < state->error_count; i++) {
		if (!worst || badness(&state->errors[i]) >= badness(worst)) {
			worst = &state->errors[i];
		}
	}
	state->error = worst ? *worst : (struct printer_error){0};
}

static void report_error(const struct merge *merge, enum printer_event_kind kind,
			 const struct printer_error *error)
{
	printer_report(&merge->reporter, &(struct printer_event){
						 .kind = kind,
						 .t_ms = merge->now_ms,
						 .error = error,
					 });
}

static void remember_cleared(const struct merge *merge, const char *code)
{
	memmove(merge->state->error_before, code, strlen(code) + 1);
	merge->state->error_since_ms = merge->now_ms;
	if (strcmp(code, CODE_FILAMENT) == 0) {
		merge->state->runout_ms = PRINTER_NEVER;
	}
}

static void remove_error(struct printer_state *state, uint8_t index)
{
	state->error_count--;
	memmove(&state->errors[index], &state->errors[index + 1],
		(size_t)(state->error_count - index) * sizeof(state->errors[0]));
	show_error(state);
}

static void clear_error(const struct merge *merge, uint8_t index)
{
	struct printer_error error = merge->state->errors[index];

	remove_error(merge->state, index);
	remember_cleared(merge, error.code);
	report_error(merge, PRINTER_EVENT_ERROR_CLEARED, &error);
}

static void clear_errors(const struct merge *merge)
{
	struct printer_state *state = merge->state;

	/* An error of this very moment belongs to what comes, not to what is past. */
	if (state->error_count == 0 ||
	    job_within(merge->now_ms, state->error_since_ms, state->job.track.reorder_ms)) {
		return;
	}
	while (state->error_count > 0) {
		clear_error(merge, 0);
	}
}

static struct printer_error *find_error(struct printer_state *state, const char *code)
{
	for (uint8_t i = 0; i < state->error_count; i++) {
		if (strcmp(state->errors[i].code, code) == 0) {
			return &state->errors[i];
		}
	}
	return NULL;
}

/* Whether this error was cleared so lately that the message may have been overtaken on its way. */
static bool is_old_error(const struct merge *merge, const char *code)
{
	const struct printer_state *state = merge->state;

	return strcmp(state->error_before, code) == 0 &&
	       job_within(merge->now_ms, state->error_since_ms, state->job.track.reorder_ms);
}

static struct printer_error *add_error(const struct merge *merge, const char *code)
{
	struct printer_state *state = merge->state;
	uint8_t least = 0;

	for (uint8_t i = 1; i < state->error_count; i++) {
		if (badness(&state->errors[i]) < badness(&state->errors[least])) {
			least = i;
		}
	}
	if (state->error_count == PRINTER_ERRORS_MAX) {
		remove_error(state, least);
	}
	struct printer_error *error = &state->errors[state->error_count++];

	*error = (struct printer_error){.text = error_text(code)};
	memcpy(error->code, code, strlen(code) + 1);
	state->error_before[0] = '\0';
	state->error_since_ms = merge->now_ms;
	return error;
}

void alert_receive_error(const struct merge *merge, const struct flagship_printer_error *received)
{
	struct printer_state *state = merge->state;
	char code[PRINTER_ERROR_CODE_MAX] = "";

	if (!(received->present & FLAGSHIP_PRINTER_ERROR_HAS_CODE)) {
		return;
	}
	flagship_text_copy(received->code, code, sizeof(code));
	if (is_no_error(code)) {
		clear_errors(merge);
		return;
	}
	struct printer_error *error = find_error(state, code);
	bool is_new = !error;

	if (is_new && is_old_error(merge, code)) {
		return;
	}
	if (is_new) {
		error = add_error(merge, code);
	}
	if (received->present & FLAGSHIP_PRINTER_ERROR_HAS_LEVEL) {
		text_buffer_set(error->level, sizeof(error->level), received->level);
	}
	if (strcmp(code, CODE_FILAMENT) == 0) {
		state->runout_ms = merge->now_ms;
	}
	if (is_new) {
		report_error(merge, PRINTER_EVENT_ERROR, error);
	}
	show_error(state);
}

void alert_receive_error_cleared(const struct merge *merge,
				 const struct flagship_printer_error_cleared *received)
{
	struct printer_state *state = merge->state;
	char code[PRINTER_ERROR_CODE_MAX] = "";

	if (!(received->present & FLAGSHIP_PRINTER_ERROR_CLEARED_HAS_CODE)) {
		return;
	}
	flagship_text_copy(received->code, code, sizeof(code));
	const struct printer_error *error = find_error(state, code);

	if (error) {
		clear_error(merge, (uint8_t)(error - state->errors));
	} else {
		remember_cleared(merge, code);
	}
}

/* --- alerts --- */

/* Numbers of subType 2 in the vendor's order (protocol.md 3.8). */
static const char *board_text(int64_t number)
{
	static const char *const texts[] = {
		[1] = "the motion board halted",
		[2] = "the motion board is offline",
		[3] = "the nozzle does not heat as it should",
		[4] = "the bed does not heat as it should",
		[5] = "the print failed",
		[PRINTER_ALERT_FILAMENT] = "the filament ran out or broke",
		[7] = "the nozzle is blocked",
		[8] = "the levelling went wrong",
		[9] = "the motion board does not answer",
		[10] = "the levelling board failed",
		[11] = "the nozzle is too hot",
		[12] = "the bed is too hot",
		[13] = "a MOSFET of a heater is damaged",
		[14] = "the levelling failed",
		[15] = "two MOSFETs of a heater are damaged",
		[16] = "the nozzle is too cold",
		[17] = "the print was paused by its file",
		[18] = "the download failed",
		[19] = "the file is corrupt",
	};

	if (number < 0 || (uint64_t)number >= sizeof(texts) / sizeof(texts[0])) {
		return "an alert that is not known";
	}
	return texts[number];
}

static void report_alert(const struct merge *merge, enum printer_event_kind kind,
			 const struct printer_alert *alert)
{
	printer_report(&merge->reporter, &(struct printer_event){
						 .kind = kind,
						 .t_ms = merge->now_ms,
						 .alert = alert,
					 });
}

static void clear_alert(const struct merge *merge)
{
	struct printer_alert alert = merge->state->alert;

	if (alert.source == PRINTER_ALERT_NONE) {
		return;
	}
	merge->state->alert = (struct printer_alert){0};
	report_alert(merge, PRINTER_EVENT_ALERT_CLEARED, &alert);
}

static const char *alert_text(enum printer_alert_source source, int64_t number)
{
	return source == PRINTER_ALERT_BOARD ? board_text(number)
					     : "the camera saw a fault in the print";
}

void alert_find_texts(struct printer_state *state)
{
	struct printer_alert *alert = &state->alert;

	alert->text = alert->source == PRINTER_ALERT_NONE
			      ? NULL
			      : alert_text(alert->source, alert->number);
	state->error.text = state->error.code[0] != '\0' ? error_text(state->error.code) : NULL;
	for (size_t i = 0; i < PRINTER_ERRORS_MAX; i++) {
		state->errors[i].text = i < state->error_count ? error_text(state->errors[i].code)
							       : NULL;
	}
}

static void raise_alert(const struct merge *merge, enum printer_alert_source source, int64_t number)
{
	struct printer_alert *alert = &merge->state->alert;

	if (alert->source == source && alert->number == number) {
		return;
	}
	clear_alert(merge);
	*alert = (struct printer_alert){
		.source = source, .number = number, .text = alert_text(source, number)};
	report_alert(merge, PRINTER_EVENT_ALERT, alert);
}

static bool is_runout(const struct printer_alert *alert)
{
	return alert->source == PRINTER_ALERT_BOARD && alert->number == PRINTER_ALERT_FILAMENT;
}

void alert_receive(const struct merge *merge, int64_t sub_type, int64_t number)
{
	const struct printer_state *state = merge->state;
	enum printer_alert_source source = sub_type == SUB_TYPE_BOARD ? PRINTER_ALERT_BOARD
								      : PRINTER_ALERT_AI;

	if (number != NUMBER_NONE) {
		raise_alert(merge, source, number);
	} else if (state->alert.source == source &&
		   !(is_runout(&state->alert) && state->job.track.paused)) {
		clear_alert(merge);
	}
}

void alert_watch_pause(const struct merge *merge)
{
	struct printer_state *state = merge->state;
	const struct job_track *track = &state->job.track;
	bool paused = track->phase == JOB_PRINTING && track->paused;

	if (paused && (job_within(track->paused_ms, state->runout_ms, PRINTER_RUNOUT_MS) ||
		       job_within(state->runout_ms, track->paused_ms, PRINTER_RUNOUT_MS))) {
		raise_alert(merge, PRINTER_ALERT_BOARD, PRINTER_ALERT_FILAMENT);
		state->runout_ms = PRINTER_NEVER;
	}
	if (is_runout(&state->alert) && track->phase == JOB_ENDED) {
		clear_alert(merge);
	}
}

void alert_clear_all(const struct merge *merge)
{
	clear_errors(merge);
	clear_alert(merge);
}

/* --- filament --- */

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
	if (a->received != b->received || a->count != b->count) {
		return false;
	}
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->names[i], b->names[i]) != 0) {
			return false;
		}
	}
	return true;
}

void alert_receive_filament(const struct merge *merge, const struct flagship_filament *filament)
{
	struct printer_state *state = merge->state;
	struct printer_filament received = {.received = true};

	if (!read_filament(filament->types, &received) ||
	    is_same_filament(&received, &state->filament)) {
		return;
	}
	if (is_same_filament(&received, &state->filament_before) &&
	    job_within(merge->now_ms, state->filament_since_ms, state->job.track.reorder_ms)) {
		return;
	}
	bool first = !state->filament.received;
	state->filament_before = state->filament;
	state->filament = received;
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
