/* SPDX-License-Identifier: MIT */
#include "simulator/printer/job_commands.h"

#include "simulator/printer/virtual_printer.h"

#include <string.h>

/* `value` of 1008 in the vendor's form. */
#define VENDOR_AGAIN  0
#define VENDOR_START  1
#define VENDOR_PAUSE  2
#define VENDOR_RESUME 3
#define VENDOR_STOP   4

/* In the form that was observed on an M5C. */
#define OBSERVED_STOP   0
#define OBSERVED_PAUSE  1
#define OBSERVED_RESUME 2

/* `reply` of 1008. */
#define REPLY_NO_FILE     3
#define REPLY_PRINTING    4
#define REPLY_NO_MODE     5
#define REPLY_BAD_COMMAND 6

#define TYPE_ONLY_TELL    1 /* of 1010 */
#define PAGE_ALL          SIZE_MAX

static bool is_busy_with_job(const struct virtual_printer *printer)
{
	return print_job_is_active(&printer->job);
}

/* --- 1008 as observed --- */

static bool names_the_job(const struct virtual_printer *printer,
			  const struct flagship_print_control *control)
{
	uint32_t both = FLAGSHIP_PRINT_CONTROL_HAS_USER_NAME | FLAGSHIP_PRINT_CONTROL_HAS_FILE_PATH;

	return (control->present & both) == both && control->user_name.length > 0 &&
	       flagship_text_equals(control->file_path, printer->job.name);
}

/* 1008 and M2024 stop a job together, in either order; neither does alone. */
void job_commands_stop_where_asked_twice(struct virtual_printer *printer)
{
	if (printer->job.stop_asked && printer->machine.abort_requested) {
		(void)print_job_stop(&printer->job, &printer->machine);
	}
}

/* Acknowledged whatever comes of it, as by the real printer: the only proof is the state. */
static int control_observed(struct virtual_printer *printer,
			    const struct flagship_print_control *control)
{
	if (control->value == OBSERVED_PAUSE && names_the_job(printer, control)) {
		(void)print_job_pause(&printer->job);
	} else if (control->value == OBSERVED_RESUME && names_the_job(printer, control)) {
		(void)print_job_resume(&printer->job);
	} else if (control->value == OBSERVED_STOP &&
		   control->present == FLAGSHIP_PRINT_CONTROL_HAS_VALUE) {
		printer->job.stop_asked = is_busy_with_job(printer);
		job_commands_stop_where_asked_twice(printer);
	}
	return REPLY_TAKEN;
}

/* --- 1008 as the vendor's app sends it --- */

static int again(struct virtual_printer *printer)
{
	if (is_busy_with_job(printer)) {
		return REPLY_PRINTING;
	}
	if (!printer->loaded) {
		return REPLY_NO_FILE;
	}
	(void)virtual_printer_start_job(printer);
	return REPLY_TAKEN;
}

static int start(struct virtual_printer *printer, const struct flagship_print_control *control)
{
	const struct printable_file *file = NULL;

	if (!(control->present & FLAGSHIP_PRINT_CONTROL_HAS_PRINT_MODE)) {
		return REPLY_NO_MODE;
	}
	if (control->present & FLAGSHIP_PRINT_CONTROL_HAS_FILE_PATH) {
		file = files_find(&printer->files, control->file_path);
	}
	if (!file) {
		return REPLY_NO_FILE;
	}
	if (is_busy_with_job(printer)) {
		return REPLY_PRINTING;
	}
	/* What a real one does is not known; that it waits for its own 1044 is the careful guess.
	 */
	if (file != printer->loaded) {
		virtual_printer_note(printer, "not started: %s is not loaded", file->path);
		return REPLY_TAKEN;
	}
	(void)virtual_printer_start_job(printer);
	return REPLY_TAKEN;
}

static int control_vendor(struct virtual_printer *printer,
			  const struct flagship_print_control *control)
{
	if (!(control->present & FLAGSHIP_PRINT_CONTROL_HAS_USER_ID)) {
		virtual_printer_note(printer, "ignored, like by a real M5: 1008 without userId");
		return REPLY_IGNORED;
	}
	switch (control->value) {
	case VENDOR_AGAIN:
		return again(printer);
	case VENDOR_START:
		return start(printer, control);
	case VENDOR_PAUSE:
		(void)print_job_pause(&printer->job);
		return REPLY_TAKEN;
	case VENDOR_RESUME:
		(void)print_job_resume(&printer->job);
		return REPLY_TAKEN;
	case VENDOR_STOP:
		(void)print_job_stop(&printer->job, &printer->machine);
		return REPLY_TAKEN;
	default:
		return REPLY_BAD_COMMAND;
	}
}

