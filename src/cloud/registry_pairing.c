/* SPDX-License-Identifier: MIT */
#include "cloud/registry.h"
#include "cloud/registry_query.h"

#include <flagship/error.h>

#include <string.h>

#define COLUMNS "serial, credential, client_id, username, address, state, first_seen, last_seen"

int registry_put_pairing(struct registry *registry, const struct registry_pairing *pairing)
{
	/* A rejected claim stays rejected, however often it is made again. */
	sqlite3_stmt *statement = registry_prepare(
		registry,
		"INSERT INTO pairing (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (serial) DO UPDATE SET credential = excluded.credential,"
		" client_id = excluded.client_id, username = excluded.username,"
		" address = excluded.address, last_seen = excluded.last_seen,"
		" state = CASE WHEN credential = excluded.credential THEN state ELSE excluded.state"
		" END");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, pairing->serial);
	registry_bind_hash(statement, 2, pairing->credential);
	registry_bind_text(statement, 3, pairing->client_id);
	registry_bind_text(statement, 4, pairing->username);
	registry_bind_text(statement, 5, pairing->address);
	sqlite3_bind_int(statement, 6, (int)pairing->state);
	sqlite3_bind_int64(statement, 7, pairing->first_seen);
	sqlite3_bind_int64(statement, 8, pairing->last_seen);
	return registry_change(registry, statement);
}

static void read_pairing(sqlite3_stmt *statement, struct registry_pairing *pairing)
{
	memset(pairing, 0, sizeof(*pairing));
	registry_column_text(statement, 0, pairing->serial, sizeof(pairing->serial));
	(void)registry_column_hash(statement, 1, pairing->credential);
	registry_column_text(statement, 2, pairing->client_id, sizeof(pairing->client_id));
	registry_column_text(statement, 3, pairing->username, sizeof(pairing->username));
	registry_column_text(statement, 4, pairing->address, sizeof(pairing->address));
	pairing->state = (enum registry_pairing_state)sqlite3_column_int(statement, 5);
	pairing->first_seen = sqlite3_column_int64(statement, 6);
	pairing->last_seen = sqlite3_column_int64(statement, 7);
}

int registry_find_pairing(struct registry *registry, const char *serial,
			  struct registry_pairing *pairing)
{
	sqlite3_stmt *statement = registry_prepare(registry, "SELECT " COLUMNS
							     " FROM pairing WHERE serial = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, serial);
	int result = registry_step(registry, statement);
	if (result > 0) {
		read_pairing(statement, pairing);
		registry_reset(statement);
	}
	return result;
}

int registry_each_pairing(struct registry *registry,
			  bool (*each)(void *context, const struct registry_pairing *pairing),
			  void *context)
{
	sqlite3_stmt *statement = registry_prepare(registry, "SELECT " COLUMNS
							     " FROM pairing ORDER BY first_seen");
	struct registry_pairing pairing;
	int result;

	while ((result = registry_step(registry, statement)) > 0) {
		read_pairing(statement, &pairing);
		if (!each(context, &pairing)) {
			registry_reset(statement);
			break;
		}
	}
	return result < 0 ? result : 1;
}

static int set_state(struct registry *registry, const char *serial,
		     enum registry_pairing_state state)
{
	sqlite3_stmt *statement = registry_prepare(registry,
						   "UPDATE pairing SET state = ? WHERE serial = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	sqlite3_bind_int(statement, 1, (int)state);
	registry_bind_text(statement, 2, serial);
	return registry_change(registry, statement);
}

static int approve(struct registry *registry, const struct registry_pairing *pairing, int64_t now_s)
{
	struct store_printer printer = {.updated_at = now_s, .created_at = now_s};

	memcpy(printer.serial, pairing->serial, sizeof(printer.serial));
	int result = registry_put_printer(registry, &printer);
	if (result > 0) {
		result = registry_bind(registry, pairing->serial, pairing->credential, now_s);
	}
	if (result > 0) {
		result = set_state(registry, pairing->serial, REGISTRY_PAIRING_APPROVED);
	}
	return result;
}

int registry_approve_pairing(struct registry *registry, const char *serial, int64_t now_s)
{
	struct registry_pairing pairing;
	int result = registry_begin(registry);

	if (result < 0) {
		return result;
	}
	result = registry_find_pairing(registry, serial, &pairing);
	if (result > 0) {
		result = approve(registry, &pairing, now_s);
	}
	if (result > 0) {
		int error = registry_commit(registry);

		return error < 0 ? error : result;
	}
	registry_rollback(registry);
	return result;
}

int registry_reject_pairing(struct registry *registry, const char *serial)
{
	return set_state(registry, serial, REGISTRY_PAIRING_REJECTED);
}
