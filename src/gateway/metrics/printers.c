/* SPDX-License-Identifier: MIT */
#include "gateway/metrics/internal.h"

#include <math.h>
#include <string.h>

#define CENTI_DECIMALS       2 /* 0.01 °C, in °C */
#define CENTI_RATIO_DECIMALS 4 /* 0.01 %, as a share of 1 */
#define PERCENT_DECIMALS     2 /* 1 %, as a share of 1 */
#define MILLI_DECIMALS       3 /* mm in m, ms in s */
#define CENTI_MM_DECIMALS    5 /* 0.01 mm in m */
#define MICRO_DECIMALS       6
#define SECONDS_PER_DAY      86400
#define MS_PER_SECOND        1000
#define REAL_MAX             1e12 /* beyond it no value is meant */

#define LENGTH(array)        (sizeof(array) / sizeof((array)[0]))

struct view {
	const struct metrics_printer *printer;
	const struct printer_state *state;
	const struct printer_job *job;
	const struct printer_moment *now;
};

typedef struct metric_number number_of(const struct view *view);
typedef void lines_of(struct metrics_writer *writer, const struct view *view);

/* One value for each printer, or lines of more. */
struct printer_family {
	struct family family;
	number_of *number;
	lines_of *lines;
	bool always; /* also of a printer that is offline */
};

static const struct metric_number no_number = {PRINTER_NEVER, 0};

static struct metric_number scaled(int64_t value, unsigned int decimals)
{
	return (struct metric_number){value, decimals};
}

/* value / 10^decimals, of which three more decimals are shown. */
static struct metric_number real_number(double value, unsigned int decimals)
{
	if (!isfinite(value) || fabs(value) > REAL_MAX) {
		return no_number;
	}
	return scaled(llround(value * MS_PER_SECOND), decimals + MILLI_DECIMALS);
}

static struct metric_number flag(bool set)
{
	return scaled(set ? 1 : 0, 0);
}

static struct metric_number timestamp(const struct view *view, int64_t time_ms)
{
	int64_t unix_ms = moment_unix_ms(view->now, time_ms);

	return unix_ms < 0 ? no_number : scaled(unix_ms, MILLI_DECIMALS);
}

/* --- the printer --- */

static void write_printer_info(struct metrics_writer *writer, const struct view *view)
{
	const struct metric_label labels[] = {
		{"model", flagship_model_name(view->state->model)},
		{"account", view->printer->account},
	};

	writer_info(writer, labels, LENGTH(labels));
}

static struct metric_number online(const struct view *view)
{
	return flag(view->printer->online);
}

static struct metric_number seen(const struct view *view)
{
	return timestamp(view, view->state->seen_ms);
}

static struct metric_number malformed(const struct view *view)
{
	return scaled((int64_t)view->state->malformed, 0);
}

static void write_states(struct metrics_writer *writer, const struct view *view)
{
	if (!view->job->state_received) {
		return;
	}
	for (int state = PRINTER_JOB_IDLE; state <= PRINTER_JOB_DOWNLOADING; state++) {
		writer_labelled(writer, "state",
				printer_job_state_name((enum printer_job_state)state),
				flag((int)view->job->state == state));
	}
}

/* --- heat and motion --- */

static struct metric_number nozzle(const struct view *view)
{
	return scaled(view->state->nozzle.current_centi_c, CENTI_DECIMALS);
}

static struct metric_number nozzle_target(const struct view *view)
{
	return scaled(view->state->nozzle.target_centi_c, CENTI_DECIMALS);
}

static struct metric_number bed(const struct view *view)
{
	return scaled(view->state->bed.current_centi_c, CENTI_DECIMALS);
}

static struct metric_number bed_target(const struct view *view)
{
	return scaled(view->state->bed.target_centi_c, CENTI_DECIMALS);
}

/* The older of the two, so that an alert on its age sees either of them fail. */
static struct metric_number temperatures_received(const struct view *view)
{
	int64_t nozzle_ms = view->state->nozzle.received_ms;
	int64_t bed_ms = view->state->bed.received_ms;

	if (nozzle_ms == PRINTER_NEVER || bed_ms == PRINTER_NEVER) {
		return timestamp(view, nozzle_ms == PRINTER_NEVER ? bed_ms : nozzle_ms);
	}
	return timestamp(view, nozzle_ms < bed_ms ? nozzle_ms : bed_ms);
}

static struct metric_number fan(const struct view *view)
{
	return scaled(view->state->fan_percent, PERCENT_DECIMALS);
}

static struct metric_number speed(const struct view *view)
{
	return real_number(view->job->speed_mm_s, MILLI_DECIMALS);
}

static struct metric_number speed_setting(const struct view *view)
{
	return scaled(view->state->speed_mm_s, MILLI_DECIMALS);
}

static struct metric_number z_offset(const struct view *view)
{
	return scaled(view->state->z_offset_centi_mm, CENTI_MM_DECIMALS);
}

static struct metric_number levelled(const struct view *view)
{
	return view->state->levelled == PRINTER_NEVER ? no_number
						      : flag(view->state->levelled != 0);
}

/* --- the job --- */

