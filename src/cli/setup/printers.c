/* SPDX-License-Identifier: MIT */
#include "cli/kit/cli.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cli/target/choice.h"
#include "cli/target/live.h"
#include "cli/target/rights.h"
#include "cli/target/targets.h"
#include "cli/watch/status_page.h"
#include "printer/state/state.h"
#include "printer/state/state_json.h"

#include <flagship/account.h>
#include <flagship/model.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How `flagship printers` shows what it found. */
struct printers_row {
	const struct target *target;
	struct printer_state *state; /* what was received, if anything */
	bool asked;
	bool failed; /* it could not even be asked, which was reported */
	int status;  /* of a failed one */
};

#define CENTI          100.0
#define CENTI_DECIMALS 2
#define CELL_MAX       96
#define COLUMNS        11
#define INK            (COLUMNS - 1) /* only where a printer has some */
#define NO_VALUE       "-"

static const char *region_name(const struct target *target)
{
	return target->account ? flagship_region_name(target->account->login.region) : "";
}

static bool is_received(const struct printers_row *row)
{
	return row->state->seen_ms != PRINTER_NEVER && row->state->online;
}

static enum flagship_model model_of(const struct printers_row *row)
{
	return row->state->model != FLAGSHIP_MODEL_UNKNOWN ? row->state->model : row->target->model;
}

/* --- JSON --- */

static void put_text(struct json_writer *writer, const char *name, const char *text)
{
	json_key(writer, name);
	value_write_text(writer, text ? text : "");
}

static void put_centi(struct json_writer *writer, const char *name, int64_t value)
{
	json_key(writer, name);
	value_write_scaled(writer, value, CENTI_DECIMALS);
}

static void put_number(struct json_writer *writer, const char *name, int64_t value)
{
	json_key(writer, name);
	value_write_int(writer, value);
}

static void put_time(struct json_writer *writer, const char *name, int64_t unix_ms)
{
	char text[TIME_TEXT_MAX];

	json_member_string(writer, name,
			   unix_ms != PRINTER_NEVER ? time_text_write(unix_ms, text) : NULL);
}

static void put_temperature(struct json_writer *writer, const char *name,
			    const struct printer_temperature *temperature)
{
	json_key(writer, name);
	json_object_begin(writer);
	put_centi(writer, "current_c", temperature->current_centi_c);
	put_centi(writer, "target_c", temperature->target_centi_c);
	json_object_end(writer);
}

static void put_job(struct json_writer *writer, const struct printer_job *job,
		    const struct printer_moment *now)
{
	json_key(writer, "job");
	if (!job->state_received) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	put_text(writer, "state", printer_job_state_name(job->state));
	put_text(writer, "name", job->name);
	put_centi(writer, "progress_percent", job->progress_centi_percent);
	put_number(writer, "remaining_s", job->remaining_s);
	json_key(writer, "remaining_estimated");
	if (job->remaining_s != PRINTER_NEVER) {
		json_bool(writer, job->remaining_estimated);
	} else {
		json_null(writer);
	}
	put_time(writer, "finish_at", moment_unix_ms(now, job_finish_ms(job)));
	json_object_end(writer);
}

static void put_row(struct json_writer *writer, const struct printers_row *row,
		    const struct printer_moment *now)
{
	const struct target *target = row->target;
	const struct store_printer *stored = target->stored;

	json_object_begin(writer);
	put_text(writer, "serial", target->serial);
	put_text(writer, "name", target->name);
	put_text(writer, "model", flagship_model_name(model_of(row)));
	put_text(writer, "region", region_name(target));
	put_text(writer, "address", stored ? stored->address : NULL);
	put_number(writer, "number", target->number > 0 ? (int64_t)target->number : PRINTER_NEVER);
	json_member_bool(writer, "has_key", !stored || stored->key_hex[0] != '\0');
	put_text(writer, "firmware", stored ? stored->firmware : NULL);
	rights_write(stored, writer);
	if (row->asked) {
		json_member_bool(writer, "online", is_received(row));
		put_time(writer, "seen_at", moment_unix_ms(now, row->state->seen_ms));
		put_job(writer, &row->state->job, now);
		put_temperature(writer, "nozzle", &row->state->nozzle);
		put_temperature(writer, "bed", &row->state->bed);
		/* activity, ink, waste, accessory and purifier, as the state has them. */
		e1_write(writer, &row->state->e1);
	}
	json_object_end(writer);
}

struct printers_list {
	const struct printers_row *rows;
	struct printer_moment now;
};

