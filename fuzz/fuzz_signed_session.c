/* SPDX-License-Identifier: MIT */
#include "cloud/api/signed_sessions.h"
#include "protocol/signed_session.h"

#include <flagship/error.h>

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NOW  INT64_C(1800000000)
#define TIME "1800000000"
#define ONCE "00112233445566778899aabbccddeeff"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was sealed opens to the same, but for zeros at its end. */
static void check_round_trip(const struct signed_key *key, const char *text, size_t length)
{
	size_t capacity = SIGNED_SEALED_LENGTH(length) + 1;
	char *sealed = malloc(capacity);
	char *opened = malloc(capacity);
	size_t sealed_length;
	size_t found;

	assert(sealed && opened);
	assert(signed_seal(key, text, length, NULL, sealed, capacity, &sealed_length) == 0);
	assert(sealed_length + 1 == capacity && strlen(sealed) == sealed_length);
	assert(signed_open(key, sealed, sealed_length, opened, capacity, &found) == 0);
	assert(found <= length && memcmp(opened, text, found) == 0);
	for (size_t i = found; i < length; i++) {
		assert(text[i] == '\0');
	}
	free(sealed);
	free(opened);
}

/* Bytes from anywhere are no sealed text, or one that ends inside. */
static void check_open(const struct signed_key *key, const char *text, size_t length)
{
	char *opened = malloc(length + 1);
	size_t found;

	assert(opened);
	int error = signed_open(key, text, length, opened, length + 1, &found);
	assert(error == 0 || error == FLAGSHIP_ERROR_ARGUMENT);
	assert(error || (found <= length && opened[found] == '\0'));
	free(opened);
}

/* The same as headers and bodies of a service; `text` is NUL-terminated. */
static void check_service(const struct signed_key *fixed, const char *text, size_t length)
{
	struct signed_sessions *sessions = signed_sessions_create();
	char signature[SIGNED_SIGNATURE_HEX];
	char own[SIGNED_SESSIONS_SEALED_POINT];
	struct signed_key key;

	assert(sessions);
	assert(signed_sign(fixed, TIME, ONCE, text, length, signature) == 0);
	struct signed_request request = {
		.ident = ONCE,
		.timestamp = TIME,
		.once = ONCE,
		.signature = signature,
		.body = text,
		.length = length,
		.address = "192.0.2.1",
		.now_s = NOW,
	};
	enum signed_result result = signed_sessions_exchange(sessions, &request, own);
	assert(result == SIGNED_TAKEN || result == SIGNED_MALFORMED);
	request.ident = text;
	request.timestamp = text;
	request.once = text;
	request.signature = text;
	assert(signed_sessions_check(sessions, &request, &key) != SIGNED_TAKEN);
	assert(signed_sessions_exchange(sessions, &request, own) != SIGNED_TAKEN);
	signed_sessions_destroy(sessions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct signed_key fixed;

	assert(text);
	if (size > 0) {
		memcpy(text, data, size);
	}
	text[size] = '\0';
	signed_key_fixed(&fixed);
	check_round_trip(&fixed, text, size);
	check_open(&fixed, text, size);
	check_service(&fixed, text, size);
	free(text);
	return 0;
}
