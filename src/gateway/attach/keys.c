/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/attach/internal.h"

/* Programs that ask the gateway for a key: its owner decides. */

static size_t count_requests(struct key_requests *requests, int64_t now_s)
{
	size_t count = 0;

	for (struct key_request *at = NULL; (at = key_requests_next(requests, at, now_s));) {
		count++;
	}
	return count;
}

bool attach_client_take_keys(struct attach_client *client, struct attach_reader *values)
{
	struct key_requests *requests = access_key_requests(client->server->options.access);
	int64_t now_s = clock_steady_s();
	struct attach_writer writer;

	if (!attach_end(values)) {
		return false;
	}
	attach_begin(&writer, ATTACH_ASKED_KEYS);
	attach_put_number(&writer, count_requests(requests, now_s));
	for (struct key_request *at = NULL; (at = key_requests_next(requests, at, now_s));) {
		attach_put_text(&writer, at->id);
		attach_put_text(&writer, at->app);
		attach_put_text(&writer, at->serial);
		attach_put_text(&writer, at->address);
	}
	attach_client_send(client, &writer);
	return true;
}

static const char *decide(struct access *access, const char *id,
			  const struct key_decision *decision)
{
	struct key_request *asked = key_requests_find(access_key_requests(access), id,
						      clock_steady_s());
	const char *refusal = asked ? access_decide_key(access, asked, decision)
				    : "no such request waits: its time may be over";

	access_audit_owner(access, decision->accepts ? "grant key" : "deny key", id,
			   refusal ? "refused" : "done");
	return refusal;
}

bool attach_client_take_decision(struct attach_client *client, struct attach_reader *values)
{
	char id[ACCESS_ID_SIZE];
	char printers[ACCESS_TEXT_MAX];
	struct key_decision decision = {0};
	struct attach_writer writer;

	attach_take_text(values, id, sizeof(id));
	decision.accepts = attach_take_flag(values);
	uint8_t role = attach_take_byte(values);
	bool all = attach_take_flag(values);
	attach_take_text(values, printers, sizeof(printers));
	if (!attach_end(values) || role > ACCESS_ADMIN ||
	    (printers[0] != '\0' && (all || !access_printers_valid(printers)))) {
		return false;
	}
	decision.role = (enum access_role)role;
	decision.scoped = all || printers[0] != '\0';
	decision.printers = all ? NULL : printers;
	attach_begin(&writer, ATTACH_DECIDED);
	attach_put_text(&writer, decide(client->server->options.access, id, &decision));
	attach_client_send(client, &writer);
	return true;
}
