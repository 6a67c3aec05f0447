/* SPDX-License-Identifier: MIT */
#include "fleet/service.h"
#include "gateway/moonraker/internal.h"
#include "printer/state/file_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPTS_MAX 256
#define ASKER_SIZE  SERVICE_ASKER_MAX
#define TEXT_SIZE   (COMMAND_DETAIL_MAX + 128)

/* What is waited for. */
enum stage {
	STAGE_LINE,  /* a command, after which the next line follows */
	STAGE_BOARD, /* which files lie on the printer */
	STAGE_USB,
	STAGE_STOP, /* of an emergency: then heaters off */
};

/* Lines of G-code, or one command, from beginning to end. */
struct script {
	struct list place;
	struct moonraker *moonraker;
	struct moonraker_printer *printer;
	struct moonraker_call *call;
	enum stage stage;
	uint64_t command;          /* that is waited for; 0: none */
	int homes;                 /* axes that it homes */
	struct queueing *queueing; /* that is waited for; NULL: none */
	struct file_list files;
	char name[GCODE_TEXT_SIZE]; /* of the file to start */
	int code;                   /* with which it ended; 0: well */
	char reason[TEXT_SIZE];
	bool commanded; /* something, that the history has to have before it is answered */
	size_t at;
	size_t length;
	char text[];
};

/* What the queue is asked for. */
struct queueing {
	struct script *script; /* NULL: gone */
};

static void run_lines(struct script *script);

/* --- begin and end --- */

static struct script *begin(struct moonraker_call *call, const char *text, size_t length)
{
	size_t count = 0;

	for (struct list *at = call->moonraker->scripts.next; at != &call->moonraker->scripts;
	     at = at->next) {
		count++;
	}
	struct script *script = count < SCRIPTS_MAX ? calloc(1, sizeof(*script) + length + 1)
						    : NULL;
	if (!script) {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "too many commands go on");
		return NULL;
	}
	script->moonraker = call->moonraker;
	script->printer = call->printer;
	script->call = call;
	script->length = length;
	memcpy(script->text, text, length);
	list_insert(&script->moonraker->scripts, &script->place);
	moonraker_keep(call);
	return script;
}

static struct moonraker_call *end(struct script *script)
{
	struct moonraker_call *call = script->call;

	list_remove(&script->place);
	if (script->queueing) {
		script->queueing->script = NULL;
	}
	file_list_finish(&script->files);
	free(script);
	return call;
}

/* What was answered is never missing in the history. */
static void on_kept(void *context)
{
	struct script *script = context;
	char reason[TEXT_SIZE];
	int code = script->code;

	memcpy(reason, script->reason, sizeof(reason));
	struct moonraker_call *call = end(script);
	if (code) {
		moonraker_fail(call, code, "%s", reason);
	} else {
		moonraker_answer_ok(call);
	}
}

static void finish_script(struct script *script)
{
	if (script->commanded) {
		history_await(script->moonraker->options.history, on_kept, script);
	} else {
		on_kept(script);
	}
}

static void fail(struct script *script, int code, const char *text)
{
	char line[TEXT_SIZE];
	int length = snprintf(line, sizeof(line), "!! %s", text);

	if (script->printer->printer) {
		moonraker_respond_gcode(script->printer, line,
					(size_t)length < sizeof(line) ? (size_t)length
								      : sizeof(line) - 1);
	}
	script->code = code;
	snprintf(script->reason, sizeof(script->reason), "%s", text);
	finish_script(script);
}

/* --- one command --- */

static void take_end(struct script *script, const struct command_report *report);

static void submit(struct script *script, struct command_request *request, enum stage stage)
{
	struct service *service = gateway_printers_commands(script->moonraker->options.printers);
	char asker[ASKER_SIZE];
	uint64_t id;

	snprintf(asker, sizeof(asker), "moonraker: %s", script->call->client);
	gateway_printers_fill_request(script->printer->printer, request);
	script->stage = stage;
	script->commanded = true;
	script->homes = request->kind == COMMAND_HOME ? (int)request->value : 0;
	const struct service_request own = {
		.printer = script->printer->printer, .command = request, .asker = asker};
	int error = service_submit(service, &own, &id);
	const struct service_command *command = error ? NULL : service_find(service, id);

	if (!command) {
		fail(script, MOONRAKER_BROKEN, "out of memory");
	} else if (command->over) {
		take_end(script, &command->report);
	} else {
		script->command = id;
	}
}

