/* SPDX-License-Identifier: MIT */
#include "gateway/octoprint/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Printing a file that was uploaded: it comes to the front of the printer's queue. */

/* Who waits until it is kept. */
struct printing {
	struct octoprint *octoprint;
	struct http_request *request; /* NULL: gone */
	octo_printed *printed;
	char path[FILES_PATH_SIZE];
};

static void on_printer_gone(void *context)
{
	struct printing *printing = context;

	printing->request = NULL;
}

static void on_queued(void *context, enum queue_result result, const struct queue_entry *entry,
		      const char *detail)
{
	struct printing *printing = context;
	struct http_request *request = printing->request;
	const struct files_entry *file = files_find(printing->octoprint->files, printing->path);
	char text[OCTO_DETAIL_SIZE];

	(void)entry;
	if (request) {
		http_request_watch(request, NULL, NULL);
	}
	if (request && result == QUEUE_DONE && file) {
		printing->printed(request, printing->octoprint, file);
	} else if (request) {
		snprintf(text, sizeof(text), "%.200s is kept, but not printed: %.500s",
			 printing->path, detail ? detail : "it was taken away meanwhile");
		octoprint_refuse(request, result == QUEUE_BROKEN ? OCTO_UNAVAILABLE : OCTO_CONFLICT,
				 text);
	}
	free(printing);
}

void octo_print(struct octoprint *octoprint, struct http_request *request,
		const struct fleet_printer *printer, const struct files_entry *entry,
		octo_printed *printed)
{
	const char *serial = fleet_printer_serial(printer);
	const char *user = http_request_user(request);
	char asker[QUEUE_ASKER_SIZE];

	if (!octoprint->queue || queue_lacks_sender(octoprint->queue, serial)) {
		octo_refuse_print(request, printer, entry->path);
		return;
	}
	struct printing *printing = calloc(1, sizeof(*printing));

	if (!printing) {
		octoprint_refuse(request, OCTO_FAILED, "the gateway is out of memory");
		return;
	}
	printing->octoprint = octoprint;
	printing->request = request;
	printing->printed = printed;
	snprintf(printing->path, sizeof(printing->path), "%s", entry->path);
	http_request_watch(request, on_printer_gone, printing);
	snprintf(asker, sizeof(asker), "%s%s%s", octoprint->ask.asker, user[0] != '\0' ? ": " : "",
		 user);
	const struct queue_request wanted = {
		.serial = serial,
		.path = entry->path,
		.hash = entry->hash,
		.asker = asker,
		.copies = 1,
		.front = true,
	};
	queue_add(octoprint->queue, &wanted, on_queued, printing);
}
