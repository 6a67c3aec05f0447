/* SPDX-License-Identifier: MIT */
#include "cli/output/print.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/lan/print_job.h"

#include <stdlib.h>
#include <string.h>

/* print: a file goes to a printer over the local network, and is printed. */

#define TICK_MS          100
#define ASK_AGAIN_MS     1000
#define CONFIRM_MS       60000 /* from the end of the upload to the job that shows it */
#define RETRY_MS         2000
#define ATTEMPTS_MAX     3
#define INTERRUPT_STATUS 130
#define TIMER_TICK       0

static bool no_job(const struct printer_job *job)
{
	return job->state == PRINTER_JOB_IDLE || job->state == PRINTER_JOB_FINISHED ||
	       job->state == PRINTER_JOB_STOPPED || job->state == PRINTER_JOB_UNKNOWN;
}

static const struct printer_job *job_of(const struct print_job_one *one)
{
	return &fleet_printer_state(one->printer)->job;
}

static void release(struct print_job_one *one)
{
	attach_claim_close(one->claim);
	one->claim = NULL;
}

static bool on_read(void *context, int64_t position, uint8_t *data, size_t length)
{
	struct print_job_one *one = context;

	return sent_file_read(&one->file, position, data, length);
}

static void on_progress(void *context, int64_t sent)
{
	struct print_job_one *one = context;

	/* Several bars would stand over each other. */
	if (one->all->targets.count == 1) {
		upload_progress_show(&one->progress, stderr, sent,
				     live_monotonic_ms(&one->all->live));
	}
}

static enum command_outcome outcome_of(const struct lan_upload_report *report)
{
	switch (report->outcome) {
	case LAN_UPLOAD_DONE:
		return COMMAND_ACCEPTED;
	case LAN_UPLOAD_REFUSED:
		return COMMAND_REFUSED;
	case LAN_UPLOAD_UNANSWERED:
		return COMMAND_UNANSWERED;
	case LAN_UPLOAD_FAILED:
		break;
	}
	return COMMAND_FAILED;
}

/* Only what cannot have started anything is sent again. */
static bool worth_another(const struct print_job_one *one, const struct lan_upload_report *report)
{
	if (one->attempts >= ATTEMPTS_MAX) {
		return false;
	}
	return report->result == FLAGSHIP_AABB_RESULT_CHECKSUM_ERROR ||
	       report->result == FLAGSHIP_AABB_RESULT_FRAME_ERROR ||
	       (report->outcome == LAN_UPLOAD_UNANSWERED && !report->busy &&
		report->sent < print_file_size(one->file.prepared));
}

static void on_upload_end(void *context, const struct lan_upload_report *report)
{
	struct print_job_one *one = context;

	one->upload = NULL;
	one->report = *report;
	one->reported = true;
	if (one->stage != PRINT_UPLOADS) {
		return;
	}
	upload_progress_clear(&one->progress, stderr);
	bool is_again = worth_another(one, report);
	if (!is_again) {
		release(one);
	}
	if (report->outcome == LAN_UPLOAD_DONE && !one->all->options.no_start) {
		one->stage = PRINT_CONFIRMS;
		one->outcome = COMMAND_ACCEPTED;
		one->deadline_ms = live_monotonic_ms(&one->all->live) + CONFIRM_MS;
		return;
	}
	if (is_again) {
		cli_warn("printer %s: %s; trying again", live_label(one->printer), report->detail);
		one->retry_ms = live_monotonic_ms(&one->all->live) + RETRY_MS;
		return;
	}
	print_job_conclude(one, outcome_of(report),
			   report->outcome == LAN_UPLOAD_DONE
				   ? "the file is there, and nothing is printed: its end, which "
				     "starts the print, was left out, and the screen may call that "
				     "a failed transfer"
				   : report->detail);
}

static const char *known(const char *text)
{
	return text ? text : "";
}

