/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_IMPORT_WEB_VIEW_H
#define VENDOR_IMPORT_WEB_VIEW_H

#include "base/problem.h"

#include <flagship/account.h>

#include <stdbool.h>

/*
 * The login that the web view of eufyMake Studio keeps (protocol.md 4, Cached logins): on Windows,
 * also under Wine, the LevelDB of its local storage, on macOS an SQLite file. The program may be
 * running and locks them, and what reads a LevelDB writes to it; so they are copied into a folder
 * that only this user can read, read there by libleveldb and libsqlite3, and removed again.
 */
enum web_view_result {
	WEB_VIEW_LOGIN,
	WEB_VIEW_EMPTY,  /* well-formed, but nobody is logged in there */
	WEB_VIEW_FAILED, /* for the reason of the problem */
};

/* Whether the path looks like one: a folder with a LevelDB in it, one of its .ldb and .log files,
 * or localstorage.sqlite3. */
bool web_view_is(const char *path);

enum web_view_result web_view_read(const char *path, struct flagship_account *login,
				   struct problem *problem);

#endif
