/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_DIALOG_H
#define CLI_ACCOUNT_DIALOG_H

#include "store/accounts/authority.h"
#include "vendor/api/answer.h"
#include "vendor/login.h"

#include <stddef.h>

/*
 * `flagship login --dialog`: another program in the place of a person. It writes an object a line
 * to standard input, and reads captchas as an object a line; so that no secret is an argument, and
 * no picture a file. Each returns OPTIONS_RUN, or an exit status after trouble that was reported.
 */

/* {"email": "…", "password": "…", "ca": "…"}; the first two are secrets, which the caller wipes.
 * ca: certificates that the service and its broker are to be known by, "" where there are none. */
int dialog_read_credentials(char *email, size_t email_capacity, char *password,
			    size_t password_capacity, char ca[AUTHORITY_TEXT_MAX])
	__attribute__((warn_unused_result));

/* {"ca": "…"}, or {}. */
int dialog_read_authority(char ca[AUTHORITY_TEXT_MAX]) __attribute__((warn_unused_result));

/* Prints {"captcha": {"media_type": "…", "data": "…"}}, and reads {"answer": "…"}. */
int dialog_solve_captcha(const struct vendor_captcha *captcha, char *answer, size_t capacity)
	__attribute__((warn_unused_result));

/* Prints {"second_factor": {"sent_to": "o***@…", "reason": "sent"}}, or "wrong" or "expired", and
 * reads {"answer": "…"}, which is a secret: the caller wipes it. */
int dialog_ask_code(const char *email, enum login_code_reason reason, char code[LOGIN_CODE_MAX])
	__attribute__((warn_unused_result));

#endif
