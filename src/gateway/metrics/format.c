/* SPDX-License-Identifier: MIT */
#include "gateway/metrics/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define QUALITY_ONE    1000 /* RFC 9110: up to three decimals */
#define QUALITY_DIGITS 3
#define RADIX          10

#define OPENMETRICS    "application/openmetrics-text"
#define TEXT           "text/plain"

struct slice {
	const char *data;
	size_t length;
};

/* How exactly a range names a type; of several ranges that fit, the most exact one counts. */
enum exactness {
	FITS_NOT,
	FITS_ALL,
	FITS_TYPE,
	FITS_WHOLLY,
	FITS_VERSION,
};

struct preference {
	enum exactness exactness;
	int quality;
};

static struct slice trimmed(struct slice slice)
{
	while (slice.length > 0 && (*slice.data == ' ' || *slice.data == '\t')) {
		slice.data++;
		slice.length--;
	}
	while (slice.length > 0 &&
	       (slice.data[slice.length - 1] == ' ' || slice.data[slice.length - 1] == '\t')) {
		slice.length--;
	}
	return slice;
}

static bool slice_is(struct slice slice, const char *text)
{
	return slice.length == strlen(text) && strncasecmp(slice.data, text, slice.length) == 0;
}

/* Takes what stands before the next separator outside of quotes. False at the end. */
static bool next_part(struct slice *rest, char separator, struct slice *part)
{
	bool quoted = false;
	size_t length = 0;

	if (!rest->data) {
		return false;
	}
	for (; length < rest->length && (quoted || rest->data[length] != separator); length++) {
		if (rest->data[length] == '"') {
			quoted = !quoted;
		} else if (quoted && rest->data[length] == '\\' && length + 1 < rest->length) {
			length++;
		}
	}
	*part = trimmed((struct slice){rest->data, length});
	if (length == rest->length) {
		rest->data = NULL;
	} else {
		*rest = (struct slice){rest->data + length + 1, rest->length - length - 1};
	}
	return true;
}

/* "0.5" in thousandths. What is no quality counts as 0: nothing is sent that was not asked for. */
static int quality_of(struct slice value)
{
	if (value.length == 0 || (value.data[0] != '0' && value.data[0] != '1') ||
	    (value.length > 1 && value.data[1] != '.') || value.length > 2 + QUALITY_DIGITS) {
		return 0;
	}
	int quality = value.data[0] == '1' ? QUALITY_ONE : 0;
	int unit = QUALITY_ONE;
	for (size_t i = 2; i < value.length; i++) {
		if (value.data[i] < '0' || value.data[i] > '9') {
			return 0;
		}
		unit /= RADIX;
		quality += (value.data[i] - '0') * unit;
	}
	return quality > QUALITY_ONE ? 0 : quality;
}

static struct slice unquoted(struct slice value)
{
	if (value.length >= 2 && value.data[0] == '"' && value.data[value.length - 1] == '"') {
		return (struct slice){value.data + 1, value.length - 2};
	}
	return value;
}

static enum exactness exactness_of(struct slice range, const char *type)
{
	const char *slash = strchr(type, '/');

	if (slice_is(range, type)) {
		return FITS_WHOLLY;
	}
	if (slice_is(range, "*/*")) {
		return FITS_ALL;
	}
	size_t head = (size_t)(slash - type) + 1;
	if (range.length == head + 1 && range.data[head] == '*' &&
	    strncasecmp(range.data, type, head) == 0) {
		return FITS_TYPE;
	}
	return FITS_NOT;
}

/* One range of the header with its parameters, for one of our types. */
static struct preference preference_of(struct slice item, const char *type, const char *version)
{
	struct preference preference = {FITS_NOT, QUALITY_ONE};
	struct slice part;

	if (!next_part(&item, ';', &part)) {
		return preference;
	}
	preference.exactness = exactness_of(part, type);
	while (preference.exactness != FITS_NOT && next_part(&item, ';', &part)) {
		struct slice name;
		struct slice value = part;

		if (!next_part(&value, '=', &name) || !value.data) {
			continue;
		}
		value = unquoted(trimmed(value));
		if (slice_is(name, "q")) {
			preference.quality = quality_of(value);
		} else if (slice_is(name, "version")) {
			preference.exactness = slice_is(value, version) ? FITS_VERSION : FITS_NOT;
		}
	}
	return preference;
}

static struct preference preference_in(const char *accept, const char *type, const char *version)
{
	struct slice rest = {accept, strlen(accept)};
	struct preference best = {FITS_NOT, 0};
	struct slice item;

	while (next_part(&rest, ',', &item)) {
		struct preference found = preference_of(item, type, version);

		if (found.exactness == FITS_NOT) {
			continue;
		}
		if (found.exactness > best.exactness ||
		    (found.exactness == best.exactness && found.quality > best.quality)) {
			best = found;
		}
	}
	return best;
}

enum metrics_format metrics_format_choose(const char *accept)
{
	if (!accept) {
		return METRICS_TEXT;
	}
	struct preference open = preference_in(accept, OPENMETRICS, "1.0.0");
	struct preference text = preference_in(accept, TEXT, "0.0.4");
	if (open.exactness == FITS_NOT || open.quality == 0) {
		return METRICS_TEXT;
	}
	if (open.quality == text.quality) {
		return open.exactness > text.exactness ? METRICS_OPENMETRICS : METRICS_TEXT;
	}
	return open.quality > text.quality ? METRICS_OPENMETRICS : METRICS_TEXT;
}

const char *metrics_content_type(enum metrics_format format)
{
	return format == METRICS_OPENMETRICS ? OPENMETRICS "; version=1.0.0; charset=utf-8"
					     : TEXT "; version=0.0.4; charset=utf-8";
}