static void put_listed(struct json_writer *writer, size_t index, const void *context)
{
	const struct printers_list *list = context;

	put_row(writer, &list->rows[index], &list->now);
}

/* One array on one line. Returns an exit status. */
static int printers_print_json(const struct printers_row *rows, size_t count)
{
	const struct printers_list list = {.rows = rows, .now = live_moment()};

	return json_array_print(put_listed, count, &list, stdout) ? CLI_FAILED : CLI_DONE;
}

/* --- a table --- */

static void format_temperature(const struct printer_temperature *temperature, char out[CELL_MAX])
{
	if (temperature->current_centi_c == PRINTER_NEVER) {
		snprintf(out, CELL_MAX, NO_VALUE);
	} else if (temperature->target_centi_c == PRINTER_NEVER ||
		   temperature->target_centi_c == 0) {
		snprintf(out, CELL_MAX, "%.0f °C", (double)temperature->current_centi_c / CENTI);
	} else {
		snprintf(out, CELL_MAX, "%.0f/%.0f °C",
			 (double)temperature->current_centi_c / CENTI,
			 (double)temperature->target_centi_c / CENTI);
	}
}

static void format_job(const struct printer_job *job, char out[CELL_MAX])
{
	bool runs = job->state == PRINTER_JOB_PRINTING || job->state == PRINTER_JOB_PAUSED;

	if (!job->state_received) {
		snprintf(out, CELL_MAX, NO_VALUE);
	} else if (runs && job->progress_centi_percent != PRINTER_NEVER) {
		snprintf(out, CELL_MAX, "%s %.0f %%", printer_job_state_name(job->state),
			 (double)job->progress_centi_percent / CENTI);
	} else {
		snprintf(out, CELL_MAX, "%s", printer_job_state_name(job->state));
	}
}

static bool is_over(const struct printer_job *job)
{
	return !job->state_received || job->state == PRINTER_JOB_IDLE ||
	       job->state == PRINTER_JOB_FINISHED || job->state == PRINTER_JOB_STOPPED;
}

static void format_left(const struct printer_job *job, char out[CELL_MAX])
{
	char text[OUTPUT_TIME_MAX];

	if (is_over(job) || job->remaining_s == PRINTER_NEVER) {
		snprintf(out, CELL_MAX, NO_VALUE);
	} else {
		snprintf(out, CELL_MAX, "%s%s", job->remaining_estimated ? "~" : "",
			 output_duration(job->remaining_s, text));
	}
}

static void format_done(const struct printer_job *job, const struct printer_moment *now,
			char out[CELL_MAX])
{
	int64_t finish_ms = moment_unix_ms(now, job_finish_ms(job));
	char text[OUTPUT_TIME_MAX];

	snprintf(out, CELL_MAX, "%s",
		 finish_ms != PRINTER_NEVER ? output_time_of_day(finish_ms, now->unix_ms, text)
					    : NO_VALUE);
}

static const char *format_online(const struct printers_row *row)
{
	if (!row->asked) {
		return row->target->stored && row->target->stored->key_hex[0] == '\0' ? "no key"
										      : NO_VALUE;
	}
	if (row->failed) {
		return "not reached";
	}
	return is_received(row) ? "online" : "no answer";
}

static void format_row(const struct printers_row *row, size_t number,
		       const struct printer_moment *now, char cells[COLUMNS][CELL_MAX])
{
	const char *model = flagship_model_name(model_of(row));
	const char *region = region_name(row->target);

	snprintf(cells[0], CELL_MAX, "%zu", row->target->number > 0 ? row->target->number : number);
	snprintf(cells[1], CELL_MAX, "%.90s", row->target->name ? row->target->name : NO_VALUE);
	snprintf(cells[2], CELL_MAX, "%s", row->target->serial);
	snprintf(cells[3], CELL_MAX, "%s%s%s", model ? model : NO_VALUE,
		 region[0] != '\0' ? " " : "", region);
	snprintf(cells[4], CELL_MAX, "%s", format_online(row));
	format_job(&row->state->job, cells[5]);
	format_left(&row->state->job, cells[6]);
	format_done(&row->state->job, now, cells[7]);
	format_temperature(&row->state->nozzle, cells[8]);
	format_temperature(&row->state->bed, cells[9]);
	status_e1_format_least(&row->state->e1, cells[INK], CELL_MAX);
}

static bool any_has_ink(const struct printers_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].state->e1.ink_received) {
			return true;
		}
	}
	return false;
}

