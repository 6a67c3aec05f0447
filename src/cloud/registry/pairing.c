/* SPDX-License-Identifier: MIT */
#include "cloud/registry/hints.h"
#include "cloud/registry/pairing_window.h"
#include "cloud/registry/query.h"
#include "cloud/registry/registry.h"

#include <flagship/error.h>

#include <string.h>

#define COLUMNS                                                                                   \
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
	while ((word = strtok_r(rest, " ", &rest)) != NULL) {
		if (strcmp(word, serial) == 0) {
			return true;
		}
	}
	return false;
}

/* One number; parameters that the statement does not have are left out. */
static int64_t count_of(struct registry *registry, const char *sql,
			const struct registry_pairing *pairing)
{
	sqlite3_stmt *statement = registry_prepare(registry, sql);
	int64_t count = FLAGSHIP_ERROR_STORE;

	if (!statement) {
		return count;
	}
	sqlite3_bind_int(statement, 1, REGISTRY_PAIRING_WAITING);
	if (sqlite3_bind_parameter_count(statement) > 1) {
		registry_bind_text(statement, 2, pairing->place);
	}
	if (sqlite3_bind_parameter_count(statement) > 2) {
		registry_bind_text(statement, 3, pairing->serial);
		registry_bind_hash(statement, 4, pairing->credential);
	}
	if (registry_step(registry, statement) > 0) {
		count = sqlite3_column_int64(statement, 0);
		registry_reset(statement);
	}
	return count;
}

/* Whoever has several claims there loses the newest one to who has none. */
static int make_room(struct registry *registry)
{
	sqlite3_stmt *statement = registry_prepare(
		registry,
		"DELETE FROM pairing WHERE (serial, credential) IN (SELECT serial, credential"
		" FROM pairing WHERE state = ?1 AND place = (SELECT place FROM pairing"
		" WHERE state = ?1 GROUP BY place HAVING count(*) > 1 ORDER BY count(*) DESC"
		" LIMIT 1) ORDER BY first_seen DESC LIMIT 1)");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	sqlite3_bind_int(statement, 1, REGISTRY_PAIRING_WAITING);
	int result = registry_change(registry, statement);
	return result == 0 ? REGISTRY_FULL : result;
}

/* 1, 0 or FULL, as registry_add_pairing. */
static int find_room(struct registry *registry, const struct registry_pairing *pairing)
{
	int64_t made = count_of(registry,
				"SELECT count(*), ?1, ?2 FROM pairing"
				" WHERE serial = ?3 AND credential = ?4",
				pairing);
	int64_t near = count_of(
		registry, "SELECT count(*) FROM pairing WHERE state = ?1 AND place = ?2", pairing);
	int64_t all = count_of(registry, "SELECT count(*) FROM pairing WHERE state = ?1", pairing);

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
	sqlite3_stmt *statement = registry_prepare(registry,
						   "INSERT INTO pairing (" COLUMNS
						   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, pairing->serial);
	registry_bind_hash(statement, 2, pairing->credential);
	registry_bind_text(statement, 3, pairing->client_id);
	registry_bind_text(statement, 4, pairing->username);
	registry_bind_text(statement, 5, pairing->address);
	sqlite3_bind_int(statement, 6, REGISTRY_PAIRING_WAITING);
	sqlite3_bind_int64(statement, 7, pairing->first_seen);
	sqlite3_bind_int64(statement, 8, pairing->last_seen);
	registry_bind_text(statement, 9, pairing->place);
	sqlite3_bind_int(statement, 10, (int)pairing->kind);
	sqlite3_bind_int(statement, 11, pairing->presented);
	return registry_change(registry, statement);
}

int registry_add_pairing(struct registry *registry, const struct registry_pairing *pairing)
{
	/* The broker, which waits for no other writer, is the only one that adds claims. */
	int result = find_room(registry, pairing);

	return result == 1 ? insert(registry, pairing) : result;
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
	registry_column_text(statement, 8, pairing->place, sizeof(pairing->place));
	pairing->kind = (enum registry_pairing_kind)sqlite3_column_int(statement, 9);
	pairing->presented = sqlite3_column_int(statement, 10) != 0;
}

