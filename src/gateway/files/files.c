/* SPDX-License-Identifier: MIT */
#include "gateway/files/internal.h"

#include <dirent.h>
#include <errno.h>
#include <flagship/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- opening --- */

static char *join(const char *folder, const char *name)
{
	char place[PATH_MAX];

	return disk_place(folder, name, place) ? strdup(place) : NULL;
}

static int make_folder(const char *place, struct problem *problem)
{
	if (mkdir(place, FOLDER_MODE) != 0 && errno != EEXIST) {
		return problem_cannot(problem, "make the folder", place, errno, "");
	}
	return 0;
}

/* Of an earlier run that was killed. */
static void empty_uploads(const struct files *files)
{
	DIR *folder = opendir(files->uploads);
	const struct dirent *item;
	char place[PATH_MAX];

	while (folder && (item = readdir(folder))) {
		if (disk_place(files->uploads, item->d_name, place)) {
			(void)unlink(place);
		}
	}
	if (folder) {
		closedir(folder);
	}
}

static int prepare(struct files *files, struct problem *problem)
{
	int error = make_folder(files->area, problem);

	if (!error) {
		error = make_folder(files->notes, problem);
	}
	if (!error) {
		error = make_folder(files->uploads, problem);
	}
	if (!error) {
		error = make_folder(files->printed, problem);
	}
	if (!error) {
		empty_uploads(files);
		error = scan_area(files, problem);
	}
	if (!error) {
		kept_open(files);
	}
	return error;
}

int files_open(uv_loop_t *loop, const struct files_options *options, struct files **out,
	       struct problem *problem)
{
	struct files *files = calloc(1, sizeof(*files));

	*out = NULL;
	if (!files) {
		return problem_memory(problem);
	}
	files->loop = loop;
	files->log = options->log;
	files->total_max = options->total_max;
	files->kept_max = options->kept_max;
	list_init(&files->listeners);
	list_init(&files->all_uploads);
	list_init(&files->tasks);
	files->area = join(options->folder, "files");
	files->notes = join(options->folder, "file-notes");
	files->uploads = join(options->folder, "uploads");
	files->printed = join(options->folder, "printed");
	int error = files->area && files->notes && files->uploads && files->printed
			    ? prepare(files, problem)
			    : problem_memory(problem);
	if (error) {
		files_destroy(files);
		return error;
	}
	*out = files;
	scan_read_unknown(files);
	return 0;
}

void files_close(struct files *files, void (*on_closed)(void *context), void *context)
{
	if (!files) {
		on_closed(context);
		return;
	}
	files->closing = true;
	files->on_closed = on_closed;
	files->context = context;
	uploads_end_all(files);
	tasks_go_on(files);
}

void files_destroy(struct files *files)
{
	if (files) {
		area_finish(files);
		kept_finish(files);
		free(files->area);
		free(files->notes);
		free(files->uploads);
		free(files->printed);
		free(files);
	}
}

/* --- looking --- */

int files_status(enum files_result result)
{
	static const int statuses[] = {
		[FILES_DONE] = 200,      [FILES_BAD_NAME] = 400,  [FILES_NO_GCODE] = 415,
		[FILES_MALFORMED] = 400, [FILES_TOO_LARGE] = 413, [FILES_NO_ROOM] = 507,
		[FILES_EXISTS] = 409,    [FILES_NOT_FOUND] = 404, [FILES_BROKEN] = 500,
	};

	return statuses[result];
}

void files_room(const struct files *files, struct files_room *room)
{
	int64_t left = files->total_max - files->used - files->coming;
	int64_t disk = disk_free(files) - files->coming;

	left = left < disk ? left : disk;
	room->used = files->used;
	room->free = left > 0 ? left : 0;
	room->total = room->used + room->free;
}

bool files_place(const struct files *files, const char *path, char out[PATH_MAX])
{
	const struct files_entry *entry = area_find(files, path);

	return entry && !entry->is_folder && disk_place(files->area, path, out);
}

/* --- telling --- */

void files_subscribe(struct files *files, struct files_listener *listener)
{
	list_insert(&files->listeners, &listener->place);
}

void files_unsubscribe(struct files_listener *listener)
{
	list_remove(&listener->place);
}

void files_report(struct files *files, enum files_action action, const struct files_entry *entry,
		  const char *source)
{
	const struct files_change change = {.action = action, .entry = entry, .source = source};
	struct list *next;

	files->area_changed = true;
	for (struct list *at = files->listeners.next; at != &files->listeners; at = next) {
		const struct files_listener *listener = LIST_OF(at, struct files_listener, place);

		next = at->next;
		listener->changed(listener->context, &change);
	}
}

/* Adds the folders that the path is in to the index, and reports them. */
static void files_add_parents(struct files *files, const char *path)
{
	char part[FILES_PATH_SIZE];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		struct files_entry *entry = area_find(files, part) ? NULL : entry_create(part);

		if (!entry) {
			continue;
		}
		(void)disk_look(files, entry);
		entry->is_folder = true;
		if (area_put(files, entry) == 0) {
			files_report(files, FILES_CREATED, entry, NULL);
		}
	}
}

const struct files_entry *files_put(struct files *files, struct files_entry *entry,
				    const char *source, struct problem *problem)
{
	bool replaces = area_find(files, entry->path) != NULL;

	files_add_parents(files, entry->path);
	if (area_put(files, entry)) {
		(void)problem_memory(problem);
		return NULL;
	}
	files_report(files,
		     source     ? FILES_MOVED
		     : replaces ? FILES_MODIFIED
				: FILES_CREATED,
		     entry, source);
	return entry;
}
