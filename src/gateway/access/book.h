/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCESS_BOOK_H
#define GATEWAY_ACCESS_BOOK_H

#include "base/problem.h"
#include "daemon/login/password.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who may use the gateway: users with passwords, keys of programs, and what both are let do; beside
 * them the settings of access. Kept in access.json of the gateway's folder, mode 0600: of passwords
 * and keys hashes alone. No I/O but in the last part.
 */
#define ACCESS_USERS_MAX    256
#define ACCESS_KEYS_MAX     256
#define ACCESS_NAME_SIZE    64 /* with the NUL */
#define ACCESS_ID_SIZE      (12 + 1)
#define ACCESS_SECRET_BYTES 20                            /* farms take keys of 32 to 43 letters */
#define ACCESS_SECRET_SIZE  (2 * ACCESS_SECRET_BYTES + 1) /* of a key, in hex */
#define ACCESS_HASH_SIZE    32
#define ACCESS_HA1_SIZE     (32 + 1)
#define ACCESS_TEXT_MAX     4096 /* of a list of words, with the NUL */
#define ACCESS_PASSWORD_MIN 8
#define ACCESS_FILE         "access.json"
#define ACCESS_EXPIRY_MIN_S INT64_C(60)
#define ACCESS_EXPIRY_MAX_S INT64_C(315360000) /* ten years */

#define ACCESS_DIGEST_USER  "maker" /* as PrusaLink calls its only user */
#define ACCESS_DIGEST_REALM "flagship"

enum access_role {
	ACCESS_NOBODY,
	ACCESS_VIEWER,
	ACCESS_OPERATOR,
	ACCESS_ADMIN,
};

/* What somebody may do, and with which printers. */
struct access_grant {
	enum access_role role;
	char *printers; /* owned: serial numbers with blanks between them; NULL: all */
};

struct access_user {
	char name[ACCESS_NAME_SIZE];
	char password[PASSWORD_HASH_SIZE];
	struct access_grant grant;
	int64_t created_at; /* Unix seconds */
};

struct access_key {
	char id[ACCESS_ID_SIZE];
	char name[ACCESS_NAME_SIZE];
	uint8_t hash[ACCESS_HASH_SIZE]; /* SHA-256: a key is random, so that nobody guesses it */
	/* HTTP Digest wants MD5("maker:flagship:KEY"), which is as good as the key there: kept of
	 * keys alone that were made for that. "" of all others. */
	char ha1[ACCESS_HA1_SIZE];
	struct access_grant grant;
	char maker[ACCESS_NAME_SIZE]; /* the user who made it; "": nobody knows */
	int64_t created_at;
	int64_t expires_at; /* Unix seconds, from when on it is none; 0: never */
};

/* Lists of words with blanks between them; "": none. */
struct access_settings {
	char *names; /* owned, as those below: more hosts that the gateway is called by */
	char *trusted_networks; /* whose programs need no key (Moonraker's trusted clients) */
	char *cors_origins;     /* of pages that may use the interfaces of other programs */
	int64_t session_idle_s;
	int64_t session_max_s;
};

#define ACCESS_SESSION_IDLE_S INT64_C(604800)  /* 7 days */
#define ACCESS_SESSION_MAX_S  INT64_C(2592000) /* 30 days */

struct access_book {
	struct access_user *users;
	size_t user_count;
	struct access_key *keys;
	size_t key_count;
	struct access_settings settings;
	char secret[2 * ACCESS_HASH_SIZE + 1]; /* of this gateway, in hex: signs device cookies */
};

/* Errors: MEMORY, CRYPTO. */
int access_book_init(struct access_book *book) __attribute__((warn_unused_result));
/* Wipes it; may be zeroed. */
void access_book_finish(struct access_book *book);

const char *access_role_name(enum access_role role);
/* NOBODY where it is none. */
enum access_role access_role_read(const char *name);