static void start_upload(struct print_job_one *one)
{
	static const struct lan_upload_handlers handlers = {
		.read = on_read, .on_progress = on_progress, .on_end = on_upload_end};
	const struct target *target = one->target;
	const struct print_options *own = &one->all->options;
	struct lan_upload_options options = {
		.link = lan_way_link(&own->way, target, &one->all->relays),
		.name = one->file.name,
		.size = print_file_size(one->file.prepared),
		.md5 = print_file_md5(one->file.prepared),
		.user_name = known(target->user_name),
		.user_id = known(target->user_id),
		.start = !own->no_start,
	};
	options.link.rate = one->all->rate.bytes_per_s;
	options.link.adaptive = one->all->rate.adaptive;

	one->stage = PRINT_UPLOADS;
	one->retry_ms = 0;
	snprintf(one->task_before, sizeof(one->task_before), "%s", job_of(one)->task_id);
	one->progress = (struct upload_progress){.size = print_file_size(one->file.prepared),
						 .started_ms = live_monotonic_ms(&one->all->live)};
	int error = lan_upload_create(&one->all->live.loop, &options, &handlers, one, &one->upload);
	if (error == UV_EINVAL) {
		print_job_conclude(one, COMMAND_FAILED, LAN_WAY_UNKNOWN);
	} else if (error) {
		print_job_conclude(one, COMMAND_FAILED, uv_strerror(error));
	} else {
		one->attempts++;
	}
}

/* --- the session, which a gateway may have --- */

static void on_upload_claimed(void *context, const char *holder)
{
	struct print_job_one *one = context;

	if (one->stage != PRINT_CLAIMS) {
		return;
	}
	if (!holder) {
		start_upload(one);
		return;
	}
	release(one);
	snprintf(one->held, sizeof(one->held),
		 "its only session in the local network is held by %s, so nothing was sent: wait "
		 "for its end, or have the gateway print it: flagship queue add",
		 holder);
	print_job_conclude(one, COMMAND_REFUSED, one->held);
}

static void claim_session(struct print_job_one *one)
{
	struct print *print = one->all;

	one->stage = PRINT_CLAIMS;
	if (attach_claim_open(&print->live.loop, print->targets.gateway, one->target->serial,
			      on_upload_claimed, one, &one->claim)) {
		print_job_conclude(one, COMMAND_FAILED, "out of memory");
	}
}

/* Whether the printer shows the job that was sent. */
static bool shows_job(const struct print_job_one *one)
{
	const struct printer_job *job = job_of(one);
	bool another = job->task_id[0] != '\0' && strcmp(job->task_id, one->task_before) != 0;

	/* A short one may be over before it is looked at. */
	return job->state_received && strstr(job->name, one->file.name) &&
	       (another || !no_job(job));
}

static void follow(struct print_job_one *one)
{
	const struct printer_job *job = job_of(one);

	if (no_job(job) && job->state != PRINTER_JOB_UNKNOWN) {
		one->job_state = printer_job_state_name(job->state);
		one->detail = job->state == PRINTER_JOB_FINISHED ? "" : "the job was stopped";
		print_job_end(one, job->state == PRINTER_JOB_FINISHED ? CLI_DONE : CLI_FAILED);
	}
}

static void confirm(struct print_job_one *one)
{
	one->outcome = COMMAND_CONFIRMED;
	one->detail = "";
	one->job_state = printer_job_state_name(job_of(one)->state);
	if (one->all->options.wait) {
		one->stage = PRINT_FOLLOWS;
		follow(one);
		return;
	}
	print_job_end(one, CLI_DONE);
}

static void look(struct print_job_one *one)
{
	switch (one->stage) {
	case PRINT_WAITS:
		if (job_of(one)->state_received && no_job(job_of(one))) {
			claim_session(one);
		} else if (job_of(one)->state_received) {
			print_job_conclude(
				one, COMMAND_REFUSED,
				"a job is under way; nothing was sent. flagship wait waits for its "
				"end");
		}
		return;
	case PRINT_CONFIRMS:
		if (shows_job(one)) {
			confirm(one);
		}
		return;
	case PRINT_FOLLOWS:
		follow(one);
		return;
	case PRINT_CLAIMS:
	case PRINT_UPLOADS:
	case PRINT_ENDED:
		return;
	}
}

