/* SPDX-License-Identifier: MIT */
#include "cli/output/print.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/lan/file.h"
#include "cli/lan/progress.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/target/live.h"
#include "cli/target/targets.h"
#include "printer/command/command.h"
#include "transport/lan/upload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* print: a file goes to a printer over the local network, and is printed. */

#define TICK_MS          100
#define ASK_AGAIN_MS     1000
#define CONFIRM_MS       60000 /* from the end of the upload to the job that shows it */
#define RETRY_MS         2000
#define ATTEMPTS_MAX     3
#define RATE_MAX         1000 /* Mbit/s */
#define BITS_A_BYTE      8
#define MEGA             1e6
#define INTERRUPT_STATUS 130
#define TIMER_TICK       0

struct print_options {
	bool no_start;
	const char *name;
	double rate; /* Mbit/s */
	const char *address;
	const char *duid;
	bool wait;
	bool json;
};

static const struct options_option print_table[] = {
	{.name = "no-start",
	 .kind = OPTIONS_FLAG,
	 .help = "only send it: the end of the file, which starts the print, is left out",
	 .offset = offsetof(struct print_options, no_start)},
	{.name = "name",
	 .kind = OPTIONS_TEXT,
	 .value = "NAME",
	 .help = "what the file is called on the printer (its own name)",
	 .offset = offsetof(struct print_options, name)},
	{.name = "rate",
	 .kind = OPTIONS_REAL,
	 .value = "MBITS",
	 .help = "send at most so many Mbit/s; 0 for as fast as it goes (10)",
	 .offset = offsetof(struct print_options, rate),
	 .minimum = 0,
	 .maximum = RATE_MAX},
	{.name = "address",
	 .kind = OPTIONS_TEXT,
	 .value = "ADDRESS",
	 .help = "of the printer on the local network (as stored, else it is searched)",
	 .offset = offsetof(struct print_options, address)},
	{.name = "duid",
	 .kind = OPTIONS_TEXT,
	 .value = "DUID",
	 .help = "its name on the local network (as stored, else whoever is at the address)",
	 .offset = offsetof(struct print_options, duid)},
	{.name = "wait",
	 .kind = OPTIONS_FLAG,
	 .help = "wait until the job is over; the exit status is 0 where it finished",
	 .offset = offsetof(struct print_options, wait)},
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print one JSON object",
	 .offset = offsetof(struct print_options, json)},
};

static const struct options_group print_group = OPTIONS_GROUP("Print", print_table);

enum print_stage {
	PRINT_WAITS,    /* for the printer's state */
	PRINT_UPLOADS,  /* or pauses before it tries again */
	PRINT_CONFIRMS, /* the job is to show */
	PRINT_FOLLOWS,  /* --wait */
	PRINT_ENDED,
};

struct print {
	struct print_options options;
	struct target_options target_options;
	struct targets targets;
	struct live live;
	struct output output;
	struct print_file file;
	struct upload_progress progress;
	struct fleet_printer *printer;
	struct lan_upload *upload;
	enum print_stage stage;
	struct lan_upload_report report;
	bool reported;
	unsigned int attempts;
	int64_t asked_ms;
	int64_t deadline_ms;
	int64_t retry_ms; /* when to try again; 0 where it is not to */
	int64_t started_ms;
	enum command_outcome outcome; /* of the print; accepted once the printer has the file */
	const char *detail;
	char task_before[PRINTER_TASK_ID_MAX]; /* of the job before the upload */
	const char *job_state;                 /* as it was when it was confirmed, or over */
};

static bool no_job(const struct printer_job *job)
{
	return job->state == PRINTER_JOB_IDLE || job->state == PRINTER_JOB_FINISHED ||
	       job->state == PRINTER_JOB_STOPPED || job->state == PRINTER_JOB_UNKNOWN;
}

static const struct printer_job *job_of(const struct print *print)
{
	return &fleet_printer_state(print->printer)->job;
}

