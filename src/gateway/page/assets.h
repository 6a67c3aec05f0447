/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PAGE_ASSETS_H
#define GATEWAY_PAGE_ASSETS_H

#include "daemon/http/http.h"

#include <stddef.h>

/* What tools/pack_page.py makes of web/. */
struct page_asset {
	const char *name; /* below /assets */
	struct http_asset asset;
};

extern const struct page_asset page_assets[];
extern const size_t page_asset_count;

/* The document, before and behind what it begins with. */
extern const char page_head[];
extern const size_t page_head_length;
extern const char page_tail[];
extern const size_t page_tail_length;

#endif
