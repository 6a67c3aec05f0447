/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_FILES_FILES_H
#define GATEWAY_FILES_FILES_H

#include "base/memory/list.h"
#include "base/problem.h"
#include "daemon/log/log.h"
#include "gcode/metadata.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * The G-code files that were uploaded: one area for all printers, since a file is sliced once and
 * printed on whichever of them is free. What is in it is known in memory, so that lists and
 * look-ups touch no disk; everything that changes it is done on libuv's threads, one after the
 * other, and told on the loop. docs/internals/files.md tells how it is kept.
 *
 * A path is UTF-8 with a slash between its parts, none at the front or the end: "parts/leg.gcode".
 * The area itself is "".
 */
struct files;
struct files_upload;

#define FILES_PATH_SIZE 1024 /* of a whole path, with the NUL */
#define FILES_NAME_MAX  255  /* bytes of a part of it */
#define FILES_DEPTH_MAX 16   /* parts */
#define FILES_COUNT_MAX 10000
#define FILES_SIZE_MAX  (INT64_C(8) << 30)  /* of one file */
#define FILES_FREE_MIN  (INT64_C(64) << 20) /* is left on the disk, for whatever else is there */
#define FILES_HASH_SIZE 65                  /* SHA-256 in hex, with the NUL */

/* How something ended. All but DONE come with one sentence for people. */
enum files_result {
	FILES_DONE,
	FILES_BAD_NAME,
	FILES_NO_GCODE,  /* it is something else, and what, or its name says so */
	FILES_MALFORMED, /* the request that brings it */
	FILES_TOO_LARGE, /* alone */
	FILES_NO_ROOM,   /* in the area, or on the disk */
	FILES_EXISTS,
	FILES_NOT_FOUND,
	FILES_BROKEN, /* the disk, or the gateway ends */
};

/* The status of HTTP that says so. */
int files_status(enum files_result result);

/* A file or a folder. Valid until the loop goes on. */
struct files_entry {
	bool is_folder;
	int64_t size;                    /* bytes; of a folder 0 */
	int64_t modified_ms;             /* Unix time */
	char hash[FILES_HASH_SIZE];      /* "" where it was not read yet */
	struct gcode_metadata *metadata; /* NULL: of a folder, of one that was not read, or is no
					    G-code */
	char path[];
};

/* --- the area --- */

struct files_options {
	const char *folder; /* of the gateway: "files" and what belongs to it are made there */
	int64_t total_max;  /* bytes of all files */
	int64_t kept_max;   /* bytes of those that are kept by their hash alone; 0: none are */
	struct log *log;
};

/* Reads what is there; may wait for the disk. Errors: STORE (with problem), MEMORY. */
int files_open(uv_loop_t *loop, const struct files_options *options, struct files **files,
	       struct problem *problem) __attribute__((warn_unused_result));

/* Uploads are dropped, and what is under way is awaited; on_closed follows, from inside it or
 * later. NULL is accepted. */
void files_close(struct files *files, void (*on_closed)(void *context), void *context);
/* After on_closed. NULL is accepted. */
void files_destroy(struct files *files);

/* NULL where there is none. Of "" too. */
const struct files_entry *files_find(const struct files *files, const char *path);
/* In the order of their paths: all that is in a folder follows it. The first after NULL; NULL after
 * the last. */
const struct files_entry *files_next(const struct files *files, const struct files_entry *entry);
/* The same of what is in this folder, not of what is in folders there. "": of the area. */
const struct files_entry *files_next_in(const struct files *files, const char *folder,
					const struct files_entry *entry);
/* The last part of its path. */
const char *files_name(const struct files_entry *entry);

struct files_room {
	int64_t used;
	int64_t total; /* how much may be used, as the disk allows at the moment */
	int64_t free;
};
void files_room(const struct files *files, struct files_room *room);

/* Where the file is on the disk, for http_respond_file. False where there is no such file. */
bool files_place(const struct files *files, const char *path, char out[PATH_MAX])
	__attribute__((warn_unused_result));

/* Whether a file could have this path: each part is good, and the last one ends as G-code does.
 * BAD_NAME or NO_GCODE, with problem. */
enum files_result files_check_path(const char *path, struct problem *problem);
/* The same of a folder. */
enum files_result files_check_folder(const char *path, struct problem *problem);

