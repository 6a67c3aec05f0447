/* SPDX-License-Identifier: MIT */
#include "gateway/access/credentials.h"

#include "base/hex.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BLANKS    " \t"
#define MD5_SIZE  16
#define NAME_MAX_ 16
#define NC_DIGITS 8
#define HEX_BASE  16

static const char *const tokens[] = {"algorithm", "qop", "nc"};

/* The value of one field, a token or a quoted text, into out. NULL where it is malformed; else what
 * follows. */
static const char *read_value(const char *text, char *out, size_t capacity)
{
	size_t used = 0;

	if (*text != '"') {
		size_t length = strcspn(text, ", \t");

		if (length == 0 || length >= capacity || memchr(text, '"', length)) {
			return NULL;
		}
		memcpy(out, text, length);
		out[length] = '\0';
		return text + length;
	}
	for (text++; *text != '"'; text++) {
		if (*text == '\\' && text[1] != '\0') {
			text++;
		}
		if (*text == '\0' || used + 1 >= capacity) {
			return NULL;
		}
		out[used++] = *text;
	}
	out[used] = '\0';
	return text + 1;
}

struct field {
	const char *name;
	char *place;
	size_t capacity;
	bool required;
	bool seen;
};

static struct field *find_field(struct field *fields, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(fields[i].name) == length &&
		    strncasecmp(fields[i].name, name, length) == 0) {
			return &fields[i];
		}
	}
	return NULL;
}

/* Each field once, with commas between them. */
static bool read_fields(const char *text, struct field *fields, size_t count)
{
	char ignored[DIGEST_FIELD_MAX] = "";

	while (*(text += strspn(text, BLANKS)) != '\0') {
		size_t length = strcspn(text, "= \t,");
		struct field *field = find_field(fields, count, text, length);

		if (length == 0 || text[length] != '=' || (field && field->seen)) {
			return false;
		}
		text = read_value(text + length + 1, field ? field->place : ignored,
				  field ? field->capacity : sizeof(ignored));
		if (!text) {
			return false;
		}
		if (field) {
			field->seen = true;
		}
		text += strspn(text, BLANKS);
		if (*text == ',') {
			text++;
		} else if (*text != '\0') {
			return false;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (fields[i].required && !fields[i].seen) {
			return false;
		}
	}
	return true;
}

static bool read_count(const char *text, uint32_t *count)
{
	if (strlen(text) != NC_DIGITS) {
		return false;
	}
	*count = 0;
	for (; *text != '\0'; text++) {
		int digit = hex_digit_value(*text);

		if (digit < 0) {
			return false;
		}
		*count = *count * HEX_BASE + (uint32_t)digit;
	}
	return *count > 0;
}

bool digest_read(const char *text, struct digest *digest)
{
	char algorithm[NAME_MAX_] = "MD5";
	char qop[NAME_MAX_] = "";
	struct field fields[] = {
		{"username", digest->username, sizeof(digest->username), true, false},
		{"realm", digest->realm, sizeof(digest->realm), true, false},
		{"nonce", digest->nonce, sizeof(digest->nonce), true, false},
		{"cnonce", digest->cnonce, sizeof(digest->cnonce), true, false},
		{"uri", digest->uri, sizeof(digest->uri), true, false},
		{"response", digest->response, sizeof(digest->response), true, false},
		{tokens[2], digest->count_text, sizeof(digest->count_text), true, false},
		{tokens[1], qop, sizeof(qop), true, false},
		{tokens[0], algorithm, sizeof(algorithm), false, false},
	};

	memset(digest, 0, sizeof(*digest));
	return read_fields(text, fields, sizeof(fields) / sizeof(fields[0])) &&
	       strcasecmp(algorithm, "MD5") == 0 && strcasecmp(qop, "auth") == 0 &&
	       strlen(digest->response) == DIGEST_HEX_SIZE - 1 &&
	       read_count(digest->count_text, &digest->count);
}

static bool md5(const char *const *parts, size_t count, char out[DIGEST_HEX_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t hash[MD5_SIZE];
	bool done = context && EVP_DigestInit_ex(context, EVP_md5(), NULL) == 1;

	for (size_t i = 0; done && i < count; i++) {
		done = (i == 0 || EVP_DigestUpdate(context, ":", 1) == 1) &&
		       EVP_DigestUpdate(context, parts[i], strlen(parts[i])) == 1;
	}
	done = done && EVP_DigestFinal_ex(context, hash, NULL) == 1;
	EVP_MD_CTX_free(context);
	if (done) {
		hex_encode(hash, sizeof(hash), HEX_LOWER, out);
	}
	return done;
}

bool digest_response(const struct digest *digest, const char *ha1, const char *method,
		     char out[DIGEST_HEX_SIZE])
{
	char ha2[DIGEST_HEX_SIZE];
	const char *const second[] = {method, digest->uri};
	const char *const whole[] = {ha1, digest->nonce, digest->count_text, digest->cnonce, "auth",
				     ha2};

	return md5(second, sizeof(second) / sizeof(second[0]), ha2) &&
	       md5(whole, sizeof(whole) / sizeof(whole[0]), out);
}
