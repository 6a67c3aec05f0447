/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_REGISTRY_REGISTRY_H
#define CLOUD_REGISTRY_REGISTRY_H

#include "daemon/login/password.h"
#include "store/accounts/accounts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who and what the local cloud knows: accounts, printers, which account reaches which printer,
 * tokens, credentials that printers were learned to use. One SQLite file, mode 0600, in WAL mode:
 * readers are never kept waiting by a writer. One struct registry a process and thread.
 *
 * Functions that return int give 1 where something was found or changed, 0 where there was nothing,
 * or a negative error: STORE with the reason in registry_problem, MEMORY.
 */
struct registry;

#define REGISTRY_USER_ID_SIZE (40 + 1) /* 160 random bits in hex */
#define REGISTRY_HASH_SIZE    32       /* SHA-256 */
#define REGISTRY_TOKEN_SIZE   (48 + 1)
#define REGISTRY_TEXT_MAX     STORE_TEXT_MAX

enum registry_mode {
	REGISTRY_READ, /* also in a folder that cannot be written */
	REGISTRY_WRITE,
	REGISTRY_CREATE, /* where it is not there yet */
};

/* The end of a problem where the registry is damaged: what to do. */
#define REGISTRY_MEND "; bring back a backup with flagship cloud restore"

/* busy_ms: how long a writer waits for another one; 0: not at all. After an error *registry is
 * NULL and problem says why. */
int registry_open(const char *path, enum registry_mode mode, int busy_ms,
		  struct registry **registry, struct problem *problem);
void registry_close(struct registry *registry);
const char *registry_problem(const struct registry *registry);

/* For store/database/writer.h and readers.h: its connection, and the registry of one. */
struct database;
struct database *registry_database(const struct registry *registry);
struct registry *registry_of(const struct database *database);

/* Changes when another process changed the registry. */
int64_t registry_version(struct registry *registry);

/* A writer's changes in between happen wholly or not at all. */
int registry_begin(struct registry *registry);
int registry_commit(struct registry *registry);
void registry_rollback(struct registry *registry);

/* --- accounts --- */

struct registry_account {
	char user_id[REGISTRY_TEXT_MAX]; /* secret: half of the MQTT login */
	char email[REGISTRY_TEXT_MAX];
	char nick_name[REGISTRY_TEXT_MAX];
	char country[REGISTRY_TEXT_MAX];
	char password[PASSWORD_HASH_SIZE];     /* hash; "" = cannot log in with one */
	char mqtt_password[REGISTRY_TEXT_MAX]; /* secret; "" = the e-mail address */
	bool administrator;
	int64_t created_at; /* Unix seconds */
};

/* A user id of 160 random bits is made where account->user_id is "". 0 where the e-mail address or
 * the user id is taken; STORE where it is a printer's. */
int registry_add_account(struct registry *registry, struct registry_account *account);
int registry_find_account(struct registry *registry, const char *email,
			  struct registry_account *account);
int registry_find_user(struct registry *registry, const char *user_id,
		       struct registry_account *account);
int registry_update_account(struct registry *registry, const struct registry_account *account);
/* With its tokens, and the printers that no other account has stay. */
int registry_remove_account(struct registry *registry, const char *user_id);

/* Calls back for each in the order of e-mail addresses, until it returns false. */
int registry_each_account(struct registry *registry,
			  bool (*each)(void *context, const struct registry_account *account),
			  void *context);

/* Wipes it. */
void registry_account_wipe(struct registry_account *account);

/* --- printers --- */

/* As the vendor's service describes one (struct registry_printer says what each text is). */
struct registry_printer {
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char station_id[REGISTRY_TEXT_MAX];
	char name[REGISTRY_TEXT_MAX];
	enum flagship_model model;
	char model_code[REGISTRY_TEXT_MAX];
	char key_hex[STORE_KEY_HEX_SIZE]; /* secret */
	char dsk_key[REGISTRY_TEXT_MAX];  /* secret */
	char p2p_did[REGISTRY_TEXT_MAX];
	char p2p_conn[REGISTRY_TEXT_MAX];
	char app_conn[REGISTRY_TEXT_MAX];
	char wifi_mac[REGISTRY_TEXT_MAX];
	char address[REGISTRY_TEXT_MAX];
	char firmware[REGISTRY_TEXT_MAX];
	int64_t created_at;
	int64_t updated_at;
};

/* Adds it or replaces what is known of it (a text that is "" keeps what is there). */
int registry_put_printer(struct registry *registry, const struct registry_printer *printer);
int registry_find_printer(struct registry *registry, const char *serial,
			  struct registry_printer *printer);
int registry_remove_printer(struct registry *registry, const char *serial);

