/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>

#include "vectors.h"

#include <cmocka.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tells inflate to expect the header of gzip. */
#define GZIP_WINDOW_BITS (16 + MAX_WBITS)

struct bytes vectors_read_file(const char *path)
{
	struct bytes bytes = {NULL, 0};
	FILE *file = fopen(path, "rb");
	long size;

	if (!file) {
		return bytes;
	}
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	assert_true(size >= 0);
	rewind(file);
	bytes.length = (size_t)size;
	bytes.data = malloc(bytes.length + 1);
	assert_non_null(bytes.data);
	assert_int_equal(fread(bytes.data, 1, bytes.length, file), bytes.length);
	bytes.data[bytes.length] = '\0';
	fclose(file);
	return bytes;
}

cJSON *vectors_read_json(const char *path)
{
	struct bytes text = vectors_read_file(path);
	cJSON *json;

	assert_non_null(text.data);
	json = cJSON_Parse((const char *)text.data);
	assert_non_null(json);
	free(text.data);
	return json;
}

const char *vectors_string(const cJSON *entry, const char *name)
{
	const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, name));

	assert_non_null(value);
	return value;
}

double vectors_number(const cJSON *entry, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(entry, name);

	assert_true(cJSON_IsNumber(value));
	return value->valuedouble;
}

struct bytes vectors_decode_hex(const char *hex)
{
	struct bytes bytes = {NULL, strlen(hex) / 2};

	assert_int_equal(strlen(hex) % 2, 0);
	bytes.data = malloc(bytes.length + 1);
	assert_non_null(bytes.data);
	for (size_t i = 0; i < bytes.length; i++) {
		unsigned int value;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
		bytes.data[i] = (uint8_t)value;
	}
	return bytes;
}

struct bytes vectors_decode_gzip_base64(const char *text, size_t capacity)
{
	struct bytes bytes = {malloc(capacity), 0};
	unsigned char *packed = malloc(strlen(text));
	z_stream stream = {0};
	int packed_length;

	assert_non_null(bytes.data);
	assert_non_null(packed);
	packed_length = EVP_DecodeBlock(packed, (const unsigned char *)text, (int)strlen(text));
	assert_true(packed_length > 0);
	stream.next_in = packed;
	stream.avail_in = (unsigned int)packed_length;
	stream.next_out = bytes.data;
	stream.avail_out = (unsigned int)capacity;
	assert_int_equal(inflateInit2(&stream, GZIP_WINDOW_BITS), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	bytes.length = stream.total_out;
	inflateEnd(&stream);
	free(packed);
	return bytes;
}
