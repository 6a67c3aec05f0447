/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/cloud/internal.h"
#include "gateway/sentences/sentences.h"
#include "store/file/json.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* What a printer of this network would reach: one check at a time, each link as it is found. */

#define LINKS_MAX     16
#define CHECK_MEMBERS "resolver"

static void write_moment(struct json_writer *writer, const char *name, int64_t unix_s)
{
	json_key(writer, name);
	if (unix_s > 0) {
		rest_write_time(writer, unix_s);
	} else {
		json_null(writer);
	}
}

static void write_check(struct json_writer *writer, const void *context)
{
	const struct check *check = context;
	char *links = check->links ? cJSON_PrintUnformatted(check->links) : NULL;

	json_object_begin(writer);
	json_member_bool(writer, "checking", check->child != NULL);
	write_moment(writer, "begun_at", check->begun_at);
	write_moment(writer, "ended_at", check->ended_at);
	json_member_known(writer, "resolver", check->resolver);
	json_key(writer, "reaches");
	if (check->ended_at == 0 || check->failed) {
		json_null(writer);
	} else {
		json_bool(writer, check->reaches);
	}
	sentence_member_known(writer, "problem", check->reason);
	json_key(writer, "links");
	if (links) {
		json_raw(writer, links, strlen(links));
	} else {
		json_array_begin(writer);
		json_array_end(writer);
	}
	json_object_end(writer);
	cJSON_free(links);
}

static void on_link(void *context, const char *line)
{
	struct gateway_cloud *cloud = context;
	cJSON *links = cloud->check.links;
	cJSON *link = store_json_parse(line, strlen(line));

	sentence_annotate(link, "detail");
	sentence_annotate(link, "advice");
	if (!cJSON_IsObject(link) || !links || cJSON_GetArraySize(links) >= LINKS_MAX ||
	    !cJSON_AddItemToArray(links, link)) {
		cJSON_Delete(link);
	}
}

/* It ends with 1, too, where a link is broken: then it has said what it found. */
static void on_check_end(void *context, const struct program_end *end)
{
	struct gateway_cloud *cloud = context;
	struct check *check = &cloud->check;
	bool was_done = end->ending == PROGRAM_EXITED && end->status <= EXIT_FAILED &&
			cJSON_GetArraySize(check->links) > 0;

	check->child = NULL;
	check->ended_at = clock_unix_s();
	check->reaches = was_done && end->status == 0;
	check->failed = !was_done;
	if (check->failed) {
		snprintf(check->reason, sizeof(check->reason), "%s",
			 end->ending == PROGRAM_TIMED_OUT ? "it took too long, and was ended"
			 : end->reason[0] != '\0'
				 ? end->reason
				 : "the program that does this ended without a result");
	}
}

static bool begin_check(struct gateway_cloud *cloud, struct http_request *request,
			const struct call_words *words)
{
	const struct program_options options = {
		.program = cloud->main_program,
		.arguments = words->words,
		.timeout_ms = cloud->timeout_ms,
		.on_line = on_link,
		.on_end = on_check_end,
		.context = cloud,
	};
	struct check *check = &cloud->check;
	struct problem problem;

	cJSON_Delete(check->links);
	*check = (struct check){.begun_at = clock_unix_s(), .links = cJSON_CreateArray()};
	if (program_start(cloud->loop, &options, &check->child, &problem)) {
		check->ended_at = check->begun_at;
		check->failed = true;
		snprintf(check->reason, sizeof(check->reason), "%s", problem.text);
		rest_respond_problem(request, REST_FAILED, "%s", problem.text);
		return false;
	}
	program_end_input(check->child);
	return true;
}

static bool read_resolver(struct http_request *request, char out[INET_ADDRSTRLEN])
{
	cJSON *body = rest_read_body(request, CHECK_MEMBERS);
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, "resolver");
	const char *resolver = rest_body_text(body, "resolver");
	struct in_addr address;
	bool fits = !item || (cJSON_IsString(item) &&
			      (resolver[0] == '\0' || inet_pton(AF_INET, resolver, &address) == 1));

	if (body && !fits) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "\"resolver\" is the IPv4 address of a name server");
	}
	snprintf(out, INET_ADDRSTRLEN, "%s", fits ? resolver : "");
	cJSON_Delete(body);
	return body && fits;
}

void gateway_cloud_post_check(struct http_request *request, void *context)
{
	struct gateway_cloud *cloud = context;
	char resolver[INET_ADDRSTRLEN];
	struct call_words words;

	if (!read_resolver(request, resolver) ||
	    !call_begin_words(cloud, request, "takeover", false, &words)) {
		return;
	}
	call_add_word(&words, "--check");
	call_add_word(&words, "--json-lines");
	call_add_option(&words, "resolver", resolver);
	/* Who asks while it goes on asks for another one only with another name server. */
	if (cloud->check.child && strcmp(cloud->check.resolver, resolver) != 0) {
		program_kill(cloud->check.child);
		cloud->check.child = NULL;
	}
	if (!cloud->check.child && !begin_check(cloud, request, &words)) {
		return;
	}
	memcpy(cloud->check.resolver, resolver, sizeof(resolver));
	rest_respond(request, REST_ACCEPTED, write_check, &cloud->check);
}

void gateway_cloud_get_check(struct http_request *request, void *context)
{
	const struct gateway_cloud *cloud = context;

	rest_respond(request, REST_OK, write_check, &cloud->check);
}

void check_stop(struct gateway_cloud *cloud)
{
	program_kill(cloud->check.child);
	cloud->check.child = NULL;
}