static void ask_again(struct print_job_one *one, int64_t now_ms)
{
	if (fleet_printer_ready(one->printer) && now_ms - one->asked_ms >= ASK_AGAIN_MS) {
		one->asked_ms = now_ms;
		fleet_ask_status(one->printer);
	}
}

static void tick_one(struct print_job_one *one)
{
	int64_t now_ms = live_monotonic_ms(&one->all->live);

	switch (one->stage) {
	case PRINT_WAITS:
		ask_again(one, now_ms);
		if (now_ms >= one->deadline_ms) {
			int status = live_explain_silence(&one->all->live, one->printer,
							  one->all->targets.timeout_ms);
			one->outcome = COMMAND_UNANSWERED;
			one->detail = "nothing was heard of the printer, so nothing was sent";
			print_job_end(one, status);
		}
		return;
	case PRINT_UPLOADS:
		if (one->retry_ms != 0 && now_ms >= one->retry_ms) {
			start_upload(one);
		}
		return;
	case PRINT_CONFIRMS:
		ask_again(one, now_ms);
		if (now_ms >= one->deadline_ms) {
			print_job_conclude(
				one, COMMAND_ACCEPTED,
				"the printer has the file, but does not show the job: look at its "
				"screen before you send it again");
		}
		return;
	case PRINT_CLAIMS:
	case PRINT_FOLLOWS:
	case PRINT_ENDED:
		return;
	}
}

static struct print_job_one *find_one(struct print *print, const struct fleet_printer *printer)
{
	return &print->jobs[live_target(printer) - print->targets.printers];
}

static void tick(void *context)
{
	struct print *print = context;
	struct fleet_printer *printer = NULL;

	while (!print->live.stopping &&
	       (printer = fleet_next_printer(print->live.fleet, printer))) {
		tick_one(find_one(print, printer));
	}
}

static void on_start(void *context)
{
	struct print *print = context;
	struct fleet_printer *printer = NULL;

	print->started_ms = live_monotonic_ms(&print->live);
	while ((printer = fleet_next_printer(print->live.fleet, printer))) {
		struct print_job_one *one = find_one(print, printer);
		one->printer = printer;
		one->deadline_ms = print->started_ms + print->targets.timeout_ms;
	}
	for (size_t i = 0; i < print->targets.count; i++) {
		if (print->jobs[i].file.refusal[0] != '\0') {
			print_job_conclude(&print->jobs[i], COMMAND_REFUSED,
					   print->jobs[i].file.refusal);
		}
	}
	live_timer_start(&print->live, TIMER_TICK, TICK_MS, TICK_MS, tick);
}

static void on_ready(void *context, struct fleet_printer *printer)
{
	struct print *print = context;

	find_one(print, printer)->asked_ms = live_monotonic_ms(&print->live);
	fleet_ask_status(printer);
}

static void on_payload(void *context, struct fleet_printer *printer, enum flagship_topic_kind kind,
		       const struct channel_payload *payload)
{
	(void)kind;
	(void)payload;
	look(find_one(context, printer));
}

static void on_failed(void *context, struct fleet_printer *printer, int status)
{
	struct print_job_one *one = find_one(context, printer);

	one->outcome = COMMAND_FAILED;
	one->detail = "it cannot be reached over MQTT, so nothing was sent";
	print_job_end(one, status);
}

static void stop_one(struct print_job_one *one)
{
	upload_progress_clear(&one->progress, stderr);
	if (one->upload) {
		lan_upload_cancel(one->upload);
	}
	release(one);
	if (one->stage == PRINT_WAITS || one->stage == PRINT_CLAIMS ||
	    one->stage == PRINT_UPLOADS) {
		one->outcome = COMMAND_FAILED;
		one->detail = "interrupted; nothing is printed";
	}
	if (one->stage != PRINT_ENDED) {
		print_job_write(one);
	}
	one->stage = PRINT_ENDED;
}

