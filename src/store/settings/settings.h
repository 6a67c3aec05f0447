/* SPDX-License-Identifier: MIT */
#ifndef STORE_SETTINGS_SETTINGS_H
#define STORE_SETTINGS_SETTINGS_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * flagship.conf: sections, keys and texts (INI). Every key is in one table with its default and
 * what it means; that table also writes the commented default file and checks `config set`.
 * Keys are named SECTION.KEY: "printer.default", "broker.url", "m5c.control". The section
 * "group" is the one whose keys the user names: "group.upstairs" holds printers, separated by
 * commas.
 */
#define SETTINGS_GROUP          "group"
#define SETTINGS_GROUP_NAME_MAX 40

struct settings_key {
	const char *section;
	const char *name;
	const char *value; /* the default, as written in the file; "" for none */
	const char *help;  /* one or more lines */
	/* NULL accepts any text; else false with a reason for people. */
	bool (*check)(const char *value, const char **reason);
};

const struct settings_key *settings_keys(size_t *count);

/* Why this key, which earlier versions had, is no setting any more, for people; NULL where it is
 * one, or never was. A file that has it is read, with a warning. */
const char *settings_key_retired(const char *section, const char *name);

/* What the file says, over the defaults. */
struct settings;

/* An absent file gives the defaults. Errors: STORE (with problem: the line), MEMORY. A line with a
 * retired key is reported in problem->text, with 0 returned; else that is "" after success. */
int settings_load(const char *path, struct settings **settings, struct problem *problem);
void settings_destroy(struct settings *settings);

/* The groups of the file, in its order. */
size_t settings_group_count(const struct settings *settings);
const char *settings_group_name(const struct settings *settings, size_t index);

/* Whether a group can be called so: letters, digits, - and _, not a number, and not "all". */
bool settings_group_name_valid(const char *name);

/* "" where neither file nor table has it. */
const char *settings_get(const struct settings *settings, const char *section, const char *name);
bool settings_is_set(const struct settings *settings, const char *section, const char *name);

/* Of a value that is a time ("10", "1.5s", "500ms", "2m", "1h"); 0 where it is none. */
int64_t settings_duration_ms(const char *value);

/* How fast files are sent to printers: a value such as "10", "2.5", "0" or "auto". */
struct settings_rate {
	uint64_t bytes_per_s; /* 0 for no bound */
	bool adaptive;        /* from there on, as the network bears */
};

bool settings_check_rate(const char *value, const char **reason);

/* Of a value that is none: as of the default. */
struct settings_rate settings_rate(const char *value);

/* Changes one value in the file, or with NULL takes it out, and keeps comments and order; makes the
 * file, with every key commented, where there is none. Errors: STORE (with problem), ARGUMENT (no
 * such key or a value that it does not take; with problem), MEMORY. */
int settings_set(const char *path, const char *section, const char *name, const char *value,
		 struct problem *problem);

/* Makes the file, with every key commented, where there is none. Errors: STORE (with problem),
 * MEMORY. */
int settings_create_file(const char *path, struct problem *problem);

#endif
