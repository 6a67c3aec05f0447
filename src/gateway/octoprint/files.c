/* SPDX-License-Identifier: MIT */
#include "gateway/files/receive.h"
#include "gateway/octoprint/internal.h"

#include <cjson/cJSON.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS_PER_S   1000
#define URL_SIZE   (OCTO_BASE_SIZE + FILES_URL_SIZE + 32)
#define CM3_PER_MM 0.00240528 /* of filament of 1.75 mm */

/* --- what is shown --- */

struct shown_files {
	const struct files *files;
	const char *base;
	const char *folder; /* of which it is shown what is in it */
	const struct files_entry *entry;
	bool recursive;
};

static void write_url(struct json_writer *writer, const char *name, const char *base,
		      const char *place, const char *path)
{
	char escaped[FILES_URL_SIZE];
	char url[URL_SIZE];

	files_write_url(path, escaped);
	snprintf(url, sizeof(url), "%s%s%s", base, place, escaped);
	json_member_string(writer, name, url);
}

static void write_references(struct json_writer *writer, const struct shown_files *shown,
			     const struct files_entry *entry)
{
	json_key(writer, "refs");
	json_object_begin(writer);
	write_url(writer, "resource", shown->base, "/api/files/local/", entry->path);
	if (!entry->is_folder) {
		write_url(writer, "download", shown->base, "/downloads/files/local/", entry->path);
	}
	json_object_end(writer);
}

static void write_analysis(struct json_writer *writer, const struct gcode_metadata *metadata)
{
	json_key(writer, "gcodeAnalysis");
	json_object_begin(writer);
	json_key(writer, "estimatedPrintTime");
	json_real(writer, metadata->estimated_time_s);
	if (!isnan(metadata->filament_mm)) {
		json_key(writer, "filament");
		json_object_begin(writer);
		json_key(writer, "tool0");
		json_object_begin(writer);
		json_key(writer, "length");
		json_real(writer, metadata->filament_mm);
		json_key(writer, "volume");
		json_real(writer, metadata->filament_mm * CM3_PER_MM);
		json_object_end(writer);
		json_object_end(writer);
	}
	json_object_end(writer);
}

static void write_type_path(struct json_writer *writer, bool is_folder)
{
	json_key(writer, "typePath");
	json_array_begin(writer);
	json_string(writer, is_folder ? "folder" : "machinecode");
	if (!is_folder) {
		json_string(writer, "gcode");
	}
	json_array_end(writer);
}

static void write_content(struct json_writer *writer, const struct shown_files *shown,
			  const char *folder);

static void write_entry(struct json_writer *writer, /* NOLINT(misc-no-recursion) */
			const struct shown_files *shown, const struct files_entry *entry)
{
	json_object_begin(writer);
	json_member_string(writer, "name", files_name(entry));
	json_member_string(writer, "display", files_name(entry));
	json_member_string(writer, "path", entry->path);
	json_member_string(writer, "type", entry->is_folder ? "folder" : "machinecode");
	write_type_path(writer, entry->is_folder);
	json_member_string(writer, "origin", "local");
	json_member_int(writer, "size", entry->size);
	json_member_int(writer, "date", entry->modified_ms / MS_PER_S);
	write_references(writer, shown, entry);
	if (entry->metadata) {
		write_analysis(writer, entry->metadata);
	}
	if (entry->is_folder && shown->recursive) {
		json_key(writer, "children");
		write_content(writer, shown, entry->path);
	}
	json_object_end(writer);
}

static void write_content(struct json_writer *writer, /* NOLINT(misc-no-recursion) */
			  const struct shown_files *shown, const char *folder)
{
	const struct files_entry *entry = NULL;

	json_array_begin(writer);
	while ((entry = files_next_in(shown->files, folder, entry))) {
		write_entry(writer, shown, entry);
	}
	json_array_end(writer);
}

