/* SPDX-License-Identifier: MIT */
#include "gateway/queue/tables.h"

#include <flagship/error.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LAYOUT_VERSION 1
#define BUSY_MS        10000
#define SQL_SIZE       64

static const char schema[] =
	"CREATE TABLE entries ("
	" id INTEGER PRIMARY KEY, rank INTEGER NOT NULL, state INTEGER NOT NULL,"
	" doubtful INTEGER NOT NULL, hold INTEGER NOT NULL, force INTEGER NOT NULL,"
	" model INTEGER NOT NULL, copies INTEGER NOT NULL, copies_done INTEGER NOT NULL,"
	" not_before_ms INTEGER NOT NULL, asked_ms INTEGER NOT NULL, begun_ms INTEGER NOT NULL,"
	" ended_ms INTEGER NOT NULL, serial TEXT NOT NULL, taken_by TEXT NOT NULL,"
	" path TEXT NOT NULL, hash TEXT NOT NULL, name TEXT NOT NULL, material TEXT NOT NULL,"
	" task_before TEXT NOT NULL, asker TEXT NOT NULL, reason TEXT NOT NULL);"
	"CREATE TABLE plates ("
	" serial TEXT PRIMARY KEY, clear INTEGER NOT NULL, auto_clear INTEGER NOT NULL,"
	" material TEXT NOT NULL) WITHOUT ROWID;";

static const char *const steps[LAYOUT_VERSION] = {NULL};

static const struct database_layout layout = {
	.noun = "print queue",
	.mend = ": move it away, and start the gateway again, which begins a new one",
	.version = LAYOUT_VERSION,
	.schema = schema,
	.steps = steps,
};

int queue_tables_open(const char *path, struct database **database, struct problem *problem)
{
	return database_open(path, DATABASE_CREATE, BUSY_MS, &layout, database, problem);
}

/* What was changed is no error here. */
static int result_of(int result)
{
	return result < 0 ? result : 0;
}

int queue_tables_put(struct database *database, const struct queue_entry *entry)
{
	return result_of(database_run(
		database,
		"INSERT OR REPLACE INTO entries (id, rank, state, doubtful, hold, force, model,"
		" copies, copies_done, not_before_ms, asked_ms, begun_ms, ended_ms, serial,"
		" taken_by, path, hash, name, material, task_before, asker, reason)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		DB_INT(entry->id), DB_INT(entry->rank), DB_INT(entry->state),
		DB_INT(entry->is_doubtful), DB_INT(entry->hold), DB_INT(entry->force),
		DB_INT(entry->model), DB_INT(entry->copies), DB_INT(entry->copies_done),
		DB_INT(entry->not_before_ms), DB_INT(entry->asked_ms), DB_INT(entry->begun_ms),
		DB_INT(entry->ended_ms), DB_TEXT(entry->serial), DB_TEXT(entry->taken_by),
		DB_TEXT(entry->path), DB_TEXT(entry->hash), DB_TEXT(entry->name),
		DB_TEXT(entry->material), DB_TEXT(entry->task_before), DB_TEXT(entry->asker),
		DB_TEXT(entry->reason)));
}

int queue_tables_last_id(struct database *database, int64_t *id)
{
	int64_t kept = 0;
	int result = database_first(
		database_select(database, "SELECT coalesce(max(id), 0) FROM entries", DB_NONE),
		DB_TO_INT(id));

	if (result >= 0) {
		result = database_first(database_select(database, "PRAGMA application_id", DB_NONE),
					DB_TO_INT(&kept));
	}
	*id = kept > *id ? kept : *id;
	return result_of(result);
}

/* In a number of the file's head that is ours to use, so that older programs read the file. */
static int keep_id(struct database *database, int64_t id)
{
	char sql[SQL_SIZE];

	snprintf(sql, sizeof(sql), "PRAGMA application_id = %" PRId64,
		 id < INT32_MAX ? id : INT32_MAX);
	return database_execute(database, sql);
}

