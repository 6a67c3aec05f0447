/* SPDX-License-Identifier: MIT */
#include "gateway/cloud/internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Copies of the registry, which is all that the cloud keeps: the last of them lie beside it. */

#define COPIES_FOLDER  "backups"
#define COPY_NAME      "cloud.sqlite" /* the newest; .1 is the one before, and so on */
#define COPIES_KEPT    7
#define COPY_NAME_SIZE 64

static void name_copy(unsigned int number, char out[COPY_NAME_SIZE])
{
	if (number == 0) {
		snprintf(out, COPY_NAME_SIZE, COPY_NAME);
	} else {
		snprintf(out, COPY_NAME_SIZE, COPY_NAME ".%u", number);
	}
}

/* False where the folder is none, or its name is too long. */
static bool copy_path(const struct gateway_cloud *cloud, const char *name, char out[PATH_MAX])
{
	char folder[PATH_MAX];

	if (!gateway_printers_cloud_folder(cloud->printers, folder)) {
		return false;
	}
	int length = snprintf(out, PATH_MAX, "%s/" COPIES_FOLDER "%s%s", folder,
			      name[0] != '\0' ? "/" : "", name);
	return length > 0 && length < PATH_MAX;
}

static bool find_copy(const struct gateway_cloud *cloud, const char *name, char path[PATH_MAX],
		      struct stat *status)
{
	return copy_path(cloud, name, path) && lstat(path, status) == 0 && S_ISREG(status->st_mode);
}

static void write_copies(struct json_writer *writer, const void *context)
{
	char name[COPY_NAME_SIZE];
	char path[PATH_MAX];
	struct stat status;

	json_array_begin(writer);
	for (unsigned int number = 0; number < COPIES_KEPT; number++) {
		name_copy(number, name);
		if (!find_copy(context, name, path, &status)) {
			continue;
		}
		json_object_begin(writer);
		json_member_string(writer, "name", name);
		json_member_int(writer, "size", (int64_t)status.st_size);
		json_key(writer, "made_at");
		rest_write_time(writer, (int64_t)status.st_mtime);
		json_object_end(writer);
	}
	json_array_end(writer);
}

void gateway_cloud_get_copies(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_copies, context);
}

/* --- making one --- */

static void make_copy(struct gateway_cloud *cloud, struct http_request *request)
{
	char path[PATH_MAX];
	char folder[PATH_MAX];
	char keep[COPY_NAME_SIZE];
	struct call_words words;

	if (!call_begin_words(cloud, request, "backup", false, &words)) {
		return;
	}
	if (!copy_path(cloud, "", folder) || !copy_path(cloud, COPY_NAME, path)) {
		rest_respond_problem(request, REST_FAILED, "the name of the folder is too long");
		return;
	}
	if (mkdir(folder, S_IRWXU) != 0 && errno != EEXIST) {
		rest_respond_problem(request, REST_FAILED, "the folder %s cannot be made: %s",
				     folder, strerror(errno));
		return;
	}
	snprintf(keep, sizeof(keep), "%d", COPIES_KEPT);
	call_add_option(&words, "keep", keep);
	call_add_word(&words, path);
	call_run(cloud, request, &words, NULL, "make a copy of the cloud", call_answer_done);
}

void gateway_cloud_post_copy(struct http_request *request, void *context)
{
	cJSON *body = rest_read_body(request, "");

	if (body) {
		make_copy(context, request);
	}
	cJSON_Delete(body);
}

/* --- getting one --- */

static bool is_copy_name(const char *name)
{
	char known[COPY_NAME_SIZE];

	for (unsigned int number = 0; number < COPIES_KEPT; number++) {
		name_copy(number, known);
		if (strcmp(known, name) == 0) {
			return true;
		}
	}
	return false;
}

/* Named by when it was made. */
static void name_download(time_t made_at, char out[COPY_NAME_SIZE])
{
	struct tm parts;

	if (!localtime_r(&made_at, &parts) ||
	    strftime(out, COPY_NAME_SIZE, "flagship-cloud-%Y-%m-%d-%H%M%S.sqlite", &parts) == 0) {
		snprintf(out, COPY_NAME_SIZE, COPY_NAME);
	}
}

void gateway_cloud_get_copy(struct http_request *request, void *context)
{
	const struct gateway_cloud *cloud = context;
	const char *name = http_request_parameter(request, "backup");
	char download[COPY_NAME_SIZE];
	char path[PATH_MAX];
	struct stat status;

	if (is_copy_name(name) && find_copy(cloud, name, path, &status)) {
		name_download(status.st_mtime, download);
		const struct http_file file = {
			.content_type = "application/vnd.sqlite3",
			.cache_control = "no-store",
			.download_name = download,
		};

		access_audit(cloud->access, request, "download a copy of the cloud", name, "done");
		if (http_respond_file(request, path, &file)) {
			return;
		}
	}
	rest_respond_problem(request, REST_NOT_FOUND, "there is no such copy of the cloud");
}
