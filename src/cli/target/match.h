/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_MATCH_H
#define CLI_TARGET_MATCH_H

#include "cli/target/choice.h"
#include "store/settings/settings.h"

/* What the words of -p mean. */

/* Longer than every name that is stored. */
#define TARGET_WORD_MAX 512

enum target_fault {
	TARGET_FAULT_EMPTY,    /* no word at all */
	TARGET_FAULT_LONG,     /* too long to be a name */
	TARGET_FAULT_UNKNOWN,  /* fits no printer */
	TARGET_FAULT_GLOB,     /* a pattern that fits none */
	TARGET_FAULT_SEVERAL,  /* the beginning of several */
	TARGET_FAULT_NAMESAKE, /* the whole name of several */
	TARGET_FAULT_RING,     /* a group that is among its own members */
	TARGET_FAULT_DEEP,     /* groups in groups beyond what is looked through */
};

struct target_match {
	const struct target_choices *all;
	const struct settings *settings; /* for the groups */
	struct target_choice *found;     /* room for all; each printer once, as they were named */
	size_t count;

	/* After CLI_USAGE. */
	enum target_fault fault;
	char word[TARGET_WORD_MAX]; /* that it is about; cut where it is too long */
	size_t word_length;         /* as it was given */
	const char *wrong_group;    /* of the settings, in which the mistake is; or NULL */
};

/*
 * Adds the printers of one value of -p: words, separated by commas. A name that has a comma itself
 * is taken as a whole. Each word is, whichever fits first: "all"; a whole serial number or name; a
 * group of the settings; a number of the list; a glob over names and serial numbers; the beginning
 * of one of those. Returns OPTIONS_RUN, or CLI_USAGE with what is wrong in match; nothing is
 * printed.
 */
int target_match_add(struct target_match *match, const char *value);

/* Whether name or serial number is the word, or begins with it; case does not matter. */
bool target_match_is(const struct store_printer *printer, const char *word);
bool target_match_begins(const struct store_printer *printer, const char *word);

/* What is wrong with a -p, in words. */

/*
 * After target_match_add returned CLI_USAGE: tells what is wrong, what was perhaps meant, and which
 * printers there are; where it could be several, only those.
 */
void target_fault_report(const struct target_match *match);

/* The printers with their numbers, on stderr; the first of many. */
void target_fault_list(const struct target_choices *choices);

#endif
