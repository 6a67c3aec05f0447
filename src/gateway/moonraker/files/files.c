/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/files/file_json.h"
#include "gateway/moonraker/internal.h"

#include <string.h>

#define NO_METADATA "Metadata not available for <%s>"
#define ON_PRINTER  NO_METADATA ": it lies on the printer alone"

static const struct files *files_of(const struct moonraker_call *call)
{
	return call->moonraker->options.files;
}

/* --- lists --- */

static void write_roots(struct json_writer *writer, const void *context)
{
	(void)context;
	json_array_begin(writer);
	json_object_begin(writer);
	json_member_string(writer, "name", MOONRAKER_ROOT);
	json_member_string(writer, "path", "/" MOONRAKER_ROOT);
	json_member_string(writer, "permissions", "rw");
	json_object_end(writer);
	json_array_end(writer);
}

void moonraker_files_roots(struct moonraker_call *call)
{
	moonraker_answer(call, write_roots, NULL);
}

static void write_all(struct json_writer *writer, const void *context)
{
	const struct files_entry *entry = NULL;

	json_array_begin(writer);
	while ((entry = files_next(context, entry))) {
		if (!entry->is_folder) {
			json_object_begin(writer);
			json_member_string(writer, "path", entry->path);
			json_key(writer, "modified");
			json_real(writer, (double)entry->modified_ms / MOONRAKER_MS_PER_S);
			json_member_int(writer, "size", entry->size);
			json_member_string(writer, "permissions", "rw");
			json_object_end(writer);
		}
	}
	json_array_end(writer);
}

static void write_no_files(struct json_writer *writer, const void *context)
{
	(void)context;
	json_array_begin(writer);
	json_array_end(writer);
}

/* Roots that pages ask for wherever they are. */
static bool is_empty_root(const char *root)
{
	return strcmp(root, "config") == 0 || strcmp(root, "logs") == 0;
}

void moonraker_files_list(struct moonraker_call *call)
{
	char root[MOONRAKER_NAME_SIZE];

	if (rpc_param_text(call->params, "root", root, sizeof(root)) && is_empty_root(root)) {
		moonraker_answer(call, write_no_files, NULL);
		return;
	}
	if (rpc_param_text(call->params, "root", root, sizeof(root)) &&
	    strcmp(root, MOONRAKER_ROOT) != 0) {
		moonraker_fail(call, MOONRAKER_NOT_FOUND,
			       "there is no root '%s', only " MOONRAKER_ROOT, root);
		return;
	}
	moonraker_answer(call, write_all, files_of(call));
}

/* --- paths: "gcodes/parts/leg.gcode" --- */

/* Without the root; NULL where it is of another root. */
static const char *below_root(const char *path)
{
	size_t length = sizeof(MOONRAKER_ROOT) - 1;

	path += path[0] == '/';
	if (strncmp(path, MOONRAKER_ROOT, length) != 0 ||
	    (path[length] != '/' && path[length] != '\0')) {
		return NULL;
	}
	return path[length] == '/' ? path + length + 1 : path + length;
}

/* False where it was answered. `optional`: without it, the root. */
static bool read_path(struct moonraker_call *call, const char *name, bool optional,
		      char out[FILES_PATH_SIZE])
{
	struct json_value value;
	const char *path;

	if (optional && !rpc_param(call->params, name, &value)) {
		out[0] = '\0';
		return true;
	}
	if (!rpc_param_text(call->params, name, out, FILES_PATH_SIZE)) {
		moonraker_fail(call, RPC_INVALID_PARAMS,
			       "%s is to be a path that begins with " MOONRAKER_ROOT, name);
		return false;
	}
	path = below_root(out);
	if (!path) {
		moonraker_fail(call, MOONRAKER_NOT_FOUND,
			       "'%s' does not begin with " MOONRAKER_ROOT ", the only root", out);
		return false;
	}
	memmove(out, path, strlen(path) + 1);
	size_t length = strlen(out);
	if (length > 0 && out[length - 1] == '/') {
		out[length - 1] = '\0';
	}
	return true;
}

