/* SPDX-License-Identifier: MIT */
#include "printer/bed/line.h"

#include <string.h>

#define DECIMAL        10
#define ROW_DECIMALS   3
#define POINT_DECIMALS 5
#define WHOLE_MAX      3 /* digits before the point */
#define UM_PER_10_NM   100
#define POINT_START    "G29 W I"
#define POINT_SECOND   " J"
#define POINT_THIRD    " Z"
#define ECHO           "echo:"
#define TITLE          "Bilinear Leveling Grid:"
#define AFTER_POINTS   "; Endstop adjustment:"
#define SUBDIVIDED     "Subdivided"
#define GRID           "BL-Grid-"
#define STATE          "Bed Leveling "
#define BUSY           "busy:"

/* Where reading stands in a line. */
struct cursor {
	const char *at;
	const char *end;
};

static struct cursor begin_reading(const struct bed_line *line)
{
	return (struct cursor){line->text, line->text + line->length};
}

static bool is_line_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_spaces(struct cursor *cursor)
{
	while (cursor->at < cursor->end && *cursor->at == ' ') {
		cursor->at++;
	}
}

static bool take_character(struct cursor *cursor, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0) {
		return false;
	}
	cursor->at += length;
	return true;
}

/* 1 to WHOLE_MAX digits. */
static bool take_number(struct cursor *cursor, size_t *number)
{
	size_t digits = 0;

	*number = 0;
	while (cursor->at < cursor->end && is_line_digit(*cursor->at) && digits < WHOLE_MAX) {
		*number = *number * DECIMAL + (size_t)(*cursor->at++ - '0');
		digits++;
	}
	return digits > 0;
}

/* After the sign: exactly so many decimals; `value` in units of the last one. */
static bool take_height(struct cursor *cursor, bool negative, unsigned int decimals, int32_t *value)
{
	size_t whole;

	if (!take_number(cursor, &whole) || !take_character(cursor, ".")) {
		return false;
	}
	int32_t sum = (int32_t)whole;
	for (unsigned int i = 0; i < decimals; i++) {
		if (cursor->at >= cursor->end || !is_line_digit(*cursor->at)) {
			return false;
		}
		sum = sum * DECIMAL + (*cursor->at++ - '0');
	}
	*value = negative ? -sum : sum;
	return true;
}

bool bed_line_next(const char **cursor, const char *end, struct bed_line *line)
{
	const char *start = *cursor;

	*line = (struct bed_line){.text = start};
	if (start >= end) {
		return false;
	}
	const char *stop = memchr(start, '\n', (size_t)(end - start));
	line->terminated = stop != NULL;
	line->length = (size_t)((stop ? stop : end) - start);
	*cursor = stop ? stop + 1 : end;
	if (line->length > 0 && line->text[line->length - 1] == '\r') {
		line->length--;
	}
	return true;
}

bool bed_line_is_title(const struct bed_line *line)
{
	struct cursor cursor = begin_reading(line);

	(void)take_character(&cursor, ECHO);
	return take_character(&cursor, TITLE);
}

bool bed_line_is_subdivided(const struct bed_line *line)
{
	struct cursor cursor = begin_reading(line);

	(void)take_character(&cursor, ECHO);
	return take_character(&cursor, SUBDIVIDED);
}

bool bed_line_is_state(const struct bed_line *line)
{
	struct cursor cursor = begin_reading(line);

	(void)take_character(&cursor, ECHO);
	return take_character(&cursor, STATE);
}

bool bed_line_is_busy(const struct bed_line *line)
{
	struct cursor cursor = begin_reading(line);

	return take_character(&cursor, ECHO) && take_character(&cursor, BUSY);
}

bool bed_line_read_columns(const struct bed_line *line, size_t *columns)
{
	struct cursor cursor = begin_reading(line);
	size_t number;

	*columns = 0;
	for (;;) {
		skip_spaces(&cursor);
		if (cursor.at == cursor.end) {
			return *columns > 0;
		}
		if (!take_number(&cursor, &number) || number != *columns) {
			return false;
		}
		++*columns;
	}
}

/* In the table there always is a sign. */
static bool take_signed(struct cursor *cursor, int32_t *height)
{
	bool negative = take_character(cursor, "-");

	return (negative || take_character(cursor, "+")) &&
	       take_height(cursor, negative, ROW_DECIMALS, height);
}

static bool take_empty(struct cursor *cursor)
{
	const char *start = cursor->at;

	while (cursor->at < cursor->end && (*cursor->at == '=' || *cursor->at == '.')) {
		cursor->at++;
	}
	return cursor->at > start;
}

/* One column. False, and nothing taken, where the line is over or holds something else. */
static bool take_column(struct cursor *cursor, struct bed_row *row)
{
	struct cursor column = *cursor;
	int32_t *height = &row->micrometres[row->count];

	skip_spaces(&column);
	if (column.at == cursor->at || column.at == column.end) {
		return false;
	}
	row->empty[row->count] = take_empty(&column);
	if (!row->empty[row->count] && !take_signed(&column, height)) {
		return false;
	}
	if (column.at != column.end && *column.at != ' ') {
		return false;
	}
	*cursor = column;
	return true;
}

static bool is_blank_character(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

static void skip_line_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && is_blank_character(*cursor->at)) {
		cursor->at++;
	}
}

static bool take_grid_start(struct cursor *cursor, size_t *y)
{
	struct cursor start = *cursor;

	(void)take_character(&start, ECHO);
	skip_line_blanks(&start);
	if (!take_character(&start, GRID) || !take_number(&start, y)) {
		return false;
	}
	(void)take_character(&start, ":");
	if (start.at < start.end && !is_blank_character(*start.at)) {
		return false;
	}
	*cursor = start;
	return true;
}

