/* SPDX-License-Identifier: MIT */
#include "store/settings/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_MARK "\xef\xbb\xbf" /* of UTF-8, as some editors write it */

enum line_kind {
	LINE_OTHER,   /* prose, nothing, another key */
	LINE_SECTION, /* the section of the key begins */
	LINE_ELSE,    /* another section begins */
	LINE_VALUE,   /* the key */
	LINE_COMMENT, /* the key, commented */
};

struct piece {
	const char *data;
	size_t length;
};

struct edit {
	const char *section;
	const char *name;
	const char *value; /* NULL: away with it */
	/* Ends of lines as offsets in the text; SIZE_MAX where there is none such. */
	size_t value_line;  /* the last one that counts: where it begins */
	size_t comment_end; /* the commented one */
	size_t section_end; /* the last one of the section that is not empty */
};

/* As inih has it, whatever the locale. */
static bool is_space(char c)
{
	return c != '\0' && strchr(" \t\r\n\v\f", c);
}

static struct piece trim(struct piece piece)
{
	while (piece.length > 0 && is_space(piece.data[0])) {
		piece.data++;
		piece.length--;
	}
	while (piece.length > 0 && is_space(piece.data[piece.length - 1])) {
		piece.length--;
	}
	return piece;
}

static bool equals(struct piece piece, const char *text)
{
	return piece.length == strlen(text) && memcmp(piece.data, text, piece.length) == 0;
}

/* Up to the first of these characters; false where there is none. */
static bool cut(struct piece *piece, const char *stops)
{
	for (size_t i = 0; i < piece->length; i++) {
		if (strchr(stops, piece->data[i])) {
			piece->length = i;
			return true;
		}
	}
	return false;
}

static bool names_key(struct piece line, const char *name)
{
	return cut(&line, "=:") && equals(trim(line), name);
}

/* The line begins at offset 0 of the text where `first`. */
static enum line_kind classify(struct piece line, bool first, bool inside, const struct edit *edit)
{
	line = trim(line);
	if (first && line.length >= strlen(BYTE_MARK) &&
	    memcmp(line.data, BYTE_MARK, strlen(BYTE_MARK)) == 0) {
		line.data += strlen(BYTE_MARK);
		line.length -= strlen(BYTE_MARK);
	}
	line = trim(line);
	if (line.length > 0 && line.data[0] == '[') {
		line.data++;
		line.length--;
		return cut(&line, "]") && equals(line, edit->section) ? LINE_SECTION : LINE_ELSE;
	}
	if (!inside || line.length == 0) {
		return LINE_OTHER;
	}
	if (line.data[0] == '#' || line.data[0] == ';') {
		line.data++;
		line.length--;
		return names_key(trim(line), edit->name) ? LINE_COMMENT : LINE_OTHER;
	}
	return names_key(line, edit->name) ? LINE_VALUE : LINE_OTHER;
}

/* With its line break. */
static struct piece line_at(struct piece text, size_t offset)
{
	const char *start = text.data + offset;
	const char *newline = memchr(start, '\n', text.length - offset);

	return (struct piece){start,
			      newline ? (size_t)(newline - start) + 1 : text.length - offset};
}

static void find_places(struct piece text, struct edit *edit)
{
	bool inside = false;
	struct piece line;

	edit->value_line = edit->comment_end = edit->section_end = SIZE_MAX;
	for (size_t offset = 0; offset < text.length; offset += line.length) {
		line = line_at(text, offset);
		enum line_kind kind = classify(line, offset == 0, inside, edit);
		size_t end = offset + line.length;

		if (kind == LINE_SECTION || kind == LINE_ELSE) {
			inside = kind == LINE_SECTION;
		}
		if (kind == LINE_VALUE) {
			edit->value_line = offset;
		} else if (kind == LINE_COMMENT) {
			edit->comment_end = end;
		}
		if (inside && trim(line).length > 0) {
			edit->section_end = end;
		}
	}
}

static bool has_carriage_return(struct piece line)
{
	return line.length >= 2 && line.data[line.length - 2] == '\r';
}

/* What follows a value on its line for people: " ; comment". */
static struct piece comment_of(struct piece line)
{
	for (size_t i = 1; i < line.length; i++) {
		if (line.data[i] == ';' && is_space(line.data[i - 1])) {
			struct piece tail = {line.data + i - 1, line.length - i + 1};
			size_t length = trim(tail).length;

			return (struct piece){tail.data, length + 1};
		}
	}
	return (struct piece){line.data, 0};
}

