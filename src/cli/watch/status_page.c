/* SPDX-License-Identifier: MIT */
#include "cli/watch/status_page.h"

#include "base/json/writer.h"
#include "printer/state/parts.h"

#include "printer/state/moment.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CENTI           100.0
#define LOW_CENTI       INT64_C(1000) /* 10 % */
#define DAYS_SHOWN      30            /* sooner than this is worth a word */
#define UNKNOWN_PERCENT "? %%"

static void print_label(const struct output *output, const char *label)
{
	output_print(output, OUTPUT_DIM, "%-10s", label);
}

static void end_line(const struct output *output)
{
	fputc('\n', output->stream);
}

static void print_activity(const struct output *output, const struct printer_e1 *e1)
{
	const char *name = e1_activity_name(e1);

	/* What is a job's state is shown as such. */
	if (e1->state == PRINTER_NEVER || e1_job_state(e1) != PRINTER_NEVER) {
		return;
	}
	print_label(output, "Doing");
	if (name) {
		output_print(output, OUTPUT_PLAIN, "%s", name);
	} else {
		output_print(output, OUTPUT_YELLOW,
			     "something that is not known: state %" PRId64 ", step %" PRId64,
			     e1->state, e1->step);
	}
	end_line(output);
}

static enum output_style ink_style(const struct e1_ink *ink)
{
	bool low = ink->left_centi_percent != PRINTER_NEVER && ink->left_centi_percent < LOW_CENTI;

	return low || ink->expired == 1 ? OUTPUT_RED : OUTPUT_PLAIN;
}

static void print_level(const struct output *output, const struct e1_ink *ink)
{
	if (ink->left_centi_percent == PRINTER_NEVER) {
		output_print(output, OUTPUT_YELLOW, UNKNOWN_PERCENT);
	} else {
		output_print(output, ink_style(ink), "%.0f %%",
			     (double)ink->left_centi_percent / CENTI);
	}
}

static void print_expiry(const struct output *output, const struct e1_ink *ink)
{
	if (ink->days_left != PRINTER_NEVER && ink->days_left < 0) {
		output_print(output, OUTPUT_RED, " (expired %" PRIu64 " days ago)",
			     -(uint64_t)ink->days_left);
	} else if (ink->expired == 1) {
		output_print(output, OUTPUT_RED, " (expired)");
	} else if (ink->days_left != PRINTER_NEVER && ink->days_left < DAYS_SHOWN) {
		output_print(output, OUTPUT_YELLOW, " (%" PRId64 " days)", ink->days_left);
	}
}

static void print_inks(const struct output *output, const struct printer_e1 *e1)
{
	if (!e1->ink_received) {
		return;
	}
	print_label(output, "Ink");
	for (size_t i = 0; i < E1_INKS; i++) {
		output_print(output, OUTPUT_PLAIN, "%s%s ", i > 0 ? ", " : "", e1_ink_name(i));
		print_level(output, &e1->inks[i]);
		print_expiry(output, &e1->inks[i]);
	}
	end_line(output);
}

static void print_waste(const struct output *output, const struct printer_e1 *e1)
{
	if (!e1->waste_received) {
		return;
	}
	print_label(output, "Waste");
	output_print(output, OUTPUT_PLAIN, "room for ");
	print_level(output, &e1->waste);
	output_print(output, OUTPUT_PLAIN, " more");
	print_expiry(output, &e1->waste);
	end_line(output);
}

static void print_choice(const struct output *output, const char *what, const char *name,
			 int64_t number)
{
	if (number == PRINTER_NEVER) {
		return;
	}
	output_print(output, OUTPUT_PLAIN, "%s", what);
	if (name) {
		output_print(output, OUTPUT_PLAIN, "%s", name);
	} else {
		output_print(output, OUTPUT_YELLOW, "number %" PRId64, number);
	}
}

static void print_accessory(const struct output *output, const struct printer_e1 *e1)
{
	bool attached = e1->attachment != PRINTER_NEVER;

	if (!attached && e1->plate == PRINTER_NEVER) {
		return;
	}
	print_label(output, "Accessory");
	print_choice(output, "", e1_attachment_name(e1), e1->attachment);
	print_choice(output, attached ? ", plate " : "plate ", e1_plate_name(e1), e1->plate);
	end_line(output);
}

