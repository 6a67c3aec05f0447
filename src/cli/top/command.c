/* SPDX-License-Identifier: MIT */
#include "cli/top/top.h"

#define TOP_JOB_TOLD "no job is under way"

static bool top_has_no_job(const struct printer_state *state)
{
	const struct printer_job *job = &state->job;

	return job->state_heard &&
	       (job->state == PRINTER_JOB_IDLE || job->state == PRINTER_JOB_FINISHED ||
		job->state == PRINTER_JOB_STOPPED);
}

void top_command(struct top *top, struct top_row *row, enum command_kind kind)
{
	size_t index = (size_t)(row - top->model.rows);
	struct command_request request = {.kind = kind};

	if (row->busy) {
		top_model_note(&top->model, OUTPUT_YELLOW, "%s: another command is under way",
			       row->label);
		return;
	}
	if (top_has_no_job(row->state)) {
		top_model_note(&top->model, OUTPUT_YELLOW, "%s: " TOP_JOB_TOLD, row->label);
		return;
	}
	target_fill_request(&top->targets.printers[index], &request);
	request.timeout_ms = top->targets.timeout_given ? top->targets.timeout_ms : 0;
	row->busy = true;
	row->command = kind;
	top_model_note(&top->model, OUTPUT_CYAN, "%s: %s ...", row->label, top_row_state(row));
	fleet_command(top->printers[index], &request);
}

static enum output_style top_outcome_style(const struct command_report *report)
{
	switch (report->outcome) {
	case COMMAND_CONFIRMED:
		return OUTPUT_GREEN;
	case COMMAND_ACCEPTED:
		return report->effect_expected ? OUTPUT_YELLOW : OUTPUT_GREEN;
	default:
		return OUTPUT_RED;
	}
}

void top_command_done(struct top *top, struct fleet_printer *printer,
		      const struct command_report *report)
{
	struct top_row *row = &top->model.rows[top_index(top, printer)];

	row->busy = false;
	top_model_note(&top->model, top_outcome_style(report), "%s: %s %s: %s", row->label,
		       command_kind_name(report->kind), command_outcome_name(report->outcome),
		       report->detail);
}