struct shown_folder {
	const struct files *files;
	const char *path;
	bool extended;
};

static void write_members(struct json_writer *writer, const struct shown_folder *shown,
			  bool folders)
{
	const struct files_entry *entry = NULL;

	json_array_begin(writer);
	while ((entry = files_next_in(shown->files, shown->path, entry))) {
		if (entry->is_folder == folders) {
			file_write_listed(writer, entry, shown->extended);
		}
	}
	json_array_end(writer);
}

static void write_folder(struct json_writer *writer, const void *context)
{
	const struct shown_folder *shown = context;
	struct files_room room;

	files_room(shown->files, &room);
	json_object_begin(writer);
	json_key(writer, "dirs");
	write_members(writer, shown, true);
	json_key(writer, "files");
	write_members(writer, shown, false);
	json_key(writer, "disk_usage");
	json_object_begin(writer);
	json_member_int(writer, "total", room.total);
	json_member_int(writer, "used", room.used);
	json_member_int(writer, "free", room.free);
	json_object_end(writer);
	json_key(writer, "root_info");
	json_object_begin(writer);
	json_member_string(writer, "name", MOONRAKER_ROOT);
	json_member_string(writer, "permissions", "rw");
	json_object_end(writer);
	json_object_end(writer);
}

void moonraker_files_get_directory(struct moonraker_call *call)
{
	char path[FILES_PATH_SIZE];
	struct shown_folder shown = {.files = files_of(call), .path = path};

	if (!read_path(call, "path", true, path)) {
		return;
	}
	const struct files_entry *entry = files_find(shown.files, path);
	if (path[0] != '\0' && (!entry || !entry->is_folder)) {
		moonraker_fail(call, MOONRAKER_NOT_FOUND, "there is no folder '%s'", path);
		return;
	}
	shown.extended = rpc_param_flag(call->params, "extended");
	moonraker_answer(call, write_folder, &shown);
}

/* --- what a file says of itself --- */

static void write_metadata(struct json_writer *writer, const void *context)
{
	const struct files_entry *entry = context;

	json_object_begin(writer);
	json_member_string(writer, "filename", entry->path);
	json_member_int(writer, "size", entry->size);
	json_key(writer, "modified");
	json_real(writer, (double)entry->modified_ms / MOONRAKER_MS_PER_S);
	json_member_string(writer, "uuid", entry->hash);
	file_write_metadata(writer, entry);
	json_object_end(writer);
}

/* What is printed was not sent by way of the gateway: pages ask for it at each start. */
static bool is_on_printer(const struct moonraker_call *call, const char *path)
{
	const struct printer_state *state = moonraker_state(call->printer);

	return path[0] != '\0' && strcmp(state->job.name, path) == 0;
}

/* NULL where it was answered. */
static const struct files_entry *find_file(struct moonraker_call *call)
{
	char path[FILES_PATH_SIZE];

	if (!rpc_param_text(call->params, "filename", path, sizeof(path))) {
		moonraker_fail(call, RPC_INVALID_PARAMS, "filename is to be the path of a file");
		return NULL;
	}
	const struct files_entry *entry = files_find(files_of(call), path);
	if (!entry && is_on_printer(call, path)) {
		moonraker_fail(call, MOONRAKER_NEVER, ON_PRINTER, path);
		return NULL;
	}
	if (!entry || entry->is_folder || !entry->metadata) {
		moonraker_fail(call, MOONRAKER_NOT_FOUND, NO_METADATA, path);
		return NULL;
	}
	return entry;
}

void moonraker_files_metadata(struct moonraker_call *call)
{
	const struct files_entry *entry = find_file(call);

	if (entry) {
		moonraker_answer(call, write_metadata, entry);
	}
}

static void write_pictures(struct json_writer *writer, const void *context)
{
	file_write_pictures(writer, context, true);
}

void moonraker_files_thumbnails(struct moonraker_call *call)
{
	const struct files_entry *entry = find_file(call);

	if (entry) {
		moonraker_answer(call, write_pictures, entry);
	}
}