static int code_of(enum command_outcome outcome)
{
	return outcome == COMMAND_REFUSED      ? MOONRAKER_BAD_REQUEST
	       : outcome == COMMAND_UNANSWERED ? MOONRAKER_TIMEOUT
					       : MOONRAKER_UNAVAILABLE;
}

static void fail_by_report(struct script *script, const struct command_report *report)
{
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), "%s: %s",
		 script->printer->printer ? moonraker_printer_name(script->printer)
					  : script->printer->serial,
		 report->detail);
	fail(script, code_of(report->outcome), text);
}

static void note_homed(struct moonraker_printer *printer, int axes)
{
	static const char letters[] = "xyz";
	size_t length = 0;
	char homed[sizeof(printer->homed)];

	for (int i = 0; letters[i] != '\0'; i++) {
		if ((axes & (1 << i)) != 0 || strchr(printer->homed, letters[i])) {
			homed[length++] = letters[i];
		}
	}
	homed[length] = '\0';
	memcpy(printer->homed, homed, sizeof(homed));
	moonraker_touch(printer);
}

static void show_report(const struct script *script, const struct command_report *report)
{
	struct moonraker_printer *printer = script->printer;
	char line[TEXT_SIZE];

	if (report->text_length > 0) {
		moonraker_respond_gcode(printer, report->text, report->text_length);
	} else if (report->outcome == COMMAND_ACCEPTED && report->effect_expected) {
		int length = snprintf(line, sizeof(line), "// %s", report->detail);

		moonraker_respond_gcode(printer, line,
					(size_t)length < sizeof(line) ? (size_t)length
								      : sizeof(line) - 1);
	}
}

/* --- starting a file that lies on the printer --- */

static void ask_start(struct script *script, const char *path)
{
	struct command_request request = {.kind = COMMAND_START, .text = path};

	submit(script, &request, STAGE_LINE);
}

static void ask_files(struct script *script, enum stage stage)
{
	struct command_request request = {.kind = COMMAND_FILES, .value = stage == STAGE_BOARD};

	submit(script, &request, stage);
}

static void on_queued(void *context, enum queue_result result, const struct queue_entry *entry,
		      const char *detail)
{
	struct queueing *queueing = context;
	struct script *script = queueing->script;

	(void)entry;
	free(queueing);
	if (!script) {
		return;
	}
	script->queueing = NULL;
	if (result == QUEUE_DONE) {
		run_lines(script);
	} else {
		fail(script, result == QUEUE_BROKEN ? MOONRAKER_UNAVAILABLE : MOONRAKER_CONFLICT,
		     detail);
	}
}

/* NULL: the script failed. */
static struct queueing *begin_queueing(struct script *script)
{
	struct queueing *queueing = calloc(1, sizeof(*queueing));

	if (!queueing) {
		fail(script, MOONRAKER_BROKEN, "out of memory");
		return NULL;
	}
	queueing->script = script;
	script->queueing = queueing;
	return queueing;
}

static void clear_plate(struct script *script)
{
	static const struct queue_plate_change clear = {.clear = 1, .auto_clear = -1};
	struct queue *queue = script->moonraker->options.queue;
	struct queueing *queueing = queue ? begin_queueing(script) : NULL;

	if (queueing) {
		queue_set_plate(queue, script->printer->serial, &clear, on_queued, queueing);
	} else if (!queue) {
		fail(script, MOONRAKER_UNAVAILABLE, MOONRAKER_NO_QUEUE);
	}
}

