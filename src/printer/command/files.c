/* SPDX-License-Identifier: MIT */
#include "printer/command/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Commands that need to know which files the printer has (protocol.md 3.6). Their first step, 1009,
 * is planned anew for each page. What follows from the list is planned only then: 1010 and 1008 of
 * a start, 1032 of a delete. No file is started but the one that was named: its path must be in the
 * list, and the printer must have said by 1044 that it has loaded exactly this path.
 */
#define PAGE_FILES   47 /* as the vendor's app asks */
#define PAGES_MAX    64
#define TYPE_SELECT  0
#define SELECT_MS    INT64_C(14000) /* for the 1044 that follows a selection */
#define BOARD_FOLDER "/usr/data/local/"
#define USB_FOLDER   "/tmp/udisk"

enum {
	STEP_LIST,
	STEP_SELECT, /* of a start; of a delete it is 1032 */
	STEP_START,
};

static void decide(struct command *command, enum command_outcome outcome, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void decide(struct command *command, enum command_outcome outcome, const char *format, ...)
{
	struct command_search *search = &command->search;
	va_list arguments;

	search->is_decided = true;
	search->outcome = outcome;
	va_start(arguments, format);
	vsnprintf(search->detail, sizeof(search->detail), format, arguments);
	va_end(arguments);
}

static void decide_error(struct command *command, int error)
{
	decide(command, COMMAND_FAILED, "cannot send it: %s", flagship_strerror(error));
}

static int build_list(const struct command *command, char *json, size_t capacity, size_t *length)
{
	struct flagship_message message;
	struct flagship_file_list_request *list = &message.as.file_list_request;
	const struct command_search *search = &command->search;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_FILE_LIST_REQUEST);
	list->present = FLAGSHIP_FILE_LIST_REQUEST_HAS_VALUE |
			FLAGSHIP_FILE_LIST_REQUEST_HAS_IS_FIRST |
			FLAGSHIP_FILE_LIST_REQUEST_HAS_INDEX |
			FLAGSHIP_FILE_LIST_REQUEST_HAS_COUNT |
			FLAGSHIP_FILE_LIST_REQUEST_HAS_USER_ID;
	list->value = search->place;
	list->is_first = search->index == 1;
	list->index = search->index;
	list->count = PAGE_FILES;
	list->user_id = flagship_text_from(plan_user_id(&command->request));
	return flagship_message_build(&message, FLAGSHIP_DIRECTION_COMMAND, json, capacity, length);
}

static int build_select(const struct command *command, const char *path, char *json,
			size_t capacity, size_t *length)
{
	struct flagship_message message;
	struct flagship_gcode_file_request *file = &message.as.gcode_file_request;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_GCODE_FILE_REQUEST);
	file->present = FLAGSHIP_GCODE_FILE_REQUEST_HAS_FILE_PATH |
			FLAGSHIP_GCODE_FILE_REQUEST_HAS_FILE_TYPE |
			FLAGSHIP_GCODE_FILE_REQUEST_HAS_USER_ID;
	file->file_path = flagship_text_from(path);
	file->file_type = TYPE_SELECT;
	file->user_id = flagship_text_from(plan_user_id(&command->request));
	return flagship_message_build(&message, FLAGSHIP_DIRECTION_COMMAND, json, capacity, length);
}

static int build_delete(const char *path, char *json, size_t capacity, size_t *length)
{
	struct flagship_message message;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_DELETE_GCODE_FILE);
	message.as.delete_gcode_file.present = FLAGSHIP_DELETE_GCODE_FILE_HAS_FILE_PATH;
	message.as.delete_gcode_file.file_path = flagship_text_from(path);
	return flagship_message_build(&message, FLAGSHIP_DIRECTION_COMMAND, json, capacity, length);
}

static void add_list(struct plan *plan)
{
	int error = build_list(plan->command, plan->json, sizeof(plan->json), &plan->length);

	plan_add_built(plan, FLAGSHIP_MESSAGE_FILE_LIST_REQUEST, error)->repeatable = true;
}

