/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PRINTERS_PRINTERS_H
#define GATEWAY_PRINTERS_PRINTERS_H

#include "base/problem.h"
#include "daemon/log/log.h"
#include "fleet/fleet.h"
#include "fleet/service.h"
#include "store/accounts/accounts.h"
#include "store/settings/settings.h"

#include <limits.h>
#include <stddef.h>
#include <uv.h>

/*
 * All printers of all accounts, held at the same time: one MQTT session an account. Accounts,
 * printers and settings that change on the disk are taken over while it runs. A printer that is
 * silent, or says no more of a job that should go on, is asked how it is (1027), ever more
 * seldom where it does not answer.
 *
 * A printer that several accounts share is held once, by the first of them. A cloud that runs on
 * this machine says in a file of its own what it has (gateway/printers/local_cloud.h): a printer
 * that accounts.json has, too, is held as accounts.json says.
 */
struct gateway_printers;

#define GATEWAY_ASK_AFTER_MS     INT64_C(10000)
#define GATEWAY_ASK_JOB_AFTER_MS INT64_C(20000)  /* of a job that should go on */
#define GATEWAY_ASK_MAX_MS       INT64_C(320000) /* the longest pause between two questions */

/* why: NULL, it was done. Valid during the call. */
typedef void gateway_named(void *context, const char *why);

struct gateway_printers_options {
	const char *settings_path; /* either file may be absent; copied */
	const char *accounts_path;
	/* Where a cloud on this machine is: a folder, or LOCAL_CLOUD_OFF. NULL: as the settings
	 * say. Copied. */
	const char *cloud;
	struct log *log;
	/* Each end of a command, as one line of JSON (fleet/service.h); may be NULL. */
	void (*on_audit)(void *context, const char *line);
	/* What followed from a command is done (service_settle); may be NULL. */
	void (*on_settled)(void *context, uint64_t command);
	/*
	 * Calls a printer of the cloud on this machine by another name there; named follows once,
	 * perhaps from inside of it, with why that did not work, or NULL. NULL: nobody can.
	 */
	void (*name_in_cloud)(void *context, const char *serial, const char *name,
			      gateway_named *named, void *named_context);
	/* Settings or accounts are other than before, also at the start; may be NULL. */
	void (*on_configured)(void *context);
	/* The cloud says that something of this account changed; may be NULL. */
	void (*on_change_notice)(void *context, const char *user_id);
	/* Everything is released; the last call. */
	void (*on_closed)(void *context);
	void *context;
};

/* Nothing is connected before gateway_printers_open. Errors: STORE (with problem), MEMORY. */
int gateway_printers_create(uv_loop_t *loop, const struct gateway_printers_options *options,
			    struct gateway_printers **printers, struct problem *problem)
	__attribute__((warn_unused_result));

/* Subscribe to the fleet before that. Errors: STORE (with problem), MEMORY. */
int gateway_printers_open(struct gateway_printers *printers, struct problem *problem)
	__attribute__((warn_unused_result));

/* Reads settings and accounts again; what cannot be read is logged, and changes nothing. */
void gateway_printers_reload(struct gateway_printers *printers);

/* on_closed follows, after which it is destroyed. */
void gateway_printers_close(struct gateway_printers *printers);
/* After on_closed, or where nothing was opened. NULL is accepted. */
void gateway_printers_destroy(struct gateway_printers *printers);

struct fleet *gateway_printers_fleet(struct gateway_printers *printers);
struct service *gateway_printers_commands(struct gateway_printers *printers);

/* By serial number, else by name in letters of either case where one printer alone has it; else
 * NULL, and *several tells whether more than one has that name. */
struct fleet_printer *gateway_printers_find(const struct gateway_printers *printers,
					    const char *word, bool *several);

/* The first after NULL; NULL after the last. */
struct fleet_printer *gateway_printers_next(const struct gateway_printers *printers,
					    const struct fleet_printer *printer);

size_t gateway_printers_count(const struct gateway_printers *printers);

/* What the files say; until they are read again. Empty, or defaults, before gateway_printers_open.
 */
const struct store_accounts *gateway_printers_accounts(const struct gateway_printers *printers);
/* NULL before gateway_printers_open. */
const struct settings *gateway_printers_settings(const struct gateway_printers *printers);
/* Where a cloud on this machine is, or would be: as the options say, else the settings. False where
 * it is off. */
bool gateway_printers_cloud_folder(const struct gateway_printers *printers, char out[PATH_MAX]);
/* Whether that one has the printer, as far as its file says; an account may have it, too. */
bool gateway_printers_cloud_has(const struct gateway_printers *printers, const char *serial);
/* The account that a printer is held by; NULL where that is gone. */
const struct store_account *gateway_printers_account(const struct gateway_printers *printers,
						     const struct fleet_printer *printer);
/* The file of the cloud on this machine, in the form of accounts.json; "": there is none. */
const char *gateway_printers_cloud_file(const struct gateway_printers *printers);
/* What the files say of a printer that is held; NULL where they have it no more. */
const struct store_printer *gateway_printers_stored(const struct gateway_printers *printers,
						    const char *serial);
/* Whether the account's MQTT session is up. */
bool gateway_printers_connected(const struct gateway_printers *printers,
				const struct store_account *account);
/* Whether the service takes the account's token no more, whatever its date says. */
void gateway_printers_set_expired(struct gateway_printers *printers,
				  const struct store_account *account, bool expired);

/* MQTT sessions: one an account. */
struct gateway_sessions {
	size_t count;
	size_t connected;
	size_t expired; /* their tokens, so that new printers are not seen */
};

struct gateway_sessions gateway_printers_sessions(const struct gateway_printers *printers);

/* Who commands of this printer are sent as: user_id and user_name. */
void gateway_printers_fill_request(const struct fleet_printer *printer,
				   struct command_request *request);

#endif
