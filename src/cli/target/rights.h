/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_RIGHTS_H
#define CLI_TARGET_RIGHTS_H

#include "base/json/writer.h"
#include "store/accounts/accounts.h"

/* What an account may do with a printer that is shared with it (protocol.md 4, Shared printers). */

#define RIGHTS_COUNT    3
#define RIGHTS_TEXT_MAX 32

struct right {
	const char *name; /* "query", "command", "camera" */
	enum store_right right;
};

void rights_read(const struct store_printer *printer, struct right out[RIGHTS_COUNT]);

/* "all", "query, camera", "none", or "" where the service did not say. */
const char *rights_text(const struct store_printer *printer, char out[RIGHTS_TEXT_MAX]);

/* The member "rights": {"query": true, "command": false, "camera": null}; null for NULL. */
void rights_write(const struct store_printer *printer, struct json_writer *writer);

#endif
