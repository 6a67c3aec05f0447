/* SPDX-License-Identifier: MIT */
#include "gateway/backup/backup.h"

#include "base/clock.h"
#include "gateway/backup/internal.h"
#include "gateway/rest/rest.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define BODY_MAX   (UINT64_C(1) << 50) /* the disk decides */
#define NAME_SIZE  96
#define TIME_SIZE  32
#define VALUE_SIZE sizeof("true")
#define LOG_PART   "backup"
#define BUSY       "a backup or a restore goes on already: try again when it has ended"

static bool is_free(const struct backup *backup, struct http_request *request)
{
	if (backup->stopped) {
		rest_respond_problem(request, REST_UNAVAILABLE, "the gateway ends");
	} else if (backup->carry) {
		rest_respond_problem(request, REST_CONFLICT, BUSY);
	}
	return !backup->stopped && !backup->carry;
}

static void get_backup(struct http_request *request, void *context)
{
	struct backup *backup = context;
	char value[VALUE_SIZE];
	bool uploads = http_request_query_value(request, "uploads", value, sizeof(value)) &&
		       strcmp(value, "true") == 0;
	const char *const arguments[] = {
		"backup", "--dir", backup->folder, "-", uploads ? "--uploads" : NULL, NULL};

	if (is_free(backup, request)) {
		/* Whoever goes away before its end has some of it. */
		access_audit(backup->options.access, request, "backup",
			     uploads ? "all, with uploads" : "all", "begun");
		carry_begin(backup, request, arguments, false);
	}
}

static void post_restore(struct http_request *request, void *context)
{
	struct backup *backup = context;
	const char *type = http_request_header(request, "content-type");
	const char *const arguments[] = {
		"restore", "--dir", backup->folder, "--prepare", "--in-doubt", "--json", "-", NULL};

	/* Which no form of another site can send. */
	if (!type || strcasecmp(type, BACKUP_TYPE) != 0) {
		rest_respond_problem(request, REST_UNSUPPORTED,
				     "the body is a backup, as Content-Type: " BACKUP_TYPE);
	} else if (is_free(backup, request)) {
		carry_begin(backup, request, arguments, true);
	}
}

/* --- answers --- */

void backup_answer(struct carry *carry, const struct http_source *source)
{
	char name[NAME_SIZE];
	char when[TIME_SIZE] = "";
	time_t now = (time_t)clock_unix_s();
	struct tm utc;
	const struct http_header headers[] = {{"cache-control", "no-store"},
					      {"content-disposition", name}};

	if (gmtime_r(&now, &utc)) {
		(void)strftime(when, sizeof(when), "%Y-%m-%d", &utc);
	}
	snprintf(name, sizeof(name), "attachment; filename=\"flagship-%s.tar\"", when);
	carry->streams = true;
	carry->held++;
	http_respond_stream(
		carry->request,
		&(struct http_response){
			.status = REST_OK,
			.content_type = carry->restores ? "application/json" : BACKUP_TYPE,
			.headers = headers,
			.header_count = carry->restores ? 1 : 2,
		},
		carry->restores ? (int64_t)carry->length : -1, source, carry);
}

void backup_ended(struct carry *carry, const struct http_source *source)
{
	struct backup *backup = carry->backup;
	struct http_request *request = carry->request;
	const char *reason = carry->reason[0] != '\0' ? carry->reason
						      : "flagship-serve ended without a word";

	/* Whoever sent it is still there: from here on it is taken over, and not before. */
	int error = carry->restores && carry->status == 0 ? backup_confirm(backup->folder) : 0;

	if (error) {
		reason = strerror(error);
		carry->status = -1;
	}
	if (carry->restores) {
		access_audit(backup->options.access, request, "restore", "all",
			     carry->status == 0 ? "done" : "refused");
	} else {
		access_audit(backup->options.access, request, "backup", "all", "failed");
	}
	if (carry->restores && carry->status == 0) {
		backup_answer(carry, source);
		return;
	}
	log_write(backup->options.log, LOG_LEVEL_WARNING, LOG_PART, "%s", reason);
	rest_respond_problem(
		request, carry->restores && carry->status > 0 ? REST_UNPROCESSABLE : REST_FAILED,
		"%s", reason);
	carry_kill(carry);
}

void backup_forget(struct carry *carry)
{
	if (carry->backup->carry == carry) {
		carry->backup->carry = NULL;
	}
}

/* --- the room --- */

static const struct http_route routes[] = {
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/backup",
	 .rights = WEB_ADMIN,
	 .handle = get_backup},
	{.methods = HTTP_POST,
	 .path = REST_ROOT "/restore",
	 .rights = WEB_ADMIN,
	 .handle = post_restore,
	 .body = HTTP_BODY_STREAM,
	 .body_max = BODY_MAX},
};

int backup_create(uv_loop_t *loop, const struct backup_options *options, struct backup **out)
{
	struct backup *backup = calloc(1, sizeof(*backup));

	*out = backup;
	if (!backup) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	backup->loop = loop;
	backup->options = *options;
	snprintf(backup->program, sizeof(backup->program), "%s", options->program);
	snprintf(backup->folder, sizeof(backup->folder), "%s", options->folder);
	return 0;
}

void backup_fill_api(struct backup *backup, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = backup,
		.prefixes = REST_ROOT "/backup",
		.refuse = rest_refuse,
		.json_only = true,
	};
}

void backup_stop(struct backup *backup)
{
	if (!backup || backup->stopped) {
		return;
	}
	struct carry *carry = backup->carry;
	backup->stopped = true;
	if (carry && carry->request && !carry->streams) {
		http_request_watch(carry->request, NULL, NULL);
		rest_respond_problem(carry->request, REST_UNAVAILABLE, "the gateway ends");
	}
	carry_kill(carry);
}

void backup_destroy(struct backup *backup)
{
	free(backup);
}