static void print_purifier(const struct output *output, const struct printer_e1 *e1)
{
	if (e1->purifier_mode == PRINTER_NEVER) {
		return;
	}
	print_label(output, "Purifier");
	print_choice(output, "", e1_purifier_name(e1), e1->purifier_mode);
	if (e1->purifier_delay_s != PRINTER_NEVER && e1->purifier_delay_s > 0) {
		output_print(output, OUTPUT_PLAIN, ", runs on for %" PRId64 " s",
			     e1->purifier_delay_s);
	}
	end_line(output);
}

void status_e1_print(const struct output *output, const struct printer_e1 *e1)
{
	print_activity(output, e1);
	print_inks(output, e1);
	print_waste(output, e1);
	print_accessory(output, e1);
	print_purifier(output, e1);
}

void status_e1_format_least(const struct printer_e1 *e1, char *out, size_t capacity)
{
	const struct e1_ink *least = NULL;

	for (size_t i = 0; i < E1_INKS; i++) {
		const struct e1_ink *ink = &e1->inks[i];

		if (ink->left_centi_percent != PRINTER_NEVER &&
		    (!least || ink->left_centi_percent < least->left_centi_percent)) {
			least = ink;
		}
	}
	if (!least) {
		out[0] = '\0';
		return;
	}
	snprintf(out, capacity, "%s %.0f %%", e1_ink_name((size_t)(least - e1->inks)),
		 (double)least->left_centi_percent / CENTI);
}

#define PAGE_BAR_WIDTH      32
#define PAGE_NUMBER_MAX     32
#define PAGE_CENTI_DECIMALS 2
#define PAGE_MS_PER_S       1000.0
#define PAGE_STALE_S        15 /* older than several of the printer's rounds */
#define PAGE_DEGREES \
	" \xc2\xb0"  \
	"C"

/* A page under way. */
struct page {
	const struct output *output;
	const struct printer_state *state;
	struct printer_moment now;
};

static void page_end_line(const struct page *page)
{
	fputc('\n', page->output->stream);
}

static void page_label(const struct page *page, const char *label)
{
	output_print(page->output, OUTPUT_DIM, "%-10s", label);
}

static void page_text(const struct page *page, enum output_style style, const char *text)
{
	output_text(page->output, style, text, strlen(text), false);
}

static const char *page_centi(int64_t value, char out[PAGE_NUMBER_MAX])
{
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, PAGE_NUMBER_MAX);
	json_scaled(&writer, value, PAGE_CENTI_DECIMALS);
	json_writer_finish(&writer, &length);
	return out;
}

static void page_age(const struct page *page, int64_t received_ms)
{
	char age[OUTPUT_TIME_MAX];

	if (received_ms == PRINTER_NEVER) {
		return;
	}
	double seconds = (double)units_time_since(page->now.now_ms, received_ms) / PAGE_MS_PER_S;
	output_print(page->output, seconds >= PAGE_STALE_S ? OUTPUT_YELLOW : OUTPUT_DIM, "  (%s)",
		     output_age(seconds, age));
}

static void page_print_name(const struct page *page)
{
	const struct printer_state *state = page->state;
	const char *model = flagship_model_name(state->model);

	page_text(page, OUTPUT_BOLD, state->name[0] != '\0' ? state->name : state->serial);
	if (state->name[0] != '\0') {
		page_text(page, OUTPUT_PLAIN, "  ");
		page_text(page, OUTPUT_PLAIN, state->serial);
	}
	if (model) {
		output_print(page->output, OUTPUT_PLAIN, "  %s", model);
	}
}

static void page_print_title(struct page *page)
{
	const struct printer_state *state = page->state;

	page_print_name(page);
	output_print(page->output, state->online ? OUTPUT_GREEN : OUTPUT_RED, "  %s",
		     state->online ? "online" : "offline");
	page_age(page, state->seen_ms);
	page_end_line(page);
}

