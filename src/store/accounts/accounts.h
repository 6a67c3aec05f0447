/* SPDX-License-Identifier: MIT */
#ifndef STORE_ACCOUNTS_ACCOUNTS_H
#define STORE_ACCOUNTS_ACCOUNTS_H

#include "base/memory/text_arena.h"
#include "base/problem.h"

#include <flagship/account.h>
#include <flagship/model.h>
#include <flagship/topic.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The accounts and printers that are known on this machine, with their secrets: accounts.json,
 * mode 0600. All texts are UTF-8, "" where unknown.
 */
#define STORE_TEXT_MAX     256 /* bytes with the NUL */
#define STORE_KEY_HEX_SIZE (64 + 1)
#define STORE_RIGHT_MAX    8

/* What the service says that an account may do with a printer that is shared with it. */
enum store_right {
	STORE_RIGHT_UNKNOWN, /* it does not say; nothing is withheld then */
	STORE_RIGHT_NO,
	STORE_RIGHT_YES,
};

/*
 * Texts are of any length below STORE_TEXT_MAX, and never NULL: there may be ten thousand printers,
 * most of which lack most texts. They are in the account's memory (store_account_keep), or
 * constants.
 */
struct store_printer {
	const char *serial; /* up to FLAGSHIP_SERIAL_LENGTH_MAX */
	const char *name;
	const char *key_hex;    /* secret: of its MQTT payloads, 32 or 64 hex digits */
	const char *station_id; /* by which the vendor's service knows it */
	const char *model_code; /* as the vendor writes it: "V8111" */
	const char *dsk_key;    /* secret: of the LAN protocol */
	const char *p2p_did;
	const char *p2p_conn; /* init strings: hosts, flagship/codes.h */
	const char *app_conn;
	const char *wifi_mac;
	const char *address; /* in the LAN; often stale */
	const char *firmware;
	const char *p2p_license; /* secret: of the LAN protocol */
	const char *member_type; /* whose it is, as a number whose meaning is not known */
	/* Rights (is_query, is_command, is_camera): "yes", "no", or "" for unknown. */
	const char *may_query;
	const char *may_command;
	const char *may_camera;
	int64_t created_at; /* Unix seconds, 0 where unknown */
	int64_t updated_at;
	enum flagship_model model;
};

/* Of which nothing is known. */
extern const struct store_printer store_printer_unknown;

/* One login and what it reaches. */
struct store_account {
	struct flagship_account login;
	/* Where it lives. "" everywhere: the vendor's cloud of login.region. */
	char api[STORE_TEXT_MAX];    /* https://HOST:PORT */
	char broker[STORE_TEXT_MAX]; /* mqtts://HOST:PORT */
	char ca_file[STORE_TEXT_MAX];
	char pin[STORE_TEXT_MAX];
	/* "": eufy_<user_id> and the e-mail address. */
	char mqtt_username[STORE_TEXT_MAX];
	char mqtt_password[STORE_TEXT_MAX]; /* secret */
	char source[STORE_TEXT_MAX];        /* where it came from, for people */
	int64_t refreshed_at;               /* Unix seconds: the list of printers */
	/* Owned by the account; only store_account_add_printer makes them. */
	struct store_printer *printers;
	size_t printer_count;
	size_t printer_room;     /* of the array */
	struct text_arena texts; /* what the printers' texts lie in */
	/* Never written: it is of a cloud on this machine, and not of accounts.json, where there
	 * may be another one of the same user id, at another broker. */
	bool local;
	bool has_namesake;
};

struct store_accounts {
	struct store_account *accounts;
	size_t count;
};

/*
 * Reads the file of `path`; one that is absent gives no accounts. Errors: STORE (with problem: what
 * is damaged is left as it is), MEMORY. A mode wider than 0600 is reported in problem->text, with 0
 * returned; else that is "" after success. *accounts needs store_accounts_finish either way.
 */
