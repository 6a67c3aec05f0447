/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_PACK_H
#define DAEMON_HTTP_PACK_H

#include <stddef.h>

/*
 * gzip of what comes piece by piece, at the level that costs least: so what is long need not be in
 * memory as it was.
 */
struct http_packer;

/* NULL for want of memory. */
struct http_packer *http_packer_create(void) __attribute__((warn_unused_result));

/* 0, or MEMORY; then nothing but http_packer_destroy is left to do. */
int http_packer_add(struct http_packer *packer, const void *bytes, size_t length)
	__attribute__((warn_unused_result));

/* What it became; it lasts as long as the packer. Once, and last. NULL for want of memory. */
const char *http_packer_finish(struct http_packer *packer, size_t *length)
	__attribute__((warn_unused_result));

/* NULL is accepted. */
void http_packer_destroy(struct http_packer *packer);

#endif