/* Its place, so that no other command takes its type meanwhile. */
static struct command_step *add_later(struct plan *plan, int64_t type)
{
	plan->length = 0;
	struct command_step *step = plan_add_built(plan, type, 0);

	step->later = true;
	return step;
}

static bool is_path(const char *text)
{
	return text[0] == '/';
}

static void begin_search(struct plan *plan, enum file_place place)
{
	plan->command->search.place = place;
	plan->command->search.index = 1;
	add_list(plan);
}

void plan_files(struct plan *plan)
{
	begin_search(plan, plan->command->request.value == FILE_PLACE_USB ? FILE_PLACE_USB
									  : FILE_PLACE_BOARD);
}

static bool has_prefix(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

static enum file_place first_place(const char *text)
{
	return has_prefix(text, USB_FOLDER) ? FILE_PLACE_USB : FILE_PLACE_BOARD;
}

/* A path tells by its folder where it is to be found, a name does not. */
static bool has_one_place(const char *text)
{
	return has_prefix(text, USB_FOLDER) || has_prefix(text, BOARD_FOLDER);
}

void plan_start(struct plan *plan)
{
	begin_search(plan, first_place(plan->command->request.text));
	plan->command->steps[STEP_LIST].prepares = true;
	add_later(plan, FLAGSHIP_MESSAGE_GCODE_FILE_REQUEST)->prepares = true;
	add_later(plan, FLAGSHIP_MESSAGE_PRINT_CONTROL);
}

/* Listing would disturb a job; what is named is deleted unseen then. */
static bool may_list(const struct printer_state *state)
{
	const struct printer_job *job = &state->job;

	return job->state_received &&
	       (job->state == PRINTER_JOB_IDLE || job->state == PRINTER_JOB_FINISHED ||
		job->state == PRINTER_JOB_STOPPED);
}

/* Once: the second one would be refused where the first was done and its reply lost. */
void plan_delete(struct plan *plan)
{
	const char *text = plan->command->request.text;

	if (may_list(plan->engine->state)) {
		begin_search(plan, first_place(text));
		plan->command->steps[STEP_LIST].prepares = true;
		add_later(plan, FLAGSHIP_MESSAGE_DELETE_GCODE_FILE);
		return;
	}
	int error = build_delete(text, plan->json, sizeof(plan->json), &plan->length);
	plan_add_built(plan, FLAGSHIP_MESSAGE_DELETE_GCODE_FILE, error);
}

static void fill(struct command *command, size_t index, int error, const char *json, size_t length)
{
	struct command_step *step = &command->steps[index];
	char *copy = error == 0 ? malloc(length + 1) : NULL;

	if (!copy) {
		decide_error(command, error != 0 ? error : FLAGSHIP_ERROR_MEMORY);
		return;
	}
	memcpy(copy, json, length + 1);
	free(step->json);
	step->json = copy;
	step->length = length;
	step->later = false;
}

static void ask_page(struct command *command)
{
	struct command_step *step = &command->steps[STEP_LIST];
	struct command_search *search = &command->search;
	char json[PLAN_JSON_MAX];
	size_t length;
	int error = build_list(command, json, sizeof(json), &length);

	fill(command, STEP_LIST, error, json, length);
	step->stage = STEP_WAITING;
	step->attempts = 0;
	step->replies = 0;
	step->received = false;
	step->other_type = false;
	step->has_reply = false;
	step->reply = 0;
	search->page = (struct file_page){0};
}

static void ask_place(struct command *command, enum file_place place)
{
	struct command_search *search = &command->search;

	search->place = place;
	search->index = 1;
	search->by_file = false;
	search->pages = 0;
	search->reported = false;
	search->changed_place = true;
	ask_page(command);
}

/*
 * `index` is a page or a file, nobody knows. It is taken for a page until an answer begins with a
 * file that is known: then it counts files, or is of no effect, and what is new decides.
 */
static bool ask_next_page(struct command *command)
{
	struct command_search *search = &command->search;

	if (search->page.files < PAGE_FILES || search->page.fresh == 0 ||
	    ++search->pages >= PAGES_MAX) {
		return false;
	}
	search->by_file = search->by_file || search->page.first_known;
	search->index = search->by_file ? (int64_t)search->place_files + 1 : search->index + 1;
	ask_page(command);
	return true;
}

static void select_file(struct command *command, const char *path)
{
	char json[PLAN_JSON_MAX];
	size_t length;
	int error;

	command->search.path = path;
	if (command->request.kind == COMMAND_DELETE) {
		error = build_delete(path, json, sizeof(json), &length);
		fill(command, STEP_SELECT, error, json, length);
		return;
	}
	error = build_select(command, path, json, sizeof(json), &length);
	fill(command, STEP_SELECT, error, json, length);
	command->steps[STEP_SELECT].repeatable = true;
	command->steps[STEP_SELECT].insists = true;
}

static void decide_absent(struct command *command)
{
	const char *text = command->request.text;
	const char *undone = command->request.kind == COMMAND_START ? "started" : "deleted";

	if (!command->search.reports[FILE_PLACE_BOARD] &&
	    !command->search.reports[FILE_PLACE_USB]) {
		decide(command, COMMAND_UNANSWERED,
		       "the printer did not tell which files it has; nothing was %s", undone);
	} else if (command->search.incomplete) {
		decide(command, COMMAND_UNANSWERED,
		       "%s is not among the files that the printer told of, but it did not tell "
		       "all; nothing was %s",
		       text, undone);
	} else {
		decide(command, COMMAND_REFUSED,
		       "there is no file %s on the printer; flagship files and flagship files "
		       "--usb list those that it has",
		       text);
	}
}

static enum file_place other_place(enum file_place place)
{
	return place == FILE_PLACE_USB ? FILE_PLACE_BOARD : FILE_PLACE_USB;
}

/* The list of a place is there, or will not come. */
static void look_up(struct command *command)
{
	struct command_search *search = &command->search;
	const char *text = command->request.text;
	const struct listed_file *file = file_list_find(&search->list, text, !is_path(text));

	if (file) {
		select_file(command, file->path);
	} else if (!search->changed_place && !has_one_place(text)) {
		ask_place(command, other_place(search->place));
	} else if (command->request.kind == COMMAND_DELETE && is_path(text) &&
		   !search->reports[search->place]) {
		select_file(command, text);
	} else {
		decide_absent(command);
	}
}

static void end_list(struct command *command)
{
	struct command_search *search = &command->search;
	const struct command_step *step = &command->steps[STEP_LIST];

	/* Any answer without a list says that there is no stick; on board it says nothing. */
	bool no_stick = search->place == FILE_PLACE_USB && step->received;

	search->reports[search->place] = search->reported || no_stick;
	search->incomplete = search->incomplete || search->list.truncated ||
			     !search->reports[search->place] ||
			     (search->reported && !search->page.reported);
	if (command->request.kind != COMMAND_FILES) {
		look_up(command);
	} else if (!search->reported && step->received && step->reply == 0) {
		decide(command, COMMAND_ACCEPTED,
		       "the printer took the question, but told no list of files");
	} else if (search->reported && search->incomplete) {
		decide(command, COMMAND_UNANSWERED,
		       "the printer did not tell all of its files: %zu are known",
		       search->list.count);
	} else {
		search->is_listed = true;
	}
}

static bool has_step_ended(const struct command_step *step)
{
	return step->stage != STEP_WAITING && step->stage != STEP_SENT;
}

static bool advance_list(struct command *command)
{
	if (!has_step_ended(&command->steps[STEP_LIST]) || command->search.is_listed ||
	    command->search.path) {
		return false;
	}
	if (!ask_next_page(command)) {
		end_list(command);
	}
	return true;
}

static int64_t select_ends_ms(const struct command *command)
{
	int64_t wait_ms = command->limited ? command->answer_ms : SELECT_MS;

	return command->steps[STEP_SELECT].sent_ms + wait_ms;
}

static void start_file(const struct command_engine *engine, struct command *command)
{
	struct command_step *select = &command->steps[STEP_SELECT];
	char json[PLAN_JSON_MAX];
	size_t length;
	int error = plan_start_json(&command->request, command->search.path, json, sizeof(json),
				    &length);

	fill(command, STEP_START, error, json, length);
	/* Its reply may still come, and says nothing. */
	select->insists = false;
	select->settle_ms = engine->now_ms;
	command_goal_set(&command->goal, GOAL_BEGUN, 0, engine);
	command->goal.file = file_path_base(command->search.path);
	command->begun_ms = engine->now_ms;
	command->probe_ms = engine->now_ms + COMMAND_PROBE_AFTER_MS;
}

static bool advance_select(const struct command_engine *engine, struct command *command)
{
	struct command_search *search = &command->search;
	const struct command_step *select = &command->steps[STEP_SELECT];

	if (!command->steps[STEP_START].later || select->attempts == 0) {
		return false;
	}
	if (search->is_loaded) {
		start_file(engine, command);
	} else if (select->has_reply && select->reply != 0) {
		decide(command, COMMAND_REFUSED,
		       "the printer does not open %s: reply %lld; nothing was started",
		       search->path, (long long)select->reply);
	} else if (engine->now_ms < select_ends_ms(command)) {
		return false;
	} else if (search->loaded_other[0] != '\0') {
		decide(command, COMMAND_UNANSWERED,
		       "the printer loaded %s in place of %s; nothing was started",
		       search->loaded_other, search->path);
	} else {
		decide(command, COMMAND_UNANSWERED,
		       "the printer did not say that it has loaded %s; nothing was started",
		       search->path);
	}
	return true;
}

bool command_files_advance(const struct command_engine *engine, struct command *command)
{
	if (command->step_count == 0 || command->search.is_decided ||
	    command->steps[STEP_LIST].type != FLAGSHIP_MESSAGE_FILE_LIST_REQUEST ||
	    (command->request.kind != COMMAND_FILES && command->request.kind != COMMAND_START &&
	     command->request.kind != COMMAND_DELETE)) {
		return false;
	}
	bool changed = advance_list(command);
	if (command->request.kind == COMMAND_START && command->search.path &&
	    !command->search.is_decided) {
		changed = advance_select(engine, command) || changed;
	}
	return changed;
}

int64_t command_files_due_ms(const struct command *command)
{
	bool selects = command->request.kind == COMMAND_START && command->search.path &&
		       command->steps[STEP_START].later && command->steps[STEP_SELECT].attempts > 0;

	return selects ? select_ends_ms(command) : COMMAND_NOT_DUE_MS;
}

bool command_files_take(struct command *command, const struct flagship_message *reply)
{
	struct command_search *search = &command->search;
	struct file_page page;
	int error = file_list_add(&search->list, search->place, reply->json, &page);

	if (error) {
		decide_error(command, error);
	}
	if (!page.reported) {
		return false;
	}
	if (!search->page.reported) {
		search->page.first_known = page.first_known;
	}
	search->page.reported = true;
	search->page.files += page.files;
	search->page.fresh += page.fresh;
	search->place_files += page.fresh;
	search->reported = true;
	return true;
}

void command_files_receive(struct command *command, const struct flagship_message *message)
{
	struct command_search *search = &command->search;
	const struct flagship_preview_image_url *preview = &message->as.preview_image_url;

	if (message->type != FLAGSHIP_MESSAGE_PREVIEW_IMAGE_URL || !search->path ||
	    command->request.kind != COMMAND_START || command->steps[STEP_SELECT].attempts == 0 ||
	    !(preview->present & FLAGSHIP_PREVIEW_IMAGE_URL_HAS_FILE_PATH)) {
		return;
	}
	if (flagship_text_equals(preview->file_path, search->path)) {
		search->is_loaded = true;
	} else {
		flagship_text_copy(preview->file_path, search->loaded_other,
				   sizeof(search->loaded_other));
	}
}
