/* SPDX-License-Identifier: MIT */
#include "cloud/registry/query.h"
#include "cloud/registry/registry.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <string.h>

#define COLUMNS                                                                              \
	"printer.serial, name, model, key, dsk_key, p2p_did, p2p_conn, app_conn, wifi_mac, " \
	"address, firmware, created_at, updated_at, station_id"

static void bind_printer(sqlite3_stmt *statement, const struct store_printer *printer)
{
	const char *model = printer->model_code;

	if (model[0] == '\0' && printer->model != FLAGSHIP_MODEL_UNKNOWN) {
		model = flagship_model_code(printer->model);
	}
	registry_bind_text(statement, 1, printer->serial);
	registry_bind_text(statement, 2, printer->name);
	registry_bind_text(statement, 3, model);
	registry_bind_text(statement, 4, printer->key_hex);
	registry_bind_text(statement, 5, printer->dsk_key);
	registry_bind_text(statement, 6, printer->p2p_did);
	registry_bind_text(statement, 7, printer->p2p_conn);
	registry_bind_text(statement, 8, printer->app_conn);
	registry_bind_text(statement, 9, printer->wifi_mac);
	registry_bind_text(statement, 10, printer->address);
	registry_bind_text(statement, 11, printer->firmware);
	sqlite3_bind_int64(statement, 12, printer->created_at);
	sqlite3_bind_int64(statement, 13, printer->updated_at);
	registry_bind_text(statement, 14, printer->station_id);
}

static void read_printer(sqlite3_stmt *statement, struct store_printer *printer)
{
	memset(printer, 0, sizeof(*printer));
	registry_column_text(statement, 0, printer->serial, sizeof(printer->serial));
	registry_column_text(statement, 1, printer->name, sizeof(printer->name));
	registry_column_text(statement, 2, printer->model_code, sizeof(printer->model_code));
	registry_column_text(statement, 3, printer->key_hex, sizeof(printer->key_hex));
	registry_column_text(statement, 4, printer->dsk_key, sizeof(printer->dsk_key));
	registry_column_text(statement, 5, printer->p2p_did, sizeof(printer->p2p_did));
	registry_column_text(statement, 6, printer->p2p_conn, sizeof(printer->p2p_conn));
	registry_column_text(statement, 7, printer->app_conn, sizeof(printer->app_conn));
	registry_column_text(statement, 8, printer->wifi_mac, sizeof(printer->wifi_mac));
	registry_column_text(statement, 9, printer->address, sizeof(printer->address));
	registry_column_text(statement, 10, printer->firmware, sizeof(printer->firmware));
	printer->created_at = sqlite3_column_int64(statement, 11);
	printer->updated_at = sqlite3_column_int64(statement, 12);
	registry_column_text(statement, 13, printer->station_id, sizeof(printer->station_id));
	printer->model = flagship_model_from_name(printer->model_code);
}

int registry_put_printer(struct registry *registry, const struct store_printer *printer)
{
#define KEPT(column) column " = coalesce(nullif(excluded." column ", ''), " column "), "
	sqlite3_stmt *statement = registry_prepare(
		registry,
		"INSERT INTO printer (serial, name, model, key, dsk_key, p2p_did, p2p_conn,"
		" app_conn, wifi_mac, address, firmware, created_at, updated_at, station_id)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (serial) DO UPDATE SET " KEPT("name") KEPT("model") KEPT("key")
			KEPT("dsk_key") KEPT("p2p_did") KEPT("p2p_conn") KEPT("app_conn")
				KEPT("station_id") KEPT("wifi_mac") KEPT("address")
					KEPT("firmware") "updated_at = excluded.updated_at");
#undef KEPT

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	bind_printer(statement, printer);
	return registry_change(registry, statement);
}

int registry_find_printer(struct registry *registry, const char *serial,
			  struct store_printer *printer)
{
	sqlite3_stmt *statement = registry_prepare(registry, "SELECT " COLUMNS
							     " FROM printer WHERE serial = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, serial);
	int result = registry_step(registry, statement);
	if (result > 0) {
		read_printer(statement, printer);
		registry_reset(statement);
	}
	return result;
}

/* For statements whose parameters are one or two texts. */
static int change(struct registry *registry, const char *sql, const char *first, const char *second)
{
	sqlite3_stmt *statement = registry_prepare(registry, sql);

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, first);
	if (second) {
		registry_bind_text(statement, 2, second);
	}
	return registry_change(registry, statement);
}

int registry_remove_printer(struct registry *registry, const char *serial)
{
	return change(registry, "DELETE FROM printer WHERE serial = ?", serial, NULL);
}

int registry_each_printer(struct registry *registry, const char *user_id,
			  bool (*each)(void *context, const struct store_printer *printer),
			  void *context)
{
	sqlite3_stmt *statement =
		user_id ? registry_prepare(registry, "SELECT " COLUMNS " FROM share JOIN printer"
						     " ON printer.serial = share.serial"
						     " WHERE user_id = ? ORDER BY printer.serial")
			: registry_prepare(registry,
					   "SELECT " COLUMNS " FROM printer ORDER BY serial");
	struct store_printer printer;
	int result;

	if (statement && user_id) {
		registry_bind_text(statement, 1, user_id);
	}
	while ((result = registry_step(registry, statement)) > 0) {
		read_printer(statement, &printer);
		if (!each(context, &printer)) {
			registry_reset(statement);
			break;
		}
	}
	OPENSSL_cleanse(&printer, sizeof(printer));
	return result < 0 ? result : 1;
}

