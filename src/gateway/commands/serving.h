/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_SERVING_H
#define GATEWAY_COMMANDS_SERVING_H

#include "daemon/reload/watch.h"
#include "daemon/run/activation.h"
#include "daemon/run/daemon.h"
#include "gateway/access/access.h"
#include "gateway/accounts/accounts.h"
#include "gateway/attach/attach.h"
#include "gateway/backup/backup.h"
#include "gateway/camera/cameras.h"
#include "gateway/cloud/cloud.h"
#include "gateway/commands/interfaces.h"
#include "gateway/commands/options.h"
#include "gateway/events/events.h"
#include "gateway/files/files.h"
#include "gateway/history/history.h"
#include "gateway/octoprint/octoprint.h"
#include "gateway/openapi/openapi.h"
#include "gateway/page/page.h"
#include "gateway/preferences/preferences.h"
#include "gateway/printers/printers.h"
#include "gateway/printing/print_queue.h"
#include "gateway/push/push.h"
#include "gateway/rest/rest.h"
#include "gateway/scrape/scrape.h"
#include "gateway/timelapse/timelapse.h"
#include "gateway/web/web.h"
#include "gateway/webcam/book.h"

/* Everything of one gateway. */
struct serving {
	const struct serve_options *options;
	struct daemon daemon;
	struct log log;
	struct activation activation; /* sockets of the service manager */
	struct gateway_printers *printers;
	struct attach_server *attach;
	struct gateway_events *events;
	struct files *files;
	struct access *access;
	struct watch *certificates;
	struct history *history;
	struct webcam_book *webcams;
	struct cameras *cameras;
	struct timelapse *timelapse;
	struct print_queue print;
	struct rest *rest;
	struct accounts *accounts;
	struct gateway_cloud *cloud;
	struct backup *backup;
	struct push *push;
	struct scrape *scrape;
	struct octoprint *octoprint;
	struct openapi *openapi;
	struct preferences *preferences;
	struct page *page;
	struct interfaces interfaces;
	struct web *web;
	struct http_server *server;
	struct daemon_part printers_part;
	struct daemon_part files_part;
	struct daemon_part history_part;
	struct daemon_part cameras_part;
	struct daemon_part timelapse_part;
	struct daemon_part server_part;
	uint16_t port;
	bool is_given_sockets; /* by the service manager */
	bool begins_anew;      /* once it has ended */
};

/* --- parts.c --- */

/* Errors: MEMORY. */
int serving_start_accounts(struct serving *serving) __attribute__((warn_unused_result));
int serving_start_cloud(struct serving *serving) __attribute__((warn_unused_result));
int serving_start_backup(struct serving *serving) __attribute__((warn_unused_result));
/* A struct serving is the context. */
void serving_name_in_cloud(void *context, const char *serial, const char *name,
			   gateway_named *named, void *named_context);

/* With what films them. Errors: MEMORY. */
int serving_start_cameras(struct serving *serving) __attribute__((warn_unused_result));

/* Cameras that have a URL, who reads events, and how users want the page. Errors: STORE (with
 * problem), MEMORY. */
int serving_open_books(struct serving *serving, struct problem *problem)
	__attribute__((warn_unused_result));
/* Errors: those of push_create, with problem. */
int serving_start_push(struct serving *serving, struct problem *problem)
	__attribute__((warn_unused_result));

/* --- ending.c: each part in its turn, and then the memory --- */

void serving_stop_server(void *context);
void serving_stop_printers(void *context);
void serving_printers_closed(void *context);
void serving_stop_files(void *context);
void serving_stop_history(void *context);
void serving_stop_cameras(void *context);
void serving_cameras_closed(void *context);
/* A backup lies ready: it ends, and begins anew with it. */
void serving_begin_anew(void *context);
void serving_stop_timelapse(void *context);
void serving_timelapse_closed(void *context);
/* Once the loop has ended. */
void serving_finish(struct serving *serving);

#endif