/* --- changes --- */

struct done {
	const struct files_entry *entry; /* as it is; NULL: it is gone */
	const char *action;
};

static void write_done(struct json_writer *writer, const void *context)
{
	const struct done *done = context;

	json_object_begin(writer);
	json_key(writer, "item");
	if (done->entry) {
		file_write_item(writer, done->entry);
	} else {
		json_object_begin(writer);
		json_member_string(writer, "root", MOONRAKER_ROOT);
		json_object_end(writer);
	}
	json_member_string(writer, "action", done->action);
	json_object_end(writer);
}

static void on_done(void *context, enum files_result result, const struct files_entry *entry,
		    const struct problem *problem)
{
	struct moonraker_call *call = context;
	const struct done done = {entry, !entry             ? "delete"
					 : entry->is_folder ? "create_dir"
							    : "create_file"};

	if (result != FILES_DONE) {
		moonraker_fail(call, files_status(result), "%s", problem->text);
	} else {
		moonraker_answer(call, write_done, &done);
	}
}

void moonraker_files_post_directory(struct moonraker_call *call)
{
	char path[FILES_PATH_SIZE];

	if (read_path(call, "path", false, path)) {
		moonraker_keep(call);
		files_make_folder(call->moonraker->options.files, path, on_done, call);
	}
}

static void delete_path(struct moonraker_call *call, bool folder)
{
	char path[FILES_PATH_SIZE];

	if (!read_path(call, "path", false, path)) {
		return;
	}
	const struct files_entry *entry = files_find(files_of(call), path);
	bool whole = folder && rpc_param_flag(call->params, "force");

	if (path[0] == '\0' || !entry || entry->is_folder != folder) {
		moonraker_fail(call, MOONRAKER_NOT_FOUND, "there is no %s '%s'",
			       folder ? "folder" : "file", path);
		return;
	}
	moonraker_keep(call);
	files_delete(call->moonraker->options.files, path, whole, on_done, call);
}

void moonraker_files_delete_directory(struct moonraker_call *call)
{
	delete_path(call, true);
}

void moonraker_files_delete(struct moonraker_call *call)
{
	delete_path(call, false);
}

static void change_path(struct moonraker_call *call,
			void (*change)(struct files *files, const char *from, const char *to,
				       bool overwrite, files_done *done, void *context))
{
	char from[FILES_PATH_SIZE];
	char to[FILES_PATH_SIZE];

	if (read_path(call, "source", false, from) && read_path(call, "dest", false, to)) {
		moonraker_keep(call);
		change(call->moonraker->options.files, from, to, false, on_done, call);
	}
}

void moonraker_files_move(struct moonraker_call *call)
{
	change_path(call, files_move);
}

void moonraker_files_copy(struct moonraker_call *call)
{
	change_path(call, files_copy);
}

/* --- for all clients --- */

static const char *action_name(const struct files_change *change)
{
	bool folder = change->entry->is_folder;

	switch (change->action) {
	case FILES_CREATED:
		return folder ? "create_dir" : "create_file";
	case FILES_DELETED:
		return folder ? "delete_dir" : "delete_file";
	case FILES_MOVED:
		return folder ? "move_dir" : "move_file";
	default:
		return "modify_file";
	}
}

static void write_file_change(struct json_writer *writer, const void *context)
{
	const struct files_change *change = context;

	json_object_begin(writer);
	json_member_string(writer, "action", action_name(change));
	json_key(writer, "item");
	file_write_item(writer, change->entry);
	if (change->source) {
		json_key(writer, "source_item");
		file_write_place(writer, change->source);
	}
	json_object_end(writer);
}

void moonraker_on_file(void *context, const struct files_change *change)
{
	struct moonraker *moonraker = context;

	moonraker_notify(moonraker, NULL, "notify_filelist_changed", write_file_change, change);
	if (change->entry->metadata && change->action != FILES_DELETED) {
		moonraker_notify(moonraker, NULL, "notify_metadata_update", write_metadata,
				 change->entry);
	}
}
