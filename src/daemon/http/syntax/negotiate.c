/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/negotiate.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define WEIGHT_FULL   1000
#define WEIGHT_UNSAID (-1)
#define DECIMAL       10

/* "q=0.25" as 250; what is no weight counts as full. */
static int weight_of(const char *text, size_t length)
{
	int weight = 0;
	int scale = WEIGHT_FULL;
	size_t at = 2;

	if (length < 3 || tolower((unsigned char)text[0]) != 'q' || text[1] != '=' ||
	    !isdigit((unsigned char)text[at])) {
		return WEIGHT_FULL;
	}
	weight = (text[at++] - '0') * scale;
	if (at < length && text[at] == '.') {
		for (at++; at < length && isdigit((unsigned char)text[at]) && scale > 1; at++) {
			scale /= DECIMAL;
			weight += (text[at] - '0') * scale;
		}
	}
	return weight > WEIGHT_FULL ? WEIGHT_FULL : weight;
}

/* WEIGHT_UNSAID where the header does not name it. */
static int find_weight(const char *header, const char *coding)
{
	size_t wanted = strlen(coding);

	while (header && *header) {
		header += strspn(header, " \t,");
		size_t item = strcspn(header, ",");
		size_t name = strcspn(header, " \t;,");

		if (name == wanted && strncasecmp(header, coding, wanted) == 0) {
			size_t mark = strcspn(header, ";,");

			if (mark >= item) {
				return WEIGHT_FULL;
			}
			mark++;
			mark += strspn(header + mark, " \t");
			return mark < item ? weight_of(header + mark, item - mark) : WEIGHT_FULL;
		}
		header += item;
	}
	return WEIGHT_UNSAID;
}

static int accepted(const char *header, const char *coding)
{
	int weight = find_weight(header, coding);

	if (weight == WEIGHT_UNSAID) {
		weight = find_weight(header, "*");
	}
	return weight == WEIGHT_UNSAID ? 0 : weight;
}

enum http_coding http_coding_choose(const char *accept_encoding, unsigned int offered)
{
	int gzip = offered & HTTP_GZIP ? accepted(accept_encoding, "gzip") : 0;
	int brotli = offered & HTTP_BROTLI ? accepted(accept_encoding, "br") : 0;

	if (brotli > 0 && brotli >= gzip) {
		return HTTP_BROTLI;
	}
	return gzip > 0 ? HTTP_GZIP : HTTP_IDENTITY;
}

const char *http_coding_name(enum http_coding coding)
{
	return coding == HTTP_BROTLI ? "br" : coding == HTTP_GZIP ? "gzip" : "";
}

static const char *skip_weak(const char *etag)
{
	return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

bool http_etag_matches(const char *if_none_match, const char *etag)
{
	const char *own = skip_weak(etag);
	size_t length = strlen(own);

	if (!if_none_match || length == 0) {
		return false;
	}
	while (*if_none_match) {
		if_none_match += strspn(if_none_match, " \t,");
		if (*if_none_match == '*') {
			return true;
		}
		if_none_match = skip_weak(if_none_match);
		if (strncmp(if_none_match, own, length) == 0) {
			return true;
		}
		/* A comma inside quotes is of the tag. */
		if (*if_none_match == '"') {
			const char *end = strchr(if_none_match + 1, '"');

			if (!end) {
				return false;
			}
			if_none_match = end + 1;
		} else {
			if_none_match += strcspn(if_none_match, ",");
		}
	}
	return false;
}

bool http_etag_in_range(const char *if_range, const char *etag)
{
	return !if_range || (if_range[0] == '"' && strcmp(if_range, etag) == 0);
}
