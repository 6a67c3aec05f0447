/* SPDX-License-Identifier: MIT */
#include "gateway/files/receive.h"
#include "gateway/moonraker/files/file_json.h"
#include "gateway/moonraker/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GCODE_TYPE   "text/x.gcode"
#define CONTENT_TYPE "application/json"
#define DETAIL_SIZE  1024

/* --- out --- */

struct picture {
	struct http_request *request; /* NULL: it is gone */
};

static void on_picture_gone(void *context)
{
	struct picture *picture = context;

	picture->request = NULL;
}

static void on_picture(void *context, enum files_result result, const uint8_t *bytes, size_t size,
		       const char *content_type, const struct problem *problem)
{
	struct picture *picture = context;
	const struct http_response response = {.status = MOONRAKER_OK,
					       .content_type = content_type,
					       .body = bytes,
					       .length = size};

	if (picture->request && result == FILES_DONE) {
		http_respond(picture->request, &response);
	} else if (picture->request) {
		moonraker_refuse(picture->request, files_status(result), problem->text);
	}
	free(picture);
}

static void send_picture(struct files *files, struct http_request *request, const char *path,
			 size_t index)
{
	struct picture *picture = calloc(1, sizeof(*picture));

	if (!picture) {
		moonraker_refuse(request, MOONRAKER_BROKEN, "out of memory");
		return;
	}
	picture->request = request;
	http_request_watch(request, on_picture_gone, picture);
	files_read_picture(files, path, index, on_picture, picture);
}

void moonraker_download(struct http_request *request, void *context)
{
	struct moonraker *moonraker = context;
	struct files *files = moonraker->options.files;
	const char *path = http_request_parameter(request, "path");
	char file_path[FILES_PATH_SIZE];
	char place[PATH_MAX];
	char detail[DETAIL_SIZE];
	size_t index;

	if (!moonraker_printer_of(moonraker, request)) {
		return;
	}
	if (file_find_picture(files, path, file_path, &index)) {
		send_picture(files, request, file_path, index);
		return;
	}
	const char *slash = strrchr(path, '/');
	const struct http_file file = {.content_type = GCODE_TYPE,
				       .download_name = slash ? slash + 1 : path};

	if (!files_place(files, path, place) || !http_respond_file(request, place, &file)) {
		snprintf(detail, sizeof(detail), "there is no file '%.200s'", path);
		moonraker_refuse(request, MOONRAKER_NOT_FOUND, detail);
	}
}

/* --- in --- */

static enum files_result place_upload(void *context, const struct files_form *form,
				      char path[FILES_PATH_SIZE], bool *overwrite,
				      struct problem *problem)
{
	const char *root = files_form_field(form, "root");
	const char *folder = files_form_field(form, "path");
	const char *name = files_form_file_name(form);

	(void)context;
	*overwrite = true;
	if (root && strcmp(root, MOONRAKER_ROOT) != 0) {
		problem_set(problem, "there is no root '%.100s', only " MOONRAKER_ROOT, root);
		return FILES_NOT_FOUND;
	}
	folder = folder ? folder + (folder[0] == '/') : "";
	int length = snprintf(path, FILES_PATH_SIZE, "%s%s%s", folder,
			      folder[0] != '\0' && folder[strlen(folder) - 1] != '/' ? "/" : "",
			      name ? name : "");
	if (length < 1 || length >= FILES_PATH_SIZE) {
		problem_set(problem, "the file's path is too long");
		return FILES_BAD_NAME;
	}
	return files_check_path(path, problem);
}

struct shown_upload {
	const struct files_entry *entry;
	bool queued;
};

static void write_upload(struct json_writer *writer, const struct shown_upload *shown)
{
	json_key(writer, "item");
	file_write_item(writer, shown->entry);
	json_member_bool(writer, "print_started", false);
	json_member_bool(writer, "print_queued", shown->queued);
	json_member_string(writer, "action", "create_file");
}

/* Twice: Moonraker's documents have it so, and OrcaSlicer looks for it in `result`. */
static void write_uploaded(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	json_key(writer, "result");
	json_object_begin(writer);
	write_upload(writer, context);
	json_object_end(writer);
	write_upload(writer, context);
	json_object_end(writer);
}

