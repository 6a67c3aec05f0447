/* SPDX-License-Identifier: MIT */
#include "gateway/files/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is made, deleted, moved and copied within the area. */

#define PIECE 65536

struct change {
	struct files_task task;
	char from[FILES_PATH_SIZE];
	char to[FILES_PATH_SIZE];
	bool flag; /* of a deletion: with all that is in it; else what is there may be replaced */
	struct files_entry *entry; /* of what was made */
	files_done *done;
	void *context;
};

static struct change *change_of(struct files_task *task)
{
	return LIST_OF(task, struct change, task);
}

static void end_change(struct change *change, enum files_result result,
		       const struct files_entry *entry)
{
	change->done(change->context, result, entry, &change->task.problem);
	entry_destroy(change->entry);
	free(change);
}

static void set_fault(struct files_task *task, const char *verb, const char *path, int error)
{
	task->result = disk_fault(verb, path, error, &task->problem);
}

/* --- folders --- */

static void make_changed_folder(struct files_task *task)
{
	struct change *change = change_of(task);
	char place[PATH_MAX];

	task->result = disk_make_parents(task->files, change->to, &task->problem);
	if (task->result != FILES_DONE) {
		return;
	}
	if (!disk_place(task->files->area, change->to, place) || mkdir(place, FOLDER_MODE) != 0) {
		set_fault(task, "make the folder", change->to, errno);
		return;
	}
	(void)disk_look(task->files, change->entry);
}

/* Also of a file that was copied: there is something new. */
static void finish_making(struct files_task *task)
{
	struct change *change = change_of(task);
	const struct files_entry *entry = NULL;

	if (task->result == FILES_DONE) {
		entry = files_put(task->files, change->entry, NULL, &task->problem);
		task->result = entry ? FILES_DONE : FILES_BROKEN;
		change->entry = NULL;
	}
	end_change(change, task->result, entry);
}

/* --- deleting --- */

static bool delete_one(struct files_task *task, const struct files_entry *entry)
{
	char place[PATH_MAX];

	if (!disk_place(task->files->area, entry->path, place) ||
	    (entry->is_folder ? rmdir(place) : unlink(place)) != 0) {
		if (errno != ENOENT) {
			set_fault(task, "delete", entry->path, errno);
			return false;
		}
	}
	if (!entry->is_folder) {
		note_remove(task->files, entry->path);
	}
	return true;
}

static void delete_entry(struct files_task *task)
{
	const struct change *change = change_of(task);
	const struct files *files = task->files;
	bool found;
	size_t first = area_place(files, change->from, &found);
	size_t last = first;

	if (!found) {
		set_fault(task, "delete", change->from, ENOENT);
		return;
	}
	while (last + 1 < files->count &&
	       path_is_below(files->entries[last + 1]->path, change->from)) {
		last++;
	}
	if (last > first && !change->flag) {
		task->result = FILES_EXISTS;
		problem_set(&task->problem, "the folder '%s' is not empty", change->from);
		return;
	}
	/* From the last on, so that a folder is empty when its turn comes. */
	for (size_t at = last + 1; at > first; at--) {
		if (!delete_one(task, files->entries[at - 1])) {
			return;
		}
	}
	disk_sync_parent(files, change->from);
}

static void finish_deleting(struct files_task *task)
{
	struct change *change = change_of(task);
	struct files *files = task->files;
	bool found;

	if (task->result != FILES_DONE) {
		end_change(change, task->result, NULL);
		return;
	}
	struct files_entry *entry = area_take(files, change->from);
	size_t at = area_place(files, change->from, &found);
	while (at < files->count && path_is_below(files->entries[at]->path, change->from)) {
		entry_destroy(area_take(files, files->entries[at]->path));
	}
	if (entry) {
		files_report(files, FILES_DELETED, entry, NULL);
		entry_destroy(entry);
	}
	end_change(change, FILES_DONE, NULL);
}

/* --- moving and copying --- */

/* What stands in the way of putting `from` to `to`; DONE where nothing does. */
static enum files_result check_way(struct files_task *task, const struct change *change,
				   const struct files_entry **entry)
{
	const struct files_entry *there = area_find(task->files, change->to);

	*entry = area_find(task->files, change->from);
	if (!*entry) {
		return disk_fault("move", change->from, ENOENT, &task->problem);
	}
	if (path_is_below(change->to, change->from)) {
		problem_set(&task->problem, "'%s' cannot be put into itself", change->from);
		return FILES_BAD_NAME;
	}
	if (there && there != *entry &&
	    (!change->flag || there->is_folder || (*entry)->is_folder)) {
		return disk_fault("make", change->to, EEXIST, &task->problem);
	}
	enum files_result result = (*entry)->is_folder
					   ? files_check_folder(change->to, &task->problem)
					   : files_check_path(change->to, &task->problem);
	return result == FILES_DONE ? disk_make_parents(task->files, change->to, &task->problem)
				    : result;
}

