/* SPDX-License-Identifier: MIT */
#include "gateway/history/history.h"
#include "gateway/history/tables.h"

#include <flagship/error.h>

#include <stdlib.h>

/*
 * A series is read from the coarsest table that is as fine as its step; what that does not reach
 * yet, from finer ones. A span in which nothing was received has no row, and the series no point.
 */

struct row {
	int64_t t_s;
	int64_t count;
	struct history_heat nozzle;
	struct history_heat bed;
};

struct level {
	int64_t span_s;
	const char *first;  /* the times that there are of any printer */
	const char *select; /* from, to, printer; each time is looked up */
};

#define SLOTS(seconds)                                                       \
	"WITH RECURSIVE slot (t) AS (SELECT ? UNION ALL SELECT t + " seconds \
	" FROM slot WHERE t + " seconds " < ?) "
#define HEATS                                                                              \
	"nozzle_min, nozzle_mean, nozzle_max, nozzle_target, bed_min, bed_mean, bed_max, " \
	"bed_target"
#define FROM_SLOTS(table) \
	" FROM slot CROSS JOIN " table " AS found ON found.t = slot.t AND found.printer = ?"

/* From the finest on. */
static const struct level levels[] = {
	{HISTORY_SAMPLE_S, "SELECT min(t), (SELECT max(t) FROM samples) FROM samples",
	 SLOTS("5") "SELECT found.t, 1, nozzle, nozzle, nozzle, nozzle_target, bed, bed, bed,"
		    " bed_target" FROM_SLOTS("samples")},
	{TABLE_MINUTE_S, "SELECT min(t), (SELECT max(t) FROM minutes) FROM minutes",
	 SLOTS("60") "SELECT found.t, count, " HEATS FROM_SLOTS("minutes")},
	{TABLE_HOUR_S, "SELECT min(t), (SELECT max(t) FROM hours) FROM hours",
	 SLOTS("3600") "SELECT found.t, count, " HEATS FROM_SLOTS("hours")},
};

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

/* --- points of several rows --- */

struct series {
	int64_t step_s;
	struct history_point *points;
	size_t count;
	size_t capacity;
	/* Of the last point: what its means are of. */
	int64_t nozzle_count;
	int64_t bed_count;
};

static int64_t lower(int64_t one, int64_t other)
{
	if (one == PRINTER_NEVER || other == PRINTER_NEVER) {
		return one == PRINTER_NEVER ? other : one;
	}
	return one < other ? one : other;
}

static int64_t higher(int64_t one, int64_t other)
{
	return one > other ? one : other; /* PRINTER_NEVER is the least of all */
}

/* The mean is a sum until the point is complete. */
static void add_heat(struct history_heat *to, int64_t *count, const struct row *row,
		     const struct history_heat *heat)
{
	to->target = higher(to->target, heat->target);
	if (heat->mean == PRINTER_NEVER) {
		return;
	}
	to->minimum = lower(to->minimum, heat->minimum);
	to->maximum = higher(to->maximum, heat->maximum);
	to->mean = (*count > 0 ? to->mean : 0) + heat->mean * row->count;
	*count += row->count;
}

static void end_heat(struct history_heat *heat, int64_t count)
{
	if (count > 0) {
		heat->mean = (heat->mean + count / 2) / count;
	}
}

static void end_point(struct series *series)
{
	if (series->count > 0) {
		end_heat(&series->points[series->count - 1].nozzle, series->nozzle_count);
		end_heat(&series->points[series->count - 1].bed, series->bed_count);
	}
	series->nozzle_count = 0;
	series->bed_count = 0;
}

static int begin_point(struct series *series, int64_t t_s)
{
	static const struct history_heat none = {PRINTER_NEVER, PRINTER_NEVER, PRINTER_NEVER,
						 PRINTER_NEVER};

	end_point(series);
	if (series->count == series->capacity) {
		size_t capacity = series->capacity ? 2 * series->capacity : 256;
		struct history_point *points = realloc(series->points, capacity * sizeof(*points));

		if (!points) {
			return FLAGSHIP_ERROR_MEMORY;
		}
		series->points = points;
		series->capacity = capacity;
	}
	series->points[series->count++] = (struct history_point){t_s, none, none};
	return 0;
}

