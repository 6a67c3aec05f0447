/* SPDX-License-Identifier: MIT */
#include "daemon/log/mask.h"

#include <flagship/account.h>

#include <stddef.h>
#include <string.h>

#define WORD_ENDS  "'\"(),: \t"
#define HEX_DIGITS "0123456789abcdefABCDEF"
#define HEX_RUN    24 /* a serial number is shorter, a user id longer */

static void mask(char *text, size_t length)
{
	memset(text, '*', length);
}

void log_mask(char *line)
{
	for (char *at = strstr(line, FLAGSHIP_USERNAME_PREFIX); at;
	     at = strstr(at, FLAGSHIP_USERNAME_PREFIX)) {
		at += strlen(FLAGSHIP_USERNAME_PREFIX);
		mask(at, strcspn(at, WORD_ENDS));
	}
	for (char *at = line; *at;) {
		size_t run = strspn(at, HEX_DIGITS);

		if (run >= HEX_RUN) {
			mask(at, run);
		}
		at += run > 0 ? run : 1;
	}
}