static void on_stop(void *context)
{
	struct print *print = context;

	for (size_t i = 0; i < print->targets.count; i++) {
		stop_one(&print->jobs[i]);
	}
}

static const struct live_handlers print_handlers = {
	.on_start = on_start,
	.on_ready = on_ready,
	.on_payload = on_payload,
	.on_failed = on_failed,
	.on_stop = on_stop,
};

static int prepare_one(struct print *print, size_t index)
{
	struct print_job_one *one = &print->jobs[index];
	char label[TARGET_LABEL_MAX];

	one->all = print;
	one->target = &print->targets.printers[index];
	one->file = print->named;
	one->detail = "";
	one->report.result = -1;
	return sent_file_open(&one->file, print->path, one->target->profile,
			      target_label(one->target, label), print->options.force);
}

static int run_live(struct print *print)
{
	print->jobs = calloc(print->targets.count, sizeof(*print->jobs));
	if (!print->jobs) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	print->left = print->targets.count;
	int result = OPTIONS_RUN;
	for (size_t i = 0; result == OPTIONS_RUN && i < print->targets.count; i++) {
		result = prepare_one(print, i);
	}
	if (result == OPTIONS_RUN) {
		result = live_run(&print->live, &print->targets, &print_handlers, print);
	}
	for (size_t i = 0; i < print->targets.count; i++) {
		sent_file_close(&print->jobs[i].file);
	}
	free(print->jobs);
	return result;
}

/* An address is one printer's, and so is a secret. */
static int check_targets(struct print *print)
{
	const struct print_options *own = &print->options;

	if (print->targets.count > 1 && lan_way_is_given(&own->way)) {
		cli_error("--address, --duid and --relay are of one printer: name it with -p");
		return CLI_USAGE;
	}
	return lan_way_relays(&own->way, &print->targets.printers[0], &print->relays);
}

static int print_run(const struct cli_command *command, int argc, char **argv)
{
	struct print print = {.target_options = TARGET_OPTIONS_DEFAULT};
	int result = options_parse(
		command, &argc, argv,
		(void *[]){&print.options, TARGET_PLACES(&print.target_options)});

	if (result == OPTIONS_RUN && argc == 0) {
		cli_error("print wants a file of G-code");
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	output_init(&print.output, stdout);
	print.live.interrupt_status = INTERRUPT_STATUS;
	print.path = argv[0];
	result = sent_file_choose_name(&print.named, print.path, print.options.name);
	if (result == OPTIONS_RUN) {
		result = targets_init(&print.targets, &print.target_options, TARGETS_NAMED);
		if (result == OPTIONS_RUN) {
			result = check_targets(&print);
		}
		if (result == OPTIONS_RUN) {
			result = print_options_rate(&print.options, print.targets.settings,
						    &print.rate);
		}
		if (result == OPTIONS_RUN) {
			result = run_live(&print);
		}
		lan_way_clear(&print.relays);
		targets_finish(&print.targets);
	}
	return result;
}

const struct cli_command print_command = {
	.name = "print",
	.section = "Printing",
	.summary = "send a file to the printer and print it",
	.arguments = "FILE",
	.arguments_max = 1,
	.description =
		"Sends a file of G-code over the local network and prints it, on each printer that "
		"-p\nnames. First a printer is asked over MQTT whether a job is under way: then "
		"nothing is\nsent (exit status 7). It is done once the printer shows that job: "
		"confirmed, 0.\nAccepted (8): it took the file and does not show it. Refused (7): "
		"it said why.\nUnanswered (6): it fell silent. Failed (4): there is no session; it "
		"has only one, which\nan app with the camera open may have. Look at the plate "
		"first: nobody clears it for you.\n\nA printer starts with the end of the file, a "
		"message of its own (END) behind the last\npiece. With --no-start it is never "
		"sent: the file is there, nothing is printed, and some\nfirmware says on its "
		"screen that the transfer failed.",
	.groups = (const struct options_group *const[]){&print_options_group, TARGET_GROUPS, NULL},
	.run = print_run,
};
