/* SPDX-License-Identifier: MIT */
#include "cloud/registry/query.h"
#include "cloud/registry/registry.h"

#include <flagship/error.h>

#include <string.h>

int registry_find_hints(struct registry *registry, const char *serial, struct registry_hints *hints)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "SELECT username, client_form, address, address_before, known_at,"
			  " changed_at FROM printer_hint WHERE serial = ?");

	memset(hints, 0, sizeof(*hints));
	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, serial);
	int result = registry_step(registry, statement);
	if (result > 0) {
		registry_column_text(statement, 0, hints->username, sizeof(hints->username));
		registry_column_text(statement, 1, hints->client_form, sizeof(hints->client_form));
		registry_column_text(statement, 2, hints->address, sizeof(hints->address));
		registry_column_text(statement, 3, hints->address_before,
				     sizeof(hints->address_before));
		hints->known_at = sqlite3_column_int64(statement, 4);
		hints->changed_at = sqlite3_column_int64(statement, 5);
		registry_reset(statement);
	}
	return result;
}

int registry_keep_hints(struct registry *registry, const char *serial,
			const struct registry_hints *hints, int64_t now_s)
{
	sqlite3_stmt *statement = registry_prepare(
		registry,
		"INSERT INTO printer_hint (serial, username, client_form, address, address_before,"
		" known_at, changed_at) SELECT serial, ?2, ?3, ?4, '', ?5, 0 FROM printer"
		" WHERE serial = ?1"
		" ON CONFLICT (serial) DO UPDATE SET address_before ="
		" CASE WHEN address = excluded.address THEN address_before ELSE address END,"
		" username = excluded.username, client_form = excluded.client_form,"
		" address = excluded.address, changed_at = excluded.known_at"
		" WHERE username <> excluded.username OR client_form <> excluded.client_form"
		" OR address <> excluded.address");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, serial);
	registry_bind_text(statement, 2, hints->username);
	registry_bind_text(statement, 3, hints->client_form);
	registry_bind_text(statement, 4, hints->address);
	sqlite3_bind_int64(statement, 5, now_s);
	return registry_change(registry, statement);
}

int registry_drop_hints(struct registry *registry, const char *serial)
{
	sqlite3_stmt *statement = registry_prepare(registry,
						   "DELETE FROM printer_hint WHERE serial = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, serial);
	return registry_change(registry, statement);
}
