/* SPDX-License-Identifier: MIT */
#include "gateway/files/receive.h"

#include "base/hex.h"
#include "daemon/http/syntax/multipart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_PART  "file"
#define NAME_SIZE  32    /* of a field */
#define QUOTE_CODE "%22" /* how browsers and curl write a quote in a file's name */

struct field {
	char name[NAME_SIZE];
	char value[FILES_FIELD_SIZE];
	size_t length;
};

/* What comes in one request. */
struct files_form {
	struct files *files;
	struct http_request *request; /* NULL: answered, or gone */
	const struct files_receiver *receiver;
	void *context;
	struct files_upload *upload; /* NULL: none is going on */
	bool calling;                /* it may not be freed now */
	bool ended;                  /* the whole body was there */
	bool refused;                /* nothing more is taken */

	/* Of a body that is the file. */
	bool is_body;
	char path[FILES_PATH_SIZE];
	bool overwrite;

	/* Of a form. */
	struct http_multipart multipart;
	struct field *field; /* that is being read; NULL: none, or the file */
	struct field fields[FILES_FIELDS_MAX];
	size_t field_count;
	bool in_file;
	bool has_file;
	char file_name[HTTP_PART_FILE_MAX];
};

const char *files_form_field(const struct files_form *form, const char *name)
{
	for (size_t i = 0; i < form->field_count; i++) {
		if (strcmp(form->fields[i].name, name) == 0) {
			return form->fields[i].value;
		}
	}
	return NULL;
}

bool files_form_flag(const struct files_form *form, const char *name)
{
	static const char *const yes[] = {"true", "1", "yes", "on"};
	const char *value = files_form_field(form, name);

	for (size_t i = 0; value && i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcasecmp(value, yes[i]) == 0) {
			return true;
		}
	}
	return false;
}

const char *files_form_file_name(const struct files_form *form)
{
	return form->has_file ? form->file_name : NULL;
}

/* --- its end --- */

static void release(struct files_form *form)
{
	if (!form->calling && !form->upload && !form->request) {
		free(form);
	}
}

static void answer(struct files_form *form, enum files_result result,
		   const struct files_entry *entry, const struct problem *problem)
{
	struct http_request *request = form->request;

	form->request = NULL;
	form->refused = true;
	http_request_watch(request, NULL, NULL);
	form->receiver->done(form->context, request, form->is_body ? NULL : form, result, entry,
			     problem);
}

/* Before it was uploaded. */
static void refuse(struct files_form *form, enum files_result result, const struct problem *problem)
{
	if (form->upload) {
		struct files_upload *upload = form->upload;

		form->upload = NULL;
		files_upload_abort(upload);
	}
	if (form->request) {
		answer(form, result, NULL, problem);
	}
}

static void refuse_as(struct files_form *form, const char *why)
{
	struct problem problem;

	problem_set(&problem, "%s", why);
	refuse(form, FILES_MALFORMED, &problem);
}

static void on_gone(void *context)
{
	struct files_form *form = context;

	form->request = NULL;
	form->refused = true;
	if (form->upload) {
		struct files_upload *upload = form->upload;

		form->upload = NULL;
		files_upload_abort(upload);
	}
	release(form);
}

static void on_uploaded(void *context, enum files_result result, const struct files_entry *entry,
			const struct problem *problem)
{
	struct files_form *form = context;

	form->upload = NULL;
	if (form->request) {
		answer(form, result, entry, problem);
	}
	release(form);
}

static void on_ready(void *context)
{
	const struct files_form *form = context;

	if (form->request) {
		http_request_resume(form->request);
	}
}

static bool begin_upload(struct files_form *form)
{
	const struct files_upload_options options = {
		.size = http_request_length(form->request),
		.ready = on_ready,
		.done = on_uploaded,
		.context = form,
	};
	struct problem problem;
	enum files_result result = files_upload_begin(form->files, &options, &form->upload,
						      &problem);

	if (result != FILES_DONE) {
		refuse(form, result, &problem);
	}
	return result == FILES_DONE;
}

/* --- forms --- */

static void decode_quotes(char *name)
{
	char *out = name;

	for (const char *at = name; *at != '\0'; out++) {
		bool quote = strncmp(at, QUOTE_CODE, sizeof(QUOTE_CODE) - 1) == 0;

		*out = quote ? '"' : *at;
		at += quote ? sizeof(QUOTE_CODE) - 1 : 1;
	}
	*out = '\0';
}

static void begin_file(struct files_form *form)
{
	struct problem problem;

	if (form->has_file) {
		refuse_as(form, "one file at a time: there are two in the form");
		return;
	}
	form->has_file = true;
	form->in_file = true;
	snprintf(form->file_name, sizeof(form->file_name), "%s", form->multipart.file_name);
	decode_quotes(form->file_name);
	/* Now, rather than when gigabytes were sent. */
	enum files_result result = files_check_path(form->file_name, &problem);
	if (result == FILES_DONE && strchr(form->file_name, '/')) {
		problem_set(&problem, "a file's name holds no slash: folders go into 'path'");
		result = FILES_BAD_NAME;
	}
	if (result != FILES_DONE) {
		refuse(form, result, &problem);
	} else {
		(void)begin_upload(form);
	}
}

static void begin_part(struct files_form *form)
{
	form->field = NULL;
	form->in_file = false;
	if (strcmp(form->multipart.name, FILE_PART) == 0) {
		begin_file(form);
		return;
	}
	if (form->multipart.is_file) {
		refuse_as(form, "the file has to be in the part 'file' of the form");
		return;
	}
	if (strlen(form->multipart.name) >= NAME_SIZE) {
		return;
	}
	if (form->field_count == FILES_FIELDS_MAX) {
		refuse_as(form, "the form has too many parts");
		return;
	}
	form->field = &form->fields[form->field_count++];
	snprintf(form->field->name, sizeof(form->field->name), "%s", form->multipart.name);
}