/* user_id NULL: all printers. In the order of serial numbers, until each returns false. */
int registry_each_printer(struct registry *registry, const char *user_id,
			  bool (*each)(void *context, const struct registry_printer *printer),
			  void *context);

/* Which account reaches which printer: any number to any number. */
int registry_share(struct registry *registry, const char *user_id, const char *serial);
int registry_unshare(struct registry *registry, const char *user_id, const char *serial);
int registry_reaches(struct registry *registry, const char *user_id, const char *serial);

/* --- what printers present to the broker (cloud/registry/credential.h makes the hash) --- */

/* 0 where the printer is not known, or where another credential is bound to it, which stays:
 * whoever wants to replace it unbinds it first. */
int registry_bind(struct registry *registry, const char *serial,
		  const uint8_t credential[REGISTRY_HASH_SIZE], int64_t now_s);
int registry_unbind(struct registry *registry, const char *serial);
/* 1: bound, with the hash; 0: the printer is not known, or nothing is bound yet. */
int registry_bound(struct registry *registry, const char *serial,
		   uint8_t credential[REGISTRY_HASH_SIZE]);
/* The first printer that this credential is bound to: several may present the same. */
int registry_find_bound(struct registry *registry, const uint8_t credential[REGISTRY_HASH_SIZE],
			char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1]);

/* --- how printers present themselves (cloud/registry/hints.h says what follows from that) --- */

struct registry_hints {
	char username[REGISTRY_TEXT_MAX];
	char client_form[REGISTRY_TEXT_MAX]; /* hints_form of its client id */
	char address[REGISTRY_TEXT_MAX];
	char address_before[REGISTRY_TEXT_MAX]; /* "": it has had one alone */
	int64_t known_at;                       /* Unix seconds */
	int64_t changed_at;                     /* 0: never */
};

int registry_find_hints(struct registry *registry, const char *serial,
			struct registry_hints *hints);
/* Takes name, form and address over; 0 where nothing changed, or the printer is not known. */
int registry_keep_hints(struct registry *registry, const char *serial,
			const struct registry_hints *hints, int64_t now_s);
int registry_drop_hints(struct registry *registry, const char *serial);

/* For brokers that ask by user name alone: the printer that logged in with it first, until it is
 * bound to another credential. */
int registry_note_cluster_printer(struct registry *registry, const char *username,
				  const char *serial);
int registry_cluster_printer(struct registry *registry, const char *username,
			     char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1]);

/* A queue of RabbitMQ is of whoever makes it first, until nobody has made it for `kept_s`. 1: it is
 * this user's. */
int registry_take_queue(struct registry *registry, const char *name, const char *username,
			int64_t now_s, int64_t kept_s);
int registry_owns_queue(struct registry *registry, const char *name, const char *username);

/* Whether there is a printer with a key that no credential is bound to yet. */
int registry_awaits_printers(struct registry *registry);

/* --- tokens of the API: kept as their SHA-256 only --- */

struct registry_token {
	uint8_t hash[REGISTRY_HASH_SIZE];
	char user_id[REGISTRY_TEXT_MAX];
	char label[REGISTRY_TEXT_MAX]; /* which client, for people */
	int64_t created_at;
	int64_t expires_at;
	int64_t used_at;
};

/* Makes a random token that lasts until expires_at. */
int registry_issue_token(struct registry *registry, const char *user_id, const char *label,
			 int64_t now_s, int64_t expires_at, char token[REGISTRY_TOKEN_SIZE]);
/* 1: valid, with whose it is; 0: unknown, revoked or expired. note_due: registry_note_token is to
 * be called, which a registry that is open to read cannot; a use need not wait for that. */
int registry_look_token(struct registry *registry, const char *token, int64_t now_s,
			char user_id[REGISTRY_TEXT_MAX], bool *note_due);
/* Notes when it was used. One that was issued while the clock was ahead by more than a day, or not
 * set yet, lasts from now on for as long as it was to. */
int registry_note_token(struct registry *registry, const char *token, int64_t now_s);
int registry_each_token(struct registry *registry,
			bool (*each)(void *context, const struct registry_token *token),
			void *context);
/* By the first hex digits of the hash (at least 8), or all of an account. Returns how many. */
int registry_revoke_token(struct registry *registry, const char *hash_prefix);
int registry_revoke_tokens_of(struct registry *registry, const char *user_id);
/* For good: not by a clock that may be wrong (cloud/commands/upkeep.h). Those that were issued by
 * such a clock are dated anew first. */
int registry_drop_expired_tokens(struct registry *registry, int64_t now_s);

/* --- unknown clients that want to be a printer --- */

enum registry_pairing_state {
	REGISTRY_PAIRING_WAITING,
	REGISTRY_PAIRING_APPROVED,
	REGISTRY_PAIRING_REJECTED,
};

