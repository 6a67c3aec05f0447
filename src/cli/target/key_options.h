/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_KEY_OPTIONS_H
#define CLI_TARGET_KEY_OPTIONS_H

#include "cli/kit/options.h"

#include <flagship/key.h>

#include <stdbool.h>

/* Where a command gets the printer's key from. */
struct key_options {
	const char *file; /* --key-file: hex digits */
	char *text;       /* --key, leading into argv: wiped by key_options_load */
};

/* --key-file and --key; its target is a struct key_options. */
extern const struct options_group key_options_group;

/*
 * The key of --key-file, else of --key, else of FLAGSHIP_KEY; wipes every copy it made. *key is
 * NULL where none of them is given. The caller ends it with flagship_key_destroy. Mistakes are
 * reported on stderr. Returns OPTIONS_RUN or an enum cli_exit.
 */
int key_options_load(struct key_options *options, struct flagship_key **key);

/* The same; CLI_NOT_CONFIGURED, with advice, where none is given. */
int key_options_require(struct key_options *options, struct flagship_key **key);

#endif