static void write_files(struct json_writer *writer, const void *context)
{
	const struct shown_files *shown = context;
	struct files_room room;

	files_room(shown->files, &room);
	json_object_begin(writer);
	json_key(writer, "files");
	write_content(writer, shown, shown->folder);
	json_member_int(writer, "free", room.free);
	json_member_int(writer, "total", room.total);
	json_object_end(writer);
}

static void write_one(struct json_writer *writer, const void *context)
{
	const struct shown_files *shown = context;

	write_entry(writer, shown, shown->entry);
}

static bool is_recursive(const struct http_request *request)
{
	char value[sizeof("false")];

	return http_request_query_value(request, "recursive", value, sizeof(value)) &&
	       strcmp(value, "true") == 0;
}

void octo_get_files(struct http_request *request, void *context)
{
	const struct octoprint *octoprint = context;
	const struct fleet_printer *printer = octo_find_printer(request, octoprint);
	char base[OCTO_BASE_SIZE];

	if (printer) {
		const struct shown_files shown = {.files = octoprint->files,
						  .base = base,
						  .folder = "",
						  .recursive = is_recursive(request)};

		octo_write_base(request, fleet_printer_serial(printer), base);
		octo_respond(request, OCTO_OK, NULL, write_files, &shown);
	}
}

/* The file of the route; NULL where that was answered already. */
static const struct files_entry *find_file(struct http_request *request,
					   const struct octoprint *octoprint)
{
	const char *path = http_request_parameter(request, "path");
	const struct files_entry *entry = files_find(octoprint->files, path);
	char detail[OCTO_DETAIL_SIZE];

	if (!entry) {
		snprintf(detail, sizeof(detail), "there is no file '%.200s'", path);
		octoprint_refuse(request, OCTO_NOT_FOUND, detail);
	}
	return entry;
}

void octo_get_file(struct http_request *request, void *context)
{
	const struct octoprint *octoprint = context;
	const struct fleet_printer *printer = octo_find_printer(request, octoprint);
	struct shown_files shown = {.files = octoprint->files, .recursive = true};
	char base[OCTO_BASE_SIZE];

	shown.entry = printer ? find_file(request, octoprint) : NULL;
	if (shown.entry) {
		octo_write_base(request, fleet_printer_serial(printer), base);
		shown.base = base;
		octo_respond(request, OCTO_OK, NULL, write_one, &shown);
	}
}

void octo_download(struct http_request *request, void *context)
{
	const struct octoprint *octoprint = context;
	const struct files_entry *entry = octo_find_printer(request, octoprint)
						  ? find_file(request, octoprint)
						  : NULL;
	char place[PATH_MAX];

	if (!entry) {
		return;
	}
	const struct http_file file = {.download_name = files_name(entry)};

	if (!files_place(octoprint->files, entry->path, place) ||
	    !http_respond_file(request, place, &file)) {
		octoprint_refuse(request, OCTO_NOT_FOUND, "this is no file");
	}
}

/* --- uploads --- */

struct shown_upload {
	const char *base;
	const struct files_entry *entry;
	bool made; /* it is a folder */
	bool queued;
};

static void write_upload(struct json_writer *writer, const void *context)
{
	const struct shown_upload *shown = context;
	const struct shown_files files = {.base = shown->base};

	json_object_begin(writer);
	json_key(writer, shown->made ? "folder" : "files");
	if (!shown->made) {
		json_object_begin(writer);
		json_key(writer, "local");
	}
	json_object_begin(writer);
	json_member_string(writer, "name", files_name(shown->entry));
	json_member_string(writer, "path", shown->entry->path);
	json_member_string(writer, "origin", "local");
	write_references(writer, &files, shown->entry);
	json_object_end(writer);
	if (!shown->made) {
		json_object_end(writer);
		json_member_bool(writer, "effectiveSelect", shown->queued);
		json_member_bool(writer, "effectivePrint", shown->queued);
	}
	json_member_bool(writer, "done", true);
	json_object_end(writer);
}