/* By the serial number and the first hex digits of the credential (NULL: any). *count: how many. */
static int find_claims(struct registry *registry, const char *serial, const char *claim,
		       struct registry_pairing *first, int *count)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "SELECT " COLUMNS " FROM pairing WHERE serial = ?1"
			  " AND substr(hex(credential), 1, length(?2)) = upper(?2)");
	int result;

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	*count = 0;
	registry_bind_text(statement, 1, serial);
	registry_bind_text(statement, 2, claim ? claim : "");
	while ((result = registry_step(registry, statement)) > 0) {
		if ((*count)++ == 0) {
			read_pairing(statement, first);
		}
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

static int mark(struct registry *registry, const struct registry_pairing *pairing,
		enum registry_pairing_state state)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "UPDATE pairing SET state = ? WHERE serial = ? AND credential = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	sqlite3_bind_int(statement, 1, (int)state);
	registry_bind_text(statement, 2, pairing->serial);
	registry_bind_hash(statement, 3, pairing->credential);
	return registry_change(registry, statement);
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
	struct store_printer printer = {.updated_at = now_s, .created_at = now_s};

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
	sqlite3_stmt *statement = registry_prepare(
		registry, "UPDATE printer SET credential = NULL, bound_at = NULL WHERE serial = ?1"
			  " AND credential IN (SELECT credential FROM pairing WHERE serial = ?1"
			  " AND state = ?2)");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, serial);
	sqlite3_bind_int(statement, 2, REGISTRY_PAIRING_REJECTED);
	return registry_change(registry, statement);
}

static int reject(struct registry *registry, const char *serial, const char *claim)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "UPDATE pairing SET state = ?3 WHERE serial = ?1"
			  " AND substr(hex(credential), 1, length(?2)) = upper(?2)");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, serial);
	registry_bind_text(statement, 2, claim ? claim : "");
	sqlite3_bind_int(statement, 3, REGISTRY_PAIRING_REJECTED);
	return registry_change(registry, statement);
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
	sqlite3_stmt *statement = registry_prepare(
		registry, "DELETE FROM pairing WHERE serial = ? AND state = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, serial);
	sqlite3_bind_int(statement, 2, REGISTRY_PAIRING_WAITING);
	return registry_change(registry, statement);
}

int registry_end_pairings(struct registry *registry)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "DELETE FROM pairing WHERE state = ? AND kind = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	sqlite3_bind_int(statement, 1, REGISTRY_PAIRING_WAITING);
	sqlite3_bind_int(statement, 2, REGISTRY_PAIRING_UNKNOWN);
	return registry_change(registry, statement);
}

int registry_end_stale_pairings(struct registry *registry, int64_t now_s)
{
	return registry_pairing_is_open(registry, NULL, now_s) ? 0
							       : registry_end_pairings(registry);
}

int registry_clear_pairings(struct registry *registry, bool all)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "DELETE FROM pairing WHERE state = ?1 OR (?2 AND state = ?3)");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	sqlite3_bind_int(statement, 1, REGISTRY_PAIRING_WAITING);
	sqlite3_bind_int(statement, 2, all);
	sqlite3_bind_int(statement, 3, REGISTRY_PAIRING_REJECTED);
	return registry_change(registry, statement);
}

int registry_drop_pairings(struct registry *registry, const char *serial)
{
	sqlite3_stmt *statement = registry_prepare(registry,
						   "DELETE FROM pairing WHERE serial = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, serial);
	return registry_change(registry, statement);
}

int registry_drop_old_pairings(struct registry *registry, int64_t before_s)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "DELETE FROM pairing WHERE state = ? AND last_seen < ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	sqlite3_bind_int(statement, 1, REGISTRY_PAIRING_WAITING);
	sqlite3_bind_int64(statement, 2, before_s);
	return registry_change(registry, statement);
}