static void write_print(const void *context, struct json_writer *writer)
{
	const struct print *print = context;
	const struct target *target = &print->targets.printers[0];

	json_object_begin(writer);
	json_member_string(writer, "serial", target->serial);
	json_member_string(writer, "name", target->name);
	json_member_string(writer, "outcome", command_outcome_name(print->outcome));
	json_member_known(writer, "detail", print->detail);
	json_member_string(writer, "file", print->file.name);
	json_member_int(writer, "size", print->file.size);
	json_member_string(writer, "md5", print->file.md5);
	json_member_string(writer, "job_state", print->job_state);
	json_key(writer, "result");
	if (print->reported && print->report.result >= 0) {
		json_int(writer, print->report.result);
	} else {
		json_null(writer);
	}
	json_member_known(writer, "duid", print->report.duid);
	json_member_int(writer, "attempts", (int64_t)print->attempts);
	json_member_int(writer, "elapsed_ms", live_monotonic_ms(&print->live) - print->started_ms);
	json_object_end(writer);
}

static int exit_status_of(const struct print *print)
{
	switch (print->outcome) {
	case COMMAND_CONFIRMED:
		return CLI_DONE;
	case COMMAND_ACCEPTED:
		return print->options.no_start ? CLI_DONE : CLI_NOT_CONFIRMED;
	case COMMAND_REFUSED:
		return CLI_REFUSED;
	case COMMAND_UNANSWERED:
		return CLI_NO_ANSWER;
	default:
		return print->attempts > 0 ? CLI_CANNOT_CONNECT : CLI_FAILED;
	}
}

static void end_with(struct print *print, int status)
{
	if (print->stage == PRINT_ENDED) {
		return;
	}
	print->stage = PRINT_ENDED;
	upload_progress_clear(&print->progress, stderr);
	const char *label = live_label(print->printer);
	if (print->options.json) {
		(void)json_line_print(write_print, print, print->output.stream);
	} else if (status == CLI_DONE) {
		print_to(stdout, "%s: %s %s\n", label, print->file.name,
			 print->options.no_start ? "is on the printer, and not printed"
						 : print->job_state);
	} else {
		cli_error("printer %s: %s: %s%s%s", label, print->file.name,
			  command_outcome_name(print->outcome), print->detail[0] ? ": " : "",
			  print->detail);
	}
	live_stop(&print->live, status);
}

static void conclude(struct print *print, enum command_outcome outcome, const char *detail)
{
	print->outcome = outcome;
	print->detail = detail;
	end_with(print, exit_status_of(print));
}

static bool on_read(void *context, int64_t position, uint8_t *data, size_t length)
{
	struct print *print = context;

	return print_file_read(&print->file, position, data, length);
}