static bool take_row_start(struct cursor *cursor, size_t *y)
{
	skip_spaces(cursor);
	return take_number(cursor, y) && cursor->at < cursor->end && *cursor->at == ' ';
}

/* Millimetres with any number of decimals, rounded down to micrometres. */
static bool take_free_height(struct cursor *cursor, int32_t *micrometres, size_t *decimals)
{
	bool negative = take_character(cursor, "-");
	size_t whole;

	if (!negative) {
		(void)take_character(cursor, "+");
	}
	if (!take_number(cursor, &whole)) {
		return false;
	}
	int32_t sum = (int32_t)whole;
	bool point = take_character(cursor, ".");
	const char *fraction = cursor->at;
	for (unsigned int i = 0; i < ROW_DECIMALS; i++) {
		bool digit = point && cursor->at < cursor->end && is_line_digit(*cursor->at);

		sum = sum * DECIMAL + (digit ? *cursor->at++ - '0' : 0);
	}
	while (cursor->at < cursor->end && is_line_digit(*cursor->at)) {
		cursor->at++;
	}
	*decimals = (size_t)(cursor->at - fraction);
	*micrometres = negative ? -sum : sum;
	return true;
}

static bool take_nan(struct cursor *cursor)
{
	struct cursor word = *cursor;

	(void)(take_character(&word, "-") || take_character(&word, "+"));
	if (!take_character(&word, "NAN") && !take_character(&word, "nan") &&
	    !take_character(&word, "NaN")) {
		return false;
	}
	*cursor = word;
	return true;
}

/* The last height of a line without a break may go on, and does not count. */
static bool read_grid_row(struct cursor cursor, const struct bed_line *line, struct bed_row *row)
{
	size_t common = 0;
	bool has_height = false;

	for (skip_line_blanks(&cursor); cursor.at < cursor.end; skip_line_blanks(&cursor)) {
		struct cursor column = cursor;
		size_t decimals = 0;

		if (row->count == BED_LINE_COLUMNS_MAX) {
			return false;
		}
		row->empty[row->count] = take_nan(&column) || take_empty(&column);
		if (!row->empty[row->count] &&
		    !take_free_height(&column, &row->micrometres[row->count], &decimals)) {
			return !line->terminated && row->count > 0;
		}
		if (column.at == column.end && !line->terminated) {
			return row->count > 0;
		}
		if (column.at < column.end && !is_blank_character(*column.at)) {
			return false;
		}
		if (!row->empty[row->count]) {
			row->uneven = row->uneven || (has_height && decimals != common);
			common = decimals;
			has_height = true;
		}
		cursor = column;
		row->count++;
	}
	return row->count > 0;
}

bool bed_line_read_row(const struct bed_line *line, struct bed_row *row)
{
	struct cursor cursor = begin_reading(line);
	size_t width = 0;

	*row = (struct bed_row){0};
	if (take_grid_start(&cursor, &row->y)) {
		row->named = true;
		return read_grid_row(cursor, line, row);
	}
	if (!take_row_start(&cursor, &row->y)) {
		return false;
	}
	const char *before = cursor.at;
	while (row->count < BED_LINE_COLUMNS_MAX && take_column(&cursor, row)) {
		/* The last height may go on. */
		if (cursor.at == cursor.end && !line->terminated) {
			return row->count > 0;
		}
		if (row->count > 0 && (size_t)(cursor.at - before) != width) {
			return false;
		}
		width = (size_t)(cursor.at - before);
		before = cursor.at;
		row->count++;
	}
	if (!line->terminated) {
		return row->count > 0;
	}
	skip_spaces(&cursor);
	return row->count > 0 && cursor.at == cursor.end;
}

bool bed_line_begins_row(const struct bed_line *line, size_t y)
{
	struct cursor cursor = begin_reading(line);
	size_t number;

	return (take_grid_start(&cursor, &number) || take_row_start(&cursor, &number)) &&
	       number == y;
}

static bool take_point_start(struct cursor *cursor, struct bed_point *point)
{
	(void)take_character(cursor, ECHO);
	skip_spaces(cursor);
	return take_character(cursor, POINT_START) && take_number(cursor, &point->x) &&
	       take_character(cursor, POINT_SECOND) && take_number(cursor, &point->y) &&
	       take_character(cursor, POINT_THIRD);
}

bool bed_line_read_point(const struct bed_line *line, struct bed_point *point)
{
	struct cursor cursor = begin_reading(line);
	int32_t value;

	*point = (struct bed_point){0};
	if (!take_point_start(&cursor, point)) {
		return false;
	}
	bool negative = take_character(&cursor, "-");
	if (!take_height(&cursor, negative, POINT_DECIMALS, &value)) {
		return false;
	}
	skip_spaces(&cursor);
	point->micrometres = (value + (value < 0 ? -UM_PER_10_NM : UM_PER_10_NM) / 2) /
			     UM_PER_10_NM;
	return cursor.at == cursor.end;
}

bool bed_line_begins_point(const struct bed_line *line, size_t x, size_t y)
{
	struct cursor cursor = begin_reading(line);
	struct bed_point point = {0};

	return take_point_start(&cursor, &point) && point.x == x && point.y == y;
}

bool bed_line_is_after_points(const struct bed_line *line)
{
	struct cursor cursor = begin_reading(line);

	(void)take_character(&cursor, ECHO);
	return take_character(&cursor, AFTER_POINTS);
}
