/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_MIRROR_MIRROR_H
#define CLOUD_MIRROR_MIRROR_H

#include "cloud/registry/service.h"
#include "transport/tls/trust.h"

#include <stdint.h>
#include <uv.h>

/*
 * The vendor's app goes on working while printers talk to us: what printers send goes up to the
 * vendor's broker, and what the app sends there comes down to the printers, through one upstream
 * connection for each account; a printer of several goes through one of them. What is sent goes up
 * alone and what is commanded comes down alone. Each message passes, equal ones as well, since
 * printers repeat themselves; where the broker upstream turns out to be our own, which would send
 * each round for ever, nothing is passed to it.
 */
struct mirror;

/* Strings are copied. */
struct mirror_options {
	const char *upstream_host; /* NULL: the vendor's, by the account's country */
	uint16_t upstream_port;    /* 0: 8789 */
	struct trust_options upstream_trust;
	const char *local_host;
	uint16_t local_port;
	const char *local_ca;
	/* Of an administrator of the local broker. */
	const char *local_username;
	const char *local_password;
	/* Where it says how each account's mirror is, as an object; gone once it has stopped. NULL:
	 * nowhere. */
	const char *state_file;
	void (*log)(void *context, const char *line);
	void *context;
};

/* Mirrors every account of the registry that has printers, administrators excepted, and follows
 * what is changed there within seconds. The service is borrowed until mirror_stop.
 * Errors: MEMORY. */
int mirror_start(uv_loop_t *loop, struct registry_service *service,
		 const struct mirror_options *options, struct mirror **mirror);

/* Releases everything, then calls back, which may be NULL. NULL for mirror calls back at once. */
void mirror_stop(struct mirror *mirror, void (*stopped)(void *context), void *context);

#endif
