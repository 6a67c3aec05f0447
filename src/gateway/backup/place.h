/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_BACKUP_PLACE_H
#define GATEWAY_BACKUP_PLACE_H

#include "base/problem.h"
#include "gateway/backup/archive.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * What a gateway keeps, and where: a backup is a copy of it (make.c); one that comes back is laid
 * ready beside it and checked there (stage.c), and takes its place while no gateway runs (apply.c).
 * All of it on any thread, and in any process: it waits for the disk.
 */
struct backup_place {
	char folder[PATH_MAX];   /* the gateway's own */
	char accounts[PATH_MAX]; /* accounts.json */
	char settings[PATH_MAX]; /* flagship.conf */
};

/* Paths of accounts and settings. Error: STORE (with problem). */
int backup_place_find(const char *folder, struct backup_place *place, struct problem *problem)
	__attribute__((warn_unused_result));

/* A file that there is once, and its name in the archive. */
enum backup_kind {
	BACKUP_ABOUT, /* what the archive is; always the first */
	BACKUP_ACCESS,
	BACKUP_ACCOUNTS,
	BACKUP_SETTINGS,
	BACKUP_PORTS,
	BACKUP_CAMERAS,
	BACKUP_PUSH,
	BACKUP_MOONRAKER,
	BACKUP_TIMELAPSE,
	BACKUP_PAGE,
	BACKUP_HISTORY,
	BACKUP_QUEUE,
	BACKUP_KINDS,
};

#define BACKUP_FORMAT    "flagship serve backup"
#define BACKUP_VERSION   1
#define BACKUP_FILES     "files/" /* uploads */
#define BACKUP_ABOUT_MAX 1024
#define BACKUP_NEW       "restoring"    /* folders in the gateway's: what is not whole yet */
#define BACKUP_READY     "restored"     /* what takes its place at the next start */
#define BACKUP_DOUBT     "unconfirmed"  /* a file in BACKUP_READY: it is not taken over */
#define BACKUP_PART      "backup.part-" /* and the process: of a database that is copied */
#define BACKUP_AREA      "files"        /* uploads, in either folder */
#define BACKUP_OLD_AREA  "old-files"    /* in BACKUP_READY: those that make room */
#define BACKUP_MODE      0600
#define BACKUP_COPY      65536 /* bytes at once */

const char *backup_kind_name(enum backup_kind kind);
/* BACKUP_KINDS where there is none. */
enum backup_kind backup_kind_of(const char *name);
bool backup_kind_is_database(enum backup_kind kind);
/* Of all of flagship: it lies elsewhere, maybe where a gateway may not write. */
bool backup_kind_is_shared(enum backup_kind kind);
/* Where the gateway has it. False where that is too long. */
bool backup_kind_path(const struct backup_place *place, enum backup_kind kind, char out[PATH_MAX]);

/* Where a certificate that was kept for accounts has its place (store/accounts/authority.h). False
 * where that is too long. */
bool backup_authority_path(const char *name, char out[PATH_MAX]);

/* FOLDER/NAME. False where that is too long. */
bool backup_join(const char *folder, const char *name, char out[PATH_MAX]);
/* Whether both are there with the same content. */
bool backup_is_same(const char *path, const char *other);
/* A folder with all that is in it; links are not followed. One that is absent is no error. Error:
 * STORE (with problem). */
int backup_remove_tree(const char *path, struct problem *problem);

/* Writes it to a file or pipe. Errors: STORE (with problem), MEMORY. */
int backup_make(const struct backup_place *place, bool uploads, int file, struct problem *problem)
	__attribute__((warn_unused_result));

/* What was laid ready. */
struct backup_found {
	char about[BACKUP_ABOUT_MAX]; /* the archive's own JSON */
	unsigned int uploads;
	bool has_uploads;
};
/* Reads one, from a file or pipe, to its end, checks all of it, and lays it ready; in doubt, that
 * is to be taken over once it is confirmed, and never otherwise. After an error (STORE, with
 * problem) nothing of it is left. */
int backup_stage(const struct backup_place *place, int file, bool in_doubt,
		 struct backup_found *found, struct problem *problem)
	__attribute__((warn_unused_result));
/* Whoever sent it is told now that it will be taken over. 0 or an errno. */
int backup_confirm(const char *folder);

/* What lies ready takes its place, also where that was broken off before; and what is left of one
 * that was not whole goes. Only under the lock of the folder. Nothing there: nothing is done.
 * Error: STORE (with problem). */
int backup_apply(const struct backup_place *place, struct problem *problem)
	__attribute__((warn_unused_result));

#endif
