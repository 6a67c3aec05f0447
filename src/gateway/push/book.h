/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PUSH_BOOK_H
#define GATEWAY_PUSH_BOOK_H

#include "base/problem.h"
#include "gateway/access/book.h"
#include "webpush/endpoint.h"
#include "webpush/seal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which browsers want to be told of what, and the key by which this gateway is known to their push
 * services: kept in push.json of the gateway's folder (0600), since whoever has an endpoint and its
 * secrets can write to that browser.
 */
struct push_book;

#define PUSH_FILE          "push.json"
#define PUSH_BOOK_MAX      1024 /* subscriptions */
#define PUSH_USER_MAX      16   /* of one user */
#define PUSH_ID_SIZE       (16 + 1)
#define PUSH_NAME_SIZE     64   /* of a device, with the NUL */
#define PUSH_PRINTERS_SIZE 1024 /* serial numbers with blanks between them, with the NUL */
#define PUSH_LANGUAGE_SIZE 3

/* What somebody can be told of: bits of a set. */
enum push_kind {
	PUSH_FINISHED,
	PUSH_FAILED, /* stopped, or an error */
	PUSH_PAUSED, /* also since filament ran out */
	PUSH_PLATE,  /* to be cleared for what is queued */
	PUSH_OFFLINE,
	PUSH_KINDS,
};

/* "finished"; NULL for none of them. */
const char *push_kind_name(enum push_kind kind);
/* PUSH_KINDS where there is none. */
enum push_kind push_kind_of(const char *name);
/* "en", "de", "fr", "es", "zh". */
bool push_language_known(const char *language);

struct push_subscription {
	char id[PUSH_ID_SIZE];       /* of the endpoint's hash, in hex */
	char user[ACCESS_NAME_SIZE]; /* "": of a gateway that has no users */
	int64_t user_since;          /* when that user was made: not another one of its name */
	char name[PUSH_NAME_SIZE];   /* of the device; may be "" */
	char language[PUSH_LANGUAGE_SIZE];
	char printers[PUSH_PRINTERS_SIZE]; /* "": all that the user sees */
	unsigned int kinds;
	int64_t created_at; /* Unix seconds */
	struct webpush_target target;
	char endpoint[WEBPUSH_ENDPOINT_MAX + 1];
};

/* The first 16 hex digits of the SHA-256 of an endpoint: a browser knows by it which one it is. */
bool push_id_of(const char *endpoint, char id[PUSH_ID_SIZE]);

/* An absent file is an empty book. Errors: STORE (with problem), ARGUMENT (the path is too long;
 * with problem), MEMORY. */
int push_book_open(const char *folder, struct push_book **book, struct problem *problem)
	__attribute__((warn_unused_result));
/* The same of this file. */
int push_book_read(const char *path, struct push_book **book, struct problem *problem)
	__attribute__((warn_unused_result));
/* Wipes it. NULL is accepted. */
void push_book_close(struct push_book *book);

/* The private key, made and kept at first need. Valid as long as the book. Errors: STORE (with
 * problem), CRYPTO (with problem), MEMORY. */
int push_book_key(struct push_book *book, const uint8_t **scalar, struct problem *problem)
	__attribute__((warn_unused_result));

size_t push_book_count(const struct push_book *book);
/* Valid until the book is changed. */
const struct push_subscription *push_book_at(const struct push_book *book, size_t index);
const struct push_subscription *push_book_find(const struct push_book *book, const char *id);

/* In place of that of the same id. Errors, after which it is as before: STORE (with problem),
 * MEMORY, ARGUMENT (too many; with problem). */
int push_book_put(struct push_book *book, const struct push_subscription *subscription,
		  struct problem *problem) __attribute__((warn_unused_result));
/* Those that `goes` says true of; none is no error, and writes nothing. Errors, after which it is
 * as before: STORE (with problem), MEMORY. */
int push_book_drop(struct push_book *book,
		   bool (*goes)(const void *context, const struct push_subscription *subscription),
		   const void *context, struct problem *problem)
	__attribute__((warn_unused_result));
/* The one of this id. */
int push_book_remove(struct push_book *book, const char *id, struct problem *problem)
	__attribute__((warn_unused_result));

#endif
