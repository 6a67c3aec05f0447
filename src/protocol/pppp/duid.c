/* SPDX-License-Identifier: MIT */
#include <flagship/pppp_packet.h>

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SERIAL_DIGITS_MAX 10
#define DECIMAL           10

static_assert(FLAGSHIP_PPPP_DUID_TEXT_SIZE >= FLAGSHIP_PPPP_DUID_PREFIX_SIZE + 1 +
						      SERIAL_DIGITS_MAX + 1 +
						      FLAGSHIP_PPPP_DUID_CHECK_SIZE + 1,
	      "the longest text form fits");

/* Takes the capital letters and, where wanted, digits at *text; how many, 0 for none or too many.
 */
static size_t take_word(const char **text, bool digits, char *out, size_t most)
{
	size_t length = 0;

	while (length <= most) {
		char c = (*text)[length];
		if (!(c >= 'A' && c <= 'Z') && !(digits && c >= '0' && c <= '9')) {
			break;
		}
		length++;
	}
	if (length == 0 || length > most) {
		return 0;
	}
	memcpy(out, *text, length);
	out[length] = '\0';
	*text += length;
	return length;
}

static bool take_serial(const char **text, uint32_t *serial)
{
	uint64_t value = 0;
	size_t digits = 0;

	for (; (*text)[digits] >= '0' && (*text)[digits] <= '9'; digits++) {
		if (digits == SERIAL_DIGITS_MAX) {
			return false;
		}
		value = value * DECIMAL + (uint64_t)((*text)[digits] - '0');
	}
	*text += digits;
	*serial = (uint32_t)value;
	return digits > 0 && value <= UINT32_MAX;
}

int flagship_pppp_duid_parse(const char *text, struct flagship_pppp_duid *duid)
{
	memset(duid, 0, sizeof(*duid));
	if (text && take_word(&text, false, duid->prefix, FLAGSHIP_PPPP_DUID_PREFIX_SIZE) > 0 &&
	    *text++ == '-' && take_serial(&text, &duid->serial) && *text++ == '-' &&
	    take_word(&text, true, duid->check, FLAGSHIP_PPPP_DUID_CHECK_SIZE) > 0 &&
	    *text == '\0') {
		return 0;
	}
	memset(duid, 0, sizeof(*duid));
	return FLAGSHIP_ERROR_DUID;
}

void flagship_pppp_duid_format(const struct flagship_pppp_duid *duid,
			       char text[FLAGSHIP_PPPP_DUID_TEXT_SIZE])
{
	text[0] = '\0';
	if (duid->prefix[0] != '\0') {
		snprintf(text, FLAGSHIP_PPPP_DUID_TEXT_SIZE, "%.8s-%06" PRIu32 "-%.6s",
			 duid->prefix, duid->serial, duid->check);
	}
}

bool flagship_pppp_duid_equal(const struct flagship_pppp_duid *a,
			      const struct flagship_pppp_duid *b)
{
	return a->serial == b->serial && strcmp(a->prefix, b->prefix) == 0 &&
	       strcmp(a->check, b->check) == 0;
}

bool flagship_pppp_host_equal(const struct flagship_pppp_host *a,
			      const struct flagship_pppp_host *b)
{
	return a->port == b->port && memcmp(a->address, b->address, sizeof(a->address)) == 0;
}
