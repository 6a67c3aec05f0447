/* SPDX-License-Identifier: MIT */
#include "gateway/sentences/sentences.h"

#include "gateway/sentences/table.h"

#include <stdio.h>
#include <string.h>

#define TEXT_SIZE 1024
#define DEPTH_MAX 3 /* of sentences in sentences */
#define STEPS_MAX 4096
#define WHY       "why"
#define NUMBER    '#'
#define SENTENCE  '!'

const struct sentence *const *sentence_parts(void)
{
	static const struct sentence *const parts[] = {sentences_queue,   sentences_guard,
						       sentences_command, sentences_doctor,
						       sentences_form,    NULL};

	return parts;
}

/* --- reading a text by a sentence of the table --- */

struct matching {
	struct sentence_found *found;
	unsigned int steps; /* a name that is made to be read in many ways costs no more */
};

/* JSON's own form of a number, without exponent; 0 where there is none. */
static size_t number_length(const char *text)
{
	size_t sign = text[0] == '-';
	size_t whole = strspn(text + sign, "0123456789");
	size_t length = sign + whole;

	if (whole == 0 || (whole > 1 && text[sign] == '0')) {
		return 0;
	}
	if (text[length] == '.') {
		size_t places = strspn(text + length + 1, "0123456789");
		length += places > 0 ? 1 + places : 0;
	}
	return length;
}

static bool matches(struct matching *matching, const char *pattern, const char *text);

static bool matches_from(struct matching *matching, const char *rest, const char *text,
			 size_t index, size_t length)
{
	struct sentence_found *found = matching->found;

	found->arguments[index].value = text;
	found->arguments[index].length = length;
	found->count = index + 1;
	return matches(matching, rest, text + length);
}

/* The shortest that lets the rest fit. */
static bool matches_text(struct matching *matching, const char *rest, const char *text,
			 size_t index)
{
	if (*rest == '\0') {
		return text[0] != '\0' && matches_from(matching, rest, text, index, strlen(text));
	}
	for (const char *end = text; *end != '\0'; end++) {
		if (end > text && *end == *rest &&
		    matches_from(matching, rest, text, index, (size_t)(end - text))) {
			return true;
		}
	}
	return false;
}

static bool matches_argument(struct matching *matching, const char *pattern, const char *text)
{
	struct sentence_found *found = matching->found;
	const char *end = strchr(pattern, '}');
	size_t index = found->count;

	if (!end || index == SENTENCE_ARGUMENTS_MAX) {
		return false;
	}
	struct sentence_argument *argument = &found->arguments[index];
	bool is_marked = end[-1] == NUMBER || end[-1] == SENTENCE;

	argument->name = pattern + 1;
	argument->mark = is_marked ? end[-1] : '\0';
	argument->name_length = (size_t)(end - pattern) - 1 - is_marked;
	if (argument->mark == NUMBER) {
		size_t length = number_length(text);
		return length > 0 && matches_from(matching, end + 1, text, index, length);
	}
	return matches_text(matching, end + 1, text, index);
}

static bool matches(struct matching *matching, const char *pattern, const char *text)
{
	if (++matching->steps > STEPS_MAX) {
		return false;
	}
	while (*pattern != '\0' && *pattern != '{') {
		if (*pattern++ != *text++) {
			return false;
		}
	}
	return *pattern == '{' ? matches_argument(matching, pattern, text) : *text == '\0';
}

