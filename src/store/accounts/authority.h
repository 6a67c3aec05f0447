/* SPDX-License-Identifier: MIT */
#ifndef STORE_ACCOUNTS_AUTHORITY_H
#define STORE_ACCOUNTS_AUTHORITY_H

#include "base/problem.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The certificates by which the service and the broker of an account are known, where they came as
 * a text and not as a file of the user's: they are kept beside accounts.json, one file for each
 * such text, named by what it holds.
 */
#define AUTHORITY_TEXT_MAX         8192 /* bytes, with the NUL */
#define AUTHORITY_CERTIFICATES_MAX 4
#define AUTHORITY_NAME_MAX         256
#define AUTHORITY_SHA256_SIZE      65

struct store_authority {
	char sha256[AUTHORITY_SHA256_SIZE]; /* of the certificate, lower-case hex digits */
	char subject[AUTHORITY_NAME_MAX];   /* RFC 2253; may be anything */
	int64_t not_after_s;                /* Unix seconds; 0: not known */
};

/*
 * Reads certificates (PEM), and nothing else. clean: them alone, again as PEM; NULL: not wanted.
 * Errors: ARGUMENT (with problem: there is none, there are too many, one is damaged, or a private
 * key is there).
 */
int store_authority_read(const char *pem, struct store_authority found[AUTHORITY_CERTIFICATES_MAX],
			 size_t *count, char clean[AUTHORITY_TEXT_MAX], struct problem *problem)
	__attribute__((warn_unused_result));

/* Keeps what of it are certificates; made: whether the file was not there before. Errors: those of
 * store_authority_read, STORE (with problem). */
int store_authority_keep(const char *pem, char path[PATH_MAX], bool *made, struct problem *problem)
	__attribute__((warn_unused_result));

/*
 * Removes those that neither an account nor the settings name, as a login leaves them that was
 * killed, or that goes by another one since. What came within the last hour stays: the account of a
 * login that goes on may not be written yet. So does all where the file of accounts is absent, or
 * one of the two cannot be read. Returns how many.
 */
size_t store_authority_sweep(const char *accounts_path, const char *settings_path);

/* Whether the file is one that was kept so, and not the user's. */
bool store_authority_is_kept(const char *path);
/* Whether the settings name it, too, or cannot be read. */
bool store_authority_is_set(const char *path, const char *settings_path);
/* Whether one that was kept may have this name, which has no folder. */
bool store_authority_is_name(const char *name);
/* One that was kept where this path is none, on another machine or in another home, is looked for
 * where they are kept here: the path is that one's then. */
void store_authority_find(char *path, size_t capacity);

#endif
