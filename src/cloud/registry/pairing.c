/* SPDX-License-Identifier: MIT */
#include "cloud/registry/hints.h"
#include "cloud/registry/internal.h"
#include "cloud/registry/pairing_window.h"
#include "cloud/registry/registry.h"

#include <flagship/error.h>

#include <string.h>

#define PAIRING_COLUMNS                                                                           \
	"serial, credential, client_id, username, address, state, first_seen, last_seen, place, " \
	"kind, presented"

static bool is_open_now(const char *text, int64_t now_s)
{
	struct clock_reading now;

	clock_read(&now);
	now.wall_s = now_s;
	return pairing_window_is_open(text, &now);
}

bool registry_pairing_is_open(struct registry *registry, const char *serial, int64_t now_s)
{
	char text[REGISTRY_TEXT_MAX];
	char *rest = text;
	const char *word;

	if (registry_get(registry, REGISTRY_PAIRING_UNTIL, text) != 1 ||
	    !is_open_now(text, now_s)) {
		return false;
	}
	if (!serial || registry_get(registry, REGISTRY_PAIRING_SERIALS, text) != 1 ||
	    text[0] == '\0') {
		return true;
	}
	while ((word = strtok_r(rest, " ", &rest))) {
		if (strcmp(word, serial) == 0) {
			return true;
		}
	}
	return false;
}

/* One number. */
static int64_t count_of(struct database_rows *rows)
{
	int64_t count = 0;

	return database_first(rows, DB_TO_INT(&count)) > 0 ? count : FLAGSHIP_ERROR_STORE;
}

/* Whoever has several claims there loses the newest one to who has none. */
static int make_room(struct registry *registry)
{
	int result = database_run(
		registry->database,
		"DELETE FROM pairing WHERE (serial, credential) IN (SELECT serial, credential"
		" FROM pairing WHERE state = ?1 AND place = (SELECT place FROM pairing"
		" WHERE state = ?1 GROUP BY place HAVING count(*) > 1 ORDER BY count(*) DESC"
		" LIMIT 1) ORDER BY first_seen DESC LIMIT 1)",
		DB_INT(REGISTRY_PAIRING_WAITING));

	return result == 0 ? REGISTRY_FULL : result;
}

/* 1, 0 or FULL, as registry_add_pairing. */
static int find_room(struct registry *registry, const struct registry_pairing *pairing)
{
	struct database *database = registry->database;
	int64_t made = count_of(database_select(
		database, "SELECT count(*) FROM pairing WHERE serial = ? AND credential = ?",
		DB_TEXT(pairing->serial), DB_BLOB(pairing->credential, REGISTRY_HASH_SIZE)));
	int64_t near = count_of(database_select(
		database, "SELECT count(*) FROM pairing WHERE state = ? AND place = ?",
		DB_INT(REGISTRY_PAIRING_WAITING), DB_TEXT(pairing->place)));
	int64_t all = count_of(database_select(database,
					       "SELECT count(*) FROM pairing WHERE state = ?",
					       DB_INT(REGISTRY_PAIRING_WAITING)));

	if (made != 0) {
		/* A rejected claim stays rejected, however often it is made again. */
		return made < 0 ? FLAGSHIP_ERROR_STORE : 0;
	}
	if (near < 0 || all < 0) {
		return FLAGSHIP_ERROR_STORE;
	}
	if (near >= REGISTRY_PAIRINGS_PLACE_MAX) {
		return REGISTRY_FULL;
	}
	if (all < REGISTRY_PAIRINGS_MAX) {
		return 1;
	}
	return near == 0 ? make_room(registry) : REGISTRY_FULL;
}

static int insert(struct registry *registry, const struct registry_pairing *pairing)
{
	return database_run(
		registry->database,
		"INSERT INTO pairing (" PAIRING_COLUMNS
		") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		DB_TEXT(pairing->serial), DB_BLOB(pairing->credential, REGISTRY_HASH_SIZE),
		DB_TEXT(pairing->client_id), DB_TEXT(pairing->username), DB_TEXT(pairing->address),
		DB_INT(REGISTRY_PAIRING_WAITING), DB_INT(pairing->first_seen),
		DB_INT(pairing->last_seen), DB_TEXT(pairing->place), DB_INT((int64_t)pairing->kind),
		DB_INT(pairing->presented));
}

