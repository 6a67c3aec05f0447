/* SPDX-License-Identifier: MIT */
#include "cli/gateway/ask.h"

#include "base/net/unix_socket.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/output/message.h"
#include "store/file/json.h"
#include "store/file/paths.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_NAME     "/serve"
#define ROOT            "http://localhost/api/v1"
#define ANSWER_MAX      ((size_t)16 * 1024 * 1024)
#define ANSWER_TIME_S   60L
#define STATUS_OK       200
#define STATUS_NO_LOGIN 401
#define STATUS_NOT_HIS  403
#define STATUS_OTHER    300

struct ask {
	char path[PATH_MAX];
	CURL *curl;
	struct unix_address address;
	bool has_address;
	char *text;
	size_t length;
	bool too_large;
	FILE *save;  /* of the question; NULL: none */
	int unsaved; /* why the answer cannot be written, an errno; 0: it can */
};

static int find_socket(struct ask *ask, const char *folder)
{
	char state[PATH_MAX];

	if (!folder && !store_state_folder(state)) {
		cli_error("there is no home folder: set HOME, or give --dir");
		return CLI_NOT_CONFIGURED;
	}
	int length = snprintf(ask->path, sizeof(ask->path), "%s%s/" ASK_SOCKET_NAME,
			      folder ? folder : state, folder ? "" : FOLDER_NAME);
	if (length < 1 || (size_t)length >= sizeof(ask->path)) {
		cli_error("--dir: this path is too long");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int tell_no_gateway(const struct ask *ask, int error)
{
	if (error == EACCES || error == EPERM) {
		cli_error("the gateway's socket %s is another user's", ask->path);
		return CLI_NOT_ALLOWED;
	}
	cli_error("no gateway runs here (nobody listens at %s): start flagship serve, or name its "
		  "folder with --dir",
		  ask->path);
	return CLI_CANNOT_CONNECT;
}

void ask_close(struct ask *ask)
{
	if (ask) {
		curl_easy_cleanup(ask->curl);
		if (ask->has_address) {
			unix_address_finish(&ask->address);
		}
		free(ask->text);
		free(ask);
	}
}

int ask_open(const char *folder, struct ask **out)
{
	struct ask *ask = calloc(1, sizeof(*ask));
	int result = ask ? find_socket(ask, folder) : CLI_FAILED;

	*out = NULL;
	if (result == OPTIONS_RUN && unix_address_init(&ask->address, ask->path) != 0) {
		result = tell_no_gateway(ask, errno);
	} else if (result == OPTIONS_RUN) {
		ask->has_address = true;
		ask->curl = curl_easy_init();
	}
	if (!ask || (result == OPTIONS_RUN && !ask->curl)) {
		cli_error("out of memory");
		result = CLI_FAILED;
	}
	if (result != OPTIONS_RUN) {
		ask_close(ask);
		return result;
	}
	*out = ask;
	return OPTIONS_RUN;
}

/* --- the way --- */

/* What is refused says why in JSON, whatever was asked for. */
static bool is_saved(const struct ask *ask)
{
	long status = 0;

	curl_easy_getinfo(ask->curl, CURLINFO_RESPONSE_CODE, &status);
	return ask->save && status >= STATUS_OK && status < STATUS_OTHER;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
	struct ask *ask = context;
	size_t length = size * count;

	if (is_saved(ask)) {
		errno = 0;
		if (fwrite(bytes, 1, length, ask->save) == length) {
			return length;
		}
		ask->unsaved = errno ? errno : EIO; /* curl has its own until it returns */
		return 0;
	}
	if (length > ANSWER_MAX - ask->length) {
		ask->too_large = true;
		return 0;
	}
	char *text = realloc(ask->text, ask->length + length + 1);
	if (!text) {
		return 0;
	}
	memcpy(text + ask->length, bytes, length);
	ask->text = text;
	ask->length += length;
	text[ask->length] = '\0';
	return length;
}

/* --- what goes there --- */

static bool add_part(curl_mime *form, const char *name, const char *text)
{
	curl_mimepart *part = curl_mime_addpart(form);

	return part && curl_mime_name(part, name) == CURLE_OK &&
	       curl_mime_data(part, text, CURL_ZERO_TERMINATED) == CURLE_OK;
}

static curl_mime *make_form(struct ask *ask, const struct ask_question *question)
{
	curl_mime *form = curl_mime_init(ask->curl);
	curl_mimepart *file;
	bool done = form != NULL;

	for (const struct ask_field *field = question->fields; done && field->name; field++) {
		done = add_part(form, field->name, field->value);
	}
	if (!done || !(file = curl_mime_addpart(form)) ||
	    curl_mime_name(file, "file") != CURLE_OK ||
	    curl_mime_filedata(file, question->file) != CURLE_OK) {
		curl_mime_free(form);
		return NULL;
	}
	return form;
}

static CURLcode set_up(struct ask *ask, const struct ask_question *question)
{
	char url[sizeof(ROOT) + PATH_MAX];

	if ((size_t)snprintf(url, sizeof(url), ROOT "%s", question->path) >= sizeof(url)) {
		return CURLE_URL_MALFORMAT;
	}
	curl_easy_reset(ask->curl);
	/* Without it a port of this machine would be asked, whoever listens there. */
	CURLcode code = curl_easy_setopt(ask->curl, CURLOPT_UNIX_SOCKET_PATH,
					 ask->address.address.sun_path);
	if (code == CURLE_OK) {
		code = curl_easy_setopt(ask->curl, CURLOPT_CUSTOMREQUEST, question->method);
	}
	if (code != CURLE_OK) {
		return code;
	}
	curl_easy_setopt(ask->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(ask->curl, CURLOPT_WRITEDATA, ask);
	curl_easy_setopt(ask->curl, CURLOPT_NOSIGNAL, 1L);
	/* Of silence: an upload may take longer. */
	curl_easy_setopt(ask->curl, CURLOPT_LOW_SPEED_TIME, ANSWER_TIME_S);
	curl_easy_setopt(ask->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	return curl_easy_setopt(ask->curl, CURLOPT_URL, url);
}

static CURLcode send_body(struct ask *ask, bool has_body, const char *header)
{
	struct curl_slist *headers = curl_slist_append(NULL, header);
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (has_body && headers) {
		curl_easy_setopt(ask->curl, CURLOPT_HTTPHEADER, headers);
		code = curl_easy_perform(ask->curl);
	}
	curl_slist_free_all(headers);
	return code;
}

static CURLcode send_json(struct ask *ask, const struct ask_question *question)
{
	size_t length;
	char *text = json_compose(question->write, question->context, &length);

	curl_easy_setopt(ask->curl, CURLOPT_POSTFIELDS, text);
	CURLcode code = send_body(ask, text != NULL, "Content-Type: application/json");
	free(text);
	return code;
}

static CURLcode send_text(struct ask *ask, const char *text)
{
	curl_easy_setopt(ask->curl, CURLOPT_POSTFIELDS, text);
	return send_body(ask, true, "Content-Type: application/json");
}

/* However many they are: each piece says how long it is. */
static CURLcode send_bytes(struct ask *ask, FILE *bytes)
{
	curl_easy_setopt(ask->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(ask->curl, CURLOPT_READDATA, bytes);
	return send_body(ask, true, "Content-Type: application/octet-stream");
}

static CURLcode send_form(struct ask *ask, const struct ask_question *question)
{
	curl_mime *form = make_form(ask, question);

	curl_easy_setopt(ask->curl, CURLOPT_MIMEPOST, form);
	/* The gateway asks for the body at once: nothing is gained by waiting for its word. */
	CURLcode code = send_body(ask, form != NULL, "Expect:");
	curl_mime_free(form);
	return code;
}

static CURLcode send_question(struct ask *ask, const struct ask_question *question)
{
	if (question->file) {
		return send_form(ask, question);
	}
	if (question->bytes) {
		return send_bytes(ask, question->bytes);
	}
	if (question->text) {
		return send_text(ask, question->text);
	}
	return question->write ? send_json(ask, question) : curl_easy_perform(ask->curl);
}

/* --- what comes of it --- */

static int tell_failure(const struct ask *ask, CURLcode code)
{
	long error = 0;

	if (code == CURLE_COULDNT_CONNECT) {
		curl_easy_getinfo(ask->curl, CURLINFO_OS_ERRNO, &error);
		return tell_no_gateway(ask, (int)error);
	}
	if (code == CURLE_OPERATION_TIMEDOUT) {
		cli_error("the gateway does not answer");
		return CLI_NO_ANSWER;
	}
	if (ask->too_large) {
		cli_error("the gateway's answer is too large");
		return CLI_FAILED;
	}
	if (ask->unsaved) {
		cli_error("the answer cannot be written: %s", strerror(ask->unsaved));
		return CLI_FAILED;
	}
	cli_error("the gateway cannot be asked: %s", curl_easy_strerror(code));
	return CLI_FAILED;
}

static int tell_refusal(const char *about, long status, const cJSON *answer)
{
	const cJSON *reason = cJSON_GetObjectItemCaseSensitive(answer, "detail");

	if (cJSON_IsString(reason)) {
		cli_error("%s%s%s", about ? about : "", about ? ": " : "", reason->valuestring);
	} else {
		cli_error("the gateway refuses it with status %ld", status);
	}
	return status == STATUS_NO_LOGIN || status == STATUS_NOT_HIS ? CLI_NOT_ALLOWED
								     : CLI_REFUSED;
}

int ask_gateway_for(struct ask *ask, const struct ask_question *question, cJSON **answer)
{
	long status = 0;
	CURLcode code = set_up(ask, question);

	*answer = NULL;
	if (question->status) {
		*question->status = 0;
	}
	ask->length = 0;
	ask->too_large = false;
	ask->unsaved = 0;
	ask->save = question->save;
	if (code == CURLE_OK) {
		code = send_question(ask, question);
	}
	if (code != CURLE_OK) {
		return tell_failure(ask, code);
	}
	curl_easy_getinfo(ask->curl, CURLINFO_RESPONSE_CODE, &status);
	if (question->status) {
		*question->status = status;
	}
	cJSON *json = ask->length > 0 ? store_json_parse(ask->text, ask->length) : NULL;
	if (status < STATUS_OK || status >= STATUS_OTHER) {
		int result = tell_refusal(question->about, status, json);

		cJSON_Delete(json);
		return result;
	}
	if (ask->length > 0 && !json) {
		cli_error("the gateway's answer is not understood");
		return CLI_FAILED;
	}
	*answer = json;
	return OPTIONS_RUN;
}

char *ask_printer_path(const struct ask *ask, const char *printer, const char *rest)
{
	char *escaped = curl_easy_escape(ask->curl, printer, 0);
	size_t size = escaped ? strlen("/printers/") + strlen(escaped) + strlen(rest) + 1 : 0;
	char *path = escaped ? malloc(size) : NULL;

	if (path) {
		snprintf(path, size, "/printers/%s%s", escaped, rest);
	}
	curl_free(escaped);
	return path;
}

bool ask_is_answered(const char *socket, char folder[PATH_MAX])
{
	char path[PATH_MAX];
	const char *slash = strrchr(socket, '/');
	int length = slash ? (int)(slash - socket) : 0;

	if (!slash || snprintf(path, sizeof(path), "%.*s/" ASK_SOCKET_NAME, length, socket) >=
			      (int)sizeof(path)) {
		return false;
	}
	int descriptor = unix_socket_connect(path);
	if (descriptor < 0) {
		return false;
	}
	close(descriptor);
	snprintf(folder, PATH_MAX, "%.*s", length, socket);
	return true;
}