/* --- changes --- */

enum files_action {
	FILES_CREATED,  /* a file or a folder */
	FILES_MODIFIED, /* another file took its place */
	FILES_DELETED,
	FILES_MOVED,
	FILES_READ, /* its metadata is known now: it was put there by hand */
};

struct files_change {
	enum files_action action;
	const struct files_entry *entry; /* as it is now; of DELETED as it was */
	const char *source;              /* of MOVED: where it was before; else NULL */
};

/* Memory of its own, with these two set. */
struct files_listener {
	void (*changed)(void *context, const struct files_change *change);
	void *context;
	struct list place; /* private */
};

/* Of a folder that is deleted or moved, it alone is reported, not what is in it. */
void files_subscribe(struct files *files, struct files_listener *listener);
void files_unsubscribe(struct files_listener *listener);

/*
 * How a change ended: the entry that there is now, NULL after DELETED and where it failed. Each
 * is called once, later, on the loop; listeners were called before.
 */
typedef void files_done(void *context, enum files_result result, const struct files_entry *entry,
			const struct problem *problem);

void files_make_folder(struct files *files, const char *path, files_done *done, void *context);
/* A folder with all that is in it, if `whole`; else only an empty one. */
void files_delete(struct files *files, const char *path, bool whole, files_done *done,
		  void *context);
/* Folders that are missing on the way are made. A folder cannot be copied. */
void files_move(struct files *files, const char *from, const char *to, bool overwrite,
		files_done *done, void *context);
void files_copy(struct files *files, const char *from, const char *to, bool overwrite,
		files_done *done, void *context);

/* The picture of metadata->thumbnails[index]; picture NULL where it failed. */
typedef void files_picture_done(void *context, enum files_result result, const uint8_t *picture,
				size_t size, const char *content_type,
				const struct problem *problem);
void files_read_picture(struct files *files, const char *path, size_t index,
			files_picture_done *done, void *context);

/* --- what is printed: kept by its hash, whatever becomes of its path --- */

#define FILES_KEPT_MATERIAL_SIZE 128

struct files_kept {
	char place[PATH_MAX];                    /* on the disk */
	char material[FILES_KEPT_MATERIAL_SIZE]; /* "PLA"; "": not said */
};

/* The file of this hash stays where it is replaced or deleted, as long as there is room: that which
 * was not asked for the longest goes first. Nothing, where there is none of this hash. */
void files_keep(struct files *files, const char *hash);
/* The hashes of what waits to be printed, one after the other: of these nothing goes. *place is
 * NULL before the first, and NULL is returned after the last. Called on the loop. */
typedef const char *files_next_needed(void *context, const void **place);
/* Until it is said, nothing goes at all. */
void files_spare(struct files *files, files_next_needed *next, void *context);
/* False where it is not kept, or not yet. */
bool files_find_kept(const struct files *files, const char *hash, struct files_kept *kept)
	__attribute__((warn_unused_result));

/* --- uploads: written to a file of their own, which takes its place when it is whole --- */

struct files_upload_options {
	int64_t size; /* how long it is going to be, or more; -1: not known */
	/* It takes more. */
	void (*ready)(void *context);
	/* Once: after files_upload_end, or earlier where it failed, maybe from inside
	 * files_upload_write; it is gone then. */
	files_done *done;
	void *context;
};

/* Whether there is room for a file of this size: DONE, TOO_LARGE or NO_ROOM, with problem. */
enum files_result files_check_size(const struct files *files, int64_t size,
				   struct problem *problem);

/* TOO_LARGE, NO_ROOM, BROKEN: with problem, and done is not called. */
enum files_result files_upload_begin(struct files *files,
				     const struct files_upload_options *options,
				     struct files_upload **upload, struct problem *problem)
	__attribute__((warn_unused_result));
/* All of it is taken, in any case. False: before more is given, `ready` is to be awaited. */
bool files_upload_write(struct files_upload *upload, const void *bytes, size_t length)
	__attribute__((warn_unused_result));
/* It is whole: to be put in its place. Folders that are missing are made. */
void files_upload_end(struct files_upload *upload, const char *path, bool overwrite);
/* Nothing is called any more; before files_upload_end, nothing is left of it either. */
void files_upload_abort(struct files_upload *upload);

#endif
