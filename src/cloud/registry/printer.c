/* SPDX-License-Identifier: MIT */
#include "cloud/registry/internal.h"

#include "cloud/registry/registry.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <string.h>

#define PRINTER_COLUMNS                                                                      \
	"printer.serial, name, model, key, dsk_key, p2p_did, p2p_conn, app_conn, wifi_mac, " \
	"address, firmware, created_at, updated_at, station_id"

static void read_printer(struct database_rows *rows, struct registry_printer *printer)
{
	memset(printer, 0, sizeof(*printer));
	(void)database_read(rows, DB_TO_TEXT(printer->serial), DB_TO_TEXT(printer->name),
			    DB_TO_TEXT(printer->model_code), DB_TO_TEXT(printer->key_hex),
			    DB_TO_TEXT(printer->dsk_key), DB_TO_TEXT(printer->p2p_did),
			    DB_TO_TEXT(printer->p2p_conn), DB_TO_TEXT(printer->app_conn),
			    DB_TO_TEXT(printer->wifi_mac), DB_TO_TEXT(printer->address),
			    DB_TO_TEXT(printer->firmware), DB_TO_INT(&printer->created_at),
			    DB_TO_INT(&printer->updated_at), DB_TO_TEXT(printer->station_id));
	printer->model = flagship_model_from_name(printer->model_code);
}

static const char *model_code_of(const struct registry_printer *printer)
{
	return printer->model_code[0] == '\0' && printer->model != FLAGSHIP_MODEL_UNKNOWN
		       ? flagship_model_code(printer->model)
		       : printer->model_code;
}

int registry_put_printer(struct registry *registry, const struct registry_printer *printer)
{
#define KEPT(column) column " = coalesce(nullif(excluded." column ", ''), " column "), "
	return database_run(
		registry->database,
		"INSERT INTO printer (serial, name, model, key, dsk_key, p2p_did, p2p_conn,"
		" app_conn, wifi_mac, address, firmware, created_at, updated_at, station_id)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (serial) DO UPDATE SET " KEPT("name") KEPT("model") KEPT("key")
			KEPT("dsk_key") KEPT("p2p_did") KEPT("p2p_conn") KEPT("app_conn")
				KEPT("station_id") KEPT("wifi_mac") KEPT("address")
					KEPT("firmware") "updated_at = excluded.updated_at",
		DB_TEXT(printer->serial), DB_TEXT(printer->name), DB_TEXT(model_code_of(printer)),
		DB_TEXT(printer->key_hex), DB_TEXT(printer->dsk_key), DB_TEXT(printer->p2p_did),
		DB_TEXT(printer->p2p_conn), DB_TEXT(printer->app_conn), DB_TEXT(printer->wifi_mac),
		DB_TEXT(printer->address), DB_TEXT(printer->firmware), DB_INT(printer->created_at),
		DB_INT(printer->updated_at), DB_TEXT(printer->station_id));
#undef KEPT
}

int registry_find_printer(struct registry *registry, const char *serial,
			  struct registry_printer *printer)
{
	struct database_rows *rows = database_select(
		registry->database, "SELECT " PRINTER_COLUMNS " FROM printer WHERE serial = ?",
		DB_TEXT(serial));
	int result = database_next(rows);

	if (result > 0) {
		read_printer(rows, printer);
		database_end(rows);
	}
	return result;
}

int registry_remove_printer(struct registry *registry, const char *serial)
{
	return database_run(registry->database, "DELETE FROM printer WHERE serial = ?",
			    DB_TEXT(serial));
}

static struct database_rows *select_printers(struct registry *registry, const char *user_id)
{
	return user_id ? database_select(registry->database,
					 "SELECT " PRINTER_COLUMNS " FROM share JOIN printer"
					 " ON printer.serial = share.serial"
					 " WHERE user_id = ? ORDER BY printer.serial",
					 DB_TEXT(user_id))
		       : database_select(registry->database,
					 "SELECT " PRINTER_COLUMNS " FROM printer ORDER BY serial",
					 DB_NONE);
}

int registry_each_printer(struct registry *registry, const char *user_id,
			  bool (*each)(void *context, const struct registry_printer *printer),
			  void *context)
{
	struct database_rows *rows = select_printers(registry, user_id);
	struct registry_printer printer;
	int result;

	while ((result = database_next(rows)) > 0) {
		read_printer(rows, &printer);
		if (!each(context, &printer)) {
			database_end(rows);
			break;
		}
	}
	OPENSSL_cleanse(&printer, sizeof(printer));
	return result < 0 ? result : 1;
}

