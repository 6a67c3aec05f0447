/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_OPTIONS_H
#define CLI_KIT_OPTIONS_H

#include "cli/kit/cli.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * One parser for the options of every command, driven by tables. The same tables print `--help` and
 * feed the shell completions. A command declares a struct for its values, a table that says where
 * in the struct each option goes, and a group around the table:
 *
 *	struct types_options { bool json; };
 *	static const struct options_option types_table[] = {
 *		{.name = "json", .kind = OPTIONS_FLAG, .help = "print JSON",
 *		 .offset = offsetof(struct types_options, json)},
 *	};
 *	static const struct options_group types_group = OPTIONS_GROUP("Options", types_table);
 */
enum options_kind {
	OPTIONS_FLAG,     /* bool */
	OPTIONS_TEXT,     /* const char *, leading into argv */
	OPTIONS_FILE,     /* const char *, leading into argv; completed as a file name */
	OPTIONS_INTEGER,  /* int64_t, between minimum and maximum */
	OPTIONS_REAL,     /* double, between minimum and maximum */
	OPTIONS_DURATION, /* int64_t milliseconds: "10", "1.5", "500ms", "2m", "1h" */
	OPTIONS_CHOICE,   /* int, the index in choices */
	OPTIONS_LIST,     /* struct options_list: text that may be given several times */
};

#define OPTIONS_LIST_MAX 16

struct options_list {
	const char *items[OPTIONS_LIST_MAX]; /* leading into argv */
	size_t count;
};

struct options_option {
	const char *name; /* without dashes */
	char letter;      /* the short spelling, or 0 */
	enum options_kind kind;
	size_t offset;              /* in the struct of the option's group */
	const char *value;          /* "FILE", as help shows it; NULL for flags and choices */
	const char *help;           /* one sentence without a full stop */
	int64_t minimum;            /* of INTEGER, REAL and DURATION (there in ms) ... */
	int64_t maximum;            /* ... where maximum > minimum */
	const char *const *choices; /* NULL-terminated, of CHOICE */
	bool joined; /* of LIST: a value may hold several, so that completion offers it as text */
	bool once;   /* of TEXT: given twice it is refused, and not the last one taken */
};

struct options_group {
	const char *title; /* heading in help: "Connection" */
	const struct options_option *options;
	size_t count;
	bool shared; /* by so many commands that docs/cli.md explains it once, below them all */
};

#define OPTIONS_GROUP(heading, table)                       \
	{                                                   \
		.title = (heading), .options = (table),     \
		.count = sizeof(table) / sizeof((table)[0]) \
	}

#define OPTIONS_GROUP_SHARED(heading, table)                                \
	{                                                                   \
		.title = (heading), .options = (table),                     \
		.count = sizeof(table) / sizeof((table)[0]), .shared = true \
	}

/* What options_parse returns where the command should go on; else it is an enum cli_exit. */
#define OPTIONS_RUN (-1)

/*
 * Parses argv in place. Options may stand before, between and after the arguments, as `--name
 * value` or `--name=value`; `--` ends them; `-` is an argument, and so is a negative number.
 * targets[i] is the struct of command->groups[i], filled with defaults beforehand; an option that
 * is not given leaves its value alone. Afterwards argv[0] to argv[*argc - 1] are the arguments.
 * Every command also has -h and --help, and the hidden --complete and --markdown; those print and
 * return CLI_DONE.
 * Mistakes are reported on stderr, with the nearest known spelling, and return CLI_USAGE.
 */
int options_parse(const struct cli_command *command, int *argc, char **argv, void *const *targets);

/* A whole number in decimal, nothing before or after it. False where it is not one, or too big. */
bool options_read_integer(const char *text, int64_t *value);

/* A decimal number, nothing before or after it. */
bool options_read_real(const char *text, double *value);

/* Seconds, or a number with ms, s, m or h; not negative. */
bool options_read_duration(const char *text, int64_t *milliseconds);

/* "FILE", or the choices with the separator between. */
void options_describe_value(const struct options_option *option, const char *separator, FILE *out);

/* What `--help` prints. */
void options_print_help(const struct cli_command *command, FILE *out);

/*
 * For completion scripts, one line each, separated by tabs:
 *	option	--name	VALUE, or the choices as a|b|c, or nothing for a flag	kind	help
 * where kind is flag, text, file, integer, real, duration, choice or list.
 */
void options_print_completions(const struct cli_command *command, FILE *out);

#endif
