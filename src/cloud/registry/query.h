/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_REGISTRY_QUERY_H
#define CLOUD_REGISTRY_QUERY_H

#include "cloud/registry/registry.h"

#include <sqlite3.h>

/* What the parts of the registry share: prepared statements, made once and kept. */

#define REGISTRY_STATEMENTS_MAX 64

struct registry {
	sqlite3 *database;
	/* Found again by the address of their text, which is a literal. */
	const char *texts[REGISTRY_STATEMENTS_MAX];
	sqlite3_stmt *statements[REGISTRY_STATEMENTS_MAX];
	size_t statement_count;
	char problem[STORE_PROBLEM_MAX];
};

/* Ready to be bound, or NULL (a problem is noted). sql: a literal. */
sqlite3_stmt *registry_prepare(struct registry *registry, const char *sql);

/* Parameters from 1 on, in the order of `?`. */
void registry_bind_text(sqlite3_stmt *statement, int index, const char *text);
void registry_bind_hash(sqlite3_stmt *statement, int index, const uint8_t hash[REGISTRY_HASH_SIZE]);

/* 1: a row, 0: the end (the statement is reset), or an error (likewise). NULL is an error. */
int registry_step(struct registry *registry, sqlite3_stmt *statement);

/* Runs it to its end: 1 where a row was changed, 0 where none, or an error. */
int registry_change(struct registry *registry, sqlite3_stmt *statement);

/* Ends a statement before its last row. */
void registry_reset(sqlite3_stmt *statement);

/* Cut where it is too long; "" for NULL. */
void registry_column_text(sqlite3_stmt *statement, int column, char *out, size_t capacity);
/* False where it is no hash. */
bool registry_column_hash(sqlite3_stmt *statement, int column, uint8_t hash[REGISTRY_HASH_SIZE]);

/* Whether that is why the last call failed. */
bool registry_is_damaged(struct registry *registry);

int registry_fail(struct registry *registry, const char *what);
/* Of another database, which failed with this code of SQLite. */
int registry_fail_of(struct registry *registry, sqlite3 *database, int code, const char *what);

/* What makes an empty database a registry. */
extern const char registry_schema[];

#endif