int registry_share(struct registry *registry, const char *user_id, const char *serial)
{
	return database_run(registry->database,
			    "INSERT OR IGNORE INTO share (user_id, serial) VALUES (?, ?)",
			    DB_TEXT(user_id), DB_TEXT(serial));
}

int registry_unshare(struct registry *registry, const char *user_id, const char *serial)
{
	return database_run(registry->database,
			    "DELETE FROM share WHERE user_id = ? AND serial = ?", DB_TEXT(user_id),
			    DB_TEXT(serial));
}

int registry_reaches(struct registry *registry, const char *user_id, const char *serial)
{
	int64_t one;

	return database_first(
		database_select(registry->database,
				"SELECT 1 FROM share WHERE user_id = ? AND serial = ?",
				DB_TEXT(user_id), DB_TEXT(serial)),
		DB_TO_INT(&one));
}

int registry_bind(struct registry *registry, const char *serial,
		  const uint8_t credential[REGISTRY_HASH_SIZE], int64_t now_s)
{
	return database_run(registry->database,
			    "UPDATE printer SET credential = ?1, bound_at = ?2"
			    " WHERE serial = ?3 AND (credential IS NULL OR credential = ?1)",
			    DB_BLOB(credential, REGISTRY_HASH_SIZE), DB_INT(now_s),
			    DB_TEXT(serial));
}

int registry_unbind(struct registry *registry, const char *serial)
{
	return database_run(
		registry->database,
		"UPDATE printer SET credential = NULL, bound_at = NULL WHERE serial = ?",
		DB_TEXT(serial));
}

int registry_bound(struct registry *registry, const char *serial,
		   uint8_t credential[REGISTRY_HASH_SIZE])
{
	return database_first(database_select(registry->database,
					      "SELECT credential FROM printer WHERE serial = ?",
					      DB_TEXT(serial)),
			      DB_TO_BLOB(credential, REGISTRY_HASH_SIZE));
}

int registry_find_bound(struct registry *registry, const uint8_t credential[REGISTRY_HASH_SIZE],
			char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1])
{
	return database_first(
		database_select(
			registry->database,
			"SELECT serial FROM printer WHERE credential = ? ORDER BY serial LIMIT 1",
			DB_BLOB(credential, REGISTRY_HASH_SIZE)),
		DB_TO_BUFFER(serial, FLAGSHIP_SERIAL_LENGTH_MAX + 1));
}

int registry_awaits_printers(struct registry *registry)
{
	int64_t one;

	return database_first(
		database_select(
			registry->database,
			"SELECT 1 FROM printer WHERE credential IS NULL AND key <> '' LIMIT 1",
			DB_NONE),
		DB_TO_INT(&one));
}

int registry_note_cluster_printer(struct registry *registry, const char *username,
				  const char *serial)
{
	return database_run(registry->database,
			    "INSERT INTO cluster_login (username, serial) VALUES (?1, ?2)"
			    " ON CONFLICT (username) DO NOTHING",
			    DB_TEXT(username), DB_TEXT(serial));
}

int registry_cluster_printer(struct registry *registry, const char *username,
			     char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1])
{
	return database_first(database_select(registry->database,
					      "SELECT serial FROM cluster_login WHERE username = ?",
					      DB_TEXT(username)),
			      DB_TO_BUFFER(serial, FLAGSHIP_SERIAL_LENGTH_MAX + 1));
}

int registry_take_queue(struct registry *registry, const char *name, const char *username,
			int64_t now_s, int64_t kept_s)
{
	/* What was noted by a clock that was ahead would last for as much longer. */
	int result = database_run(registry->database,
				  "DELETE FROM cluster_queue WHERE abs(?1 - used_at) > ?2",
				  DB_INT(now_s), DB_INT(kept_s));

	if (result < 0) {
		return result;
	}
	return database_run(registry->database,
			    "INSERT INTO cluster_queue (name, username, used_at) VALUES (?, ?, ?)"
			    " ON CONFLICT (name) DO UPDATE SET used_at = excluded.used_at"
			    " WHERE username = excluded.username",
			    DB_TEXT(name), DB_TEXT(username), DB_INT(now_s));
}

int registry_owns_queue(struct registry *registry, const char *name, const char *username)
{
	int64_t one;

	return database_first(
		database_select(registry->database,
				"SELECT 1 FROM cluster_queue WHERE name = ? AND username = ?",
				DB_TEXT(name), DB_TEXT(username)),
		DB_TO_INT(&one));
}

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
