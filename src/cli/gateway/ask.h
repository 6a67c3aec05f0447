/* SPDX-License-Identifier: MIT */
#ifndef CLI_GATEWAY_ASK_H
#define CLI_GATEWAY_ASK_H

#include "base/json/compose.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Requests to the gateway of this machine, by the unix socket in its folder. Both ends are the same
 * user's, or root's: the file's mode says who may.
 */
struct ask;

#define ASK_SOCKET_NAME "api.sock" /* in the folder of the gateway; HTTP, mode 0600 */

/* folder: NULL for where flagship serve has its own. OPTIONS_RUN, or an exit status after trouble
 * that was told. */
int ask_open(const char *folder, struct ask **ask);
void ask_close(struct ask *ask); /* NULL is accepted */

struct ask_field {
	const char *name; /* NULL behind the last */
	const char *value;
};

/* What goes to the gateway. */
struct ask_question {
	const char *method;
	const char *path;  /* below /api/v1, with its values escaped */
	json_write *write; /* its JSON, with this context; NULL: none */
	const void *context;
	const char *text; /* NULL, or its JSON as it is */
	FILE *bytes;      /* NULL, or what goes there as it is */
	const char *file; /* NULL, or to be uploaded as a form, with `fields` */
	const struct ask_field *fields;
	FILE *save;        /* where the answer goes as it is; NULL: it is JSON */
	const char *about; /* what a refusal is told of first; NULL: nothing */
	long *status;      /* of HTTP, 0 where nothing came; NULL: not wanted */
};

/*
 * *answer is its JSON, to be deleted; NULL where there is none. OPTIONS_RUN, or an exit status
 * after trouble that was told: CANNOT_CONNECT without a gateway, NOT_ALLOWED, REFUSED with the
 * reason of the gateway, NO_ANSWER, FAILED.
 */
int ask_gateway_for(struct ask *ask, const struct ask_question *question, cJSON **answer);

/* The folder of the gateway whose socket this is has one of its API, where somebody listens. */
bool ask_is_answered(const char *socket, char folder[PATH_MAX]);

/* "/printers/Left" and then `rest`; to be freed. NULL where there is no memory. */
char *ask_printer_path(const struct ask *ask, const char *printer, const char *rest);

#endif
