/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_MATCH_H
#define CLI_TARGET_MATCH_H

#include "cli/target_choice.h"
#include "store/settings.h"

/* What the words of -p mean. */

struct target_match {
	const struct target_choices *all;
	const struct settings *settings; /* for the groups */
	struct target_choice *found;     /* room for all; each printer once, as they were named */
	size_t count;
	const char *wrong_group; /* after CLI_USAGE: of the settings, in which the mistake is; or
				    NULL */
};

/*
 * Adds the printers of one value of -p: words, separated by commas. A name that has a comma itself
 * is taken as a whole. Each word is, whichever fits first: "all"; a whole serial number or name; a
 * group of the settings; a number of the list; a glob over names and serial numbers; the beginning
 * of one of those. Returns OPTIONS_RUN, or CLI_USAGE after telling what is wrong, without the list.
 */
int target_match_add(struct target_match *match, const char *value);

#endif
