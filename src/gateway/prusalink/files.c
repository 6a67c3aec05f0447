/* SPDX-License-Identifier: MIT */
#include "gateway/files/receive.h"
#include "gateway/prusalink/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS_PER_S 1000
#define URL_SIZE (OCTO_BASE_SIZE + FILES_URL_SIZE + 32)

/* Of a structured header, RFC 8941. */
static bool is_set(const struct http_request *request, const char *name)
{
	const char *value = http_request_header(request, name);

	return value && strcmp(value, "?1") == 0;
}

/* --- what is shown --- */

/* First storage_list: PrusaSlicer wants that. */
static void write_storage(struct json_writer *writer, const void *context)
{
	const struct octoprint *octoprint = context;
	struct files_room room;

	files_room(octoprint->files, &room);
	json_object_begin(writer);
	json_key(writer, "storage_list");
	json_array_begin(writer);
	json_object_begin(writer);
	link_write_text(writer, "path", LINK_STORAGE);
	link_write_text(writer, "name", "gateway");
	link_write_text(writer, "type", "LOCAL");
	link_write_flag(writer, "read_only", false);
	link_write_flag(writer, "available", true);
	link_write_int(writer, "free_space", room.free);
	link_write_int(writer, "total_space", room.total);
	json_object_end(writer);
	json_array_end(writer);
	json_object_end(writer);
}

void link_get_storage(struct http_request *request, void *context)
{
	if (octo_find_printer(request, context)) {
		octo_respond(request, OCTO_OK, NULL, write_storage, context);
	}
}

static void write_reference(struct json_writer *writer, const char *name, const char *place,
			    const char *path)
{
	char escaped[FILES_URL_SIZE];
	char url[URL_SIZE];

	files_write_url(path, escaped);
	snprintf(url, sizeof(url), "%s" LINK_STORAGE "/%s", place, escaped);
	link_write_text(writer, name, url);
}

/* The largest one that can be shown; GCODE_THUMBNAILS_MAX: there is none. */
static size_t best_thumbnail(const struct files_entry *entry, bool large)
{
	size_t best = GCODE_THUMBNAILS_MAX;

	for (size_t i = 0; entry->metadata && i < entry->metadata->thumbnail_count; i++) {
		const struct gcode_thumbnail *thumbnail = &entry->metadata->thumbnails[i];
		uint32_t width = best < GCODE_THUMBNAILS_MAX
					 ? entry->metadata->thumbnails[best].width
					 : thumbnail->width;

		if (gcode_picture_type(thumbnail->picture) &&
		    (best == GCODE_THUMBNAILS_MAX || (thumbnail->width > width) == large)) {
			best = i;
		}
	}
	return best;
}

static void write_references(struct json_writer *writer, const struct files_entry *entry)
{
	json_key(writer, "refs");
	json_object_begin(writer);
	write_reference(writer, "download", "/downloads/files", entry->path);
	if (best_thumbnail(entry, true) < GCODE_THUMBNAILS_MAX) {
		write_reference(writer, "icon", "/thumb/s", entry->path);
		write_reference(writer, "thumbnail", "/thumb/l", entry->path);
	}
	json_object_end(writer);
}

void link_write_file(struct json_writer *writer, const struct files_entry *entry)
{
	char folder[FILES_PATH_SIZE + sizeof(LINK_STORAGE "/")];
	size_t length = strlen(entry->path) - strlen(files_name(entry));

	/* The folder that it is in, without the slash at its end. */
	snprintf(folder, sizeof(folder), LINK_STORAGE "%s%.*s", length > 0 ? "/" : "",
		 (int)(length > 0 ? length - 1 : 0), entry->path);
	link_write_text(writer, "name", files_name(entry));
	link_write_text(writer, "display_name", files_name(entry));
	link_write_text(writer, "path", folder);
	link_write_int(writer, "size", entry->size);
	link_write_int(writer, "m_timestamp", entry->modified_ms / MS_PER_S);
	if (!entry->is_folder) {
		write_references(writer, entry);
	}
}

