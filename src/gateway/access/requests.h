/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCESS_REQUESTS_H
#define GATEWAY_ACCESS_REQUESTS_H

#include "gateway/access/book.h"
#include "gateway/access/sessions.h"

#include <flagship/flagship.h>

#include <stdbool.h>
#include <stdint.h>

/*
 * Programs that ask for a key of their own, until an admin has decided. Whoever reaches the gateway
 * may ask, so that they are few, and short-lived; a request gives nothing before it was granted,
 * and a key is made when its program fetches it, so that none is left of one that does not. Times
 * are of the steady clock. No I/O.
 */
#define KEY_REQUESTS_MAX        16
#define KEY_REQUESTS_OF_ADDRESS 4
#define KEY_REQUEST_LIFE_S      300
#define KEY_REQUEST_QUIET_S     60 /* a program that did not ask for so long is gone */
#define KEY_REQUEST_ADDRESS     64

enum key_request_state {
	KEY_REQUEST_NONE,
	KEY_REQUEST_PENDING,
	KEY_REQUEST_GRANTED,
	KEY_REQUEST_DENIED,
	KEY_REQUEST_FAILED, /* granted, but its key cannot be made now: never of a request itself */
};

struct key_request {
	enum key_request_state state;
	char id[ACCESS_ID_SIZE];        /* for admins: gives nothing to the program */
	uint8_t hash[ACCESS_HASH_SIZE]; /* of the token by which the program asks on */
	char app[ACCESS_NAME_SIZE];     /* as it calls itself */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char address[KEY_REQUEST_ADDRESS];
	enum access_role role; /* once it was granted, */
	char *printers;        /* for these; NULL: all. Owned */
	int64_t made_s;
	int64_t asked_s;
	int64_t made_at; /* Unix seconds, for people */
};

struct key_requests {
	struct key_request items[KEY_REQUESTS_MAX];
};

/* The name of a program, for people: a plain text, not empty, and short. */
bool key_request_app_valid(const char *app);
/* What its key is called: in letters that names of keys have. */
void key_request_name(const char *app, char name[ACCESS_NAME_SIZE]);

/* token: for the program, to be wiped. NULL where there are too many, of this address or at all, or
 * where libcrypto failed. */
struct key_request *key_requests_add(struct key_requests *requests, const char *app,
				     const char *serial, const char *address, int64_t now_s,
				     char token[SESSION_TOKEN_SIZE]);
/* The program asks on. NULL: there is none such, or its time is over. */
struct key_request *key_requests_ask(struct key_requests *requests, const char *token,
				     const char *serial, int64_t now_s);
/* The one that waits for a decision; NULL: none. */
struct key_request *key_requests_find(struct key_requests *requests, const char *id, int64_t now_s);
/* Those that do, one after the other from NULL on. */
struct key_request *key_requests_next(struct key_requests *requests, struct key_request *last,
				      int64_t now_s);
/* What its key may do, once it is fetched. False for want of memory. */
bool key_request_grant(struct key_request *request, enum access_role role, const char *printers);
/* Wipes it. */
void key_request_end(struct key_request *request);
void key_requests_finish(struct key_requests *requests);

#endif
