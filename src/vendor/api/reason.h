/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_API_REASON_H
#define VENDOR_API_REASON_H

#include <flagship/text.h>

#include <stdbool.h>
#include <stdint.h>

/* What the codes mean with which the service refuses a login (protocol.md 4, Login errors), and
 * what people can do about it. */
struct vendor_reason {
	int64_t code;
	const char *what;   /* "the e-mail address or the password is wrong" */
	const char *advice; /* a clause: "check both" */
};

/* NULL where it is not known. */
const struct vendor_reason *vendor_reason_of(int64_t code);

/* The step of data.fa_info that wants a second factor, which is no error by its code. */
#define VENDOR_CODE_SECOND_FACTOR 26052

/* Whether the data of a login's answer wants one. */
bool vendor_answer_wants_second_factor(struct flagship_json data);

#endif
