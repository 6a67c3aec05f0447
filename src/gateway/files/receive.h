/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_FILES_RECEIVE_H
#define GATEWAY_FILES_RECEIVE_H

#include "daemon/http/http.h"
#include "gateway/files/files.h"

/*
 * Files that come in requests, for every interface alike: as a part of a form
 * (multipart/form-data), whatever the order of its parts, or as the whole body. Of a route with
 * HTTP_BODY_STREAM and body_max FILES_BODY_MAX.
 */
#define FILES_BODY_MAX   ((uint64_t)FILES_SIZE_MAX + (UINT64_C(1) << 20))
#define FILES_FIELDS_MAX 16
#define FILES_FIELD_SIZE 1024 /* of a value, with the NUL */

struct files_form;

/* What came; NULL where it did not. */
const char *files_form_field(const struct files_form *form, const char *name);
/* "true", "1", "yes", "on". */
bool files_form_flag(const struct files_form *form, const char *name);
/* Of the part "file", as the client says it; NULL: there was none. */
const char *files_form_file_name(const struct files_form *form);

struct files_receiver {
	/*
	 * Where the file goes, once everything has come: DONE with path, or a refusal with problem.
	 * Not called where no file came.
	 */
	enum files_result (*place)(void *context, const struct files_form *form,
				   char path[FILES_PATH_SIZE], bool *overwrite,
				   struct problem *problem);
	/*
	 * Answers the request. DONE without an entry: there was no file in the form. Called once,
	 * and not where the client is gone before.
	 */
	void (*done)(void *context, struct http_request *request, const struct files_form *form,
		     enum files_result result, const struct files_entry *entry,
		     const struct problem *problem);
};

/* `receiver` and `context` outlive the request. */
void files_receive_form(struct files *files, struct http_request *request,
			const struct files_receiver *receiver, void *context);

/* The body is the file; `place` is not needed, and `form` of `done` is NULL. */
void files_receive_body(struct files *files, struct http_request *request, const char *path,
			bool overwrite, const struct files_receiver *receiver, void *context);

/* A path as a part of a URL: what cannot stand there is percent-encoded, slashes stay. */
#define FILES_URL_SIZE (3 * FILES_PATH_SIZE)
void files_write_url(const char *path, char out[FILES_URL_SIZE]);

#endif
