/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_REST_INTERNAL_H
#define GATEWAY_REST_INTERNAL_H

#include "base/json/writer.h"
#include "base/memory/list.h"
#include "fleet/service.h"
#include "gateway/history/history.h"
#include "gateway/queue/queue.h"
#include "gateway/rest/rest.h"

#include <cjson/cJSON.h>

#include <stdbool.h>

struct rest {
	struct gateway_printers *printers;
	struct gateway_events *events;
	struct files *files;
	struct history *history;
	struct queue *queue;
	struct fleet_listener listener;
	struct list listings; /* of printer_files.c */
	struct list
		waiting;   /* struct waiting of commands.c: requests that a command's end answers */
	struct list asked; /* struct asked of history.c: requests that the database answers */
	struct list bed_maps; /* of bed_map.c */
	struct list readers;  /* of messages.c */
	size_t reader_count;
};

/* --- answer.c --- */

/* The printer that the route names; NULL where that was answered already. */
struct fleet_printer *rest_find_printer(struct http_request *request, const struct rest *rest);

/* --- printers.c --- */

void rest_get_health(struct http_request *request, void *context);
void rest_get_version(struct http_request *request, void *context);
void rest_get_printers(struct http_request *request, void *context);
void rest_get_printer(struct http_request *request, void *context);

/* --- commands.c --- */

/* "api", with the name of who asks where there is one. */
void rest_name_asker(const struct http_request *request, char out[SERVICE_ASKER_MAX + 1]);
/* With what came of it. */
void rest_respond_command(struct http_request *request, const struct service_command *command);

void rest_post_command(struct http_request *request, void *context);
void rest_get_commands(struct http_request *request, void *context);
void rest_get_command(struct http_request *request, void *context);
void rest_delete_command(struct http_request *request, void *context);
void rest_on_done(void *context, struct fleet_printer *printer,
		  const struct command_report *report);
/* Their clients are notified that the gateway ends. */
void rest_end_waiting(struct rest *rest);

/* --- guards.c --- */

/* What would become of a command now. */
void rest_post_guard(struct http_request *request, void *context);
/* What is known of the messages of printers. */
void rest_get_types(struct http_request *request, void *context);

/* --- bed_map.c --- */

void rest_get_bed_map(struct http_request *request, void *context);
/* Asks on, or answers, where this command, which is over, was asked for a bed. */
void rest_go_on_with_bed(struct rest *rest, const struct service_command *command);
/* Of the topic of replies to commands. */
void rest_take_heights(struct rest *rest, const struct fleet_printer *printer,
		       const struct channel_payload *payload);
/* Their clients are told that the gateway ends. */
void rest_end_bed_maps(struct rest *rest);

/* --- messages.c --- */

void rest_get_messages(struct http_request *request, void *context);
void rest_pass_on_messages(struct rest *rest, const struct fleet_printer *printer,
			   enum flagship_topic_kind kind, const struct channel_payload *payload);
/* It is removed: its readers hear nothing more. */
void rest_forget_printer(struct rest *rest, const struct fleet_printer *printer);

/* --- history_query.c: of a query; false where it was refused --- */

bool rest_read_time(struct http_request *request, const char *name, int64_t *unix_ms);
bool rest_read_count(struct http_request *request, const char *name, int64_t least, int64_t most,
		     int64_t *number);
/* By ?format=, else as the client likes it. */
bool rest_read_format(struct http_request *request, bool *wants_csv);
/* Zeroed but for the limit: all. The serial number is kept in `serial`. */
bool rest_read_query(struct http_request *request, const struct rest *rest,
		     struct history_query *query, char serial[HISTORY_SERIAL_SIZE]);

/* --- history.c --- */

void rest_get_jobs(struct http_request *request, void *context);
void rest_get_job(struct http_request *request, void *context);
void rest_get_history(struct http_request *request, void *context);
void rest_get_temperatures(struct http_request *request, void *context);
/* Their clients are notified that the gateway ends. */
void rest_end_asked(struct rest *rest);

/* --- files.c --- */

void rest_get_files(struct http_request *request, void *context);
void rest_get_file(struct http_request *request, void *context);
void rest_put_file(struct http_request *request, void *context);
void rest_post_file(struct http_request *request, void *context);
void rest_delete_file(struct http_request *request, void *context);
void rest_get_metadata(struct http_request *request, void *context);
void rest_get_thumbnail(struct http_request *request, void *context);

/* --- queue.c --- */

/* Who waits until a change of the queue is on the disk. */
struct rest_queue_wait {
	struct http_request *request; /* NULL: gone */
	const struct queue *queue;
	int status;
	int status_missing;             /* where the entry, or its file, is not there */
	char serial[QUEUE_SERIAL_SIZE]; /* of a plate; "": of an entry */
};

/* NULL where that was answered already. */
struct rest_queue_wait *rest_await_queue(const struct rest *rest, struct http_request *request,
					 int status);
queue_done rest_on_queue_done; /* its context is who waits */

void rest_get_queue(struct http_request *request, void *context);
void rest_get_printer_queue(struct http_request *request, void *context);
void rest_get_queue_entry(struct http_request *request, void *context);
void rest_patch_queue_entry(struct http_request *request, void *context);
void rest_delete_queue_entry(struct http_request *request, void *context);
void rest_move_queue_entry(struct http_request *request, void *context);
void rest_retry_queue_entry(struct http_request *request, void *context);
void rest_post_plate(struct http_request *request, void *context);

/* --- queue_add.c --- */

void rest_post_queue(struct http_request *request, void *context);
void rest_reprint_job(struct http_request *request, void *context);

/* --- body.c --- */

/* As rest_read_body, of this text, which a NUL ends. */
cJSON *rest_parse_body(struct http_request *request, const char *text, size_t length,
		       const char *members);

/* --- printer_files.c --- */

void rest_get_printer_files(struct http_request *request, void *context);
void rest_on_reply(void *context, struct fleet_printer *printer, uint64_t command,
		   const struct flagship_message *message);
/* Answers who asked by this command, which is over, if anybody did. */
void rest_end_listing(struct rest *rest, const struct service_command *command);
/* Their clients are told that the gateway ends. */
void rest_end_listings(struct rest *rest);

#endif