static void page_print_progress(struct page *page)
{
	const struct printer_job *job = &page->state->job;
	char number[PAGE_NUMBER_MAX];

	if (job->progress_centi_percent == PRINTER_NEVER) {
		return;
	}
	int64_t filled = job->progress_centi_percent * PAGE_BAR_WIDTH / PRINTER_PROGRESS_COMPLETE;
	page_label(page, "");
	fputc('[', page->output->stream);
	for (int64_t i = 0; i < PAGE_BAR_WIDTH; i++) {
		output_print(page->output, i < filled ? OUTPUT_GREEN : OUTPUT_DIM, "%c",
			     i < filled ? '#' : '-');
	}
	output_print(page->output, OUTPUT_PLAIN, "] ");
	output_print(page->output, OUTPUT_BOLD, "%s %%",
		     page_centi(job->progress_centi_percent, number));
	if (job->layer != PRINTER_NEVER && job->layers != PRINTER_NEVER && job->layers > 0) {
		output_print(page->output, OUTPUT_PLAIN, "  layer %" PRId64 " of %" PRId64,
			     job->layer, job->layers);
	}
	page_end_line(page);
}

static void page_print_times(struct page *page)
{
	const struct printer_job *job = &page->state->job;
	char text[OUTPUT_TIME_MAX];

	if (job->elapsed_s == PRINTER_NEVER && job->remaining_s == PRINTER_NEVER) {
		return;
	}
	page_label(page, "");
	if (job->elapsed_s != PRINTER_NEVER) {
		output_print(page->output, OUTPUT_PLAIN, "%s so far  ",
			     output_duration(job->elapsed_s, text));
	}
	if (job->remaining_s != PRINTER_NEVER) {
		output_print(page->output, OUTPUT_PLAIN, "%s%s to go",
			     job->remaining_estimated ? "about " : "",
			     output_duration(job->remaining_s, text));
	}
	int64_t finish_ms = moment_unix_ms(&page->now, job_finish_ms(job));
	if (finish_ms != PRINTER_NEVER) {
		output_print(page->output, OUTPUT_PLAIN, ", done at %s",
			     output_time_of_day(finish_ms, page->now.unix_ms, text));
	}
	page_end_line(page);
}

static void page_print_filament_used(struct page *page)
{
	const struct printer_job *job = &page->state->job;

	if (isnan(job->filament_estimated) && isnan(job->filament_used)) {
		return;
	}
	page_label(page, "");
	if (!isnan(job->filament_used)) {
		output_print(page->output, OUTPUT_PLAIN, "%.0f ", job->filament_used);
	}
	if (!isnan(job->filament_estimated)) {
		output_print(page->output, OUTPUT_PLAIN, "%sabout %.0f ",
			     isnan(job->filament_used) ? "" : "of ", job->filament_estimated);
	}
	page_text(page, OUTPUT_PLAIN, job->filament_unit);
	page_text(page, OUTPUT_PLAIN, job->filament_unit[0] != '\0' ? " of filament" : "filament");
	page_end_line(page);
}

static bool page_job_is_there(enum printer_job_state state)
{
	return state != PRINTER_JOB_IDLE && state != PRINTER_JOB_UNKNOWN;
}

static void page_print_job(struct page *page)
{
	const struct printer_job *job = &page->state->job;
	enum printer_job_state state = job->state_received ? job->state : PRINTER_JOB_UNKNOWN;

	page_label(page, "Job");
	page_text(page, job_style(state), printer_job_state_name(state));
	if (job->name[0] != '\0' && state != PRINTER_JOB_IDLE) {
		page_text(page, OUTPUT_PLAIN, "  ");
		page_text(page, OUTPUT_BOLD, job->name);
	}
	page_age(page, job->received_ms);
	page_end_line(page);
	if (page_job_is_there(state)) {
		page_print_progress(page);
		page_print_times(page);
		page_print_filament_used(page);
	}
}

static void page_print_temperature(struct page *page, const char *label,
				   const struct printer_temperature *temperature)
{
	char number[PAGE_NUMBER_MAX];

	if (temperature->current_centi_c == PRINTER_NEVER) {
		return;
	}
	page_label(page, label);
	output_print(page->output, OUTPUT_BOLD, "%s" PAGE_DEGREES,
		     page_centi(temperature->current_centi_c, number));
	if (temperature->target_centi_c != PRINTER_NEVER && temperature->target_centi_c > 0) {
		output_print(page->output, OUTPUT_PLAIN, ", wanted %s" PAGE_DEGREES,
			     page_centi(temperature->target_centi_c, number));
	} else if (temperature->target_centi_c == 0) {
		output_print(page->output, OUTPUT_PLAIN, ", off");
	}
	page_age(page, temperature->received_ms);
	page_end_line(page);
}

