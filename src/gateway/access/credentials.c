/* SPDX-License-Identifier: MIT */
#include "gateway/access/credentials.h"

#include "base/base64.h"

#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* What follows the name of a scheme; NULL where it is another one. */
static const char *after_scheme(const char *header, const char *scheme)
{
	size_t length = strlen(scheme);

	if (strncasecmp(header, scheme, length) != 0 || !strchr(BLANKS, header[length]) ||
	    header[length] == '\0') {
		return NULL;
	}
	header += length;
	return header + strspn(header, BLANKS);
}

static bool set_credential(char *out, size_t capacity, const char *text, size_t length)
{
	if (length >= capacity) {
		return false;
	}
	memcpy(out, text, length);
	out[length] = '\0';
	return true;
}

static bool read_basic(const char *text, struct credentials *credentials)
{
	char decoded[2 * CREDENTIALS_TEXT_MAX];
	size_t size;
	bool good = false;

	if (base64_decode(text, strlen(text), (uint8_t *)decoded, sizeof(decoded) - 1, &size) ==
		    0 &&
	    !memchr(decoded, '\0', size)) {
		decoded[size] = '\0';
		const char *colon = strchr(decoded, ':');

		good = colon &&
		       set_credential(credentials->name, sizeof(credentials->name), decoded,
				      (size_t)(colon - decoded)) &&
		       set_credential(credentials->secret, sizeof(credentials->secret), colon + 1,
				      strlen(colon + 1));
	}
	OPENSSL_cleanse(decoded, sizeof(decoded));
	return good;
}

void credentials_read(const char *authorization, const char *api_key,
		      struct credentials *credentials)
{
	const char *rest;

	*credentials = (struct credentials){.kind = CREDENTIALS_NONE};
	if (api_key && api_key[0] != '\0') {
		credentials->kind = set_credential(credentials->secret, sizeof(credentials->secret),
						   api_key, strlen(api_key))
					    ? CREDENTIALS_KEY
					    : CREDENTIALS_BROKEN;
		return;
	}
	if (!authorization || authorization[0] == '\0') {
		return;
	}
	credentials->kind = CREDENTIALS_BROKEN;
	if ((rest = after_scheme(authorization, "Bearer"))) {
		if (rest[0] != '\0' &&
		    set_credential(credentials->secret, sizeof(credentials->secret), rest,
				   strlen(rest))) {
			credentials->kind = CREDENTIALS_KEY;
		}
	} else if ((rest = after_scheme(authorization, "Basic"))) {
		if (read_basic(rest, credentials)) {
			credentials->kind = CREDENTIALS_BASIC;
		}
	} else if ((rest = after_scheme(authorization, "Digest"))) {
		credentials->digest = rest;
		credentials->kind = CREDENTIALS_DIGEST;
	}
}

bool cookie_get(const char *header, const char *name, char *out, size_t capacity)
{
	size_t length = strlen(name);
	bool found = false;

	out[0] = '\0';
	while (header && *header != '\0') {
		header += strspn(header, BLANKS ";");
		size_t whole = strcspn(header, ";");

		if (whole > length && strncmp(header, name, length) == 0 && header[length] == '=') {
			const char *value = header + length + 1;
			size_t size = whole - length - 1;

			while (size > 0 && strchr(BLANKS, value[size - 1])) {
				size--;
			}
			if (found && (strlen(out) != size || memcmp(out, value, size) != 0)) {
				out[0] = '\0';
				return false;
			}
			if (!set_credential(out, capacity, value, size)) {
				out[0] = '\0';
				return false;
			}
			found = true;
		}
		header += whole;
	}
	return found;
}
