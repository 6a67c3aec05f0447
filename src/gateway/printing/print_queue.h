/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PRINTING_PRINT_QUEUE_H
#define GATEWAY_PRINTING_PRINT_QUEUE_H

#include "daemon/run/daemon.h"
#include "gateway/events/events.h"
#include "gateway/files/files.h"
#include "gateway/printing/lan_sender.h"
#include "gateway/queue/queue.h"

/* The print queue with what it goes by: files of the area, readers of its changes. */
struct print_queue {
	struct queue *queue;
	struct queue_listener listener;
	struct lan_sender sender;
	struct files *files;
	struct gateway_events *events;
	struct daemon *daemon;
	struct daemon_part part;
};

struct print_queue_sources {
	const char *folder;
	struct log *log;
	struct gateway_printers *printers;
	struct cameras *cameras;
	struct files *files;
	struct gateway_events *events;
};

/* A part of the daemon from then on. Errors: MEMORY. */
int print_queue_start(struct print_queue *print, struct daemon *daemon,
		      const struct print_queue_sources *sources)
	__attribute__((warn_unused_result));

/* After its part has ended. A zeroed one is accepted. */
void print_queue_finish(struct print_queue *print);

#endif