static void page_print_number(struct page *page, const char *label, int64_t value, const char *unit)
{
	if (value != PRINTER_NEVER) {
		page_label(page, label);
		output_print(page->output, OUTPUT_PLAIN, "%" PRId64 "%s", value, unit);
		page_end_line(page);
	}
}

static void page_print_speed(struct page *page)
{
	const struct printer_state *state = page->state;
	bool moving = page_job_is_there(state->job.state) && !isnan(state->job.speed_mm_s);

	if (state->speed_mm_s == PRINTER_NEVER && !moving) {
		return;
	}
	page_label(page, "Speed");
	if (moving) {
		output_print(page->output, OUTPUT_PLAIN, "%g mm/s now%s", state->job.speed_mm_s,
			     state->speed_mm_s != PRINTER_NEVER ? ", " : "");
	}
	if (state->speed_mm_s != PRINTER_NEVER) {
		output_print(page->output, OUTPUT_PLAIN, "%" PRId64 " mm/s set", state->speed_mm_s);
	}
	if (state->max_speed_mm_s != PRINTER_NEVER) {
		output_print(page->output, OUTPUT_PLAIN, ", %" PRId64 " mm/s at most",
			     state->max_speed_mm_s);
	}
	page_end_line(page);
}

static void page_print_bed_shape(struct page *page)
{
	const struct printer_state *state = page->state;
	char number[PAGE_NUMBER_MAX];

	if (state->z_offset_centi_mm != PRINTER_NEVER) {
		page_label(page, "Z offset");
		output_print(page->output, OUTPUT_PLAIN, "%s mm",
			     page_centi(state->z_offset_centi_mm, number));
		page_end_line(page);
	}
	if (state->levelled != PRINTER_NEVER) {
		page_label(page, "Levelled");
		output_print(page->output, OUTPUT_PLAIN, "%s", state->levelled != 0 ? "yes" : "no");
		page_end_line(page);
	}
}

static void page_print_filament(struct page *page)
{
	const struct printer_filament *filament = &page->state->filament;

	if (!filament->received) {
		return;
	}
	page_label(page, "Filament");
	for (uint8_t i = 0; i < filament->count; i++) {
		page_text(page, OUTPUT_PLAIN, i > 0 ? ", " : "");
		page_text(page, OUTPUT_PLAIN, filament->names[i]);
	}
	page_text(page, OUTPUT_PLAIN, filament->count == 0 ? "none" : "");
	page_end_line(page);
}

static void page_print_error(struct page *page)
{
	const struct printer_error *error = &page->state->error;
	const char *severity = printer_error_severity(error);

	if (error->code[0] == '\0') {
		return;
	}
	page_label(page, "Error");
	page_text(page, OUTPUT_RED, error->code);
	page_text(page, OUTPUT_RED, error->text ? "  " : "");
	page_text(page, OUTPUT_RED, error->text ? error->text : "");
	if (severity) {
		page_text(page, OUTPUT_RED, "  (");
		page_text(page, OUTPUT_RED, error->level);
		output_print(page->output, OUTPUT_RED, ", %s)", severity);
	}
	page_end_line(page);
}

static void page_print_alert(struct page *page)
{
	const struct printer_alert *alert = &page->state->alert;

	if (alert->source == PRINTER_ALERT_NONE) {
		return;
	}
	page_label(page, "Alert");
	output_print(page->output, OUTPUT_RED, "%s (%s %" PRId64 ")", alert->text,
		     alert->source == PRINTER_ALERT_AI ? "camera" : "number", alert->number);
	page_end_line(page);
}

void status_page_print(const struct output *output, const struct printer_state *state,
		       const struct printer_moment *now)
{
	struct page page = {.output = output, .state = state, .now = *now};

	page_print_title(&page);
	page_print_alert(&page);
	page_print_error(&page);
	page_print_job(&page);
	page_print_temperature(&page, "Nozzle", &state->nozzle);
	page_print_temperature(&page, "Bed", &state->bed);
	page_print_number(&page, "Fan", state->fan_percent, " %");
	page_print_speed(&page);
	page_print_bed_shape(&page);
	page_print_filament(&page);
	status_e1_print(output, &state->e1);
}

void status_page_print_silent(const struct output *output, const struct printer_state *state,
			      const char *answer)
{
	struct page page = {.output = output, .state = state};

	page_print_name(&page);
	output_print(output, OUTPUT_RED, "  %s", answer);
	page_end_line(&page);
}