static void write_job_info(struct metrics_writer *writer, const struct view *view)
{
	const struct metric_label label = {"job_name", view->job->name};

	if (view->job->name[0]) {
		writer_info(writer, &label, 1);
	}
}

static struct metric_number progress(const struct view *view)
{
	return scaled(view->job->progress_centi_percent, CENTI_RATIO_DECIMALS);
}

static struct metric_number elapsed(const struct view *view)
{
	return scaled(view->job->elapsed_s, 0);
}

static struct metric_number remaining(const struct view *view)
{
	return scaled(view->job->remaining_s, 0);
}

static struct metric_number remaining_estimated(const struct view *view)
{
	return view->job->remaining_s == PRINTER_NEVER ? no_number
						       : flag(view->job->remaining_estimated);
}

/* Whole seconds: readings of two clocks lie within, and a time that trembles is of no use. */
static struct metric_number finish(const struct view *view)
{
	int64_t unix_ms = moment_unix_ms(view->now, job_finish_ms(view->job));

	return unix_ms < 0 ? no_number : scaled(unix_ms / MS_PER_SECOND, 0);
}

static struct metric_number layer(const struct view *view)
{
	return scaled(view->job->layer, 0);
}

static struct metric_number layers(const struct view *view)
{
	return scaled(view->job->layers, 0);
}

/* Length and mass are families of their own: a printer speaks of one of them. */
static struct metric_number filament_length(const struct view *view, double amount)
{
	if (strcmp(view->job->filament_unit, "mm") == 0) {
		return real_number(amount, MILLI_DECIMALS);
	}
	return strcmp(view->job->filament_unit, "m") == 0 ? real_number(amount, 0) : no_number;
}

static struct metric_number filament_mass(const struct view *view, double amount)
{
	return strcmp(view->job->filament_unit, "g") == 0 ? real_number(amount, 0) : no_number;
}

static struct metric_number filament_used(const struct view *view)
{
	return filament_length(view, view->job->filament_used);
}

static struct metric_number filament_used_mass(const struct view *view)
{
	return filament_mass(view, view->job->filament_used);
}

static struct metric_number filament_estimated(const struct view *view)
{
	return filament_length(view, view->job->filament_estimated);
}

static struct metric_number filament_estimated_mass(const struct view *view)
{
	return filament_mass(view, view->job->filament_estimated);
}

/* --- what is wrong --- */

static struct metric_number has_error(const struct view *view)
{
	return flag(view->state->error.code[0] != '\0');
}

/* A code that nobody knows could be any text: it would make series without end. */
static void write_error_code(struct metrics_writer *writer, const struct view *view)
{
	const struct printer_error *error = &view->state->error;
	const char *severity = printer_error_severity(error);
	const struct metric_label labels[] = {
		{"code", error->text ? error->code : "other"},
		{"severity", severity ? severity : "unknown"},
	};

	if (error->code[0]) {
		writer_info(writer, labels, LENGTH(labels));
	}
}

static struct metric_number has_alert(const struct view *view)
{
	return flag(view->state->alert.source != PRINTER_ALERT_NONE);
}

static struct metric_number filament_out(const struct view *view)
{
	const struct printer_alert *alert = &view->state->alert;

	if (view->state->model == FLAGSHIP_MODEL_E1) {
		return no_number;
	}
	return flag(alert->source == PRINTER_ALERT_BOARD &&
		    alert->number == PRINTER_ALERT_FILAMENT);
}

/* --- ink --- */

static void write_ink(struct metrics_writer *writer, const struct view *view)
{
	for (size_t i = 0; i < E1_INKS; i++) {
		writer_labelled(
			writer, "ink", e1_ink_name(i),
			scaled(view->state->e1.inks[i].left_centi_percent, CENTI_RATIO_DECIMALS));
	}
}

static struct metric_number days(int64_t left)
{
	bool in_range = left >= -INT32_MAX && left <= INT32_MAX;

	return in_range ? scaled(left * SECONDS_PER_DAY, 0) : no_number;
}

static void write_ink_expiry(struct metrics_writer *writer, const struct view *view)
{
	for (size_t i = 0; i < E1_INKS; i++) {
		writer_labelled(writer, "ink", e1_ink_name(i),
				days(view->state->e1.inks[i].days_left));
	}
}

static struct metric_number waste_ink(const struct view *view)
{
	return scaled(view->state->e1.waste.left_centi_percent, CENTI_RATIO_DECIMALS);
}

#define NAMED(name, unit, type, help)                     \
	{                                                 \
		"flagship_printer" name, unit, help, type \
	}
#define GAUGE(name, unit, number, help)                                    \
	{                                                                  \
		NAMED(name, unit, FAMILY_GAUGE, help), number, NULL, false \
	}
#define LINES(name, unit, lines, help)                                    \
	{                                                                 \
		NAMED(name, unit, FAMILY_GAUGE, help), NULL, lines, false \
	}
#define INFO(name, lines, help)                                          \
	{                                                                \
		NAMED(name, NULL, FAMILY_INFO, help), NULL, lines, false \
	}