static void printers_print_table(const struct output *output, const struct printers_row *rows,
				 size_t count)
{
	static const char *const headings[COLUMNS] = {"#",      "NAME", "SERIAL", "MODEL",
						      "STATE",  "JOB",  "LEFT",   "DONE AT",
						      "NOZZLE", "BED",  "INK"};
	const size_t columns = any_has_ink(rows, count) ? COLUMNS : INK;
	struct printer_moment now = live_moment();
	char(*texts)[COLUMNS][CELL_MAX] = calloc(count + 1, sizeof(*texts));
	const char **cells = calloc((count + 1) * COLUMNS, sizeof(*cells));

	if (texts && cells) {
		memcpy(cells, headings, columns * sizeof(headings[0]));
		for (size_t i = 0; i < count; i++) {
			format_row(&rows[i], i + 1, &now, texts[i]);
			for (size_t c = 0; c < columns; c++) {
				cells[(i + 1) * columns + c] = texts[i][c];
			}
		}
		output_table(output, cells, count + 1, columns);
	} else {
		cli_error("out of memory");
	}
	free(cells);
	free(texts);
}

/*
 * All printers are asked at once. Who is there has answered within milliseconds; a picture may come
 * in several messages, so that a moment is waited for more.
 */
#define PRINTERS_DEADLINE_MS 1800
#define PRINTERS_QUIET_MS    150

enum printers_timer {
	PRINTERS_TIMER_DEADLINE,
	PRINTERS_TIMER_QUIET,
};

struct printers_options {
	bool json;
	bool offline;
};

struct printers {
	struct live live;
	struct targets targets;
	struct printers_options options;
	struct printers_row *rows;
	struct printer_state *states; /* one a row; none where nobody is asked */
	struct printer_state nothing; /* what all rows have then */
	size_t missing;               /* rows of which nothing tells what the printer does */
	size_t incomplete;            /* rows that lack something that the table shows */
};

static const struct options_option printers_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print one JSON array",
	 .offset = offsetof(struct printers_options, json)},
	{.name = "offline",
	 .kind = OPTIONS_FLAG,
	 .help = "only what is stored here; nobody is asked",
	 .offset = offsetof(struct printers_options, offline)},
};

static const struct options_group printers_group = OPTIONS_GROUP("Options", printers_table);

static struct printers_row *printers_row_of(const struct printers *printers,
					    const struct fleet_printer *printer)
{
	return &printers->rows[live_target(printer) - printers->targets.printers];
}

static void printers_finish(void *context)
{
	struct printers *printers = context;

	live_stop(&printers->live, CLI_DONE);
}

static void printers_start(void *context)
{
	struct printers *printers = context;
	const struct fleet *fleet = printers->live.fleet;
	int64_t wait_ms = PRINTERS_DEADLINE_MS;

	for (struct fleet_printer *printer = fleet_next_printer(fleet, NULL); printer;
	     printer = fleet_next_printer(fleet, printer)) {
		printers_row_of(printers, printer)->asked = true;
	}
	if (printers->targets.timeout_given) {
		wait_ms = printers->targets.timeout_ms;
	}
	live_timer_start(&printers->live, PRINTERS_TIMER_DEADLINE, wait_ms, 0, printers_finish);
}

static void printers_ready(void *context, struct fleet_printer *printer)
{
	(void)context;
	fleet_ask_status(printer);
}

static bool printers_is_there(const struct printers_row *row)
{
	return row->failed || row->state->job.state_received;
}

static bool printers_is_complete(const struct printers_row *row)
{
	return row->failed ||
	       (state_has_essentials(row->state) && !state_lacks_progress(row->state));
}

/* With every row complete there is nothing to wait for; with all there the rest follows at once. */
static void printers_look(struct printers *printers)
{
	if (printers->incomplete == 0) {
		printers_finish(printers);
	} else if (printers->missing == 0) {
		live_timer_start(&printers->live, PRINTERS_TIMER_QUIET, PRINTERS_QUIET_MS, 0,
				 printers_finish);
	}
}

static void printers_payload(void *context, struct fleet_printer *printer,
			     enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	struct printers *printers = context;
	struct printers_row *row = printers_row_of(printers, printer);
	bool was_there = printers_is_there(row);
	bool was_complete = printers_is_complete(row);

	(void)kind;
	(void)payload;
	/* Kept, since the fleet is gone when rows are printed. */
	*row->state = *fleet_printer_state(printer);
	printers->missing -= !was_there && printers_is_there(row);
	printers->incomplete += was_complete;
	printers->incomplete -= printers_is_complete(row);
	printers_look(printers);
}

