/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCOUNTS_ACCOUNTS_H
#define GATEWAY_ACCOUNTS_ACCOUNTS_H

#include "gateway/access/access.h"
#include "gateway/printers/printers.h"
#include "gateway/web/web.h"

#include <stdint.h>
#include <uv.h>

/*
 * The accounts over HTTP: list, take over, log in, remove; their lists of printers, asked for now
 * and then and when the cloud says that something changed; and doctor. What asks the vendor is
 * `flagship-account`, and what looks at the chain `flagship doctor`, as children (child.h): the
 * gateway links no HTTP client. One child at a time works on accounts, and one is a doctor.
 *
 * What they change in the store is taken over at once.
 */
struct accounts;

#define ACCOUNTS_TIMEOUT_S 120             /* of a child, unless it is told otherwise */
#define ACCOUNTS_ANSWER_MS INT64_C(300000) /* for somebody to read a captcha, or a mail */
#define ACCOUNTS_BODY_MAX  ((uint64_t)2 * 1024 * 1024) /* a login of another program, as JSON */

struct accounts_options {
	struct gateway_printers *printers; /* outlives it, as all here */
	struct access *access;
	struct log *log;
	const char *account_program; /* flagship-account; "": not found. Copied */
	const char *main_program;    /* flagship */
	int64_t timeout_ms;          /* of a child */
	/* Who of the gateway has the printer's session in the local network, in words; NULL:
	 * nobody. */
	const char *(*lan_holder)(const void *context, const char *serial);
	const void *context;
};

/* Errors: MEMORY. */
int accounts_create(uv_loop_t *loop, const struct accounts_options *options,
		    struct accounts **accounts) __attribute__((warn_unused_result));

void accounts_fill_api(struct accounts *accounts, struct web_api *api);

/* The files were read; and the cloud notified of a change: of gateway_printers_options. NULL is
 * accepted. */
void accounts_configured(struct accounts *accounts);
void accounts_notify(struct accounts *accounts, const char *user_id);

/* Children are killed, and whoever waits for one is notified that the gateway ends. NULL is
 * accepted.
 */
void accounts_stop(struct accounts *accounts);
/* Once the HTTP server is gone, and the loop has run dry. NULL is accepted. */
void accounts_destroy(struct accounts *accounts);

#endif
