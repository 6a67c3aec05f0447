/* SPDX-License-Identifier: MIT */
#include "cli/lan/print_job.h"
#include "cli/kit/cli.h"
#include "cli/output/json.h"
#include "cli/output/print.h"

static void write_print(struct json_writer *writer, const void *context)
{
	const struct print_job_one *one = context;
	const struct target *target = one->target;

	json_object_begin(writer);
	json_member_string(writer, "serial", target->serial);
	json_member_string(writer, "name", target->name);
	json_member_string(writer, "outcome", command_outcome_name(one->outcome));
	json_member_known(writer, "detail", one->detail);
	json_member_string(writer, "file", one->file.name);
	json_member_int(writer, "size", print_file_size(one->file.prepared));
	json_member_string(writer, "md5", print_file_md5(one->file.prepared));
	json_member_string(writer, "job_state", one->job_state);
	json_key(writer, "result");
	if (one->reported && one->report.result >= 0) {
		json_int(writer, one->report.result);
	} else {
		json_null(writer);
	}
	json_member_known(writer, "duid", one->report.duid);
	json_member_int(writer, "attempts", (int64_t)one->attempts);
	json_member_int(writer, "elapsed_ms",
			live_monotonic_ms(&one->all->live) - one->all->started_ms);
	json_object_end(writer);
}

void print_job_write(const struct print_job_one *one)
{
	if (one->all->options.json) {
		(void)json_line_print(write_print, one, one->all->output.stream);
	}
}

static int exit_status_of(const struct print_job_one *one)
{
	switch (one->outcome) {
	case COMMAND_CONFIRMED:
		return CLI_DONE;
	case COMMAND_ACCEPTED:
		return one->all->options.no_start ? CLI_DONE : CLI_NOT_CONFIRMED;
	case COMMAND_REFUSED:
		return CLI_REFUSED;
	case COMMAND_UNANSWERED:
		return CLI_NO_ANSWER;
	default:
		return one->attempts > 0 ? CLI_CANNOT_CONNECT : CLI_FAILED;
	}
}

static void tell(const struct print_job_one *one, int status)
{
	const char *label = live_label(one->printer);

	if (one->all->options.json) {
		print_job_write(one);
	} else if (status == CLI_DONE) {
		print_to(stdout, "%s: %s %s\n", label, one->file.name,
			 one->all->options.no_start ? "is on the printer, and not printed"
						    : one->job_state);
	} else {
		cli_error("printer %s: %s: %s%s%s", label, one->file.name,
			  command_outcome_name(one->outcome), one->detail[0] ? ": " : "",
			  one->detail);
	}
}

void print_job_end(struct print_job_one *one, int status)
{
	if (one->stage == PRINT_ENDED) {
		return;
	}
	one->stage = PRINT_ENDED;
	upload_progress_clear(&one->progress, stderr);
	tell(one, status);
	if (one->all->status == CLI_DONE) {
		one->all->status = status;
	}
	if (--one->all->left == 0) {
		live_stop(&one->all->live, one->all->status);
	}
}

void print_job_conclude(struct print_job_one *one, enum command_outcome outcome, const char *detail)
{
	one->outcome = outcome;
	one->detail = detail;
	print_job_end(one, exit_status_of(one));
}