static void write_entry(struct json_writer *writer, const struct files_entry *entry)
{
	json_object_begin(writer);
	link_write_file(writer, entry);
	link_write_text(writer, "type", entry->is_folder ? "FOLDER" : "PRINT_FILE");
	link_write_flag(writer, "ro", false);
	if (entry->metadata) {
		json_key(writer, "meta");
		json_object_begin(writer);
		json_key(writer, "estimated_print_time");
		json_real(writer, entry->metadata->estimated_time_s);
		json_object_end(writer);
	}
	json_object_end(writer);
}

struct shown_files {
	const struct files *files;
	const struct files_entry *entry; /* NULL: the storage itself */
};

static void write_files(struct json_writer *writer, const void *context)
{
	const struct shown_files *shown = context;
	const struct files_entry *entry = NULL;

	if (shown->entry && !shown->entry->is_folder) {
		write_entry(writer, shown->entry);
		return;
	}
	json_object_begin(writer);
	if (shown->entry) {
		link_write_file(writer, shown->entry);
	} else {
		link_write_text(writer, "name", "local");
	}
	link_write_text(writer, "type", "FOLDER");
	link_write_flag(writer, "ro", false);
	json_key(writer, "children");
	json_array_begin(writer);
	while ((entry = files_next_in(shown->files, shown->entry ? shown->entry->path : "",
				      entry))) {
		write_entry(writer, entry);
	}
	json_array_end(writer);
	json_object_end(writer);
}

/* A path with a slash at its end is that of a folder. */
static void read_path(const struct http_request *request, char path[FILES_PATH_SIZE])
{
	const char *given = http_request_parameter(request, "path");
	size_t length = given ? strlen(given) : 0;

	snprintf(path, FILES_PATH_SIZE, "%.*s",
		 (int)(length > 0 && given[length - 1] == '/' ? length - 1 : length),
		 given ? given : "");
}

static const struct files_entry *find_file(struct http_request *request,
					   const struct octoprint *octoprint)
{
	char path[FILES_PATH_SIZE];
	char detail[OCTO_DETAIL_SIZE];

	read_path(request, path);
	const struct files_entry *entry = files_find(octoprint->files, path);

	if (!entry) {
		snprintf(detail, sizeof(detail), "there is no file '%.200s'", path);
		octoprint_refuse(request, OCTO_NOT_FOUND, detail);
	}
	return entry;
}

void link_get_files(struct http_request *request, void *context)
{
	const struct octoprint *octoprint = context;
	struct shown_files shown = {.files = octoprint->files};

	if (!octo_find_printer(request, octoprint)) {
		return;
	}
	if (http_request_parameter(request, "path")) {
		shown.entry = find_file(request, octoprint);
		if (!shown.entry) {
			return;
		}
	}
	octo_respond(request, OCTO_OK, NULL, write_files, &shown);
}

/* --- changes --- */

/* A request that is answered later, if its client is there still. */
struct pending {
	struct http_request *request; /* NULL: gone */
	int status;
};

static void on_gone(void *context)
{
	struct pending *pending = context;

	pending->request = NULL;
}

static struct pending *wait_with(struct http_request *request, int status)
{
	struct pending *pending = malloc(sizeof(*pending));

	if (!pending) {
		octoprint_refuse(request, OCTO_FAILED, "the gateway is out of memory");
		return NULL;
	}
	*pending = (struct pending){request, status};
	http_request_watch(request, on_gone, pending);
	return pending;
}

static void on_changed(void *context, enum files_result result, const struct files_entry *entry,
		       const struct problem *problem)
{
	struct pending pending = *(struct pending *)context;

	(void)entry;
	free(context);
	if (!pending.request) {
		return;
	}
	http_request_watch(pending.request, NULL, NULL);
	if (result != FILES_DONE) {
		octoprint_refuse(pending.request, files_status(result), problem->text);
	} else {
		http_respond(pending.request, &(struct http_response){.status = pending.status});
	}
}

static void write_uploaded(struct json_writer *writer, const void *context)
{
	write_entry(writer, context);
}

