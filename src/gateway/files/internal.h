/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_FILES_INTERNAL_H
#define GATEWAY_FILES_INTERNAL_H

#include "gateway/files/files.h"

#include <sys/types.h>

#define FILES_LOG_PART "files"
#define FILES_MODE     0600
#define FOLDER_MODE    0700

struct files_task;
struct kept_file;

struct files_kept_list {
	struct kept_file *files;
	size_t count;
};

struct files {
	uv_loop_t *loop;
	struct log *log;
	int64_t total_max;
	int64_t kept_max;
	char *area;                   /* the folder of the files themselves */
	char *notes;                  /* of what is known of each (note.c) */
	char *uploads;                /* of what is not whole yet */
	char *printed;                /* of what is kept by its hash (kept.c) */
	struct files_entry **entries; /* by path (index.c) */
	size_t count;
	size_t capacity;
	int64_t used;                /* bytes of all entries */
	int64_t coming;              /* bytes that uploads may take */
	uint64_t uploaded;           /* how many were begun: their names */
	struct files_kept_list kept; /* changed as the index is */
	bool area_changed;           /* since there was room made for what is kept */
	files_next_needed *next_needed;
	void *needs;
	struct list listeners;
	struct list all_uploads;
	struct list tasks; /* that wait for their turn */
	struct files_task *running;
	size_t working; /* pieces of work on threads that are no tasks */
	bool closing;
	void (*on_closed)(void *context);
	void *context;
};

/* --- index.c: what is there. Changed on the loop, and only while no task is at work --- */

/* Where the path is, or would be. */
size_t area_place(const struct files *files, const char *path, bool *found);
struct files_entry *area_find(const struct files *files, const char *path);
struct files_entry *entry_create(const char *path);
void entry_destroy(struct files_entry *entry);
/* Room for a file and the folders that it is in. False for want of memory. */
bool area_reserve(struct files *files) __attribute__((warn_unused_result));
/* Takes it over, in place of one that has this path. MEMORY: it was destroyed. */
int area_put(struct files *files, struct files_entry *entry) __attribute__((warn_unused_result));
/* Takes it out, and hands it over. NULL where there is none. */
struct files_entry *area_take(struct files *files, const char *path);
/* Whether the path is in this folder, at any depth. */
bool path_is_below(const char *path, const char *folder);
void area_finish(struct files *files);

/* --- disk.c: on any thread --- */

/* FOLDER/PATH. False where that is too long. */
bool disk_place(const char *folder, const char *path, char out[PATH_MAX]);
/* What went wrong with this path, by errno: NO_ROOM, NOT_FOUND, EXISTS or BROKEN. */
enum files_result disk_fault(const char *verb, const char *path, int error,
			     struct problem *problem);
/* Makes the folders that the path is in. */
enum files_result disk_make_parents(const struct files *files, const char *path,
				    struct problem *problem);
/* Of what the path leads to: a rename into it outlasts a power cut. */
void disk_sync_parent(const struct files *files, const char *path);
/* Fills size and time of an entry. 0 or an errno; EINVAL: neither a file nor a folder. */
int disk_look(const struct files *files, struct files_entry *entry);
/* How many bytes the disk has left for us. */
int64_t disk_free(const struct files *files);

/* --- note.c: what is known of a file, kept beside the area, so that it is read once --- */

/* A file that cannot be noted is read again at the next start: no error. */
void note_write(const struct files *files, const struct files_entry *entry);
void note_remove(const struct files *files, const char *path);
/* Gives each entry what is noted of it, if it is still the same, and removes what is noted of
 * nothing. */
void notes_load(struct files *files);

/* --- kept.c: what is printed, by its hash --- */

#define FILES_KEPT_NAME_SIZE 256

/* May wait for the disk. */
void kept_open(struct files *files);
void kept_finish(struct files *files);
/* Once a task has ended: what became of the area may be the end of what is kept. */
void kept_go_on(struct files *files);

/* --- scan.c --- */

/* Errors: STORE (with problem), MEMORY. */
int scan_area(struct files *files, struct problem *problem) __attribute__((warn_unused_result));
/* What was put there by hand is read when there is time for it. */
void scan_read_unknown(struct files *files);

/* --- tasks.c: one at a time, on a thread --- */

struct files_task {
	struct list place;
	struct files *files;
	uv_work_t request;
	/* On a thread; sets result, and problem where that is not DONE. */
	void (*work)(struct files_task *task);
	/* On the loop; frees it. Called also where `work` never was, since the gateway ends. */
	void (*finish)(struct files_task *task);
	enum files_result result;
	struct problem problem;
};

void task_add(struct files *files, struct files_task *task);
/* Starts the next one; gives all of them up where the area is being closed. */
void tasks_go_on(struct files *files);
/* Calls on_closed once nothing is left to wait for. */
void files_check_closed(struct files *files);

/* --- files.c --- */

void files_report(struct files *files, enum files_action action, const struct files_entry *entry,
		  const char *source);
/* Takes the entry over and reports it. NULL where there is no memory: told in problem. */
const struct files_entry *files_put(struct files *files, struct files_entry *entry,
				    const char *source, struct problem *problem);

/* --- upload.c --- */

void uploads_end_all(struct files *files);

/* Reads a whole file as an upload is read: hash and metadata. On a thread. */
void upload_read_file(const char *place, struct files_entry *entry);

#endif