int queue_tables_remove(struct database *database, int64_t id)
{
	int64_t last = 0;
	int result = queue_tables_last_id(database, &last);

	/* The last one's number is not another's afterwards. */
	if (!result && id == last) {
		result = keep_id(database, id);
	}
	return result ? result
		      : result_of(database_run(database, "DELETE FROM entries WHERE id = ?",
					       DB_INT(id)));
}

int queue_tables_put_plate(struct database *database, const struct queue_plate *plate)
{
	return result_of(
		database_run(database,
			     "INSERT OR REPLACE INTO plates (serial, clear, auto_clear, material)"
			     " VALUES (?, ?, ?, ?)",
			     DB_TEXT(plate->serial), DB_INT(plate->is_clear),
			     DB_INT(plate->auto_clear), DB_TEXT(plate->material)));
}

/* False where a number is none of ours: then somebody else wrote it. */
static bool read_entry(struct database_rows *rows, struct queue_entry *entry)
{
	int64_t state;
	int64_t model;

	memset(entry, 0, sizeof(*entry));
	bool good = database_read(
		rows, DB_TO_INT(&entry->id), DB_TO_INT(&entry->rank), DB_TO_INT(&state),
		DB_TO_FLAG(&entry->is_doubtful), DB_TO_FLAG(&entry->hold),
		DB_TO_FLAG(&entry->force), DB_TO_INT(&model), DB_TO_INT(&entry->copies),
		DB_TO_INT(&entry->copies_done), DB_TO_INT(&entry->not_before_ms),
		DB_TO_INT(&entry->asked_ms), DB_TO_INT(&entry->begun_ms),
		DB_TO_INT(&entry->ended_ms), DB_TO_TEXT(entry->serial), DB_TO_TEXT(entry->taken_by),
		DB_TO_TEXT(entry->path), DB_TO_TEXT(entry->hash), DB_TO_TEXT(entry->name),
		DB_TO_TEXT(entry->material), DB_TO_TEXT(entry->task_before),
		DB_TO_TEXT(entry->asker), DB_TO_TEXT(entry->reason));

	if (!good || state < 0 || state >= QUEUE_STATES || model < FLAGSHIP_MODEL_UNKNOWN ||
	    model > FLAGSHIP_MODEL_E1) {
		return false;
	}
	entry->state = (enum queue_state)state;
	entry->model = (enum flagship_model)model;
	return true;
}

static int each_plate(struct database *database,
		      int (*take_plate)(void *context, const struct queue_plate *plate),
		      void *context)
{
	struct database_rows *rows = database_select(
		database, "SELECT serial, clear, auto_clear, material FROM plates ORDER BY serial",
		DB_NONE);
	struct queue_plate plate;
	int result;

	while ((result = database_next(rows)) > 0) {
		memset(&plate, 0, sizeof(plate));
		if (!database_read(rows, DB_TO_TEXT(plate.serial), DB_TO_FLAG(&plate.is_clear),
				   DB_TO_FLAG(&plate.auto_clear), DB_TO_TEXT(plate.material))) {
			result = database_refuse(database, "a plate of it cannot be read");
		} else {
			result = take_plate(context, &plate);
		}
		if (result) {
			database_end(rows);
			return result;
		}
	}
	return result;
}

int queue_tables_each(struct database *database,
		      int (*take)(void *context, const struct queue_entry *entry),
		      int (*take_plate)(void *context, const struct queue_plate *plate),
		      void *context)
{
	struct queue_entry entry;
	int result = each_plate(database, take_plate, context);

	if (result) {
		return result;
	}
	struct database_rows *rows = database_select(
		database,
		"SELECT id, rank, state, doubtful, hold, force, model, copies, copies_done,"
		" not_before_ms, asked_ms, begun_ms, ended_ms, serial, taken_by, path, hash, name,"
		" material, task_before, asker, reason FROM entries ORDER BY rank, id",
		DB_NONE);

	while ((result = database_next(rows)) > 0) {
		result = read_entry(rows, &entry)
				 ? take(context, &entry)
				 : database_refuse(database, "an entry of it cannot be read");
		if (result) {
			database_end(rows);
			return result;
		}
	}
	return result;
}