/* 201 with Location, without which Cura's plugin fails. */
static void respond_created(struct http_request *request, const struct fleet_printer *printer,
			    const struct files_entry *entry, bool queued)
{
	char base[OCTO_BASE_SIZE];
	char escaped[FILES_URL_SIZE];
	char location[URL_SIZE];
	const struct shown_upload shown = {
		.base = base, .entry = entry, .made = entry->is_folder, .queued = queued};

	octo_write_base(request, fleet_printer_serial(printer), base);
	files_write_url(entry->path, escaped);
	snprintf(location, sizeof(location), "%s/api/files/local/%s", base, escaped);
	octo_respond(request, OCTO_CREATED, location, write_upload, &shown);
}

/* "/folder/" and "folder" are the same. */
static bool join_path(const char *folder, const char *name, char path[FILES_PATH_SIZE])
{
	folder = folder ? folder + strspn(folder, "/") : "";
	size_t length = strlen(folder);

	while (length > 0 && folder[length - 1] == '/') {
		length--;
	}
	int written = snprintf(path, FILES_PATH_SIZE, "%.*s%s%s", (int)length, folder,
			       length > 0 ? "/" : "", name);
	return written > 0 && written < FILES_PATH_SIZE;
}

static enum files_result place_upload(void *context, const struct files_form *form,
				      char path[FILES_PATH_SIZE], bool *overwrite,
				      struct problem *problem)
{
	const char *no_overwrite = files_form_field(form, "noOverwrite");

	(void)context;
	*overwrite = !no_overwrite || strcmp(no_overwrite, "true") != 0;
	if (!join_path(files_form_field(form, "path"), files_form_file_name(form), path)) {
		problem_set(problem, "the path of the file is too long");
		return FILES_BAD_NAME;
	}
	return FILES_DONE;
}

/* A request that is answered later, if its client is there still. */
struct pending {
	struct octoprint *octoprint;
	struct http_request *request; /* NULL: gone */
	bool deletes;
};

static void on_uploader_gone(void *context)
{
	struct pending *pending = context;

	pending->request = NULL;
}

static struct pending *wait_with(struct octoprint *octoprint, struct http_request *request,
				 bool deletes)
{
	struct pending *pending = malloc(sizeof(*pending));

	if (!pending) {
		octoprint_refuse(request, OCTO_FAILED, "the gateway is out of memory");
		return NULL;
	}
	*pending = (struct pending){octoprint, request, deletes};
	http_request_watch(request, on_uploader_gone, pending);
	return pending;
}

static void on_changed(void *context, enum files_result result, const struct files_entry *entry,
		       const struct problem *problem)
{
	struct pending pending = *(struct pending *)context;
	const struct fleet_printer *printer;

	free(context);
	if (!pending.request) {
		return;
	}
	http_request_watch(pending.request, NULL, NULL);
	if (result != FILES_DONE) {
		octoprint_refuse(pending.request, files_status(result), problem->text);
	} else if (pending.deletes) {
		http_respond(pending.request, &(struct http_response){.status = OCTO_NO_CONTENT});
	} else if ((printer = octo_find_printer(pending.request, pending.octoprint))) {
		respond_created(pending.request, printer, entry, false);
	}
}

static void make_folder(struct octoprint *octoprint, struct http_request *request,
			const struct files_form *form)
{
	const char *name = files_form_field(form, "foldername");
	char path[FILES_PATH_SIZE];

	if (!name || !join_path(files_form_field(form, "path"), name, path)) {
		octoprint_refuse(request, OCTO_BAD_REQUEST,
				 "there is no part 'file' in the form, and no 'foldername'");
		return;
	}
	struct pending *pending = wait_with(octoprint, request, false);

	if (pending) {
		files_make_folder(octoprint->files, path, on_changed, pending);
	}
}

