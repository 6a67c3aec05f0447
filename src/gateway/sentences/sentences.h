/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_SENTENCES_SENTENCES_H
#define GATEWAY_SENTENCES_SENTENCES_H

#include "base/json/writer.h"

#include <cjson/cJSON.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Which sentence a text for people is, so that a page can say it in the language of its reader.
 *
 * Rooms below write English, as commands print it, logs keep it, databases hold it and other
 * programs of flagship (doctor, login) say it. What leaves by the API is looked up here: one table
 * has a code for each sentence that a page shows, with the sentence, whose variable parts have
 * names. docs/api.md tells clients; tests/page/test_sentences.py holds the table to the sources and
 * to the texts of the page.
 */
struct sentence {
	const char *code; /* stable: "queue-printer-busy" */
	/* {printer} is a text, {limit#} a number. {why}, or what begins so, is written as a
	 * sentence again where it is one of the table's; {why!} has to be one. */
	const char *text;
};

/* The parts of the table, with NULL behind the last; each ends with a NULL code. */
const struct sentence *const *sentence_parts(void);

#define SENTENCE_ARGUMENTS_MAX 6

struct sentence_argument {
	const char *name; /* in the table */
	size_t name_length;
	char mark;         /* '#', '!' or NUL */
	const char *value; /* in the text */
	size_t length;
};

struct sentence_found {
	const struct sentence *sentence;
	struct sentence_argument arguments[SENTENCE_ARGUMENTS_MAX];
	size_t count;
};

/* False where it is none of the table's, as what other programs and printers said is. */
bool sentence_find(const char *text, struct sentence_found *found);

/*
 * As json_member_string, and where the text is in the table `name`_code too, and `name`_arguments
 * where it has any.
 */
void sentence_member(struct json_writer *writer, const char *name, const char *text);
/* The same as json_member_known does it: "" is null. */
void sentence_member_known(struct json_writer *writer, const char *name, const char *text);

/* The same two, to what another program wrote. */
void sentence_annotate(cJSON *object, const char *name);

#endif