static void put_value(const struct edit *edit, struct piece comment, bool carriage_return,
		      FILE *out)
{
	fprintf(out, "%s = %s", edit->name, edit->value);
	fwrite(comment.data, 1, comment.length, out);
	fputs(carriage_return ? "\r\n" : "\n", out);
}

/* What follows the line that ended here: a new line for the value, where this is its place. */
static void put_after(struct piece text, struct piece line, const struct edit *edit, FILE *out)
{
	size_t end = (size_t)(line.data - text.data) + line.length;
	size_t place = edit->comment_end != SIZE_MAX ? edit->comment_end : edit->section_end;

	if (!edit->value || edit->value_line != SIZE_MAX || end != place) {
		return;
	}
	if (line.length == 0 || line.data[line.length - 1] != '\n') {
		fputc('\n', out);
	}
	put_value(edit, (struct piece){"", 0}, has_carriage_return(line), out);
}

static void put_line(struct piece text, struct piece line, bool inside, const struct edit *edit,
		     FILE *out)
{
	size_t offset = (size_t)(line.data - text.data);
	bool is_value = classify(line, offset == 0, inside, edit) == LINE_VALUE;

	if (is_value && !edit->value) {
		return;
	}
	if (is_value && offset == edit->value_line) {
		put_value(edit, comment_of(line), has_carriage_return(line), out);
		return;
	}
	fwrite(line.data, 1, line.length, out);
	put_after(text, line, edit, out);
}

static void put_all(struct piece text, const struct edit *edit, FILE *out)
{
	bool inside = false;
	struct piece line;

	for (size_t offset = 0; offset < text.length; offset += line.length) {
		line = line_at(text, offset);
		enum line_kind kind = classify(line, offset == 0, inside, edit);

		if (kind == LINE_SECTION || kind == LINE_ELSE) {
			inside = kind == LINE_SECTION;
		}
		put_line(text, line, inside, edit, out);
	}
	if (edit->value && edit->section_end == SIZE_MAX) {
		bool ends = text.length == 0 || text.data[text.length - 1] == '\n';

		fprintf(out, "%s%s[%s]\n", ends ? "" : "\n", text.length == 0 ? "" : "\n",
			edit->section);
		put_value(edit, (struct piece){"", 0}, false, out);
	}
}

char *settings_text_edit(const char *text, size_t length, const char *section, const char *name,
			 const char *value, size_t *edited_length)
{
	struct edit edit = {.section = section, .name = name, .value = value};
	struct piece whole = {text, length};
	char *edited = NULL;
	FILE *out = open_memstream(&edited, edited_length);

	if (!out) {
		return NULL;
	}
	find_places(whole, &edit);
	put_all(whole, &edit, out);
	bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(edited);
		return NULL;
	}
	return edited;
}

static void put_help(const char *help, FILE *out)
{
	fputs("# ", out);
	for (; *help; help++) {
		fputc(*help, out);
		if (*help == '\n') {
			fputs("# ", out);
		}
	}
	fputc('\n', out);
}

char *settings_text_default(size_t *length)
{
	size_t count;
	const struct settings_key *keys = settings_keys(&count);
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	if (!out) {
		return NULL;
	}
	fputs("# Settings of flagship. Every key stands here with its default: take the # away "
	      "and\n"
	      "# write another value. `flagship config set SECTION.KEY VALUE` does the same.\n",
	      out);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(keys[i].section, keys[i - 1].section) != 0) {
			fprintf(out, "\n[%s]\n", keys[i].section);
		}
		if (i > 0 && strcmp(keys[i].section, keys[i - 1].section) == 0) {
			fputc('\n', out);
		}
		put_help(keys[i].help, out);
		fprintf(out, "#%s =%s%s\n", keys[i].name, keys[i].value[0] != '\0' ? " " : "",
			keys[i].value);
	}
	fputs("\n[" SETTINGS_GROUP "]\n"
	      "# Printers that -p calls by one name: flagship status -p upstairs. Names, the\n"
	      "# beginnings of names, serial numbers, globs and other groups, separated by "
	      "commas.\n"
	      "#upstairs = left, right\n",
	      out);
	bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}
