/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_API_ANSWER_H
#define VENDOR_API_ANSWER_H

#include <flagship/account.h>
#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an answer of the HTTPS API says (protocol.md 4): {"code": 0, "msg": "…", "data": …}. */

#define VENDOR_MESSAGE_MAX    256
#define VENDOR_CAPTCHA_ID_MAX 256
#define VENDOR_MEDIA_TYPE_MAX 64

struct vendor_envelope {
	int64_t code;
	char message[VENDOR_MESSAGE_MAX]; /* "" where there is none; no control characters */
	struct flagship_json data;        /* into the body; empty where there is none */
};

/* Errors: JSON (no object, or no number for a code), TOO_DEEP. */
int vendor_answer_read(const char *body, size_t length, struct vendor_envelope *envelope);

/* Whether the service does not take the token any more: HTTP 401, or a code or message that says
 * so. */
bool vendor_answer_token_expired(long status, const struct vendor_envelope *envelope);

/* A picture that the service wants read before it lets one in. */
struct vendor_captcha {
	char id[VENDOR_CAPTCHA_ID_MAX];
	char media_type[VENDOR_MEDIA_TYPE_MAX]; /* "image/png" */
	uint8_t *picture;
	size_t size;
};

/* False where the data asks for none. */
bool vendor_answer_wants_captcha(struct flagship_json data);

/*
 * From the data of a login's answer: captcha_id, and item as a data URL in base64. Errors: JSON (it
 * is none), MEMORY. vendor_captcha_finish is due after success.
 */
int vendor_captcha_read(struct flagship_json data, struct vendor_captcha *captcha);

/* A zeroed value is accepted. */
void vendor_captcha_finish(struct vendor_captcha *captcha);

/* What the codes mean with which the service refuses a login (protocol.md 4, Login errors), and
 * what people can do about it. */
struct vendor_reason {
	int64_t code;
	const char *what;   /* "the e-mail address or the password is wrong" */
	const char *advice; /* a clause: "check both" */
};

/* NULL where it is not known. */
const struct vendor_reason *vendor_reason_of(int64_t code);

/* What people can do who cannot log in: a clause. */
#define VENDOR_ADVICE_IMPORT                                                                \
	"log in to the vendor's program on a computer once, and take that login over with " \
	"flagship import"

/* The step of data.fa_info that wants a second factor, which is no error by its code. */
#define VENDOR_CODE_SECOND_FACTOR 26052

/* Whether the data of a login's answer wants one. */
bool vendor_answer_wants_second_factor(struct flagship_json data);

/* What became of the code of a second factor. */
enum vendor_factor_verdict {
	VENDOR_FACTOR_OTHER, /* the code of the answer is about something else */
	VENDOR_FACTOR_WRONG,
	VENDOR_FACTOR_EXPIRED,
};

/* By the code with which the service refuses a login. */
enum vendor_factor_verdict vendor_factor_verdict_of(int64_t code);

/* For how a code is asked for, and for the login that has it. Secret: the caller wipes it. */
struct vendor_factor_token {
	char auth_token[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char user_id[FLAGSHIP_ACCOUNT_FIELD_MAX]; /* "" where it is not said */
};

/* From the data of the answer that wants a second factor. Error: JSON (no token, or none that
 * fits), and nothing is changed. */
int vendor_factor_token_read(struct flagship_json data, struct vendor_factor_token *token);

#endif