static void on_progress(void *context, int64_t sent)
{
	struct print *print = context;

	upload_progress_show(&print->progress, stderr, sent, live_monotonic_ms(&print->live));
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
static bool worth_another(const struct print *print, const struct lan_upload_report *report)
{
	if (print->attempts >= ATTEMPTS_MAX) {
		return false;
	}
	return report->result == FLAGSHIP_AABB_RESULT_CHECKSUM_ERROR ||
	       report->result == FLAGSHIP_AABB_RESULT_FRAME_ERROR ||
	       (report->outcome == LAN_UPLOAD_UNANSWERED && report->sent < print->file.size);
}

static void on_upload_end(void *context, const struct lan_upload_report *report)
{
	struct print *print = context;

	print->upload = NULL;
	print->report = *report;
	print->reported = true;
	if (print->stage != PRINT_UPLOADS) {
		return;
	}
	upload_progress_clear(&print->progress, stderr);
	if (report->outcome == LAN_UPLOAD_DONE && !print->options.no_start) {
		print->stage = PRINT_CONFIRMS;
		print->outcome = COMMAND_ACCEPTED;
		print->deadline_ms = live_monotonic_ms(&print->live) + CONFIRM_MS;
		return;
	}
	if (worth_another(print, report)) {
		cli_warn("printer %s: %s; trying again", live_label(print->printer),
			 report->detail);
		print->retry_ms = live_monotonic_ms(&print->live) + RETRY_MS;
		return;
	}
	conclude(print, outcome_of(report), report->detail);
}

static const char *known(const char *text)
{
	return text ? text : "";
}

static void start_upload(struct print *print)
{
	static const struct lan_upload_handlers handlers = {
		.read = on_read, .on_progress = on_progress, .on_end = on_upload_end};
	const struct target *target = &print->targets.printers[0];
	const struct store_printer *stored = target->stored;
	const struct print_options *own = &print->options;
	const struct lan_upload_options options = {
		.link = {.duid = own->duid ? own->duid
				 : stored  ? stored->p2p_did
					   : "",
			 .address = own->address ? own->address
				    : stored     ? stored->address
						 : "",
			 .rate = (uint64_t)llround(own->rate * MEGA / BITS_A_BYTE)},
		.name = print->file.name,
		.size = print->file.size,
		.md5 = print->file.md5,
		.user_name = known(target->user_name),
		.user_id = known(target->user_id),
		.start = !own->no_start,
	};

	print->stage = PRINT_UPLOADS;
	print->retry_ms = 0;
	snprintf(print->task_before, sizeof(print->task_before), "%s", job_of(print)->task_id);
	print->progress = (struct upload_progress){.size = print->file.size,
						   .started_ms = live_monotonic_ms(&print->live)};
	int error = lan_upload_create(&print->live.loop, &options, &handlers, print,
				      &print->upload);
	if (error == UV_EINVAL) {
		conclude(print, COMMAND_FAILED,
			 "it is not known where it is on the local network: flagship lan search "
			 "--save finds it, or give --address, and --duid");
	} else if (error) {
		conclude(print, COMMAND_FAILED, uv_strerror(error));
	} else {
		print->attempts++;
	}
}

/* Whether the printer shows the job that was sent. */
static bool shows_job(const struct print *print)
{
	const struct printer_job *job = job_of(print);
	bool another = job->task_id[0] != '\0' && strcmp(job->task_id, print->task_before) != 0;

	/* A short one may be over before it is looked at. */
	return job->state_received && strstr(job->name, print->file.name) &&
	       (another || !no_job(job));
}

static void follow(struct print *print)
{
	const struct printer_job *job = job_of(print);

	if (no_job(job) && job->state != PRINTER_JOB_UNKNOWN) {
		print->job_state = printer_job_state_name(job->state);
		print->detail = job->state == PRINTER_JOB_FINISHED ? "" : "the job was stopped";
		end_with(print, job->state == PRINTER_JOB_FINISHED ? CLI_DONE : CLI_FAILED);
	}
}

static void confirm(struct print *print)
{
	print->outcome = COMMAND_CONFIRMED;
	print->detail = "";
	print->job_state = printer_job_state_name(job_of(print)->state);
	if (print->options.wait) {
		print->stage = PRINT_FOLLOWS;
		follow(print);
		return;
	}
	end_with(print, CLI_DONE);
}

static void look(struct print *print)
{
	switch (print->stage) {
	case PRINT_WAITS:
		if (job_of(print)->state_received && no_job(job_of(print))) {
			start_upload(print);
		} else if (job_of(print)->state_received) {
			conclude(
				print, COMMAND_REFUSED,
				"a job is under way; nothing was sent. flagship wait waits for its "
				"end");
		}
		return;
	case PRINT_CONFIRMS:
		if (shows_job(print)) {
			confirm(print);
		}
		return;
	case PRINT_FOLLOWS:
		follow(print);
		return;
	case PRINT_UPLOADS:
	case PRINT_ENDED:
		return;
	}
}

static void ask_again(struct print *print, int64_t now_ms)
{
	if (fleet_printer_ready(print->printer) && now_ms - print->asked_ms >= ASK_AGAIN_MS) {
		print->asked_ms = now_ms;
		fleet_ask_status(print->printer);
	}
}

static void tick(void *context)
{
	struct print *print = context;
	int64_t now_ms = live_monotonic_ms(&print->live);

	switch (print->stage) {
	case PRINT_WAITS:
		ask_again(print, now_ms);
		if (now_ms >= print->deadline_ms) {
			int status = live_explain_silence(&print->live, print->printer,
							  print->targets.timeout_ms);
			print->outcome = COMMAND_UNANSWERED;
			print->detail = "nothing was heard of the printer, so nothing was sent";
			end_with(print, status);
		}
		return;
	case PRINT_UPLOADS:
		if (print->retry_ms != 0 && now_ms >= print->retry_ms) {
			start_upload(print);
		}
		return;
	case PRINT_CONFIRMS:
		ask_again(print, now_ms);
		if (now_ms >= print->deadline_ms) {
			conclude(print, COMMAND_ACCEPTED,
				 "the printer has the file, but does not show the job: look at its "
				 "screen before you send it again");
		}
		return;
	case PRINT_FOLLOWS:
	case PRINT_ENDED:
		return;
	}
}

static void on_start(void *context)
{
	struct print *print = context;

	print->printer = fleet_next_printer(print->live.fleet, NULL);
	print->started_ms = live_monotonic_ms(&print->live);
	print->deadline_ms = print->started_ms + print->targets.timeout_ms;
	live_timer_start(&print->live, TIMER_TICK, TICK_MS, TICK_MS, tick);
}

static void on_ready(void *context, struct fleet_printer *printer)
{
	struct print *print = context;

	print->asked_ms = live_monotonic_ms(&print->live);
	fleet_ask_status(printer);
}

static void on_payload(void *context, struct fleet_printer *printer, enum flagship_topic_kind kind,
		       const struct channel_payload *payload)
{
	(void)printer;
	(void)kind;
	(void)payload;
	look(context);
}

static void on_failed(void *context, struct fleet_printer *printer, int status)
{
	struct print *print = context;

	(void)printer;
	print->outcome = COMMAND_FAILED;
	print->detail = "it cannot be reached over MQTT, so nothing was sent";
	end_with(print, status);
}

static void on_stop(void *context)
{
	struct print *print = context;

	upload_progress_clear(&print->progress, stderr);
	if (print->upload) {
		lan_upload_cancel(print->upload);
	}
	if (print->stage == PRINT_WAITS || print->stage == PRINT_UPLOADS) {
		print->outcome = COMMAND_FAILED;
		print->detail = "interrupted; nothing is printed";
	}
	if (print->stage != PRINT_ENDED && print->options.json) {
		(void)json_line_print(write_print, print, print->output.stream);
	}
	print->stage = PRINT_ENDED;
}

static const struct live_handlers print_handlers = {
	.on_start = on_start,
	.on_ready = on_ready,
	.on_payload = on_payload,
	.on_failed = on_failed,
	.on_stop = on_stop,
};

static int print_run(const struct cli_command *command, int argc, char **argv)
{
	struct print print = {.options = {.rate = LAN_UPLOAD_RATE * BITS_A_BYTE / MEGA},
			      .target_options = TARGET_OPTIONS_DEFAULT,
			      .file = {.descriptor = -1},
			      .detail = ""};
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
	result = print_file_open(&print.file, argv[0], print.options.name);
	if (result == OPTIONS_RUN) {
		result = targets_init(&print.targets, &print.target_options, TARGETS_ONE);
		if (result == OPTIONS_RUN) {
			result = live_run(&print.live, &print.targets, &print_handlers, &print);
		}
		targets_finish(&print.targets);
	}
	print_file_close(&print.file);
	return result;
}

const struct cli_command print_command = {
	.name = "print",
	.section = "Printing",
	.summary = "send a file to the printer and print it",
	.arguments = "FILE",
	.arguments_max = 1,
	.description =
		"Sends a file of G-code over the local network and prints it. First the printer is "
		"asked\nover MQTT whether a job is under way: then nothing is sent (exit status "
		"7). "
		"It is done\nonce the printer shows that job: confirmed, 0. Accepted (8): it took "
		"the file and does\nnot show it. Refused (7): it said why. Unanswered (6): it fell "
		"silent. Failed (4):\nthere is no session; it has only one, which an app with the "
		"camera open may have.\nLook at the plate first: nobody clears it for you.",
	.groups = (const struct options_group *const[]){&print_group, TARGET_GROUPS, NULL},
	.run = print_run,
};
