/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_QUEUE_TABLES_H
#define GATEWAY_QUEUE_TABLES_H

#include "gateway/queue/entry.h"
#include "store/database/database.h"

/* The queue's database. Functions that return int give 0 or an error of the database. */
int queue_tables_open(const char *path, struct database **database,
		      struct problem *problem) DATABASE_CHECKED;

/* In place of the one of this id. */
int queue_tables_put(struct database *database, const struct queue_entry *entry) DATABASE_CHECKED;
int queue_tables_remove(struct database *database, int64_t id) DATABASE_CHECKED;
/* The highest that was given, also to one that was removed; 0: none. */
int queue_tables_last_id(struct database *database, int64_t *id) DATABASE_CHECKED;
int queue_tables_put_plate(struct database *database,
			   const struct queue_plate *plate) DATABASE_CHECKED;

/* In the order of their ranks. The functions return 0, or an error that ends it. */
int queue_tables_each(struct database *database,
		      int (*take)(void *context, const struct queue_entry *entry),
		      int (*take_plate)(void *context, const struct queue_plate *plate),
		      void *context) DATABASE_CHECKED;

#endif
