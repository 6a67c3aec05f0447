/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_LOGIN_H
#define VENDOR_LOGIN_H

#include "vendor/region.h"
#include "vendor/service.h"

#include <flagship/account.h>

#include <stdbool.h>
#include <stddef.h>

enum login_region {
	LOGIN_REGION_US,
	LOGIN_REGION_EU,
	LOGIN_REGION_AUTO, /* the country tells, or the one that answers first */
};

#define LOGIN_CODE_MAX 64

/* Why a code is asked for. */
enum login_code_reason {
	LOGIN_CODE_SENT,    /* the service has mailed one */
	LOGIN_CODE_WRONG,   /* the last one was not it */
	LOGIN_CODE_EXPIRED, /* the last one came too late, and another was mailed */
};

/* A login with e-mail address and password (protocol.md 4). */
struct login {
	/* Set these before login_run; texts are borrowed. */
	const char *email;
	const char *password;
	const char *country;     /* two letters, or NULL */
	const char *service_key; /* that passwords are encrypted for, hex, which fits
				  * FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE; NULL: the service's own */
	const char *const *apis; /* of several the one that answers first */
	size_t api_count;        /* 0: the vendor's */
	enum login_region region;
	struct service_settings settings; /* afterwards with the session that was needed */
	struct region_handlers region_handlers;
	/* Writes what the picture says; false gives the login up. */
	bool (*solve)(void *context, const struct vendor_captcha *captcha, char *answer,
		      size_t capacity);
	/*
	 * Writes the code of a second factor, which the service has mailed to the address of the
	 * account; false gives the login up. NULL: nobody can be asked, so that none is sent for,
	 * and the login is refused. Not seen on a printer's account yet: the calls are those of the
	 * vendor's services for other devices.
	 */
	bool (*give_code)(void *context, enum login_code_reason reason, char code[LOGIN_CODE_MAX]);
	void *context;

	/* After SERVICE_OK. */
	struct store_account account; /* store_account_finish is due either way */
	char url[STORE_TEXT_MAX];     /* of the service that the account is to be used with */
	bool moved;                   /* it is another one than was asked */
};

enum service_failure login_run(struct login *login, struct problem *problem);

#endif