/* To the front of the printer's queue. */
static void queue_file(struct script *script, const struct files_entry *entry)
{
	struct queueing *queueing = begin_queueing(script);
	char asker[QUEUE_ASKER_SIZE];

	if (!queueing) {
		return;
	}
	snprintf(asker, sizeof(asker), "moonraker: %.100s", script->call->client);
	const struct queue_request request = {
		.serial = script->printer->serial,
		.path = entry->path,
		.hash = entry->hash,
		.asker = asker,
		.copies = 1,
		.front = true,
	};
	queue_add(script->moonraker->options.queue, &request, on_queued, queueing);
}

static void start_file(struct script *script, const char *name)
{
	struct queue *queue = script->moonraker->options.queue;
	const struct files *files = script->moonraker->options.files;
	const struct files_entry *entry = files ? files_find(files, name) : NULL;
	char text[TEXT_SIZE];

	if (entry && !entry->is_folder && queue &&
	    !queue_lacks_sender(queue, script->printer->serial)) {
		queue_file(script, entry);
	} else if (entry && !entry->is_folder) {
		snprintf(text, sizeof(text),
			 "%.200s was uploaded here, and %.200s has no LAN connection, by which it "
			 "would be sent to it: it cannot be printed from here yet",
			 name, moonraker_printer_name(script->printer));
		fail(script, MOONRAKER_CONFLICT, text);
	} else if (name[0] == '/') {
		ask_start(script, name);
	} else {
		snprintf(script->name, sizeof(script->name), "%s", name);
		ask_files(script, STAGE_BOARD);
	}
}

static void take_files(struct script *script)
{
	const struct listed_file *file = file_list_find(&script->files, script->name, true);
	char text[TEXT_SIZE];

	if (file) {
		char path[GCODE_TEXT_SIZE];

		snprintf(path, sizeof(path), "%s", file->path);
		ask_start(script, path);
	} else if (script->stage == STAGE_BOARD) {
		ask_files(script, STAGE_USB);
	} else {
		snprintf(text, sizeof(text),
			 "there is no file '%.200s', neither uploaded here nor on %.200s",
			 script->name, moonraker_printer_name(script->printer));
		fail(script, MOONRAKER_NOT_FOUND, text);
	}
}

void moonraker_on_reply(void *context, struct fleet_printer *printer, uint64_t command,
			const struct flagship_message *message)
{
	struct moonraker *moonraker = context;
	struct file_page page;

	(void)printer;
	for (struct list *at = moonraker->scripts.next; at != &moonraker->scripts; at = at->next) {
		struct script *script = LIST_OF(at, struct script, place);

		if (script->command == command &&
		    (script->stage == STAGE_BOARD || script->stage == STAGE_USB)) {
			(void)file_list_add(&script->files,
					    script->stage == STAGE_BOARD ? FILE_PLACE_BOARD
									 : FILE_PLACE_USB,
					    message->json, &page);
		}
	}
}

/* --- emergency --- */

static void stop_all(struct script *script)
{
	const struct printer_state *state = moonraker_state(script->printer);
	bool job = status_has_job(state) || !status_has_heaters(state);
	struct command_request request = {.kind = job ? COMMAND_STOP : COMMAND_COOLDOWN};

	submit(script, &request, job && status_has_heaters(state) ? STAGE_STOP : STAGE_LINE);
}

static void cool_down(struct script *script)
{
	struct command_request request = {.kind = COMMAND_COOLDOWN};

	submit(script, &request, STAGE_LINE);
}

/* --- one after the other --- */

static void show_help(struct moonraker_printer *printer)
{
	char text[GCODE_HELP_SIZE];
	size_t length = gcode_help_text(status_has_heaters(moonraker_state(printer)), text);

	moonraker_respond_gcode(printer, text, length);
}

static bool run_action(struct script *script, struct gcode_action *action)
{
	switch (action->kind) {
	case GCODE_NOTHING:
		moonraker_touch(script->printer);
		return true;
	case GCODE_MESSAGE:
		memcpy(script->printer->message, action->text, sizeof(action->text));
		moonraker_touch(script->printer);
		return true;
	case GCODE_HELP:
		show_help(script->printer);
		return true;
	case GCODE_COMMAND:
		action->request.text = action->text;
		submit(script, &action->request, STAGE_LINE);
		return false;
	case GCODE_PLATE:
		clear_plate(script);
		return false;
	case GCODE_START:
		start_file(script, action->text);
		return false;
	case GCODE_EMERGENCY:
		stop_all(script);
		return false;
	default:
		fail(script, MOONRAKER_BAD_REQUEST, action->reason);
		return false;
	}
}