int registry_share(struct registry *registry, const char *user_id, const char *serial)
{
	return change(registry, "INSERT OR IGNORE INTO share (user_id, serial) VALUES (?, ?)",
		      user_id, serial);
}

int registry_unshare(struct registry *registry, const char *user_id, const char *serial)
{
	return change(registry, "DELETE FROM share WHERE user_id = ? AND serial = ?", user_id,
		      serial);
}

int registry_reaches(struct registry *registry, const char *user_id, const char *serial)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "SELECT 1 FROM share WHERE user_id = ? AND serial = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, user_id);
	registry_bind_text(statement, 2, serial);
	int result = registry_step(registry, statement);
	if (result > 0) {
		registry_reset(statement);
	}
	return result;
}

int registry_bind(struct registry *registry, const char *serial,
		  const uint8_t credential[REGISTRY_HASH_SIZE], int64_t now_s)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "UPDATE printer SET credential = ?1, bound_at = ?2"
			  " WHERE serial = ?3 AND (credential IS NULL OR"
			  " credential = ?1)");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_hash(statement, 1, credential);
	sqlite3_bind_int64(statement, 2, now_s);
	registry_bind_text(statement, 3, serial);
	return registry_change(registry, statement);
}

int registry_unbind(struct registry *registry, const char *serial)
{
	return change(registry,
		      "UPDATE printer SET credential = NULL, bound_at = NULL WHERE serial = ?",
		      serial, NULL);
}

int registry_bound(struct registry *registry, const char *serial,
		   uint8_t credential[REGISTRY_HASH_SIZE])
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "SELECT credential FROM printer WHERE serial = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, serial);
	int result = registry_step(registry, statement);
	if (result > 0) {
		result = registry_column_hash(statement, 0, credential);
		registry_reset(statement);
	}
	return result;
}

int registry_find_bound(struct registry *registry, const uint8_t credential[REGISTRY_HASH_SIZE],
			char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1])
{
	sqlite3_stmt *statement = registry_prepare(
		registry,
		"SELECT serial FROM printer WHERE credential = ? ORDER BY serial LIMIT 1");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_hash(statement, 1, credential);
	int result = registry_step(registry, statement);
	if (result > 0) {
		registry_column_text(statement, 0, serial, FLAGSHIP_SERIAL_LENGTH_MAX + 1);
		registry_reset(statement);
	}
	return result;
}

int registry_awaits_printers(struct registry *registry)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "SELECT 1 FROM printer WHERE credential IS NULL AND key <> '' LIMIT 1");
	int result = registry_step(registry, statement);

	if (result > 0) {
		registry_reset(statement);
	}
	return result;
}

int registry_note_cluster_printer(struct registry *registry, const char *username,
				  const char *serial)
{
	return change(registry,
		      "INSERT INTO cluster_login (username, serial) VALUES (?1, ?2)"
		      " ON CONFLICT (username) DO NOTHING",
		      username, serial);
}

int registry_cluster_printer(struct registry *registry, const char *username,
			     char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1])
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "SELECT serial FROM cluster_login WHERE username = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, username);
	int result = registry_step(registry, statement);
	if (result > 0) {
		registry_column_text(statement, 0, serial, FLAGSHIP_SERIAL_LENGTH_MAX + 1);
		registry_reset(statement);
	}
	return result;
}

/* What was noted by a clock that was ahead would last for as much longer. */
static int drop_queues(struct registry *registry, int64_t now_s, int64_t kept_s)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "DELETE FROM cluster_queue WHERE abs(?1 - used_at) > ?2");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	sqlite3_bind_int64(statement, 1, now_s);
	sqlite3_bind_int64(statement, 2, kept_s);
	return registry_change(registry, statement);
}

int registry_take_queue(struct registry *registry, const char *name, const char *username,
			int64_t now_s, int64_t kept_s)
{
	sqlite3_stmt *statement;
	int result = drop_queues(registry, now_s, kept_s);

	if (result < 0) {
		return result;
	}
	statement = registry_prepare(
		registry, "INSERT INTO cluster_queue (name, username, used_at) VALUES (?1, ?2, ?3)"
			  " ON CONFLICT (name) DO UPDATE SET used_at = excluded.used_at"
			  " WHERE username = excluded.username");
	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, name);
	registry_bind_text(statement, 2, username);
	sqlite3_bind_int64(statement, 3, now_s);
	return registry_change(registry, statement);
}

int registry_owns_queue(struct registry *registry, const char *name, const char *username)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "SELECT 1 FROM cluster_queue WHERE name = ? AND username = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, name);
	registry_bind_text(statement, 2, username);
	int result = registry_step(registry, statement);
	if (result > 0) {
		registry_reset(statement);
	}
	return result;
}