/* Letters, digits, and . _ - @ after the first one. */
bool access_name_valid(const char *name);
/* Serial numbers with blanks between them; NULL is good, "" is not. */
bool access_printers_valid(const char *printers);
bool access_words_have(const char *words, const char *word, size_t length);
bool access_grant_sees(const struct access_grant *grant, const char *serial);
bool access_grant_same(const struct access_grant *one, const struct access_grant *other);
/* Error: MEMORY. */
int access_grant_copy(struct access_grant *out, const struct access_grant *grant)
	__attribute__((warn_unused_result));
void access_grant_finish(struct access_grant *grant);

/* NULL where there is none. */
struct access_user *access_book_user(const struct access_book *book, const char *name);
struct access_key *access_book_key(const struct access_book *book, const char *id);
/* By its text; takes as long for each. */
const struct access_key *access_book_find_secret(const struct access_book *book,
						 const char *secret);
/* The user who made it: "" where he is gone, another one of his name or not. */
const char *access_book_maker(const struct access_book *book, const struct access_key *key);
bool access_key_is_over(const struct access_key *key, int64_t now_s);
/* When the next of those that are not over is; INT64_MAX: never. */
int64_t access_book_next_expiry(const struct access_book *book, int64_t now_s);

/* A key's secret, random, and what is kept of it. Error: CRYPTO. */
int access_secret_make(char secret[ACCESS_SECRET_SIZE]) __attribute__((warn_unused_result));
bool access_hash(const char *text, uint8_t hash[ACCESS_HASH_SIZE]);

/* --- changes: NULL where it was done, else why not, for people --- */

struct access_change {
	const char *name;      /* of a user or key */
	const char *password;  /* hash; NULL: as before */
	enum access_role role; /* NOBODY: as before */
	const char *printers;  /* NULL: all; only with `scoped` */
	bool scoped;
	bool digest;          /* of a key, as the next two */
	const char *maker;    /* NULL: nobody knows */
	int64_t expires_in_s; /* from now_s on; 0: never */
	int64_t now_s;
	char id[ACCESS_ID_SIZE];         /* of the key that was made, or is to be removed */
	char secret[ACCESS_SECRET_SIZE]; /* of the key that was made: to be wiped */
};

typedef const char *access_apply(struct access_book *book, void *change);
const char *access_add_user(struct access_book *book, void *change);
/* The same where there is no user yet. */
const char *access_add_first_user(struct access_book *book, void *change);
const char *access_set_user(struct access_book *book, void *change);
const char *access_remove_user(struct access_book *book, void *change);
const char *access_add_key(struct access_book *book, void *change);
const char *access_remove_key(struct access_book *book, void *change);

struct access_settings_change {
	const char *names; /* NULL: as before, as those below */
	const char *trusted_networks;
	const char *cors_origins;
	int64_t session_idle_s; /* 0: as before */
	int64_t session_max_s;
};
const char *access_set_settings(struct access_book *book, void *change);

/* --- as text, and on the disk --- */

/* What there is no memory for, as text for people: told from what is wrong with something by its
 * address. */
extern const char access_no_memory[];

/* Into an initialised book. NULL, access_no_memory, or what is wrong with it. */
const char *access_book_parse(struct access_book *book, const char *text, size_t length);
/* To be wiped and freed (wiping_free); NULL for want of memory. */
char *access_book_print(const struct access_book *book, size_t *length);

/* An absent file is an empty book. *book needs access_book_finish either way. Errors: STORE (with
 * problem), MEMORY. */
int access_book_load(const char *path, struct access_book *book, struct problem *problem)
	__attribute__((warn_unused_result));

/* Reads, changes and replaces the file, under its lock, for which it `waits` unless it is on a
 * loop. *refusal: why `apply` would not; the file is as before then. Errors: STORE (with problem),
 * MEMORY. */
int access_book_change(const char *path, bool waits, access_apply *apply, void *change,
		       const char **refusal, struct problem *problem)
	__attribute__((warn_unused_result));

#endif
