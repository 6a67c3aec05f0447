/* SPDX-License-Identifier: MIT */
#include "gateway/access/requests.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/net/address.h"
#include "base/shown_text.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define MARKS   "._-@"

bool key_request_app_valid(const char *app)
{
	size_t length = strlen(app);

	return length > 0 && length < ACCESS_NAME_SIZE && shown_text_is_clean(app, length);
}

void key_request_name(const char *app, char name[ACCESS_NAME_SIZE])
{
	size_t length = 0;

	/* A mark is not the first letter of a name, and several of them say no more than one. */
	for (; *app != '\0' && length + 1 < ACCESS_NAME_SIZE; app++) {
		if (strchr(LETTERS, *app) || (length > 0 && strchr(MARKS, *app))) {
			name[length++] = *app;
		} else if (length > 0 && name[length - 1] != '-') {
			name[length++] = '-';
		}
	}
	name[length] = '\0';
	if (length == 0) {
		snprintf(name, ACCESS_NAME_SIZE, "program");
	}
}

bool key_request_grant(struct key_request *request, enum access_role role, const char *printers)
{
	char *copy = printers ? strdup(printers) : NULL;

	if (printers && !copy) {
		return false;
	}
	request->role = role;
	request->printers = copy;
	request->state = KEY_REQUEST_GRANTED;
	return true;
}

void key_request_end(struct key_request *request)
{
	free(request->printers);
	OPENSSL_cleanse(request, sizeof(*request));
}

void key_requests_finish(struct key_requests *requests)
{
	for (size_t i = 0; i < KEY_REQUESTS_MAX; i++) {
		key_request_end(&requests->items[i]);
	}
}

static void end_old(struct key_requests *requests, int64_t now_s)
{
	for (size_t i = 0; i < KEY_REQUESTS_MAX; i++) {
		struct key_request *request = &requests->items[i];

		if (request->state != KEY_REQUEST_NONE &&
		    (now_s - request->made_s >= KEY_REQUEST_LIFE_S ||
		     now_s - request->asked_s >= KEY_REQUEST_QUIET_S)) {
			key_request_end(request);
		}
	}
}

/* NULL where there are too many. Whoever has an address of IPv6 has 2^64 of them: they count as
 * one, as for guesses of passwords. */
static struct key_request *find_place(struct key_requests *requests, const char *address)
{
	const struct address_key key = address_of_text(address);
	struct key_request *place = NULL;
	size_t count = 0;

	for (size_t i = 0; i < KEY_REQUESTS_MAX; i++) {
		struct key_request *request = &requests->items[i];

		if (request->state == KEY_REQUEST_NONE) {
			place = request;
		} else {
			const struct address_key other = address_of_text(request->address);

			count += address_same(&key, &other);
		}
	}
	return count < KEY_REQUESTS_OF_ADDRESS ? place : NULL;
}

static bool make_id(char id[ACCESS_ID_SIZE])
{
	uint8_t bytes[(ACCESS_ID_SIZE - 1) / 2];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, id);
	return true;
}

struct key_request *key_requests_add(struct key_requests *requests, const char *app,
				     const char *serial, const char *address, int64_t now_s,
				     char token[SESSION_TOKEN_SIZE])
{
	end_old(requests, now_s);
	struct key_request *request = find_place(requests, address);

	if (!request || !session_make_token(token) || !access_hash(token, request->hash) ||
	    !make_id(request->id)) {
		return NULL;
	}
	request->state = KEY_REQUEST_PENDING;
	request->made_s = now_s;
	request->asked_s = now_s;
	request->made_at = clock_unix_s();
	snprintf(request->app, sizeof(request->app), "%s", app);
	snprintf(request->serial, sizeof(request->serial), "%s", serial);
	snprintf(request->address, sizeof(request->address), "%s", address);
	return request;
}

struct key_request *key_requests_ask(struct key_requests *requests, const char *token,
				     const char *serial, int64_t now_s)
{
	uint8_t hash[ACCESS_HASH_SIZE];
	struct key_request *found = NULL;

	end_old(requests, now_s);
	if (strlen(token) != SESSION_TOKEN_SIZE - 1 || !access_hash(token, hash)) {
		return NULL;
	}
	for (size_t i = 0; i < KEY_REQUESTS_MAX; i++) {
		struct key_request *request = &requests->items[i];

		if (request->state != KEY_REQUEST_NONE &&
		    CRYPTO_memcmp(request->hash, hash, sizeof(hash)) == 0 &&
		    strcmp(request->serial, serial) == 0) {
			found = request;
		}
	}
	if (found) {
		found->asked_s = now_s;
	}
	return found;
}

struct key_request *key_requests_next(struct key_requests *requests, struct key_request *last,
				      int64_t now_s)
{
	end_old(requests, now_s);
	for (size_t i = last ? (size_t)(last - requests->items) + 1 : 0; i < KEY_REQUESTS_MAX;
	     i++) {
		if (requests->items[i].state == KEY_REQUEST_PENDING) {
			return &requests->items[i];
		}
	}
	return NULL;
}

struct key_request *key_requests_find(struct key_requests *requests, const char *id, int64_t now_s)
{
	struct key_request *request = NULL;

	while ((request = key_requests_next(requests, request, now_s))) {
		if (strcmp(request->id, id) == 0) {
			return request;
		}
	}
	return NULL;
}
