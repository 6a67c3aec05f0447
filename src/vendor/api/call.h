/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_API_CALL_H
#define VENDOR_API_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every call of the HTTPS API (protocol.md 4), and what each is told. */
enum vendor_call {
	VENDOR_PROFILE,
	VENDOR_PRINTERS, /* query_fdm_list */
	VENDOR_DSK_KEYS,
	VENDOR_LOGIN,
	VENDOR_SEND_CODE, /* of a second factor, by mail */
	VENDOR_APP_VERSION,
	VENDOR_SERVICE, /* of flagship cloud alone: its public_key and broker_port */
	/* As a printer would ask: no login, but a code made of its DUID and MAC. */
	VENDOR_HUB_DEVICE,   /* check code, v1 */
	VENDOR_HUB_FIRMWARE, /* check code, v1 */
	VENDOR_HUB_DEVICE_2, /* security code, v2 */
	VENDOR_HUB_FIRMWARE_2,
	VENDOR_HUB_P2P,
	VENDOR_CALLS,
};

#define VENDOR_BODY_MAX 16384

/* Each call says which it reads; borrowed. NULL is "". */
struct vendor_parameters {
	/* LOGIN */
	const char *email;
	const char *password;
	const char *captcha_id; /* with captcha_answer, or NULL */
	const char *captcha_answer;
	const char *code;           /* of a second factor: asked for with the token of the login
				     * that wanted it; NULL: none */
	const char *service_key;    /* that passwords are encrypted for, hex; NULL: the vendor's */
	const char *country;        /* two letters; only the signed session is told it */
	const uint8_t *private_key; /* of FLAGSHIP_LOGIN_PRIVATE_SIZE, for it; NULL: a random one */
	bool signed_session;
	/* DSK_KEYS */
	const char *const *serials;
	size_t serial_count;
	/* APP_VERSION */
	const char *app_name; /* NULL: the vendor's desktop program */
	const char *app_version;
	/* HUB_… */
	const char *serial;
	const char *duid;
	const char *mac;
	const char *digits;     /* of the security code; NULL: random ones */
	const char *model_code; /* also APP_VERSION: "V8111" */
	const char *firmware;
};

/* How it is named for people: "printers". */
const char *vendor_call_name(enum vendor_call call);

bool vendor_call_is_get(enum vendor_call call);
bool vendor_call_needs_token(enum vendor_call call);

/* Whether it can go over a signed session: those that the vendor's programs make. */
bool vendor_call_can_be_signed(enum vendor_call call);

/* The path of the version: 0 is the one to try first; NULL where there are no more. */
const char *vendor_call_path(enum vendor_call call, size_t version);

/*
 * The JSON that is sent, NUL-terminated; "" for a GET. It may hold secrets: the caller wipes out.
 * Errors: ARGUMENT (parameters that the call needs), BUFFER, CRYPTO.
 */
int vendor_call_body(enum vendor_call call, const struct vendor_parameters *parameters,
		     char out[VENDOR_BODY_MAX], size_t *length);

#endif
