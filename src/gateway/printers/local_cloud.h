/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PRINTERS_LOCAL_CLOUD_H
#define GATEWAY_PRINTERS_LOCAL_CLOUD_H

#include "base/problem.h"
#include "daemon/log/log.h"
#include "store/accounts/accounts.h"
#include "store/settings/settings.h"

#include <limits.h>

/*
 * What `flagship cloud run` on this machine has: it keeps a file in its folder, in the form of
 * accounts.json, with its accounts, their logins at its broker, and their printers with the keys.
 * That one is damaged, or is another user's, is reported once, and is no error: what it said last
 * stays.
 */
#define LOCAL_CLOUD_FILE "gateway.json"
#define LOCAL_CLOUD_OFF  "off"
#define LOCAL_CLOUD_AUTO "auto" /* where flagship cloud keeps it by default */

struct local_cloud {
	char *place;         /* a folder or OFF; NULL: as the settings say */
	char path[PATH_MAX]; /* of the file; "": there is none */
	char *text;          /* what it said last that could be read; secret; NULL: nothing */
	size_t length;
	struct problem problem; /* that was reported */
	size_t printers;        /* as reported, and how many of them accounts.json has, too */
	size_t doubled;
};

/* Errors: MEMORY. */
int local_cloud_init(struct local_cloud *cloud, const char *place)
	__attribute__((warn_unused_result));
void local_cloud_finish(struct local_cloud *cloud);

/* Sets path to what the settings say now. Returns whether it is another one than before. */
bool local_cloud_follow(struct local_cloud *cloud, const struct settings *settings);

/* Where the cloud is, or would be; "" and false where it is off. */
bool local_cloud_folder(const struct local_cloud *cloud, char out[PATH_MAX]);
/* Where every program of flagship looks for it; "" where there is no home folder. */
void local_cloud_default_folder(char out[PATH_MAX]);

/* Whether the cloud has this printer, by what it said last. */
bool local_cloud_has(const struct local_cloud *cloud, const char *serial);

/* Reads the file where there is one, and adds what it has (store_accounts_add_local). Errors:
 * MEMORY. */
int local_cloud_add(struct local_cloud *cloud, struct log *log, const struct settings *settings,
		    struct store_accounts *accounts) __attribute__((warn_unused_result));

#endif
