/* SPDX-License-Identifier: MIT */
#include "cloud/registry/internal.h"
#include "cloud/registry/registry.h"

#include <string.h>

int registry_find_hints(struct registry *registry, const char *serial, struct registry_hints *hints)
{
	memset(hints, 0, sizeof(*hints));
	return database_first(
		database_select(registry->database,
				"SELECT username, client_form, address, address_before, known_at,"
				" changed_at FROM printer_hint WHERE serial = ?",
				DB_TEXT(serial)),
		DB_TO_TEXT(hints->username), DB_TO_TEXT(hints->client_form),
		DB_TO_TEXT(hints->address), DB_TO_TEXT(hints->address_before),
		DB_TO_INT(&hints->known_at), DB_TO_INT(&hints->changed_at));
}

int registry_keep_hints(struct registry *registry, const char *serial,
			const struct registry_hints *hints, int64_t now_s)
{
	return database_run(
		registry->database,
		"INSERT INTO printer_hint (serial, username, client_form, address, address_before,"
		" known_at, changed_at) SELECT serial, ?2, ?3, ?4, '', ?5, 0 FROM printer"
		" WHERE serial = ?1"
		" ON CONFLICT (serial) DO UPDATE SET address_before ="
		" CASE WHEN address = excluded.address THEN address_before ELSE address END,"
		" username = excluded.username, client_form = excluded.client_form,"
		" address = excluded.address, changed_at = excluded.known_at"
		" WHERE username <> excluded.username OR client_form <> excluded.client_form"
		" OR address <> excluded.address",
		DB_TEXT(serial), DB_TEXT(hints->username), DB_TEXT(hints->client_form),
		DB_TEXT(hints->address), DB_INT(now_s));
}

int registry_drop_hints(struct registry *registry, const char *serial)
{
	return database_run(registry->database, "DELETE FROM printer_hint WHERE serial = ?",
			    DB_TEXT(serial));
}