static int add_row(struct series *series, const struct row *row)
{
	int64_t t_s = row->t_s - row->t_s % series->step_s;
	bool is_same = series->count > 0 && series->points[series->count - 1].t_s == t_s;
	int error = is_same ? 0 : begin_point(series, t_s);

	if (error) {
		return error;
	}
	struct history_point *point = &series->points[series->count - 1];
	add_heat(&point->nozzle, &series->nozzle_count, row, &row->nozzle);
	add_heat(&point->bed, &series->bed_count, row, &row->bed);
	return 0;
}

/* --- rows --- */

static void read_row(struct database_rows *rows, struct row *row)
{
	(void)database_read(rows, DB_TO_INT(&row->t_s), DB_TO_INT(&row->count),
			    DB_TO_OPTIONAL(&row->nozzle.minimum), DB_TO_OPTIONAL(&row->nozzle.mean),
			    DB_TO_OPTIONAL(&row->nozzle.maximum),
			    DB_TO_OPTIONAL(&row->nozzle.target), DB_TO_OPTIONAL(&row->bed.minimum),
			    DB_TO_OPTIONAL(&row->bed.mean), DB_TO_OPTIONAL(&row->bed.maximum),
			    DB_TO_OPTIONAL(&row->bed.target));
}

/* *from_s becomes where this level ends. */
static int read_level(struct database *database, const struct level *level, int64_t printer,
		      int64_t *from_s, int64_t to_s, struct series *series)
{
	int64_t first = DATABASE_NO_INTEGER;
	int64_t last = DATABASE_NO_INTEGER;
	int result = database_first(database_select(database, level->first, DB_NONE),
				    DB_TO_OPTIONAL(&first), DB_TO_OPTIONAL(&last));

	if (result < 0 || first == DATABASE_NO_INTEGER) {
		return result < 0 ? result : 0;
	}
	int64_t begin = (*from_s + level->span_s - 1) / level->span_s * level->span_s;
	begin = begin < first ? first : begin;
	int64_t end = to_s <= last ? to_s : last + level->span_s;
	if (begin >= end) {
		return 0;
	}
	struct database_rows *rows = database_select(database, level->select, DB_INT(begin),
						     DB_INT(end), DB_INT(printer));
	struct row row;
	while ((result = database_next(rows)) > 0) {
		read_row(rows, &row);
		int error = add_row(series, &row);
		if (error) {
			database_end(rows);
			return error;
		}
		*from_s = row.t_s + level->span_s;
	}
	return result;
}

int64_t tables_series_step(const struct history_series_query *query, int64_t samples_s,
			   int64_t minutes_s)
{
	int64_t finest = query->from_s >= samples_s   ? levels[0].span_s
			 : query->from_s >= minutes_s ? levels[1].span_s
						      : levels[2].span_s;
	int64_t step = query->step_s > finest ? query->step_s : finest;
	int64_t span = query->to_s > query->from_s ? query->to_s - query->from_s : 0;

	if (span / step >= HISTORY_POINTS_MAX) {
		step = span / HISTORY_POINTS_MAX + 1;
	}
	/* So that the spans of what is kept fit into it. */
	int64_t unit = step >= TABLE_HOUR_S     ? TABLE_HOUR_S
		       : step >= TABLE_MINUTE_S ? TABLE_MINUTE_S
						: levels[0].span_s;
	return (step + unit - 1) / unit * unit;
}

int tables_read_series(struct database *database, const struct history_series_query *query,
		       struct history_point **points, size_t *count)
{
	struct series series = {.step_s = query->step_s};
	int64_t from_s = query->from_s;
	int64_t printer = 0;
	int result = database_first(database_select(database,
						    "SELECT id FROM printers WHERE serial = ?",
						    DB_TEXT(query->serial)),
				    DB_TO_INT(&printer));

	for (size_t i = LEVELS; result >= 0 && printer > 0 && i > 0; i--) {
		if (levels[i - 1].span_s <= query->step_s) {
			result = read_level(database, &levels[i - 1], printer, &from_s, query->to_s,
					    &series);
		}
	}
	end_point(&series);
	if (result < 0) {
		free(series.points);
		series = (struct series){0};
	}
	*points = series.points;
	*count = series.count;
	return result < 0 ? result : 0;
}
