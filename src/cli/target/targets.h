/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_TARGETS_H
#define CLI_TARGET_TARGETS_H

#include "cli/kit/options.h"
#include "cli/target/connection.h"
#include "cli/target/key_options.h"
#include "printer/command/command.h"
#include "store/accounts/accounts.h"
#include "store/settings/settings.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * For completion scripts, a line for each printer that is stored here, separated by a tab:
 *	SERIAL	NAME
 * and one for each group of the settings, without a NAME. Names that would break a line are left
 * out. Returns an enum cli_exit.
 */
int help_print_printers(FILE *out);

/*
 * Which printers a command is about, and how to reach them: by --serial, --broker and --key-file,
 * or by -p from what is stored.
 */
struct target_options {
	struct options_list printers; /* -p, as target_match_add reads it */
	bool direct;                  /* not by a gateway */
	/* In place of accounts.json, in its form, of a cloud on this machine: it says where its
	 * broker is, whatever the settings say. NULL: none. */
	const char *accounts_file;
	struct connection_options connection;
	struct key_options key;
};

#define TARGET_OPTIONS_DEFAULT                           \
	{                                                \
		.connection = CONNECTION_OPTIONS_DEFAULT \
	}

/* As -p all, unless the options say of which. */
void target_options_default_all(struct target_options *options);

/* -p and --direct; its target is a struct target_options. */
extern const struct options_group target_options_group;

/* For a command's groups and targets, after its own: -p, connection, key. */
#define TARGET_GROUPS          &target_options_group, &connection_options_group, &key_options_group
#define TARGET_PLACES(options) (options), &(options)->connection, &(options)->key

struct target {
	const char *serial;
	const char *name; /* or NULL */
	size_t number;    /* in the list of all that are stored, from 1; 0 for a direct one */
	enum flagship_model model;
	struct flagship_key *key;
	bool key_given; /* by the options, in place of the stored one */
	size_t login;   /* index in logins */
	/* Who commands say that they are: of the account, else of the settings; NULL where neither
	 * tells. The name is the account's nick name, or its e-mail address up to the @. */
	const char *user_id;
	const char *user_name;
	struct printer_profile *profile;     /* NULL offline */
	const struct store_account *account; /* NULL with --serial and --broker alone */
	const struct store_printer *stored;  /* likewise */
};

#define TARGET_LABEL_MAX (STORE_TEXT_MAX + FLAGSHIP_SERIAL_LENGTH_MAX + sizeof(" ()"))

/* How people know it: "Left (AK7…)", or the serial number alone. Returns out. */
const char *target_label(const struct target *target, char out[TARGET_LABEL_MAX]);

/* A login that some targets share. */
struct target_login {
	struct mqtt_session_options session;
	const char *user_id; /* or NULL */
	char endpoint[CONNECTION_ENDPOINT_MAX];
	char email_user[STORE_TEXT_MAX]; /* of the account: what is before the @ */
	bool by_gateway; /* where one runs: nothing of it is other than what is stored */
	const struct store_account *account; /* or NULL */
};

/* Private members after logins. */
struct targets {
	struct target *printers;
	size_t count;
	struct target_login *logins;
	size_t login_count;
	struct settings *settings; /* never NULL after success */
	int64_t timeout_ms;        /* --timeout, else of the settings, else CONNECTION_TIMEOUT_MS */
	bool timeout_given;
	char gateway[PATH_MAX]; /* socket of the one that may run; "" where none is to be used */
	int64_t answer_ms; /* how long an answer may take, whatever --timeout says beyond that */

	struct store_accounts accounts;
	struct connection *connections;   /* one a login */
	struct printer_profile *profiles; /* one a printer */
};

enum target_many {
	TARGETS_ONE,   /* several are a usage error */
	TARGETS_NAMED, /* several where -p names them, on the command line: never by accident */
	TARGETS_MANY,  /* any number; without -p all of them */
};

/*
 * Mistakes are reported on stderr with the printers there are. Without -p and --serial: the setting
 * printer.default, else the only printer there is, else for TARGETS_MANY all of them. Returns
 * OPTIONS_RUN or an exit status; targets_finish is due either way. Strings of the options are
 * borrowed.
 */
int targets_init(struct targets *targets, struct target_options *options, enum target_many many);

/* Printers of the store, without keys or connections being needed (`printers --offline`). names: as
 * -p takes them; all without. */
int targets_init_offline(struct targets *targets, const struct options_list *names);

/* The model turned out to be this: takes over its profile with what the settings change in it. */
void targets_learn_model(const struct targets *targets, struct target *target,
			 enum flagship_model model);

/* Who asks. */
void target_fill_request(const struct target *target, struct command_request *request);

/* Wipes and frees. */
void targets_finish(struct targets *targets);

#endif