/* Until something has to be awaited. The script may be gone afterwards. */
static void run_lines(struct script *script)
{
	struct gcode_action action;

	while (script->at < script->length) {
		const char *line = script->text + script->at;
		const char *newline = memchr(line, '\n', script->length - script->at);
		size_t length = newline ? (size_t)(newline - line) : script->length - script->at;

		script->at += length + (newline != NULL);
		gcode_read_line(line, length, &script->printer->modes, &action);
		if (!run_action(script, &action)) {
			return;
		}
	}
	finish_script(script);
}

static void take_end(struct script *script, const struct command_report *report)
{
	bool good = report->outcome == COMMAND_CONFIRMED || report->outcome == COMMAND_ACCEPTED;

	script->command = 0;
	if (!good || !script->printer->printer) {
		fail_by_report(script, report);
		return;
	}
	show_report(script, report);
	if (script->homes) {
		note_homed(script->printer, script->homes);
	}
	switch (script->stage) {
	case STAGE_BOARD:
	case STAGE_USB:
		take_files(script);
		break;
	case STAGE_STOP:
		cool_down(script);
		break;
	default:
		run_lines(script);
		break;
	}
}

void moonraker_on_done(void *context, struct fleet_printer *printer,
		       const struct command_report *report)
{
	struct moonraker *moonraker = context;

	(void)printer;
	for (struct list *at = moonraker->scripts.next; at != &moonraker->scripts; at = at->next) {
		struct script *script = LIST_OF(at, struct script, place);

		if (script->command == report->id) {
			take_end(script, report);
			return;
		}
	}
}

/* --- for methods --- */

static bool too_many_lines(const char *text, size_t length)
{
	size_t count = 1;

	for (size_t i = 0; i < length; i++) {
		count += text[i] == '\n';
	}
	return count > MOONRAKER_SCRIPT_MAX;
}

void moonraker_run_script(struct moonraker_call *call, const char *text, size_t length)
{
	if (too_many_lines(text, length)) {
		moonraker_fail(call, MOONRAKER_BAD_REQUEST,
			       "a script has at most %d lines: what is longer belongs in a file",
			       MOONRAKER_SCRIPT_MAX);
		return;
	}
	moonraker_store_line(call->printer, text, length, false);
	struct script *script = begin(call, text, length);
	if (script) {
		run_lines(script);
	}
}

void moonraker_run_command(struct moonraker_call *call, const struct command_request *request)
{
	struct command_request own = *request;
	struct script *script = begin(call, "", 0);

	if (script) {
		submit(script, &own, STAGE_LINE);
	}
}

void moonraker_run_start(struct moonraker_call *call, const char *name)
{
	struct script *script = begin(call, "", 0);

	if (script) {
		start_file(script, name);
	}
}

void moonraker_run_emergency(struct moonraker_call *call)
{
	struct script *script = begin(call, "", 0);

	if (script) {
		stop_all(script);
	}
}

bool moonraker_has_script(const struct moonraker_printer *printer)
{
	const struct list *head = &printer->moonraker->scripts;

	for (const struct list *at = head->next; at != head; at = at->next) {
		if (LIST_OF(at, struct script, place)->printer == printer) {
			return true;
		}
	}
	return false;
}

void moonraker_end_scripts(struct moonraker *moonraker)
{
	struct list *next;

	for (struct list *at = moonraker->scripts.next; at != &moonraker->scripts; at = next) {
		struct script *script = LIST_OF(at, struct script, place);

		next = at->next;
		history_forget_waiting(moonraker->options.history, script);
		moonraker_fail(end(script), MOONRAKER_UNAVAILABLE,
			       "the gateway ends; what became of the command is not known");
	}
}
