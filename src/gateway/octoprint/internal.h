/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_OCTOPRINT_INTERNAL_H
#define GATEWAY_OCTOPRINT_INTERNAL_H

/* For PrusaLink, which grew out of it, too (gateway/prusalink). */

#include "base/json/compose.h"
#include "gateway/octoprint/ask.h"
#include "gateway/octoprint/frame.h"
#include "gateway/octoprint/octoprint.h"
#include "gateway/octoprint/state.h"
#include "gateway/web/web.h"

#define OCTO_OK           200
#define OCTO_CREATED      201
#define OCTO_NO_CONTENT   204
#define OCTO_BAD_REQUEST  400
#define OCTO_NOT_FOUND    404
#define OCTO_CONFLICT     409
#define OCTO_FAILED       500
#define OCTO_UNAVAILABLE  503

#define OCTO_VERSION      "1.10.3" /* whose interface this is */
#define OCTO_SESSIONS     64
#define OCTO_SESSION_SIZE FRAME_SECRET_SIZE
#define OCTO_SESSION_MS   UINT64_C(86400000)
#define OCTO_DETAIL_SIZE  1024

/* What a login gives, by which a socket shows that it is let in. */
struct octo_session {
	char secret[OCTO_SESSION_SIZE]; /* "": none */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	uint64_t until_ms;                /* of the loop; the oldest gives way */
	struct access_identity *identity; /* who logged in: it ends with him. Owned; NULL: none */
};

/* One plain sentence. */
web_refuse octoprint_refuse;

struct octoprint {
	struct gateway_printers *printers;
	struct files *files;
	struct history *history;
	struct access *access;
	struct queue *queue;
	const struct webcam_book *webcams;
	struct ask ask;
	struct fleet_listener listener;
	struct files_listener files_listener;
	struct list sockets; /* push.c */
	uv_timer_t timer;    /* of the sockets */
	struct octo_session sessions[OCTO_SESSIONS];
};

/* --- octoprint.c --- */

struct fleet_printer *octo_find_printer(struct http_request *request,
					const struct octoprint *octoprint);
const char *octo_name(const struct fleet_printer *printer);
enum octoprint_mode octo_mode(const struct octoprint *octoprint,
			      const struct fleet_printer *printer);

/* 500 where there is no memory. location: NULL: none. */
void octo_respond(struct http_request *request, int status, const char *location, json_write *write,
		  const void *context);

/* What stands before "/api" in the request's URL, with scheme and host: "http://h:1/octoprint/x".
 */
#define OCTO_BASE_SIZE 1024
void octo_write_base(const struct http_request *request, const char *serial,
		     char out[OCTO_BASE_SIZE]);

/* --- info.c: who answers --- */

void octo_get_version(struct http_request *request, void *context);
void octo_get_server(struct http_request *request, void *context);
void octo_post_login(struct http_request *request, void *context);
void octo_post_logout(struct http_request *request, void *context);
void octo_get_currentuser(struct http_request *request, void *context);
void octo_get_settings(struct http_request *request, void *context);
void octo_get_profiles(struct http_request *request, void *context);
void octo_get_connection(struct http_request *request, void *context);
void octo_post_connection(struct http_request *request, void *context);

/* --- appkeys.c: programs that ask for a key --- */

void octo_probe_keys(struct http_request *request, void *context);
void octo_request_key(struct http_request *request, void *context);
void octo_get_key(struct http_request *request, void *context);

/* --- printer.c: how it is --- */

void octo_get_printer(struct http_request *request, void *context);
void octo_get_tool(struct http_request *request, void *context);
void octo_get_bed(struct http_request *request, void *context);
void octo_get_job(struct http_request *request, void *context);

/* --- heat.c: temperatures of the last minutes --- */

/* An array of moments, the present one last; limit 0: all that is known. */
void octo_write_heat(struct json_writer *writer, const struct octoprint *octoprint,
		     const struct fleet_printer *printer, bool tool, bool bed, size_t limit);

/* --- control.c: what it does --- */

void octo_post_job(struct http_request *request, void *context);
void octo_post_tool(struct http_request *request, void *context);
void octo_post_bed(struct http_request *request, void *context);
void octo_post_printhead(struct http_request *request, void *context);
void octo_post_command(struct http_request *request, void *context);
/* 409: files cannot be sent to the printer. path: of a file that is kept, or NULL. */
void octo_refuse_print(struct http_request *request, const struct fleet_printer *printer,
		       const char *path);

/* --- print.c --- */

/* Answers: the file is at the front of the printer's queue. */
typedef void octo_printed(struct http_request *request, struct octoprint *octoprint,
			  const struct files_entry *entry);
/* Or refuses, where files cannot be sent to it. */
void octo_print(struct octoprint *octoprint, struct http_request *request,
		const struct fleet_printer *printer, const struct files_entry *entry,
		octo_printed *printed);

/* --- files.c --- */

void octo_get_files(struct http_request *request, void *context);
void octo_get_file(struct http_request *request, void *context);
void octo_post_files(struct http_request *request, void *context);
void octo_post_file(struct http_request *request, void *context);
void octo_delete_file(struct http_request *request, void *context);
void octo_download(struct http_request *request, void *context);

/* --- push.c: what changes --- */

void sockets_init(struct octoprint *octoprint, uv_loop_t *loop);
void sockets_stop(struct octoprint *octoprint);
void octo_open_socket(struct http_request *request, void *context);

#endif