int store_accounts_load(const char *path, struct store_accounts *accounts, struct problem *problem);

/*
 * Changes the file: reads it under a lock that other processes wait for, lets `edit` change what
 * was read, and replaces the file as a whole (temporary file, fsync, rename; folders are made).
 * edit returns 0, or an error that leaves the file alone and is returned. A damaged file is kept as
 * PATH.damaged-TIME and told in problem->text, and edit starts from nothing.
 * Errors: STORE (with problem), MEMORY, those of edit.
 */
typedef int store_accounts_editor(void *context, struct store_accounts *accounts);
int store_accounts_update(const char *path, store_accounts_editor *edit, void *context,
			  struct problem *problem);

/* Wipes and frees all. A zeroed value is accepted. */
void store_accounts_finish(struct store_accounts *accounts);

/* Of all accounts. */
size_t store_accounts_count_printers(const struct store_accounts *accounts);

/* The account of this user id, or NULL. */
struct store_account *store_accounts_find(struct store_accounts *accounts, const char *user_id);

/* Replaces the account of the same user id, or adds one; takes over `account` with its printers,
 * and zeroes it. A field that is "" there keeps what is stored, and so does a printer's; printers
 * that are only stored stay unless `drop_missing`. Errors, with `account` still the caller's:
 * ARGUMENT (no user id, or a printer whose serial number or key is none), MEMORY. */
int store_accounts_put(struct store_accounts *accounts, struct store_account *account,
		       bool drop_missing);

/*
 * Adds the accounts of a cloud on this machine, and leaves `local` without any. What accounts.json
 * says goes first: a printer that is known there with its key is left out, and an account that goes
 * to the same broker there gets the printers that it lacks. Accounts without a printer of their own
 * then are left out; the others are marked. broker: the URL of the settings, that accounts
 * go to in place of their own; "": none. *doubled: how many printers were left out. Errors: MEMORY,
 * with some of them added.
 */
int store_accounts_add_local(struct store_accounts *accounts, struct store_accounts *local,
			     const char *broker, size_t *doubled)
	__attribute__((warn_unused_result));

/* Wipes it. False where there is none. */
bool store_accounts_remove(struct store_accounts *accounts, const char *user_id);

/* Of all accounts; its texts are wiped with those of the account. False where no account has it. */
bool store_accounts_remove_printer(struct store_accounts *accounts, const char *serial);

/* Gives a printer another name, in every account that has it. Errors: ARGUMENT (no account has it),
 * MEMORY. */
int store_accounts_rename_printer(struct store_accounts *accounts, const char *serial,
				  const char *name) __attribute__((warn_unused_result));

/* A printer of which nothing is known at the end of the account's; NULL where there is no memory.
 * Pointers to the others are void from then on. */
struct store_printer *store_account_add_printer(struct store_account *account);

/* The one of the account with this serial number; NULL: none. Stays the account's. */
struct store_printer *store_account_find_printer(const struct store_account *account,
						 const char *serial);

/* Gives one of its printers a text: a copy, cut where it is too long. False where there is no
 * memory, and the text is as it was. */
bool store_account_keep(struct store_account *account, const char **place, const char *text)
	__attribute__((warn_unused_result));

void store_account_finish(struct store_account *account);

/* Of may_query and its like. */
enum store_right store_right_from_text(const char *text);

/* The MQTT login: what is stored, else the vendor's convention. out is wiped by the caller. */
void store_account_mqtt_username(const struct store_account *account, char out[STORE_TEXT_MAX]);
void store_account_mqtt_password(const struct store_account *account, char out[STORE_TEXT_MAX]);

/* mqtts://HOST:PORT and https://HOST: what is stored, else the vendor's of the region; the API also
 * by the domain that the login named, which all later calls go to (protocol.md 4). */
void store_account_broker(const struct store_account *account, char out[STORE_TEXT_MAX]);
void store_account_api(const struct store_account *account, char out[STORE_TEXT_MAX]);

#endif