/* Where what is at this path comes to. False where that is too long. */
static bool new_path(const struct change *change, const char *path, char out[FILES_PATH_SIZE])
{
	int length = snprintf(out, FILES_PATH_SIZE, "%s%s", change->to,
			      path + strlen(change->from));

	return length > 0 && length < FILES_PATH_SIZE;
}

static struct files_entry *copy_of(const struct files_entry *entry, const char *path)
{
	struct files_entry *copy = entry_create(path);

	if (!copy) {
		return NULL;
	}
	copy->is_folder = entry->is_folder;
	copy->size = entry->size;
	copy->modified_ms = entry->modified_ms;
	memcpy(copy->hash, entry->hash, sizeof(copy->hash));
	if (entry->metadata) {
		copy->metadata = malloc(sizeof(*copy->metadata));
		if (!copy->metadata) {
			entry_destroy(copy);
			return NULL;
		}
		*copy->metadata = *entry->metadata;
	}
	return copy;
}

/* What is known of each file goes along. */
static void move_notes(const struct files *files, const struct change *change)
{
	bool found;
	size_t at = area_place(files, change->from, &found);
	char path[FILES_PATH_SIZE];

	do {
		const struct files_entry *entry = files->entries[at];
		struct files_entry *moved = !entry->is_folder && entry->hash[0] != '\0' &&
							    new_path(change, entry->path, path)
						    ? copy_of(entry, path)
						    : NULL;

		if (moved) {
			note_write(files, moved);
			note_remove(files, entry->path);
			entry_destroy(moved);
		}
		at++;
	} while (at < files->count && path_is_below(files->entries[at]->path, change->from));
}

static void move_entry(struct files_task *task)
{
	const struct change *change = change_of(task);
	const struct files_entry *entry;
	char from[PATH_MAX];
	char to[PATH_MAX];

	if (strcmp(change->from, change->to) == 0) {
		return;
	}
	task->result = check_way(task, change, &entry);
	if (task->result != FILES_DONE) {
		return;
	}
	if (!disk_place(task->files->area, change->from, from) ||
	    !disk_place(task->files->area, change->to, to) || rename(from, to) != 0) {
		set_fault(task, "move", change->from, errno);
		return;
	}
	disk_sync_parent(task->files, change->to);
	disk_sync_parent(task->files, change->from);
	move_notes(task->files, change);
}

/* What is too deep in it to be called so is lost to sight until the next start: it stays on the
 * disk. */
static void move_content(struct files *files, const struct change *change)
{
	bool found;
	size_t at = area_place(files, change->from, &found);
	char path[FILES_PATH_SIZE];

	while (at < files->count && path_is_below(files->entries[at]->path, change->from)) {
		struct files_entry *entry = area_take(files, files->entries[at]->path);
		struct files_entry *moved = new_path(change, entry->path, path)
						    ? copy_of(entry, path)
						    : NULL;

		entry_destroy(entry);
		if (moved && area_put(files, moved) == 0) {
			at = area_place(files, change->from, &found);
		}
	}
}

/* Where it is now, what it was before: it needs no memory, since it is moved already. */
static struct files_entry *take_over(struct change *change, struct files_entry *before)
{
	struct files_entry *after = change->entry;

	change->entry = NULL;
	after->is_folder = before->is_folder;
	after->size = before->size;
	after->modified_ms = before->modified_ms;
	memcpy(after->hash, before->hash, sizeof(after->hash));
	after->metadata = before->metadata;
	before->metadata = NULL;
	return after;
}

static void finish_moving(struct files_task *task)
{
	struct change *change = change_of(task);
	struct files *files = task->files;
	struct files_entry *before = task->result == FILES_DONE ? area_take(files, change->from)
								: NULL;
	const struct files_entry *entry = NULL;

	if (before) {
		move_content(files, change);
		entry = files_put(files, take_over(change, before), change->from, &task->problem);
	}
	entry_destroy(before);
	end_change(change, before && !entry ? FILES_BROKEN : task->result, entry);
}

static int copy_bytes(int from, int to)
{
	char *piece = malloc(PIECE);
	ssize_t got = -1;

	errno = ENOMEM;
	while (piece && (got = read(from, piece, PIECE)) > 0) {
		for (ssize_t put = 0, some; put < got; put += some) {
			some = write(to, piece + put, (size_t)(got - put));
			if (some < 0) {
				free(piece);
				return -1;
			}
		}
	}
	free(piece);
	return got < 0 ? -1 : fsync(to);
}

