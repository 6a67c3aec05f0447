/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_CAPTCHA_H
#define CLI_ACCOUNT_CAPTCHA_H

#include "vendor/api/answer.h"

#include <stddef.h>

/*
 * Saves the picture as a file that only this user can read, shows it where there is a desktop, else
 * says where it is, and asks what it says. The file is removed again. Returns OPTIONS_RUN, or an
 * exit status after trouble that was told.
 */
int captcha_ask(const struct vendor_captcha *captcha, char *answer, size_t capacity);

#endif
