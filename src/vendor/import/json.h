/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_IMPORT_JSON_H
#define VENDOR_IMPORT_JSON_H

#include "base/json/reader.h"
#include "store/accounts/accounts.h"

/* Reading JSON for the files import*.c. */

/* One value and nothing behind it. Errors: JSON, TOO_DEEP. */
int import_json_parse(const char *text, size_t length, struct json_value *value);

/* A member that is text and fits; else out is as it was. */
bool import_json_text(struct flagship_json object, const char *name, char *out, size_t capacity);

/* The same of a name for people, which is cut at a character where it does not fit. */
bool import_json_name(struct flagship_json object, const char *name, char *out, size_t capacity);

/* The same two, kept for one of the account's printers. Errors: MEMORY. */
int import_json_keep(struct flagship_json object, const char *name, struct store_account *account,
		     const char **place);

int import_json_keep_name(struct flagship_json object, const char *name,
			  struct store_account *account, const char **place);

/* A member that is a time in Unix seconds; else 0. */
int64_t import_json_time(struct flagship_json object, const char *name);

/* import_json_keep of a text or a whole number, which is written out. */
int import_json_keep_number(struct flagship_json object, const char *name,
			    struct store_account *account, const char **place);

/* A member that says yes or no: 0 or 1, true or false, also in quotes. Else *place is as it was. */
void import_json_right(struct flagship_json object, const char *name, const char **place);

/* A member that is a printer's key: 32 or 64 hex digits; else *place is as it was. Errors: MEMORY.
 */
int import_json_keep_key(struct flagship_json object, const char *name,
			 struct store_account *account, const char **place);

/* The printer of the object's serial number in the account, added where it is new. *printer is NULL
 * where there is no valid serial number. Errors: MEMORY. */
int import_json_printer(struct flagship_json object, const char *serial_name,
			struct store_account *account, struct store_printer **printer);

#endif