static const struct printer_family families[] = {
	{NAMED("", NULL, FAMILY_INFO, "A printer that the gateway knows."), NULL,
	 write_printer_info, true},
	{NAMED("_online", NULL, FAMILY_GAUGE, "Whether the printer answers: 1 or 0."), online, NULL,
	 true},
	{NAMED("_last_seen_timestamp_seconds", "seconds", FAMILY_GAUGE,
	       "When the last message of the printer was received, as Unix time."),
	 seen, NULL, true},
	{NAMED("_malformed_messages", NULL, FAMILY_COUNTER,
	       "Messages of the printer that were refused because they could not be read."),
	 malformed, NULL, true},
	LINES("_state", NULL, write_states,
	      "What the printer does: 1 for the state that it is in, 0 for all others."),
	GAUGE("_nozzle_temperature_celsius", "celsius", nozzle, "Temperature of the nozzle."),
	GAUGE("_nozzle_target_temperature_celsius", "celsius", nozzle_target,
	      "Temperature that the nozzle is to have; 0 where it is off."),
	GAUGE("_bed_temperature_celsius", "celsius", bed, "Temperature of the bed."),
	GAUGE("_bed_target_temperature_celsius", "celsius", bed_target,
	      "Temperature that the bed is to have; 0 where it is off."),
	GAUGE("_temperatures_received_timestamp_seconds", "seconds", temperatures_received,
	      "When the temperatures were received, as Unix time; the older of nozzle and bed."),
	GAUGE("_fan_ratio", "ratio", fan, "Speed of the part cooling fan, from 0 to 1."),
	GAUGE("_speed_meters_per_second", "meters_per_second", speed,
	      "Speed of the nozzle as the printer reports it."),
	GAUGE("_speed_setting_meters_per_second", "meters_per_second", speed_setting,
	      "Speed that is set for printing."),
	GAUGE("_z_offset_meters", "meters", z_offset,
	      "Distance of nozzle and bed against that of the factory."),
	GAUGE("_bed_levelled", NULL, levelled, "Whether the bed was levelled: 1 or 0."),
	INFO("_job", write_job_info, "The job, or the last one, by its name."),
	GAUGE("_job_progress_ratio", "ratio", progress, "Share of the job that is done, to 1."),
	GAUGE("_job_elapsed_seconds", "seconds", elapsed,
	      "Time since the preparation of the job began, and then since it prints."),
	GAUGE("_job_remaining_seconds", "seconds", remaining, "Time until the job is finished."),
	GAUGE("_job_remaining_estimated", NULL, remaining_estimated,
	      "Whether the remaining time is reckoned from the progress (1) or the printer's (0)."),
	GAUGE("_job_finish_timestamp_seconds", "seconds", finish,
	      "When the job will be finished, as Unix time."),
	GAUGE("_job_layer", NULL, layer, "Layer that is printed."),
	GAUGE("_job_layers", NULL, layers, "Layers of the job."),
	GAUGE("_job_filament_used_meters", "meters", filament_used,
	      "Filament that the job has used, by length."),
	GAUGE("_job_filament_used_grams", "grams", filament_used_mass,
	      "Filament that the job has used, by mass."),
	GAUGE("_job_filament_estimated_meters", "meters", filament_estimated,
	      "Filament that the whole job is to use, by length."),
	GAUGE("_job_filament_estimated_grams", "grams", filament_estimated_mass,
	      "Filament that the whole job is to use, by mass."),
	GAUGE("_error", NULL, has_error, "Whether an error stands: 1 or 0."),
	INFO("_error_code", write_error_code, "The worst error that stands."),
	GAUGE("_alert", NULL, has_alert,
	      "Whether the printer, or what watches it by camera, raises an alert: 1 or 0."),
	GAUGE("_filament_out", NULL, filament_out,
	      "Whether the filament ran out or broke: 1 or 0."),
	LINES("_ink_ratio", "ratio", write_ink, "Ink that is left, from 0 to 1."),
	LINES("_ink_expiry_seconds", "seconds", write_ink_expiry,
	      "Time until the ink expires, in whole days; negative where it has."),
	GAUGE("_waste_ink_room_ratio", "ratio", waste_ink,
	      "Room that is left for waste ink, from 0 to 1."),
};

static void write_printer_lines(struct metrics_writer *writer, const struct printer_family *family,
				const struct view *view)
{
	if (!view->printer->online && !family->always) {
		return;
	}
	if (family->lines) {
		family->lines(writer, view);
		return;
	}
	writer_number(writer, family->number(view));
}

void metrics_write_printers(struct metrics_writer *writer, const struct metrics_input *input,
			    const char *const *labels)
{
	for (size_t i = 0; i < LENGTH(families); i++) {
		writer_begin_family(writer, &families[i].family);
		for (size_t k = 0; k < input->count && !writer->error; k++) {
			const struct metrics_printer *printer = &input->printers[k];
			const struct view view = {printer, printer->state, &printer->state->job,
						  &input->now};

			writer->labels = labels[k];
			writer->labels_length = (size_t)(labels[k + 1] - labels[k]);
			write_printer_lines(writer, &families[i], &view);
		}
	}
	writer->labels = "";
	writer->labels_length = 0;
}
