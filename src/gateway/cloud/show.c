/* SPDX-License-Identifier: MIT */
#include "daemon/run/bind.h"
#include "gateway/cloud/internal.h"
#include "gateway/printers/local_cloud.h"
#include "store/file/json.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How the cloud of this machine is, who waits to be let in, and what other servers need. */

#define START_SIZE   (PATH_MAX + 64)
#define ADDRESS_SIZE INET_ADDRSTRLEN

static const char *const snippet_kinds[] = {"dnsmasq", "unbound", "pihole",   "adguard",
					    "openwrt", "hosts",   "nftables", "chrony"};

/* --- how it is --- */

enum cloud_state {
	CLOUD_OFF,
	CLOUD_NONE,
	CLOUD_STOPPED,
	CLOUD_RUNNING
};

static const char *const state_words[] = {
	[CLOUD_OFF] = "off",
	[CLOUD_NONE] = "none",
	[CLOUD_STOPPED] = "stopped",
	[CLOUD_RUNNING] = "running",
};

struct shown_cloud {
	enum cloud_state state;
	const char *folder; /* "" where it is off */
	bool is_default;    /* where every program of flagship looks for it */
	const char *status; /* the object of flagship cloud status; NULL: there is none */
};

/* For a shell. */
static void quote_word(const char *word, char *out, size_t capacity)
{
	size_t used = 0;

	out[used++] = '\'';
	for (; *word != '\0' && used + sizeof("'\\''") < capacity; word++) {
		if (*word == '\'') {
			used += (size_t)snprintf(out + used, capacity - used, "'\\''");
		} else {
			out[used++] = *word;
		}
	}
	out[used++] = '\'';
	out[used] = '\0';
}

/* A unit of systemd knows the default folder alone. */
static void write_start_commands(struct json_writer *writer, const struct shown_cloud *shown)
{
	char quoted[START_SIZE];
	char command[START_SIZE + sizeof("flagship cloud run --dir ")];

	json_key(writer, "start");
	json_array_begin(writer);
	if (shown->state != CLOUD_OFF && shown->is_default) {
		/* A service of the system has no folder of a user's session. */
		json_string(writer, getenv("XDG_RUNTIME_DIR")
					    ? "systemctl --user enable --now flagship-cloud"
					    : "sudo systemctl enable --now flagship-cloud");
		json_string(writer, "flagship cloud run");
	} else if (shown->state != CLOUD_OFF) {
		quote_word(shown->folder, quoted, sizeof(quoted));
		snprintf(command, sizeof(command), "flagship cloud run --dir %s", quoted);
		json_string(writer, command);
	}
	json_array_end(writer);
}

static void write_cloud(struct json_writer *writer, const void *context)
{
	const struct shown_cloud *shown = context;
	char address[BIND_TEXT_SIZE] = "";

	(void)bind_own_address(address);
	json_object_begin(writer);
	json_member_string(writer, "state", state_words[shown->state]);
	json_member_known(writer, "folder", shown->folder);
	json_member_known(writer, "address", address);
	write_start_commands(writer, shown);
	json_key(writer, "status");
	if (shown->status) {
		json_raw(writer, shown->status, strlen(shown->status));
	} else {
		json_null(writer);
	}
	json_object_end(writer);
}

static void respond_cloud(struct gateway_cloud *cloud, struct http_request *request,
			  enum cloud_state state, const char *status)
{
	char folder[PATH_MAX];
	char otherwise[PATH_MAX];

	(void)gateway_printers_cloud_folder(cloud->printers, folder);
	local_cloud_default_folder(otherwise);
	const struct shown_cloud shown = {
		.state = state,
		.folder = folder,
		.is_default = strcmp(folder, otherwise) == 0,
		.status = status,
	};
	rest_respond(request, REST_OK, write_cloud, &shown);
}

/* The one object that it printed, on one line; NULL where that is none. */
static char *take_json(const struct program_end *end, bool is_array)
{
	cJSON *value = end->ending == PROGRAM_EXITED ? store_json_parse(end->output, end->length)
						     : NULL;
	bool fits = is_array ? cJSON_IsArray(value) : cJSON_IsObject(value);
	char *text = fits ? cJSON_PrintUnformatted(value) : NULL;

	cJSON_Delete(value);
	return text;
}

static void answer_status(const struct call *call, const struct program_end *end)
{
	char *text = take_json(end, false);

	if (!text) {
		call_answer_failure(call, end);
		return;
	}
	/* It says by its exit status, too, whether the cloud runs. */
	respond_cloud(call->cloud, call->request, end->status == 0 ? CLOUD_RUNNING : CLOUD_STOPPED,
		      text);
	cJSON_free(text);
}

