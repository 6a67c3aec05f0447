/* SPDX-License-Identifier: MIT */
#include "base/json/indent.h"

#include <stdbool.h>
#include <string.h>

struct indenter {
	char *out;
	size_t capacity;
	size_t length;
	size_t depth;
};

static void put(struct indenter *indenter, char c)
{
	if (indenter->length < indenter->capacity) {
		indenter->out[indenter->length] = c;
	}
	indenter->length++;
}

static void put_line_break(struct indenter *indenter)
{
	put(indenter, '\n');
	for (size_t i = 0; i < indenter->depth; i++) {
		put(indenter, '\t');
	}
}

/* A character outside of strings. */
static void put_structure(struct indenter *indenter, char c, char before, char after)
{
	switch (c) {
	case '{':
	case '[':
		put(indenter, c);
		indenter->depth++;
		if (after != '}' && after != ']') {
			put_line_break(indenter);
		}
		break;
	case '}':
	case ']':
		indenter->depth--;
		if (before != '{' && before != '[') {
			put_line_break(indenter);
		}
		put(indenter, c);
		break;
	case ',':
		put(indenter, c);
		put_line_break(indenter);
		break;
	case ':':
		put(indenter, c);
		put(indenter, ' ');
		break;
	default:
		put(indenter, c);
	}
}

size_t json_indent(const char *json, size_t length, char *out, size_t capacity)
{
	struct indenter indenter = {.out = out, .capacity = capacity};
	bool in_string = false;

	for (size_t i = 0; i < length; i++) {
		char before = i > 0 ? json[i - 1] : '\0';
		char after = i + 1 < length ? json[i + 1] : '\0';

		if (in_string && json[i] == '\\' && i + 1 < length) {
			put(&indenter, json[i++]);
			put(&indenter, json[i]);
		} else if (in_string || json[i] == '"') {
			put(&indenter, json[i]);
			in_string = (json[i] == '"') ? !in_string : in_string;
		} else {
			put_structure(&indenter, json[i], before, after);
		}
	}
	put(&indenter, '\n');
	return indenter.length;
}