static void printers_failed(void *context, struct fleet_printer *printer, int status)
{
	struct printers *printers = context;
	struct printers_row *row = printers_row_of(printers, printer);

	printers->missing -= !printers_is_there(row);
	printers->incomplete -= !printers_is_complete(row);
	row->failed = true;
	row->status = status;
	printers_look(printers);
}

static const struct live_handlers printers_handlers = {
	.on_start = printers_start,
	.on_ready = printers_ready,
	.on_payload = printers_payload,
	.on_failed = printers_failed,
};

static int printers_make_rows(struct printers *printers)
{
	printers->rows = calloc(printers->targets.count ? printers->targets.count : 1,
				sizeof(*printers->rows));
	if (!printers->rows) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	printer_state_init(&printers->nothing, NULL, NULL, FLAGSHIP_MODEL_UNKNOWN);
	for (size_t i = 0; i < printers->targets.count; i++) {
		printers->rows[i].target = &printers->targets.printers[i];
		printers->rows[i].state = &printers->nothing;
	}
	return OPTIONS_RUN;
}

/* A state is large, and only who is asked has one. */
static int printers_make_states(struct printers *printers)
{
	printers->states = calloc(printers->targets.count, sizeof(*printers->states));
	if (!printers->states) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	printers->missing = printers->incomplete = printers->targets.count;
	for (size_t i = 0; i < printers->targets.count; i++) {
		const struct target *target = printers->rows[i].target;

		printers->rows[i].state = &printers->states[i];
		printer_state_init(printers->rows[i].state, target->serial, target->name,
				   target->model);
	}
	return OPTIONS_RUN;
}

static int printers_print(const struct printers *printers)
{
	struct output output;

	if (printers->options.json) {
		return printers_print_json(printers->rows, printers->targets.count);
	}
	output_init(&output, stdout);
	printers_print_table(&output, printers->rows, printers->targets.count);
	return CLI_DONE;
}

/* Where nobody could be asked, that is the result; else the table says who did not answer. */
static int printers_worst(const struct printers *printers, int status)
{
	for (size_t i = 0; i < printers->targets.count; i++) {
		if (!printers->rows[i].failed) {
			return status;
		}
		status = printers->rows[i].status;
	}
	return status;
}

static int printers_query(struct printers *printers, struct target_options *options)
{
	int result = targets_init(&printers->targets, options, TARGETS_MANY);

	if (result == OPTIONS_RUN) {
		result = printers_make_rows(printers);
	}
	if (result == OPTIONS_RUN) {
		result = printers_make_states(printers);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = live_run(&printers->live, &printers->targets, &printers_handlers, printers);
	if (result == CLI_DONE) {
		result = printers_print(printers);
	}
	return printers_worst(printers, result);
}

static int printers_list(struct printers *printers, const struct options_list *names)
{
	int result = targets_init_offline(&printers->targets, names);

	if (result == OPTIONS_RUN) {
		result = printers_make_rows(printers);
	}
	if (result == OPTIONS_RUN && printers->targets.count == 0 && !printers->options.json) {
		target_choices_explain_none(&printers->targets.accounts);
		return CLI_NOT_CONFIGURED;
	}
	return result == OPTIONS_RUN ? printers_print(printers) : result;
}

static int printers_run(const struct cli_command *command, int argc, char **argv)
{
	struct target_options target_options = TARGET_OPTIONS_DEFAULT;
	struct printers printers = {.live.interrupt_status = CLI_FAILED};
	int result = options_parse(command, &argc, argv,
				   (void *[]){&printers.options, TARGET_PLACES(&target_options)});

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (printers.options.offline) {
		result = printers_list(&printers, &target_options.printers);
	} else {
		target_options_default_all(&target_options);
		result = printers_query(&printers, &target_options);
	}
	free(printers.states);
	free(printers.rows);
	targets_finish(&printers.targets);
	return result;
}

const struct cli_command printers_command = {
	.name = "printers",
	.section = "Printers",
	.summary = "list the printers with what they do",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Asks all printers at once and shows each with its temperatures and its job. Who\n"
		"does not answer within two seconds is shown with no answer. --offline asks "
		"nobody.",
	.groups = (const struct options_group *const[]){&printers_group, TARGET_GROUPS, NULL},
	.run = printers_run,
};
