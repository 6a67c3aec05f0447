/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PRINTERS_INTERNAL_H
#define GATEWAY_PRINTERS_INTERNAL_H

#include "base/memory/list.h"
#include "daemon/reload/configuration.h"
#include "daemon/reload/watch.h"
#include "gateway/printers/local_cloud.h"
#include "gateway/printers/printers.h"

#define PRINTERS_BUCKETS 1024u

/* One account, and its session. */
struct held_login {
	struct list place;
	struct fleet_login *login;
	char user_id[STORE_TEXT_MAX];
	bool has_namesake;              /* as in struct store_account */
	char user_name[STORE_TEXT_MAX]; /* "" where neither a nick name nor an e-mail is known */
	char endpoint[STORE_TEXT_MAX];  /* of the broker, for the log */
	bool connected;
	bool refused;             /* the service takes the token no more */
	int64_t token_expires_at; /* Unix seconds, 0: not known */
};

struct held_printer {
	struct list place;
	struct list bucket; /* among those whose serial numbers hash alike */
	struct held_login *login;
	struct fleet_printer *printer;
	struct flagship_key *key;
	struct printer_profile profile;
	enum flagship_model profile_model; /* that the profile is of */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	/* When it was last asked how it is, and how long to wait before it is asked again. */
	int64_t asked_ms;
	int64_t pause_ms;
};

struct gateway_printers {
	uv_loop_t *loop;
	struct log *log;
	char *settings_path;
	char *accounts_path;
	struct local_cloud cloud;
	struct configuration *configuration; /* NULL before it was opened */
	struct watch *watch;                 /* of settings and accounts */
	struct watch *cloud_watch;           /* of the file of the cloud; NULL: there is none */
	struct fleet *fleet;
	struct service *commands;
	struct fleet_listener listener;
	uv_timer_t ask_timer;
	bool ask_timer_runs;
	struct list logins;
	struct list printers;
	struct list buckets[PRINTERS_BUCKETS]; /* by serial number */
	size_t count;
	bool gave_up_printer;       /* one was removed, which another account may have too */
	struct list namings;        /* new names that are to be kept; the first is at it */
	struct list expected_names; /* that printers were given, and did not answer yet */
	bool closing;
	bool is_late; /* names that are being kept are waited for no more */
	bool ended;   /* on_closed was called */
	uv_timer_t late_timer;
	void (*on_configured)(void *context);
	void (*on_change_notice)(void *context, const char *user_id);
	void (*on_closed)(void *context);
	void (*name_in_cloud)(void *context, const char *serial, const char *name,
			      gateway_named *named, void *named_context);
	void *context;
};

#define PRINTERS_LOG_PART "printers"

static inline struct held_printer *held_of(const struct fleet_printer *printer)
{
	return fleet_printer_context(printer);
}

/* By serial number; NULL where it is not held. */
struct held_printer *held_find(const struct gateway_printers *printers, const char *serial);
size_t held_bucket(const char *serial); /* its index */

/* --- changes.c: what differs in the configuration becomes true of the fleet --- */

/* Takes over `newer`, which it holds from then on. Errors: MEMORY. */
int held_apply(struct gateway_printers *printers, struct configuration *newer)
	__attribute__((warn_unused_result));
/* NULL where it is not held. */
struct held_login *held_find_login(const struct gateway_printers *printers,
				   const struct store_account *account);
/* Of a model that was learned. */
void held_set_profile(struct gateway_printers *printers, struct held_printer *held,
		      enum flagship_model model);
/* Frees all; the fleet holds nothing any more. */
void held_finish(struct gateway_printers *printers);

/* --- names.c: printers that took another name by a command --- */

/* Shows it at once, and keeps it where the printer's name belongs, off the loop: in accounts.json,
 * in the cloud on this machine, or in both. Who asked hears of it when that is done. */
void names_on_done(struct gateway_printers *printers, struct fleet_printer *printer,
		   const struct command_report *report);
/* Nobody may have waited for it. */
void names_on_replies(struct gateway_printers *printers, struct fleet_printer *printer,
		      const struct channel_payload *payload);
void names_finish(struct gateway_printers *printers);

/* Of those that are being closed: once no name is being kept, or that takes too long, the fleet
 * ends, and then on_closed follows. */
void printers_end(struct gateway_printers *printers);

/* --- ask.c: silence --- */

void ask_start(struct gateway_printers *printers);
/* It was received, or can be asked again: from the beginning. */
void ask_reset(struct held_printer *held);

#endif