static void respond_created(struct http_request *request, struct octoprint *octoprint,
			    const struct files_entry *entry)
{
	const struct fleet_printer *printer = octo_find_printer(request, octoprint);
	char base[OCTO_BASE_SIZE];
	char escaped[FILES_URL_SIZE];
	char location[URL_SIZE];

	if (printer) {
		octo_write_base(request, fleet_printer_serial(printer), base);
		files_write_url(entry->path, escaped);
		snprintf(location, sizeof(location), "%s/api/v1/files" LINK_STORAGE "/%s", base,
			 escaped);
		octo_respond(request, OCTO_CREATED, location, write_uploaded, entry);
	}
}

static void on_uploaded(void *context, struct http_request *request, const struct files_form *form,
			enum files_result result, const struct files_entry *entry,
			const struct problem *problem)
{
	const struct fleet_printer *printer = octo_find_printer(request, context);

	(void)form;
	if (!printer) {
		return;
	}
	if (result != FILES_DONE) {
		octoprint_refuse(request, files_status(result), problem->text);
	} else if (is_set(request, "print-after-upload")) {
		octo_print(context, request, printer, entry, respond_created);
	} else {
		respond_created(request, context, entry);
	}
}

void link_put_file(struct http_request *request, void *context)
{
	static const struct files_receiver receiver = {.done = on_uploaded};
	struct octoprint *octoprint = context;
	char path[FILES_PATH_SIZE];

	if (!octo_find_printer(request, octoprint)) {
		return;
	}
	read_path(request, path);
	if (!is_set(request, "create-folder")) {
		files_receive_body(octoprint->files, request, path, is_set(request, "overwrite"),
				   &receiver, context);
		return;
	}
	struct pending *pending = wait_with(request, OCTO_CREATED);

	if (pending) {
		files_make_folder(octoprint->files, path, on_changed, pending);
	}
}

static void respond_started(struct http_request *request, struct octoprint *octoprint,
			    const struct files_entry *entry)
{
	(void)octoprint;
	(void)entry;
	http_respond(request, &(struct http_response){.status = OCTO_NO_CONTENT});
}

/* To print it. */
void link_post_file(struct http_request *request, void *context)
{
	const struct fleet_printer *printer = octo_find_printer(request, context);
	const struct files_entry *entry = printer ? find_file(request, context) : NULL;

	if (entry) {
		octo_print(context, request, printer, entry, respond_started);
	}
}

void link_delete_file(struct http_request *request, void *context)
{
	struct octoprint *octoprint = context;
	char path[FILES_PATH_SIZE];
	struct pending *pending = octo_find_printer(request, octoprint)
					  ? wait_with(request, OCTO_NO_CONTENT)
					  : NULL;

	if (pending) {
		read_path(request, path);
		files_delete(octoprint->files, path, is_set(request, "force"), on_changed, pending);
	}
}

/* --- pictures --- */

static void on_picture(void *context, enum files_result result, const uint8_t *picture, size_t size,
		       const char *content_type, const struct problem *problem)
{
	static const struct http_header header = {"x-content-type-options", "nosniff"};
	struct pending pending = *(struct pending *)context;

	free(context);
	if (!pending.request) {
		return;
	}
	http_request_watch(pending.request, NULL, NULL);
	if (result != FILES_DONE) {
		octoprint_refuse(pending.request, files_status(result), problem->text);
		return;
	}
	http_respond(pending.request, &(struct http_response){
					      .status = pending.status,
					      .content_type = content_type,
					      .headers = &header,
					      .header_count = 1,
					      .body = picture,
					      .length = size,
				      });
}

void link_get_thumbnail(struct http_request *request, void *context)
{
	struct octoprint *octoprint = context;
	const struct files_entry *entry = octo_find_printer(request, octoprint)
						  ? find_file(request, octoprint)
						  : NULL;
	struct pending *pending = entry ? wait_with(request, OCTO_OK) : NULL;

	if (pending) {
		bool large = strcmp(http_request_parameter(request, "size"), "s") != 0;

		files_read_picture(octoprint->files, entry->path, best_thumbnail(entry, large),
				   on_picture, pending);
	}
}
