/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/history/history.h"
#include "gateway/history/tables.h"

/* What is too old is forgotten little by little, so that no transaction holds up the next. */

#define SPANS_AT_ONCE 12
#define ROWS_AT_ONCE  500
#define PAGES_AT_ONCE "256"
#define PAGES_KEPT    256 /* free ones that are left for what comes */
#define PAGES_SHARE   8   /* or this part of all */
#define MS_PER_S      INT64_C(1000)

struct span_table {
	const char *oldest;
	const char *forget;
	int64_t span_s;
};

static const struct span_table span_tables[] = {
	{"SELECT min(t) FROM samples", "DELETE FROM samples WHERE t < ?", HISTORY_SAMPLE_S},
	{"SELECT min(t) FROM minutes", "DELETE FROM minutes WHERE t < ?", TABLE_MINUTE_S},
	{"SELECT min(t) FROM hours", "DELETE FROM hours WHERE t < ?", TABLE_HOUR_S},
};

/* 1: there is more. */
static int forget_spans(struct database *database, const struct span_table *table, int64_t limit_s)
{
	int64_t oldest = DATABASE_NO_INTEGER;
	int result = database_first(database_select(database, table->oldest, DB_NONE),
				    DB_TO_OPTIONAL(&oldest));

	if (result < 0 || oldest == DATABASE_NO_INTEGER || oldest >= limit_s) {
		return result < 0 ? result : 0;
	}
	int64_t until_s = oldest + SPANS_AT_ONCE * table->span_s;
	bool is_all = until_s >= limit_s;
	result = database_run(database, table->forget, DB_INT(is_all ? limit_s : until_s));
	return result < 0 ? result : !is_all;
}

/* What was recorded before the clock was set is as old as what came after it. */
static int forget_entries(struct database *database, int64_t limit_s)
{
	int result = database_run(
		database,
		"DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE t_ms < ? AND"
		" (t_ms >= ? OR id < (SELECT min(id) FROM entries WHERE t_ms >= ?)) LIMIT ?)",
		DB_INT(limit_s * MS_PER_S), DB_INT(CLOCK_FLOOR_S * MS_PER_S),
		DB_INT(limit_s * MS_PER_S), DB_INT(ROWS_AT_ONCE));

	return result < 0 ? result : database_changes(database) == ROWS_AT_ONCE;
}

static int forget_jobs(struct database *database, int64_t limit_s)
{
	int result = database_run(database,
				  "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE"
				  " outcome != 0 AND coalesce(ended_ms, begun_ms) < ? LIMIT ?)",
				  DB_INT(limit_s * MS_PER_S), DB_INT(ROWS_AT_ONCE));

	return result < 0 ? result : database_changes(database) == ROWS_AT_ONCE;
}

static int give_room_back(struct database *database)
{
	int64_t unused = 0;
	int64_t pages = 0;
	int result = database_first(database_select(database, "PRAGMA freelist_count", DB_NONE),
				    DB_TO_INT(&unused));

	if (result >= 0) {
		result = database_first(database_select(database, "PRAGMA page_count", DB_NONE),
					DB_TO_INT(&pages));
	}
	if (result < 0 || unused <= PAGES_KEPT || unused <= pages / PAGES_SHARE) {
		return result < 0 ? result : 0;
	}
	result = database_execute(database, "PRAGMA incremental_vacuum(" PAGES_AT_ONCE ")");
	return result < 0 ? result : 1;
}

int tables_tidy(struct database *database, const struct tables_limits *limits)
{
	const int64_t spans[] = {limits->samples_s, limits->minutes_s, limits->hours_s};
	bool more = false;
	int result = 0;

	for (size_t i = 0; result >= 0 && i < sizeof(spans) / sizeof(spans[0]); i++) {
		if (spans[i] > 0) {
			result = forget_spans(database, &span_tables[i], spans[i]);
			more = more || result > 0;
		}
	}
	if (result >= 0 && limits->entries_s > 0) {
		result = forget_entries(database, limits->entries_s);
		more = more || result > 0;
	}
	if (result >= 0 && limits->jobs_s > 0) {
		result = forget_jobs(database, limits->jobs_s);
		more = more || result > 0;
	}
	if (result >= 0) {
		result = give_room_back(database);
		more = more || result > 0;
	}
	return result < 0 ? result : more;
}

int tables_delete_jobs(struct database *database, int64_t id, const char *serial)
{
	int result = database_run(
		database,
		"DELETE FROM jobs WHERE outcome != 0 AND (? = 0 OR id = ?) AND"
		" (? = '' OR printer = (SELECT id FROM printers WHERE serial = ?))",
		DB_INT(id), DB_INT(id), DB_TEXT(serial ? serial : ""),
		DB_TEXT(serial ? serial : ""));

	return result < 0 ? result : database_changes(database);
}
