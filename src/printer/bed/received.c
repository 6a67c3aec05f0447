/* SPDX-License-Identifier: MIT */
#include "printer/bed/received.h"

#include "printer/bed/line.h"
#include "printer/bed/mesh.h"

#include <string.h>

static bool line_begins_with(const struct bed_line *line, const char *word)
{
	size_t length = strlen(word);

	return line->length >= length && memcmp(line->text, word, length) == 0;
}

/* What frames an answer, and what M114 and M420 say besides. */
static bool is_framing(const struct bed_line *line)
{
	static const char *const words[] = {"+ringbuf:", "echo:Fade Height ", "X:"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (line_begins_with(line, words[i])) {
			return true;
		}
	}
	return line->length == 0 || (line->length == strlen("ok") && line_begins_with(line, "ok"));
}

static bool is_of_the_bed(const struct bed_line *line)
{
	struct bed_row row;
	struct bed_point point;
	size_t columns;

	if (bed_line_read_row(line, &row)) {
		return row.y < BED_MESH_SIZE && row.count == BED_MESH_SIZE;
	}
	return bed_line_is_title(line) || bed_line_is_subdivided(line) || bed_line_is_state(line) ||
	       bed_line_is_busy(line) || bed_line_is_after_points(line) ||
	       bed_line_read_point(line, &point) ||
	       (bed_line_read_columns(line, &columns) && columns == BED_MESH_SIZE);
}

static bool is_there(const struct bed_received *received, const struct bed_line *line)
{
	const char *known;
	size_t length;
	size_t at = 0;

	while (bed_received_next(received, &at, &known, &length)) {
		if (length == line->length && memcmp(known, line->text, length) == 0) {
			return true;
		}
	}
	return false;
}

void bed_received_add(struct bed_received *received, const char *text, size_t length)
{
	const char *cursor = text;
	struct bed_line line;

	while (bed_line_next(&cursor, text + length, &line)) {
		if (is_framing(&line) || is_of_the_bed(&line) || is_there(received, &line)) {
			continue;
		}
		if (line.length >= sizeof(received->text) - received->length) {
			received->more = true;
			continue;
		}
		memcpy(received->text + received->length, line.text, line.length);
		received->length += line.length;
		received->text[received->length++] = '\n';
	}
}

bool bed_received_next(const struct bed_received *received, size_t *at, const char **line,
		       size_t *length)
{
	const char *start = received->text + *at;
	const char *stop = *at < received->length ? memchr(start, '\n', received->length - *at)
						  : NULL;

	if (!stop) {
		return false;
	}
	*line = start;
	*length = (size_t)(stop - start);
	*at += *length + 1;
	return true;
}
