/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PRUSALINK_INTERNAL_H
#define GATEWAY_PRUSALINK_INTERNAL_H

#include "gateway/octoprint/internal.h"
#include "gateway/prusalink/prusalink.h"

/* The one storage that there is: the file area. A path of it may follow with a slash. */
#define LINK_STORAGE "/local"

static inline void link_write_text(struct json_writer *writer, const char *name, const char *text)
{
	json_key(writer, name);
	json_string(writer, text);
}

static inline void link_write_flag(struct json_writer *writer, const char *name, bool value)
{
	json_key(writer, name);
	json_bool(writer, value);
}

static inline void link_write_int(struct json_writer *writer, const char *name, int64_t value)
{
	json_key(writer, name);
	json_int(writer, value);
}

/* --- status.c --- */

void link_get_version(struct http_request *request, void *context);
void link_get_info(struct http_request *request, void *context);
void link_get_status(struct http_request *request, void *context);
void link_get_job(struct http_request *request, void *context);
void link_get_legacy_printer(struct http_request *request, void *context);
void link_put_job(struct http_request *request, void *context);
void link_delete_job(struct http_request *request, void *context);

/* --- files.c --- */

void link_get_storage(struct http_request *request, void *context);
void link_get_files(struct http_request *request, void *context);
void link_put_file(struct http_request *request, void *context);
void link_post_file(struct http_request *request, void *context);
void link_delete_file(struct http_request *request, void *context);
void link_get_thumbnail(struct http_request *request, void *context);

/* Members name, display_name, path, size, m_timestamp and refs of a file. */
void link_write_file(struct json_writer *writer, const struct files_entry *entry);

#endif
