/* SPDX-License-Identifier: MIT */
#include "vendor/api/session.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/json/reader.h"
#include "base/json/writer.h"
#include "protocol/ecdh.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_SIZE      16
#define SEALED_POINT_MAX 512

static int random_hex(char out[VENDOR_SESSION_HEX_SIZE])
{
	uint8_t bytes[RANDOM_SIZE];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, out);
	return 0;
}

int vendor_session_prepare(struct vendor_session *session)
{
	if (session->has_scalar) {
		return 0;
	}
	int error = ecdh_random_scalar(session->scalar);
	session->has_scalar = error == 0;
	return error;
}

static int sign(const struct vendor_session *session, const char *text, size_t length,
		struct vendor_signature *signature)
{
	snprintf(signature->timestamp, sizeof(signature->timestamp), "%" PRId64, clock_unix_s());
	signature->ident = session->ident;
	int error = random_hex(signature->once);
	return error ? error
		     : signed_sign(&session->key, signature->timestamp, signature->once, text,
				   length, signature->signature);
}

int vendor_session_sign(const struct vendor_session *session, const char *body, size_t length,
			struct vendor_signature *signature)
{
	*signature = (struct vendor_signature){0};
	return sign(session, body, length, signature);
}

/* Only the sealed key is signed, not the JSON around it. */
int vendor_session_begin(struct vendor_session *session, char *body, size_t capacity,
			 size_t *length, struct vendor_signature *signature)
{
	char point[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
	char sealed[SEALED_POINT_MAX];
	struct json_writer writer;
	size_t sealed_length = 0;

	*signature = (struct vendor_signature){.exchange = true};
	session->open = false;
	signed_key_fixed(&session->key);
	int error = random_hex(session->ident);
	if (!error) {
		error = ecdh_public_hex(session->scalar, point);
	}
	if (!error) {
		error = signed_seal(&session->key, point, strlen(point), NULL, sealed,
				    sizeof(sealed), &sealed_length);
	}
	if (!error) {
		error = sign(session, sealed, sealed_length, signature);
	}
	if (error) {
		return error;
	}
	json_writer_init(&writer, body, capacity);
	json_object_begin(&writer);
	json_member_string(&writer, "client_public_key", sealed);
	json_object_end(&writer);
	return json_writer_finish(&writer, length);
}

int vendor_session_open(struct vendor_session *session, struct flagship_json data)
{
	char sealed[SEALED_POINT_MAX];
	char point[SEALED_POINT_MAX];
	struct json_value value;
	size_t length;

	if (data.length == 0 || !json_object_find(data, "server_public_key", &value) ||
	    value.kind != JSON_STRING ||
	    flagship_text_copy(value.text, sealed, sizeof(sealed)) >= sizeof(sealed)) {
		return FLAGSHIP_ERROR_JSON;
	}
	int error = signed_open(&session->key, sealed, strlen(sealed), point, sizeof(point),
				&length);
	if (!error) {
		error = signed_key_derive(session->scalar, point, &session->key);
	}
	session->open = error == 0;
	return error == FLAGSHIP_ERROR_ARGUMENT || error == FLAGSHIP_ERROR_BUFFER
		       ? FLAGSHIP_ERROR_JSON
		       : error;
}

static bool is_json(const char *text, size_t length)
{
	struct json_value value;

	return !json_read_document(text, length, FLAGSHIP_PAYLOAD_DEPTH_MAX, &value);
}

int vendor_session_unseal(const struct vendor_session *session, struct flagship_json data,
			  char **text, size_t *length)
{
	struct json_reader reader = {data.data, data.data + data.length};
	struct flagship_text sealed;

	*text = NULL;
	if (json_read_string(&reader, &sealed) != 0) {
		return FLAGSHIP_ERROR_JSON;
	}
	size_t capacity = flagship_text_copy(sealed, NULL, 0) + 1;
	char *copy = malloc(capacity);
	char *opened = malloc(capacity);
	int error = copy && opened ? 0 : FLAGSHIP_ERROR_MEMORY;
	if (!error) {
		flagship_text_copy(sealed, copy, capacity);
		error = signed_open(&session->key, copy, capacity - 1, opened, capacity, length);
	}
	free(copy);
	if (!error && is_json(opened, *length)) {
		*text = opened;
		return 0;
	}
	if (!error) {
		OPENSSL_cleanse(opened, *length);
	}
	free(opened);
	return error == FLAGSHIP_ERROR_MEMORY ? error : FLAGSHIP_ERROR_JSON;
}