int registry_add_pairing(struct registry *registry, const struct registry_pairing *pairing)
{
	/* The broker, which waits for no other writer, is the only one that adds claims. */
	int result = find_room(registry, pairing);

	return result == 1 ? insert(registry, pairing) : result;
}

static void read_pairing(struct database_rows *rows, struct registry_pairing *pairing)
{
	int64_t state;
	int64_t kind;

	memset(pairing, 0, sizeof(*pairing));
	(void)database_read(
		rows, DB_TO_TEXT(pairing->serial),
		DB_TO_BLOB(pairing->credential, REGISTRY_HASH_SIZE), DB_TO_TEXT(pairing->client_id),
		DB_TO_TEXT(pairing->username), DB_TO_TEXT(pairing->address), DB_TO_INT(&state),
		DB_TO_INT(&pairing->first_seen), DB_TO_INT(&pairing->last_seen),
		DB_TO_TEXT(pairing->place), DB_TO_INT(&kind), DB_TO_FLAG(&pairing->presented));
	pairing->state = (enum registry_pairing_state)state;
	pairing->kind = (enum registry_pairing_kind)kind;
}

/* By the serial number and the first hex digits of the credential (NULL: any). *count: how many. */
static int find_claims(struct registry *registry, const char *serial, const char *claim,
		       struct registry_pairing *first, int *count)
{
	struct database_rows *rows = database_select(
		registry->database,
		"SELECT " PAIRING_COLUMNS " FROM pairing WHERE serial = ?1"
		" AND substr(hex(credential), 1, length(?2)) = upper(?2)",
		DB_TEXT(serial), DB_TEXT(claim ? claim : ""));
	int result;

	*count = 0;
	while ((result = database_next(rows)) > 0) {
		if ((*count)++ == 0) {
			read_pairing(rows, first);
		}
	}
	return result;
}

int registry_each_pairing(struct registry *registry,
			  bool (*each)(void *context, const struct registry_pairing *pairing),
			  void *context)
{
	struct database_rows *rows = database_select(
		registry->database, "SELECT " PAIRING_COLUMNS " FROM pairing ORDER BY first_seen",
		DB_NONE);
	struct registry_pairing pairing;
	int result;

	while ((result = database_next(rows)) > 0) {
		read_pairing(rows, &pairing);
		if (!each(context, &pairing)) {
			database_end(rows);
			break;
		}
	}
	return result < 0 ? result : 1;
}

static int mark(struct registry *registry, const struct registry_pairing *pairing,
		enum registry_pairing_state state)
{
	return database_run(registry->database,
			    "UPDATE pairing SET state = ? WHERE serial = ? AND credential = ?",
			    DB_INT((int64_t)state), DB_TEXT(pairing->serial),
			    DB_BLOB(pairing->credential, REGISTRY_HASH_SIZE));
}

static int keep_hints(struct registry *registry, const struct registry_pairing *pairing,
		      int64_t now_s)
{
	struct registry_hints hints = {0};

	memcpy(hints.username, pairing->username, sizeof(hints.username));
	memcpy(hints.address, pairing->address, sizeof(hints.address));
	hints_form(pairing->client_id, pairing->serial, hints.client_form);
	return registry_keep_hints(registry, pairing->serial, &hints, now_s);
}

/* Who has the key and no login of its own proves itself each time. */
static bool has_to_be_bound(const struct registry_pairing *pairing)
{
	return pairing->kind == REGISTRY_PAIRING_UNKNOWN || pairing->presented;
}