static int copy_through(const char *from, const char *temporary, const char *to)
{
	int source = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int target = source < 0
			     ? -1
			     : open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILES_MODE);
	int result = target < 0 ? -1 : copy_bytes(source, target);

	if (result == 0) {
		result = rename(temporary, to);
	}
	int error = errno;

	if (source >= 0) {
		close(source);
	}
	if (target >= 0) {
		close(target);
		(void)unlink(temporary);
	}
	return result == 0 ? 0 : error;
}

static bool has_room(struct files_task *task, int64_t size)
{
	struct files_room room;

	files_room(task->files, &room);
	if (size > room.free || task->files->count >= FILES_COUNT_MAX) {
		task->result = FILES_NO_ROOM;
		problem_set(&task->problem, "there is no room for another file: delete some");
		return false;
	}
	return true;
}

static void copy_entry(struct files_task *task)
{
	struct change *change = change_of(task);
	const struct files_entry *entry;
	char from[PATH_MAX];
	char temporary[PATH_MAX];
	char to[PATH_MAX];

	task->result = check_way(task, change, &entry);
	if (task->result == FILES_DONE && entry->is_folder) {
		task->result = FILES_BAD_NAME;
		problem_set(&task->problem, "'%s' is a folder: only files are copied",
			    change->from);
	}
	if (task->result != FILES_DONE || entry == area_find(task->files, change->to) ||
	    !has_room(task, entry->size)) {
		return;
	}
	entry_destroy(change->entry);
	change->entry = copy_of(entry, change->to);
	if (!change->entry) {
		task->result = FILES_BROKEN;
		(void)problem_memory(&task->problem);
		return;
	}
	int error = disk_place(task->files->area, change->from, from) &&
				    disk_place(task->files->uploads, "copy", temporary) &&
				    disk_place(task->files->area, change->to, to)
			    ? copy_through(from, temporary, to)
			    : ENAMETOOLONG;
	if (error) {
		set_fault(task, "copy", change->from, error);
		return;
	}
	disk_sync_parent(task->files, change->to);
	(void)disk_look(task->files, change->entry);
	note_write(task->files, change->entry);
}

/* --- for all --- */

struct change_kind {
	void (*work)(struct files_task *task);
	void (*finish)(struct files_task *task);
};

static void submit(struct files *files, const struct change_kind *kind, const struct change *own)
{
	struct change *change = malloc(sizeof(*change));
	struct files_entry *entry = change ? entry_create(own->to) : NULL;
	struct problem problem;

	if (!entry) {
		free(change);
		(void)problem_memory(&problem);
		own->done(own->context, FILES_BROKEN, NULL, &problem);
		return;
	}
	*change = *own;
	change->task = (struct files_task){.work = kind->work, .finish = kind->finish};
	change->entry = entry;
	task_add(files, &change->task);
}

/* Fails at once where a path cannot be one. */
static bool set_path(struct change *change, char out[FILES_PATH_SIZE], const char *path)
{
	struct problem problem;

	if (files_check_folder(path, &problem) != FILES_DONE) {
		change->done(change->context, FILES_BAD_NAME, NULL, &problem);
		return false;
	}
	snprintf(out, FILES_PATH_SIZE, "%s", path);
	return true;
}

void files_make_folder(struct files *files, const char *path, files_done *done, void *context)
{
	static const struct change_kind kind = {make_changed_folder, finish_making};
	struct change change = {.done = done, .context = context};

	if (set_path(&change, change.to, path)) {
		submit(files, &kind, &change);
	}
}

void files_delete(struct files *files, const char *path, bool whole, files_done *done,
		  void *context)
{
	static const struct change_kind kind = {delete_entry, finish_deleting};
	struct change change = {.flag = whole, .done = done, .context = context};

	if (set_path(&change, change.from, path)) {
		submit(files, &kind, &change);
	}
}

void files_move(struct files *files, const char *from, const char *to, bool overwrite,
		files_done *done, void *context)
{
	static const struct change_kind kind = {move_entry, finish_moving};
	struct change change = {.flag = overwrite, .done = done, .context = context};

	if (set_path(&change, change.from, from) && set_path(&change, change.to, to)) {
		submit(files, &kind, &change);
	}
}

void files_copy(struct files *files, const char *from, const char *to, bool overwrite,
		files_done *done, void *context)
{
	static const struct change_kind kind = {copy_entry, finish_making};
	struct change change = {.flag = overwrite, .done = done, .context = context};

	if (set_path(&change, change.from, from) && set_path(&change, change.to, to)) {
		submit(files, &kind, &change);
	}
}
