/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PAGE_PAGE_H
#define GATEWAY_PAGE_PAGE_H

#include "gateway/access/access.h"
#include "gateway/events/events.h"
#include "gateway/preferences/preferences.h"
#include "gateway/queue/queue.h"
#include "gateway/web/web.h"

/*
 * The page (web/), which is a part of the program: each of its addresses answers with one document,
 * which names who asks and shows him the printers that he may see, so that a browser needs no
 * second question before it shows them. What the document names is below /assets, by its content:
 * a name never means anything else.
 */
struct page;

/* All outlive it. Errors: MEMORY. */
int page_create(struct access *access, struct gateway_events *events, const struct queue *queue,
		const struct preferences *preferences, struct page **page)
	__attribute__((warn_unused_result));

void page_fill_api(struct page *page, struct web_api *api);

/* Once the HTTP server is gone. NULL is accepted. */
void page_destroy(struct page *page);

#endif