/* Whether more may come at once. */
static bool take_part(struct files_form *form, const char *bytes, size_t length)
{
	struct field *field = form->field;

	if (form->in_file) {
		return !form->upload || files_upload_write(form->upload, bytes, length);
	}
	if (field && field->length + length < sizeof(field->value)) {
		memcpy(field->value + field->length, bytes, length);
		field->length += length;
	} else if (field) {
		refuse_as(form, "a part of the form is too long");
	}
	return true;
}

static bool take_form(struct files_form *form, const char *bytes, size_t length)
{
	bool flows = true;
	size_t part_length = 0;
	const char *part;

	while (!form->refused && length > 0) {
		switch (http_multipart_take(&form->multipart, &bytes, &length, &part,
					    &part_length)) {
		case HTTP_MULTIPART_PART:
			begin_part(form);
			break;
		case HTTP_MULTIPART_DATA:
			flows = take_part(form, part, part_length) && flows;
			break;
		case HTTP_MULTIPART_BROKEN:
			refuse_as(form, "the form is malformed");
			break;
		case HTTP_MULTIPART_END:
			form->ended = true;
			break;
		default:
			break;
		}
	}
	return flows;
}

/* --- bodies --- */

static enum http_flow on_data(void *context, const char *bytes, size_t length)
{
	struct files_form *form = context;
	bool flows = true;

	form->calling = true;
	if (!form->is_body) {
		flows = take_form(form, bytes, length);
	} else if (form->upload) {
		flows = files_upload_write(form->upload, bytes, length);
	}
	form->calling = false;
	bool goes_on = flows || form->refused;
	release(form);
	return goes_on ? HTTP_GO_ON : HTTP_PAUSE;
}

static void place_upload(struct files_form *form)
{
	struct problem problem;
	enum files_result result = form->is_body
					   ? FILES_DONE
					   : form->receiver->place(form->context, form, form->path,
								   &form->overwrite, &problem);

	if (result == FILES_DONE) {
		files_upload_end(form->upload, form->path, form->overwrite);
	} else {
		refuse(form, result, &problem);
	}
}

static void on_end(void *context)
{
	struct files_form *form = context;

	form->calling = true;
	if (!form->refused && !form->is_body && !form->ended) {
		refuse_as(form, "the form is cut short");
	} else if (!form->refused && form->upload) {
		place_upload(form);
	} else if (!form->refused && form->request) {
		answer(form, FILES_DONE, NULL, NULL);
	}
	form->calling = false;
	release(form);
}

static const struct http_sink sink = {.data = on_data, .end = on_end};

static struct files_form *create_form(struct files *files, struct http_request *request,
				      const struct files_receiver *receiver, void *context)
{
	struct files_form *form = calloc(1, sizeof(*form));

	if (!form) {
		struct problem problem;

		(void)problem_memory(&problem);
		receiver->done(context, request, NULL, FILES_BROKEN, NULL, &problem);
		return NULL;
	}
	form->files = files;
	form->request = request;
	form->receiver = receiver;
	form->context = context;
	http_request_watch(request, on_gone, form);
	return form;
}

void files_receive_form(struct files *files, struct http_request *request,
			const struct files_receiver *receiver, void *context)
{
	struct files_form *form = create_form(files, request, receiver, context);

	struct problem problem;

	if (!form) {
		return;
	}
	/* Before the client is asked for the body (Expect: 100-continue). */
	enum files_result result = files_check_size(files, http_request_length(request), &problem);
	if (result != FILES_DONE) {
		refuse(form, result, &problem);
		release(form);
		return;
	}
	if (http_multipart_begin(&form->multipart, http_request_header(request, "content-type"))) {
		http_request_receive(request, &sink, form);
		return;
	}
	refuse_as(form, "the file has to come as a form: multipart/form-data with a part 'file'");
	release(form);
}

void files_receive_body(struct files *files, struct http_request *request, const char *path,
			bool overwrite, const struct files_receiver *receiver, void *context)
{
	struct files_form *form = create_form(files, request, receiver, context);
	struct problem problem;

	if (!form) {
		return;
	}
	form->is_body = true;
	form->overwrite = overwrite;
	snprintf(form->path, sizeof(form->path), "%s", path);
	enum files_result result = files_check_path(path, &problem);
	const struct files_entry *there = files_find(files, path);

	if (result == FILES_DONE && there && (there->is_folder || !overwrite)) {
		problem_set(&problem, "there is a %s '%s' already",
			    there->is_folder ? "folder" : "file", path);
		result = FILES_EXISTS;
	}
	if (result != FILES_DONE) {
		refuse(form, result, &problem);
		release(form);
		return;
	}
	form->calling = true;
	bool begun = begin_upload(form);
	form->calling = false;
	if (begun) {
		http_request_receive(request, &sink, form);
	} else {
		release(form);
	}
}

void files_write_url(const char *path, char out[FILES_URL_SIZE])
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";

	for (size_t i = 0; i < FILES_PATH_SIZE && path[i] != '\0'; i++) {
		if (strchr(plain, path[i])) {
			*out++ = path[i];
		} else {
			*out++ = '%';
			hex_encode((const uint8_t *)&path[i], 1, HEX_UPPER, out);
			out += 2;
		}
	}
	*out = '\0';
}