enum registry_pairing_kind {
	REGISTRY_PAIRING_UNKNOWN, /* nothing proves which printer it is */
	REGISTRY_PAIRING_CHANGED, /* it has the printer's key, and presents itself differently */
};

#define REGISTRY_PLACE_SIZE (32 + 1) /* hex */

struct registry_pairing {
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1]; /* that it claims by its name or its topics */
	uint8_t credential[REGISTRY_HASH_SIZE];
	char client_id[REGISTRY_TEXT_MAX];
	char username[REGISTRY_TEXT_MAX];
	char address[REGISTRY_TEXT_MAX];
	char place[REGISTRY_PLACE_SIZE]; /* the address, of IPv6 its /64: claims are counted by it
					  */
	enum registry_pairing_kind kind;
	bool presented; /* a user name or a password of its own, and so something to bind */
	enum registry_pairing_state state;
	int64_t first_seen;
	int64_t last_seen;
};

/* Settings: when unknown clients may claim to be a printer (cloud/registry/pairing_window.h), and
 * which ("": any; else serial numbers with spaces between them). */
#define REGISTRY_PAIRING_UNTIL   "pairing_until"
#define REGISTRY_PAIRING_SERIALS "pairing_serials"

/* serial NULL: for any at all. now_s: Unix seconds. */
bool registry_pairing_is_open(struct registry *registry, const char *serial, int64_t now_s);

#define REGISTRY_PAIRINGS_MAX       64 /* that wait */
#define REGISTRY_PAIRINGS_PLACE_MAX 4  /* of them, from one place */

/* What some of these functions return instead of 1. */
#define REGISTRY_SEVERAL 2 /* more than one client claims it */
#define REGISTRY_FULL    3 /* so many wait already, or so many from this place */
#define REGISTRY_TAKEN   4 /* the printer is known by another login */

/*
 * A claim waits for approval. 0 where it was made before, FULL where it is not kept. Where all
 * places together have as many as may wait, the newest claim of the place with the most of them
 * makes room for one from a place with none.
 */
int registry_add_pairing(struct registry *registry, const struct registry_pairing *pairing);
int registry_each_pairing(struct registry *registry,
			  bool (*each)(void *context, const struct registry_pairing *pairing),
			  void *context);

/*
 * claim: the first hex digits of the credential, NULL where there is but one. Approving binds the
 * credential to the serial, whose printer is added where it is new, and keeps how it presents
 * itself; of one that has CHANGED that alone. SEVERAL or TAKEN where it cannot. Rejecting takes an
 * approval back; without a claim all are rejected.
 */
int registry_approve_pairing(struct registry *registry, const char *serial, const char *claim,
			     int64_t now_s);
int registry_reject_pairing(struct registry *registry, const char *serial, const char *claim);

/* What waited is settled, whoever made the claims: the printer is known now. */
int registry_settle_pairings(struct registry *registry, const char *serial);
/* Claims of UNKNOWN clients that wait end with the window, by which they were let in. */
int registry_end_pairings(struct registry *registry);
/* The same, where it is closed by now. */
int registry_end_stale_pairings(struct registry *registry, int64_t now_s);
/* All that wait; rejected ones too where `all`. 1 where there were any. */
int registry_clear_pairings(struct registry *registry, bool all);
/* All claims of a serial number, the rejected ones too. */
int registry_drop_pairings(struct registry *registry, const char *serial);
/* Claims that have waited since before that time (Unix seconds): who still wants in, claims anew.
 */
int registry_drop_old_pairings(struct registry *registry, int64_t before_s);

/* --- settings: ports, addresses, the pairing window --- */

int registry_set(struct registry *registry, const char *name, const char *value);
/* "" and 0 where it is not set. */
int registry_get(struct registry *registry, const char *name, char value[REGISTRY_TEXT_MAX]);

/* Small text files that belong to the cloud, so that a backup holds them too. content: the caller's
 * buffer; STORE where it does not fit. */
int registry_put_file(struct registry *registry, const char *name, const char *content);
int registry_get_file(struct registry *registry, const char *name, char *content, size_t capacity);

/* This connection never waits for the disk: it does not sync what it writes, and does not move the
 * WAL into the database, which another one has to. Others sync before they answer. */
void registry_leave_log(struct registry *registry);

/* Reads all of it: STORE where it is damaged, or lacks a table or a column. 1 otherwise. */
int registry_check(struct registry *registry);

/* Whether the file of this path is a registry, of this layout or an older one. */
bool registry_is_one(const char *path);

/* A whole copy to a file that must not exist, mode 0600, consistent while others write. */
int registry_backup(struct registry *registry, const char *path);

#endif