/* Whether it ends as it has to: what most of them fail at, without a search. */
static bool ends_alike(const char *pattern, const char *text, size_t length)
{
	const char *brace = strrchr(pattern, '}');
	const char *end = brace ? brace + 1 : pattern;
	size_t end_length = strlen(end);

	return length >= end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

static bool find(const char *text, struct sentence_found *found, unsigned int depth);

static bool is_sentence(const struct sentence_argument *argument, unsigned int depth)
{
	struct sentence_found found;
	char text[TEXT_SIZE];

	if (depth >= DEPTH_MAX || argument->length >= sizeof(text)) {
		return false;
	}
	memcpy(text, argument->value, argument->length);
	text[argument->length] = '\0';
	return find(text, &found, depth + 1);
}

static bool holds_sentences(const struct sentence_found *found, unsigned int depth)
{
	for (size_t i = 0; i < found->count; i++) {
		if (found->arguments[i].mark == SENTENCE &&
		    !is_sentence(&found->arguments[i], depth)) {
			return false;
		}
	}
	return true;
}

static bool fits(const struct sentence *sentence, const char *text, size_t length,
		 struct sentence_found *found, unsigned int depth)
{
	struct matching matching = {.found = found};

	found->sentence = sentence;
	found->count = 0;
	return ends_alike(sentence->text, text, length) &&
	       matches(&matching, sentence->text, text) && holds_sentences(found, depth);
}

static bool find(const char *text, struct sentence_found *found, unsigned int depth)
{
	size_t length = strlen(text);

	for (const struct sentence *const *part = sentence_parts(); *part; part++) {
		for (const struct sentence *sentence = *part; sentence->code; sentence++) {
			if (fits(sentence, text, length, found, depth)) {
				return true;
			}
		}
	}
	*found = (struct sentence_found){0};
	return false;
}

bool sentence_find(const char *text, struct sentence_found *found)
{
	return find(text, found, 0);
}

/* --- writing what it is --- */

static void write_arguments(struct json_writer *writer, const struct sentence_found *found,
			    unsigned int depth);

/* {"text", "code", "arguments"} of one that is known, else the text. */
static void write_inner(struct json_writer *writer, const struct sentence_argument *argument,
			unsigned int depth)
{
	struct sentence_found found;
	char text[TEXT_SIZE];

	if (depth >= DEPTH_MAX || argument->length >= sizeof(text)) {
		json_string_n(writer, argument->value, argument->length);
		return;
	}
	memcpy(text, argument->value, argument->length);
	text[argument->length] = '\0';
	if (!sentence_find(text, &found)) {
		json_string_n(writer, argument->value, argument->length);
		return;
	}
	json_object_begin(writer);
	json_member_string(writer, "text", text);
	json_member_string(writer, "code", found.sentence->code);
	if (found.count > 0) {
		json_key(writer, "arguments");
		write_arguments(writer, &found, depth + 1);
	}
	json_object_end(writer);
}

static void write_arguments(struct json_writer *writer, const struct sentence_found *found,
			    unsigned int depth)
{
	json_object_begin(writer);
	for (size_t i = 0; i < found->count; i++) {
		const struct sentence_argument *argument = &found->arguments[i];
		char name[SENTENCE_MEMBER_SIZE];

		snprintf(name, sizeof(name), "%.*s", (int)argument->name_length, argument->name);
		json_key(writer, name);
		if (argument->mark == NUMBER) {
			json_raw(writer, argument->value, argument->length);
		} else if (strncmp(name, WHY, strlen(WHY)) == 0) {
			write_inner(writer, argument, depth);
		} else {
			json_string_n(writer, argument->value, argument->length);
		}
	}
	json_object_end(writer);
}

void sentence_write_beside(struct json_writer *writer, const char *name,
			   const struct sentence_found *found)
{
	char member[SENTENCE_MEMBER_SIZE];

	snprintf(member, sizeof(member), "%s_code", name);
	json_member_string(writer, member, found->sentence->code);
	if (found->count > 0) {
		snprintf(member, sizeof(member), "%s_arguments", name);
		json_key(writer, member);
		write_arguments(writer, found, 0);
	}
}

void sentence_member(struct json_writer *writer, const char *name, const char *text)
{
	struct sentence_found found;

	json_member_string(writer, name, text);
	if (text && sentence_find(text, &found)) {
		sentence_write_beside(writer, name, &found);
	}
}

void sentence_member_known(struct json_writer *writer, const char *name, const char *text)
{
	sentence_member(writer, name, text[0] != '\0' ? text : NULL);
}
