/* SPDX-License-Identifier: MIT */
#include "gateway/history/tables.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The file: what is in a new one, and what becomes of a damaged one. */

#define LAYOUT_VERSION 1
#define BUSY_MS        10000
#define TIME_SIZE      32
/* Of each connection. SQLite's own 2,000 fill as the file grows, and save nothing here: what is
 * written is side by side. */
#define CACHE_KIB "256"

/*
 * Times of jobs and entries are Unix milliseconds, of temperatures seconds; temperatures are 0.01
 * °C. The key of a sample begins with its time, so that new ones are side by side at the end of the
 * file, and old ones at its front.
 */
#define HEAT_COLUMNS                                                                  \
	"t INTEGER NOT NULL, printer INTEGER NOT NULL, count INTEGER NOT NULL,"       \
	" nozzle_min INTEGER, nozzle_mean INTEGER, nozzle_max INTEGER,"               \
	" nozzle_target INTEGER, bed_min INTEGER, bed_mean INTEGER, bed_max INTEGER," \
	" bed_target INTEGER, PRIMARY KEY (t, printer)) WITHOUT ROWID;"

static const char schema[] =
	"PRAGMA auto_vacuum = INCREMENTAL;"
	"CREATE TABLE printers ("
	" id INTEGER PRIMARY KEY, serial TEXT NOT NULL UNIQUE, name TEXT NOT NULL);"
	"CREATE TABLE jobs ("
	" id INTEGER PRIMARY KEY, printer INTEGER NOT NULL REFERENCES printers (id),"
	" outcome INTEGER NOT NULL, joined INTEGER NOT NULL, begun_ms INTEGER NOT NULL,"
	" started_ms INTEGER, ended_ms INTEGER, duration_ms INTEGER, elapsed_s INTEGER,"
	" progress INTEGER, layer INTEGER, layers INTEGER, thumbnail INTEGER,"
	" filament_used INTEGER,"
	" filament_estimated INTEGER, filament_unit TEXT NOT NULL, task_id TEXT NOT NULL,"
	" file TEXT NOT NULL, hash TEXT NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL);"
	"CREATE INDEX jobs_of_printer ON jobs (printer, id);"
	"CREATE INDEX jobs_going_on ON jobs (id) WHERE outcome = 0;"
	"CREATE TABLE entries ("
	" id INTEGER PRIMARY KEY, t_ms INTEGER NOT NULL,"
	" printer INTEGER NOT NULL REFERENCES printers (id), type INTEGER NOT NULL,"
	" job INTEGER, elapsed_ms INTEGER, command INTEGER, force INTEGER NOT NULL,"
	" kind TEXT NOT NULL, asker TEXT NOT NULL, outcome TEXT NOT NULL, value TEXT NOT NULL,"
	" text TEXT NOT NULL);"
	"CREATE INDEX entries_of_printer ON entries (printer, id);"
	"CREATE INDEX entries_by_time ON entries (t_ms);"
	"CREATE TABLE samples ("
	" t INTEGER NOT NULL, printer INTEGER NOT NULL, nozzle INTEGER, nozzle_target INTEGER,"
	" bed INTEGER, bed_target INTEGER, PRIMARY KEY (t, printer)) WITHOUT ROWID;"
	"CREATE TABLE minutes (" HEAT_COLUMNS "CREATE TABLE hours (" HEAT_COLUMNS;

static const char *const steps[LAYOUT_VERSION] = {NULL};

static const struct database_layout layout = {
	.noun = "history",
	.mend = "",
	.version = LAYOUT_VERSION,
	.schema = schema,
	.steps = steps,
};

int tables_open(const char *path, bool to_write, struct database **database,
		struct problem *problem)
{
	int error = database_open(path, to_write ? DATABASE_CREATE : DATABASE_READ, BUSY_MS,
				  &layout, database, problem);

	/* Nothing in it is secret: what is forgotten need not be overwritten. */
	if (!error && to_write) {
		error = database_execute(*database, "PRAGMA secure_delete = OFF");
	}
	if (!error) {
		error = database_execute(*database, "PRAGMA cache_size = -" CACHE_KIB);
	}
	if (error && *database) {
		problem_set(problem, "%s: %s", path, database_problem(*database));
		database_close(*database);
		*database = NULL;
	}
	return error;
}

int tables_set_aside(const char *path, int64_t unix_s, char place[], size_t capacity,
		     struct problem *problem)
{
	static const char *const ends[] = {"-wal", "-shm"};
	char from[PATH_MAX];
	char to[PATH_MAX];
	char when[TIME_SIZE] = "";
	time_t seconds = (time_t)unix_s;
	struct tm utc;

	if (gmtime_r(&seconds, &utc)) {
		(void)strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &utc);
	}
	int length = snprintf(place, capacity, "%s.damaged-%s", path, when);
	for (int i = 2; length > 0 && (size_t)length < capacity && access(place, F_OK) == 0; i++) {
		length = snprintf(place, capacity, "%s.damaged-%s-%d", path, when, i);
	}
	if (length < 1 || (size_t)length >= capacity) {
		return problem_cannot(problem, "rename", path, ENAMETOOLONG, "");
	}
	if (rename(path, place) != 0 && errno != ENOENT) {
		return problem_cannot(problem, "rename", path, errno, "");
	}
	/* A log without its file would be played into the next one. */
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(from, sizeof(from), "%.4000s%s", path, ends[i]);
		snprintf(to, sizeof(to), "%.4000s%s", place, ends[i]);
		if (rename(from, to) != 0 && errno != ENOENT) {
			return problem_cannot(problem, "rename", from, errno, "");
		}
	}
	(void)sync_folder_of(path);
	return 0;
}
