/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_IMPORT_SOURCE_H
#define VENDOR_IMPORT_SOURCE_H

#include "base/problem.h"
#include "store/accounts/accounts.h"

enum import_result {
	IMPORT_LOGIN,
	IMPORT_EMPTY,  /* well-formed, but nobody is logged in there */
	IMPORT_FAILED, /* for the reason of the problem */
};

#define IMPORT_STANDARD_INPUT "-" /* in place of a path */

struct import_source {
	/* What was left out, though the login could be read. */
	void (*warn)(void *context, const struct problem *problem);
	void *context;
};

/*
 * Reads a login, with the printers that stand beside it, from a file or folder of another program:
 * the slicer's login.json, a Studio profile folder or a login_info.json in one, ankerctl's
 * default.json, or a folder that holds one of these; or the text of such a file from standard
 * input. store_account_finish is due either way.
 */
enum import_result import_source_read(const struct import_source *source, const char *path,
				      struct store_account *account, struct problem *problem);

#endif