static void respond_uploaded(struct http_request *request, const struct files_entry *entry,
			     bool queued)
{
	const struct shown_upload shown = {entry, queued};
	size_t length;
	char *text = json_compose(write_uploaded, &shown, &length);
	const struct http_response response = {
		.status = text ? MOONRAKER_CREATED : MOONRAKER_BROKEN,
		.content_type = CONTENT_TYPE,
		.body = text,
		.length = text ? length : 0,
	};

	http_respond(request, &response);
	free(text);
}

/* Who waits until it is in the queue. */
struct printing {
	const struct moonraker *moonraker;
	struct http_request *request; /* NULL: gone */
	char path[FILES_PATH_SIZE];
};

static void on_printer_gone(void *context)
{
	struct printing *printing = context;

	printing->request = NULL;
}

static void on_print_queued(void *context, enum queue_result result,
			    const struct queue_entry *queued, const char *detail)
{
	struct printing *printing = context;
	struct http_request *request = printing->request;
	const struct files_entry *entry = files_find(printing->moonraker->options.files,
						     printing->path);

	(void)queued;
	if (request) {
		http_request_watch(request, NULL, NULL);
	}
	if (request && result == QUEUE_DONE && entry) {
		respond_uploaded(request, entry, true);
	} else if (request) {
		moonraker_refuse(request,
				 result == QUEUE_BROKEN ? MOONRAKER_UNAVAILABLE
							: MOONRAKER_CONFLICT,
				 detail ? detail : "the file was taken away meanwhile");
	}
	free(printing);
}

static void refuse_print(struct http_request *request, const struct moonraker_printer *printer,
			 const char *path)
{
	char detail[DETAIL_SIZE];

	snprintf(detail, sizeof(detail),
		 "%.200s was uploaded and is kept, and %.200s has no LAN connection, by which it "
		 "would be sent to it: it cannot be printed",
		 path, moonraker_printer_name(printer));
	moonraker_refuse(request, MOONRAKER_CONFLICT, detail);
}

/* To the front of the printer's queue. */
static void print_upload(struct moonraker *moonraker, struct http_request *request,
			 const struct moonraker_printer *printer, const struct files_entry *entry)
{
	struct queue *queue = moonraker->options.queue;
	const char *user = http_request_user(request);
	char asker[QUEUE_ASKER_SIZE];

	if (!queue || queue_lacks_sender(queue, printer->serial)) {
		refuse_print(request, printer, entry->path);
		return;
	}
	struct printing *printing = calloc(1, sizeof(*printing));

	if (!printing) {
		moonraker_refuse(request, MOONRAKER_BROKEN, "out of memory");
		return;
	}
	printing->moonraker = moonraker;
	printing->request = request;
	snprintf(printing->path, sizeof(printing->path), "%s", entry->path);
	http_request_watch(request, on_printer_gone, printing);
	snprintf(asker, sizeof(asker), "moonraker%s%.100s", user[0] != '\0' ? ": " : "", user);
	const struct queue_request wanted = {
		.serial = printer->serial,
		.path = entry->path,
		.hash = entry->hash,
		.asker = asker,
		.copies = 1,
		.front = true,
	};
	queue_add(queue, &wanted, on_print_queued, printing);
}

static void on_uploaded(void *context, struct http_request *request, const struct files_form *form,
			enum files_result result, const struct files_entry *entry,
			const struct problem *problem)
{
	struct moonraker *moonraker = context;

	if (result != FILES_DONE) {
		moonraker_refuse(request, files_status(result), problem->text);
	} else if (!entry) {
		moonraker_refuse(request, MOONRAKER_BAD_REQUEST,
				 "the form has no file: a part called 'file' is to hold it");
	} else if (files_form_flag(form, "print")) {
		const struct moonraker_printer *printer = moonraker_printer_of(moonraker, request);

		if (printer) {
			print_upload(moonraker, request, printer, entry);
		}
	} else {
		respond_uploaded(request, entry, false);
	}
}

void moonraker_upload(struct http_request *request, void *context)
{
	static const struct files_receiver receiver = {.place = place_upload, .done = on_uploaded};
	struct moonraker *moonraker = context;

	if (moonraker_printer_of(moonraker, request)) {
		files_receive_form(moonraker->options.files, request, &receiver, moonraker);
	}
}