void gateway_cloud_get(struct http_request *request, void *context)
{
	struct gateway_cloud *cloud = context;
	struct call_words words;
	char folder[PATH_MAX];

	if (!gateway_printers_cloud_folder(cloud->printers, folder)) {
		respond_cloud(cloud, request, CLOUD_OFF, NULL);
		return;
	}
	if (!call_finds_cloud(folder)) {
		respond_cloud(cloud, request, CLOUD_NONE, NULL);
		return;
	}
	if (call_begin_words(cloud, request, "status", false, &words)) {
		call_add_word(&words, "--json");
		call_run(cloud, request, &words, NULL, NULL, answer_status);
	}
}

/* --- what it printed, as it is --- */

static void write_raw(struct json_writer *writer, const void *context)
{
	json_raw(writer, context, strlen(context));
}

static void answer_json(const struct call *call, const struct program_end *end, bool is_array)
{
	char *text = end->status == 0 ? take_json(end, is_array) : NULL;

	if (text) {
		rest_respond(call->request, REST_OK, write_raw, text);
	} else {
		call_answer_failure(call, end);
	}
	cJSON_free(text);
}

static void answer_object(const struct call *call, const struct program_end *end)
{
	answer_json(call, end, false);
}

static void answer_array(const struct call *call, const struct program_end *end)
{
	answer_json(call, end, true);
}

/* --- who waits --- */

void gateway_cloud_get_pairing(struct http_request *request, void *context)
{
	struct gateway_cloud *cloud = context;
	struct call_words words;

	if (call_begin_words(cloud, request, "pair", false, &words)) {
		call_add_word(&words, "list");
		call_add_word(&words, "--json");
		call_run(cloud, request, &words, NULL, NULL, answer_array);
	}
}

/* --- who has what --- */

void gateway_cloud_get_list(struct http_request *request, void *context)
{
	struct gateway_cloud *cloud = context;
	struct call_words words;

	if (call_begin_words(cloud, request, "list", false, &words)) {
		call_add_word(&words, "--json");
		call_run(cloud, request, &words, NULL, NULL, answer_object);
	}
}

void gateway_cloud_get_tokens(struct http_request *request, void *context)
{
	struct gateway_cloud *cloud = context;
	struct call_words words;

	if (call_begin_words(cloud, request, "tokens", false, &words)) {
		call_add_word(&words, "--json");
		call_run(cloud, request, &words, NULL, NULL, answer_array);
	}
}

/* --- what other servers need --- */

static void write_snippet(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	json_member_string(writer, "text", context);
	json_object_end(writer);
}

static void answer_snippet(const struct call *call, const struct program_end *end)
{
	if (end->ending == PROGRAM_EXITED && end->status == 0) {
		rest_respond(call->request, REST_OK, write_snippet, end->output);
	} else {
		call_answer_failure(call, end);
	}
}

static const char *find_kind(const char *word)
{
	for (size_t i = 0; i < sizeof(snippet_kinds) / sizeof(snippet_kinds[0]); i++) {
		if (strcmp(snippet_kinds[i], word) == 0) {
			return snippet_kinds[i];
		}
	}
	return NULL;
}

static void add_address(const struct http_request *request, const char *name,
			struct call_words *words)
{
	char value[CALL_WORD_SIZE / 2];

	if (http_request_query_value(request, name, value, sizeof(value))) {
		call_add_option(words, name, value);
	}
}

void gateway_cloud_get_snippet(struct http_request *request, void *context)
{
	struct gateway_cloud *cloud = context;
	const char *kind = find_kind(http_request_parameter(request, "kind"));
	struct call_words words;
	char flag[sizeof("false")];

	if (!kind) {
		rest_respond_problem(request, REST_NOT_FOUND,
				     "there is dnsmasq, unbound, pihole, adguard, openwrt, hosts, "
				     "nftables and chrony");
		return;
	}
	if (!call_begin_words(cloud, request, "takeover", false, &words)) {
		return;
	}
	call_add_option(&words, "print", kind);
	add_address(request, "address", &words);
	add_address(request, "printer", &words);
	if (http_request_query_value(request, "brokers_only", flag, sizeof(flag)) &&
	    strcmp(flag, "true") == 0) {
		call_add_word(&words, "--brokers-only");
	}
	call_run(cloud, request, &words, NULL, NULL, answer_snippet);
}
