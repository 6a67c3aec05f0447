/* SPDX-License-Identifier: MIT */
#include "gateway/files/internal.h"

#include <dirent.h>
#include <errno.h>
#include <flagship/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is there at the start. */

struct scan {
	struct files *files;
	struct problem *problem;
	size_t passed_over; /* what could have no such name here */
};

static int scan_folder(struct scan *scan, const char *path);

static int add_item(struct scan *scan, const char *path)
{
	struct files *files = scan->files;
	struct files_entry *entry = entry_create(path);
	struct problem ignored = {0};

	if (!entry) {
		return problem_memory(scan->problem);
	}
	if (disk_look(files, entry) != 0 || files->count >= FILES_COUNT_MAX ||
	    (entry->is_folder ? files_check_folder : files_check_path)(path, &ignored)) {
		scan->passed_over++;
		entry_destroy(entry);
		return 0;
	}
	bool is_folder = entry->is_folder;
	if (area_put(files, entry)) {
		return problem_memory(scan->problem);
	}
	return is_folder ? scan_folder(scan, path) : 0;
}

static int scan_folder(struct scan *scan, const char *path) /* NOLINT(misc-no-recursion) */
{
	char place[PATH_MAX];
	DIR *folder = disk_place(scan->files->area, path, place) ? opendir(place) : NULL;
	const struct dirent *item;
	int error = 0;

	if (!folder) {
		return problem_cannot(scan->problem, "read the folder", place, errno, "");
	}
	while (!error && (item = readdir(folder))) {
		char below[FILES_PATH_SIZE];
		int length = snprintf(below, sizeof(below), path[0] != '\0' ? "%s/%s" : "%s%s",
				      path, item->d_name);

		/* Hidden names are other programs' temporary files. */
		if (item->d_name[0] == '.') {
			continue;
		}
		if (length >= (int)sizeof(below)) {
			scan->passed_over++;
			continue;
		}
		error = add_item(scan, below);
	}
	closedir(folder);
	return error;
}

int scan_area(struct files *files, struct problem *problem)
{
	struct scan scan = {.files = files, .problem = problem};
	int error = scan_folder(&scan, "");

	if (!error && scan.passed_over > 0) {
		log_write(files->log, LOG_LEVEL_WARNING, FILES_LOG_PART,
			  "%zu things in %s are left alone: they are no G-code, or have names that "
			  "cannot be used here",
			  scan.passed_over, files->area);
	}
	if (!error) {
		notes_load(files);
	}
	return error;
}

/* --- what was put there by hand --- */

struct reading {
	struct files_task task;
	struct files_entry *entry; /* its own */
};

static void read_file(struct files_task *task)
{
	struct reading *reading = LIST_OF(task, struct reading, task);
	char place[PATH_MAX];

	if (disk_place(task->files->area, reading->entry->path, place) &&
	    disk_look(task->files, reading->entry) == 0) {
		upload_read_file(place, reading->entry);
		note_write(task->files, reading->entry);
	}
}

static void finish_reading(struct files_task *task)
{
	struct reading *reading = LIST_OF(task, struct reading, task);
	struct files *files = task->files;
	const struct files_entry *entry = area_find(files, reading->entry->path);

	if (!files->closing && entry && !entry->is_folder && entry->hash[0] == '\0' &&
	    reading->entry->hash[0] != '\0') {
		if (area_put(files, reading->entry) == 0) {
			files_report(files, FILES_READ, reading->entry, NULL);
		}
	} else {
		entry_destroy(reading->entry);
	}
	free(reading);
}

void scan_read_unknown(struct files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct files_entry *entry = files->entries[i];
		struct reading *reading = entry->is_folder || entry->hash[0] != '\0'
						  ? NULL
						  : calloc(1, sizeof(*reading));

		if (!reading) {
			continue;
		}
		reading->task.work = read_file;
		reading->task.finish = finish_reading;
		reading->entry = entry_create(entry->path);
		if (!reading->entry) {
			free(reading);
			continue;
		}
		task_add(files, &reading->task);
	}
}