static void respond_printed(struct http_request *request, struct octoprint *octoprint,
			    const struct files_entry *entry)
{
	const struct fleet_printer *printer = octo_find_printer(request, octoprint);

	if (printer) {
		respond_created(request, printer, entry, true);
	}
}

static void on_uploaded(void *context, struct http_request *request, const struct files_form *form,
			enum files_result result, const struct files_entry *entry,
			const struct problem *problem)
{
	struct octoprint *octoprint = context;
	const struct fleet_printer *printer;

	if (result != FILES_DONE) {
		octoprint_refuse(request, files_status(result), problem->text);
	} else if (!entry) {
		make_folder(octoprint, request, form);
	} else if (!(printer = octo_find_printer(request, octoprint))) {
		return;
	} else if (files_form_flag(form, "print")) {
		octo_print(octoprint, request, printer, entry, respond_printed);
	} else {
		respond_created(request, printer, entry, false);
	}
}

void octo_post_files(struct http_request *request, void *context)
{
	static const struct files_receiver receiver = {.place = place_upload, .done = on_uploaded};
	const struct octoprint *octoprint = context;

	if (octo_find_printer(request, octoprint)) {
		files_receive_form(octoprint->files, request, &receiver, context);
	}
}

/* --- changes --- */

/* A destination is a folder, into which it goes, or a new path. */
static void move_or_copy(struct octoprint *octoprint, struct http_request *request,
			 const struct files_entry *entry, const cJSON *json, bool moves)
{
	const char *to = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(json, "destination"));
	char path[FILES_PATH_SIZE];
	char whole[FILES_PATH_SIZE];

	if (!to || !join_path(to, "", path)) {
		octoprint_refuse(request, OCTO_BAD_REQUEST, "the destination is missing");
		return;
	}
	size_t length = strlen(path);

	if (length > 0) {
		path[length - 1] = '\0'; /* the slash before no name */
	}
	const struct files_entry *there = files_find(octoprint->files, path);
	bool into = length == 0 || (there && there->is_folder);

	if (into && join_path(path, files_name(entry), whole)) {
		memcpy(path, whole, sizeof(path));
	}
	struct pending *pending = wait_with(octoprint, request, false);

	if (pending) {
		(moves ? files_move : files_copy)(octoprint->files, entry->path, path, false,
						  on_changed, pending);
	}
}

static void respond_started(struct http_request *request, struct octoprint *octoprint,
			    const struct files_entry *entry)
{
	(void)octoprint;
	(void)entry;
	http_respond(request, &(struct http_response){.status = OCTO_NO_CONTENT});
}

void octo_post_file(struct http_request *request, void *context)
{
	struct octoprint *octoprint = context;
	const struct fleet_printer *printer = octo_find_printer(request, octoprint);
	const struct files_entry *entry = printer ? find_file(request, octoprint) : NULL;
	cJSON *json;

	if (!entry || !web_read_json(request, octoprint_refuse, &json)) {
		return;
	}
	const char *command = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(json, "command"));
	bool moves = command && strcmp(command, "move") == 0;

	if (moves || (command && strcmp(command, "copy") == 0)) {
		move_or_copy(octoprint, request, entry, json, moves);
	} else if (!command || strcmp(command, "select") != 0) {
		octoprint_refuse(request, OCTO_BAD_REQUEST,
				 "of a file's commands, select, move and copy can be done here");
	} else if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "print"))) {
		octo_print(octoprint, request, printer, entry, respond_started);
	} else {
		/* Nothing remembers it: a job is started by its file's name. */
		http_respond(request, &(struct http_response){.status = OCTO_NO_CONTENT});
	}
	cJSON_Delete(json);
}

void octo_delete_file(struct http_request *request, void *context)
{
	struct octoprint *octoprint = context;
	struct pending *pending = octo_find_printer(request, octoprint)
					  ? wait_with(octoprint, request, true)
					  : NULL;

	if (pending) {
		files_delete(octoprint->files, http_request_parameter(request, "path"), true,
			     on_changed, pending);
	}
}
