/* SPDX-License-Identifier: MIT */
#ifndef STORE_ACCOUNTS_FIELDS_H
#define STORE_ACCOUNTS_FIELDS_H

#include "store/accounts/accounts.h"

#include <stdbool.h>
#include <stddef.h>

/* What accounts.json says of an account or a printer and where it stands in memory. */
struct accounts_field {
	const char *name;
	size_t name_length;
	size_t offset;
	size_t capacity; /* of a text with its NUL; 0 for an int64_t */
	bool kept;       /* a text that lies elsewhere: a const char * */
};

struct accounts_fields {
	const struct accounts_field *fields;
	size_t count;
};

/* All but the region and the printers of an account, and the model of a printer. */
extern const struct accounts_fields accounts_account_fields;
extern const struct accounts_fields accounts_printer_fields;

/* 32 or 64 hex digits, or "" for none. */
bool accounts_key_valid(const char *hex);

static inline char *accounts_field_array(void *object, const struct accounts_field *field)
{
	return (char *)object + field->offset;
}

static inline const char **accounts_field_kept(void *object, const struct accounts_field *field)
{
	return (const char **)(void *)((char *)object + field->offset);
}

static inline const char *accounts_field_text(const void *object,
					      const struct accounts_field *field)
{
	const char *place = (const char *)object + field->offset;

	return field->kept ? *(const char *const *)(const void *)place : place;
}

static inline int64_t *accounts_field_time(void *object, const struct accounts_field *field)
{
	return (int64_t *)(void *)((char *)object + field->offset);
}

#endif