static int approve(struct registry *registry, const struct registry_pairing *pairing, int64_t now_s)
{
	struct registry_printer printer = {.updated_at = now_s, .created_at = now_s};

	memcpy(printer.serial, pairing->serial, sizeof(printer.serial));
	int result = registry_put_printer(registry, &printer);
	if (result > 0 && has_to_be_bound(pairing)) {
		result = registry_bind(registry, pairing->serial, pairing->credential, now_s);
		result = result == 0 ? REGISTRY_TAKEN : result;
	}
	if (result != 1) {
		return result;
	}
	result = keep_hints(registry, pairing, now_s);
	if (result >= 0) {
		result = mark(registry, pairing, REGISTRY_PAIRING_APPROVED);
	}
	if (result >= 0) {
		result = registry_settle_pairings(registry, pairing->serial);
	}
	return result < 0 ? result : 1;
}

static int end_transaction(struct registry *registry, int result)
{
	if (result <= 0 || result == REGISTRY_TAKEN) {
		registry_rollback(registry);
		return result;
	}
	int error = registry_commit(registry);

	return error < 0 ? error : result;
}

int registry_approve_pairing(struct registry *registry, const char *serial, const char *claim,
			     int64_t now_s)
{
	struct registry_pairing pairing;
	int count = 0;
	int result = registry_begin(registry);

	if (result < 0) {
		return result;
	}
	result = find_claims(registry, serial, claim, &pairing, &count);
	if (result == 0 && count == 1) {
		result = approve(registry, &pairing, now_s);
	}
	result = end_transaction(registry, result);
	return result == 0 && count > 1 ? REGISTRY_SEVERAL : result;
}

/* What was approved before is not let in any more. */
static int unbind_rejected(struct registry *registry, const char *serial)
{
	return database_run(
		registry->database,
		"UPDATE printer SET credential = NULL, bound_at = NULL WHERE serial = ?1"
		" AND credential IN (SELECT credential FROM pairing WHERE serial = ?1"
		" AND state = ?2)",
		DB_TEXT(serial), DB_INT(REGISTRY_PAIRING_REJECTED));
}

static int reject(struct registry *registry, const char *serial, const char *claim)
{
	return database_run(registry->database,
			    "UPDATE pairing SET state = ?3 WHERE serial = ?1"
			    " AND substr(hex(credential), 1, length(?2)) = upper(?2)",
			    DB_TEXT(serial), DB_TEXT(claim ? claim : ""),
			    DB_INT(REGISTRY_PAIRING_REJECTED));
}

int registry_reject_pairing(struct registry *registry, const char *serial, const char *claim)
{
	int result = registry_begin(registry);

	if (result < 0) {
		return result;
	}
	result = reject(registry, serial, claim);
	if (result > 0) {
		int unbound = unbind_rejected(registry, serial);

		result = unbound < 0 ? unbound : result;
	}
	return end_transaction(registry, result);
}

int registry_settle_pairings(struct registry *registry, const char *serial)
{
	return database_run(registry->database,
			    "DELETE FROM pairing WHERE serial = ? AND state = ?", DB_TEXT(serial),
			    DB_INT(REGISTRY_PAIRING_WAITING));
}

int registry_end_pairings(struct registry *registry)
{
	return database_run(registry->database, "DELETE FROM pairing WHERE state = ? AND kind = ?",
			    DB_INT(REGISTRY_PAIRING_WAITING), DB_INT(REGISTRY_PAIRING_UNKNOWN));
}

int registry_end_stale_pairings(struct registry *registry, int64_t now_s)
{
	return registry_pairing_is_open(registry, NULL, now_s) ? 0
							       : registry_end_pairings(registry);
}

int registry_clear_pairings(struct registry *registry, bool all)
{
	return database_run(
		registry->database, "DELETE FROM pairing WHERE state = ?1 OR (?2 AND state = ?3)",
		DB_INT(REGISTRY_PAIRING_WAITING), DB_INT(all), DB_INT(REGISTRY_PAIRING_REJECTED));
}

int registry_drop_pairings(struct registry *registry, const char *serial)
{
	return database_run(registry->database, "DELETE FROM pairing WHERE serial = ?",
			    DB_TEXT(serial));
}

int registry_drop_old_pairings(struct registry *registry, int64_t before_s)
{
	return database_run(registry->database,
			    "DELETE FROM pairing WHERE state = ? AND last_seen < ?",
			    DB_INT(REGISTRY_PAIRING_WAITING), DB_INT(before_s));
}
