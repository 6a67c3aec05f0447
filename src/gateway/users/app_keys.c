/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/users/internal.h"

#include <string.h>

/* Programs that ask for a key of their own: an admin decides. */

struct shown_request {
	const struct key_request *request;
	const char *decision; /* NULL: none yet */
};

static void write_request(struct json_writer *writer, const struct shown_request *shown)
{
	char name[ACCESS_NAME_SIZE];

	key_request_name(shown->request->app, name);
	json_object_begin(writer);
	json_member_string(writer, "id", shown->request->id);
	json_member_string(writer, "app", shown->request->app);
	json_member_string(writer, "name", name);
	json_member_string(writer, "printer", shown->request->serial);
	json_member_string(writer, "address", shown->request->address);
	json_member_int(writer, "asked_at", shown->request->made_at);
	json_member_string(writer, "decision", shown->decision);
	json_object_end(writer);
}

static void write_requests(struct json_writer *writer, const void *context)
{
	/* Those whose time is over end where they are looked at. */
	struct key_requests *requests = access_key_requests((struct access *)context);
	struct shown_request shown = {0};
	struct key_request *at = NULL;

	json_array_begin(writer);
	while ((at = key_requests_next(requests, at, clock_steady_s()))) {
		shown.request = at;
		write_request(writer, &shown);
	}
	json_array_end(writer);
}

void users_list_app_keys(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_requests, context);
}

static void write_decided(struct json_writer *writer, const void *context)
{
	write_request(writer, context);
}

static void decide(struct access *access, struct http_request *request, struct key_request *asked,
		   const struct key_decision *decision)
{
	const char *action = decision->accepts ? "grant key" : "deny key";
	const struct shown_request shown = {asked, decision->accepts ? "accept" : "deny"};
	const char *refusal = access_decide_key(access, asked, decision);

	access_audit(access, request, action, asked->id, refusal ? "refused" : "done");
	if (refusal) {
		rest_respond_problem(request, REST_CONFLICT, "%s", refusal);
	} else {
		rest_respond(request, REST_OK, write_decided, &shown);
	}
}

void users_decide_app_key(struct http_request *request, void *context)
{
	struct access *access = context;
	cJSON *body = rest_read_body(request, "decision role printers");
	struct users_work *work = body ? users_make_work(access, request, body) : NULL;
	bool accepts = body && strcmp(rest_body_text(body, "decision"), "accept") == 0;
	bool denies = body && strcmp(rest_body_text(body, "decision"), "deny") == 0;
	struct key_request *asked = key_requests_find(access_key_requests(access),
						      http_request_parameter(request, "request"),
						      clock_steady_s());

	cJSON_Delete(body);
	if (!work) {
		return;
	}
	if (!accepts && !denies) {
		rest_respond_problem(request, REST_BAD_REQUEST, "a decision is accept or deny");
	} else if (!asked) {
		rest_respond_problem(request, REST_NOT_FOUND,
				     "no such request waits: its time may be over");
	} else {
		/* For this printer alone, unless the body says otherwise. */
		decide(access, request, asked,
		       &(struct key_decision){.accepts = accepts,
					      .role = work->change.role,
					      .scoped = work->change.scoped,
					      .printers = work->change.printers});
	}
	users_free_work(work);
}
