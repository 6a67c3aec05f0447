/* SPDX-License-Identifier: MIT */
#include "daemon/reload/watch.h"

#include <flagship/error.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SETTLE_MS 100
#define LOOK_MS   5000

/* What tells one content of a file from the next. */
struct look {
	bool exists;
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct watched_file {
	struct watch *watch;
	uv_fs_event_t event; /* of its folder */
	bool event_runs;
	struct look followed; /* the folder that events come of */
	char path[PATH_MAX];
	char folder[PATH_MAX];
	struct look last;
};

struct watch {
	uv_timer_t settle;
	uv_timer_t slow;
	size_t open; /* handles */
	void (*changed)(void *context);
	void *context;
	size_t count;
	struct watched_file files[];
};

static struct look look_at(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0) {
		return (struct look){0};
	}
	return (struct look){.exists = true,
			     .device = status.st_dev,
			     .inode = status.st_ino,
			     .size = status.st_size,
			     .changed = status.st_mtim};
}

static bool is_same_entry(const struct look *first, const struct look *second)
{
	return first->exists == second->exists && first->device == second->device &&
	       first->inode == second->inode && first->size == second->size &&
	       first->changed.tv_sec == second->changed.tv_sec &&
	       first->changed.tv_nsec == second->changed.tv_nsec;
}

static void on_timer(uv_timer_t *timer);

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
	const struct watched_file *file = event->data;

	(void)name;
	(void)events;
	(void)status;
	uv_timer_start(&file->watch->settle, on_timer, SETTLE_MS, 0);
}

/* A folder may have come since the last look, or have been replaced. */
static void follow_folder(struct watched_file *file)
{
	struct look now = look_at(file->folder);

	if (file->event_runs && now.inode == file->followed.inode &&
	    now.device == file->followed.device) {
		return;
	}
	uv_fs_event_stop(&file->event);
	file->followed = now;
	file->event_runs = uv_fs_event_start(&file->event, on_event, file->folder, 0) == 0;
}

static void look(struct watch *watch)
{
	bool changed = false;

	for (size_t i = 0; i < watch->count; i++) {
		struct look now = look_at(watch->files[i].path);

		changed = changed || !is_same_entry(&now, &watch->files[i].last);
		watch->files[i].last = now;
		follow_folder(&watch->files[i]);
	}
	if (changed) {
		watch->changed(watch->context);
	}
}

static void on_timer(uv_timer_t *timer)
{
	look(timer->data);
}

static void init_handles(struct watch *watch, uv_loop_t *loop)
{
	uv_timer_init(loop, &watch->settle);
	uv_timer_init(loop, &watch->slow);
	watch->settle.data = watch;
	watch->slow.data = watch;
	uv_timer_start(&watch->slow, on_timer, LOOK_MS, LOOK_MS);
	uv_unref((uv_handle_t *)&watch->settle);
	uv_unref((uv_handle_t *)&watch->slow);
	watch->open = 2 + watch->count;
}

static void find_folder(const char *path, char folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (!slash) {
		snprintf(folder, PATH_MAX, ".");
	} else {
		snprintf(folder, PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	}
}

int watch_start(uv_loop_t *loop, const char *const *paths, size_t count,
		void (*changed)(void *context), void *context, struct watch **watch)
{
	struct watch *made = calloc(1, sizeof(*made) + count * sizeof(made->files[0]));

	*watch = made;
	if (!made) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	made->changed = changed;
	made->context = context;
	made->count = count;
	init_handles(made, loop);
	for (size_t i = 0; i < count; i++) {
		struct watched_file *file = &made->files[i];

		file->watch = made;
		snprintf(file->path, sizeof(file->path), "%s", paths[i]);
		find_folder(paths[i], file->folder);
		file->last = look_at(file->path);
		uv_fs_event_init(loop, &file->event);
		file->event.data = file;
		uv_unref((uv_handle_t *)&file->event);
		follow_folder(file);
	}
	return 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;

	if (--watch->open == 0) {
		free(watch);
	}
}

static void on_event_closed(uv_handle_t *handle)
{
	struct watch *watch = ((const struct watched_file *)handle->data)->watch;

	if (--watch->open == 0) {
		free(watch);
	}
}

void watch_stop(struct watch *watch)
{
	if (!watch) {
		return;
	}
	for (size_t i = 0; i < watch->count; i++) {
		uv_close((uv_handle_t *)&watch->files[i].event, on_event_closed);
	}
	uv_close((uv_handle_t *)&watch->settle, on_timer_closed);
	uv_close((uv_handle_t *)&watch->slow, on_timer_closed);
}