int job_commands_control(struct virtual_printer *printer, const struct flagship_message *message)
{
	const struct flagship_print_control *control = &message->as.print_control;

	return printer->control == CONTROL_OBSERVED ? control_observed(printer, control)
						    : control_vendor(printer, control);
}

/* --- files --- */

static void begin_reply(struct json_writer *writer, char out[VIRTUAL_PRINTER_JSON_MAX],
			int64_t type)
{
	json_writer_init(writer, out, VIRTUAL_PRINTER_JSON_MAX);
	json_object_begin(writer);
	json_member_int(writer, "commandType", type);
	json_member_int(writer, "reply", REPLY_TAKEN);
}

static void end_reply(struct virtual_printer *printer, struct json_writer *writer)
{
	json_object_end(writer);
	virtual_printer_publish_json(printer, FLAGSHIP_TOPIC_COMMAND_REPLY, writer);
}

/* A page is `num` files; `index` counts pages from 1. Without them all files are one page. */
static struct files_page read_page(const struct virtual_printer *printer,
				   const struct flagship_file_list_request *request)
{
	bool has_count = (request->present & FLAGSHIP_FILE_LIST_REQUEST_HAS_COUNT) &&
			 request->count > 0;
	bool has_index = (request->present & FLAGSHIP_FILE_LIST_REQUEST_HAS_INDEX) &&
			 request->index > 0;
	struct files_page page = {
		.place = request->value == FILES_ON_BOARD ? FILES_ON_BOARD : FILES_USB,
		.count = has_count ? (size_t)request->count : PAGE_ALL,
		.texts = printer->lists_as_text,
	};

	if (has_count && has_index) {
		page.first = (size_t)(request->index - 1) * page.count;
	}
	return page;
}

static void write_list(const struct virtual_printer *printer, const struct files_page *page,
		       struct json_writer *writer)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer inner;
	size_t length;

	if (!printer->lists_as_text) {
		files_write(&printer->files, page, writer);
		return;
	}
	json_writer_init(&inner, out, sizeof(out));
	files_write(&printer->files, page, &inner);
	if (json_writer_finish(&inner, &length) == 0) {
		json_string_n(writer, out, length);
	}
}

/* First a bare acknowledgement, then the list. */
int job_commands_list(struct virtual_printer *printer, const struct flagship_message *message)
{
	const struct files_page page = read_page(printer, &message->as.file_list_request);
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;

	begin_reply(&writer, out, FLAGSHIP_MESSAGE_FILE_LIST_REQUEST);
	end_reply(printer, &writer);
	begin_reply(&writer, out, FLAGSHIP_MESSAGE_FILE_LIST_REQUEST);
	json_key(&writer, "fileLists");
	write_list(printer, &page, &writer);
	end_reply(printer, &writer);
	return REPLY_NONE;
}

/* The reply comes at once and means nothing: 1044 says when it is loaded. */
int job_commands_select(struct virtual_printer *printer, const struct flagship_message *message)
{
	const struct flagship_gcode_file_request *request = &message->as.gcode_file_request;
	const struct printable_file *file = files_find(&printer->files, request->file_path);
	bool reports = (request->present & FLAGSHIP_GCODE_FILE_REQUEST_HAS_FILE_TYPE) &&
		       request->file_type == TYPE_ONLY_TELL;
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;

	if (!file || (is_busy_with_job(printer) && !reports)) {
		return REPLY_REFUSED;
	}
	begin_reply(&writer, out, FLAGSHIP_MESSAGE_GCODE_FILE_REQUEST);
	json_member_string(&writer, "fileName", file->name);
	json_member_int(&writer, "file_status", 0);
	end_reply(printer, &writer);
	if (!reports) {
		virtual_printer_load(printer, file);
	}
	return REPLY_NONE;
}

int job_commands_delete(struct virtual_printer *printer, const struct flagship_message *message)
{
	struct flagship_text path = message->as.delete_gcode_file.file_path;
	const struct printable_file *file = files_find(&printer->files, path);

	if (!file || (is_busy_with_job(printer) && file == printer->loaded)) {
		return REPLY_REFUSED;
	}
	if (printer->loaded == file) {
		printer->loaded = NULL;
	}
	if (printer->loading == file) {
		printer->loading = NULL;
	}
	return files_delete(&printer->files, path) ? REPLY_TAKEN : REPLY_REFUSED;
}
