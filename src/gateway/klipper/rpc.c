/* SPDX-License-Identifier: MIT */
#include "gateway/klipper/rpc.h"

#include <string.h>

static const struct flagship_json null_id = {.data = "null", .length = sizeof("null") - 1};

static void fail(struct rpc_request *request, enum rpc_error error, const char *text)
{
	request->error = error;
	request->text = text;
	/* What cannot be read is answered, too. */
	request->wants_answer = true;
}

static size_t count_items(const struct json_value *array)
{
	struct json_walk walk;
	struct json_value item;
	size_t count = 0;

	json_walk_init_valid(&walk, array);
	while (count <= RPC_BATCH_MAX && json_walk_item(&walk, &item)) {
		count++;
	}
	return count;
}

bool rpc_read(const char *text, size_t length, struct rpc_message *message,
	      struct rpc_request *fault)
{
	*fault = (struct rpc_request){.id = null_id};
	if (json_read_document(text, length, RPC_DEPTH_MAX, &message->value)) {
		fail(fault, RPC_PARSE_ERROR, "this is no JSON, or too deep");
		return false;
	}
	message->batch = message->value.kind == JSON_ARRAY;
	size_t count = message->batch ? count_items(&message->value) : 1;
	if (count == 0 || count > RPC_BATCH_MAX) {
		fail(fault, RPC_INVALID_REQUEST,
		     count == 0 ? "an empty batch" : "a batch of more than 64 requests");
		return false;
	}
	return true;
}

static void read_id(const struct json_value *value, struct rpc_request *request)
{
	struct json_value id;

	request->id = null_id;
	if (json_object_find(value->json, "id", &id)) {
		request->wants_answer = true;
		if (id.json.length > RPC_ID_MAX) {
			fail(request, RPC_INVALID_REQUEST, "the id is too long");
		} else {
			request->id = id.json;
		}
	}
}

void rpc_read_request(const struct json_value *value, struct rpc_request *request)
{
	struct json_value member;

	*request = (struct rpc_request){.id = null_id};
	if (value->kind != JSON_OBJECT) {
		fail(request, RPC_INVALID_REQUEST, "a request is an object");
		return;
	}
	read_id(value, request);
	if (request->error) {
		return;
	}
	if (json_object_find(value->json, "jsonrpc", &member) &&
	    (member.kind != JSON_STRING || !flagship_text_equals(member.text, "2.0"))) {
		fail(request, RPC_INVALID_REQUEST, "this is not JSON-RPC 2.0");
		return;
	}
	if (!json_object_find(value->json, "method", &member) || member.kind != JSON_STRING) {
		fail(request, RPC_INVALID_REQUEST, "the request names no method");
		return;
	}
	if (flagship_text_copy(member.text, request->method, sizeof(request->method)) >=
	    sizeof(request->method)) {
		request->error = RPC_NO_METHOD;
		request->text = "Method not found";
		return;
	}
	if (json_object_find(value->json, "params", &member) && member.kind != JSON_NULL) {
		if (member.kind == JSON_OBJECT) {
			request->params = member.json;
		} else if (member.kind != JSON_ARRAY || count_items(&member) > 0) {
			request->error = RPC_INVALID_PARAMS;
			request->text = "params is an object here";
		}
	}
}

bool rpc_param(struct flagship_json params, const char *name, struct json_value *value)
{
	return params.length > 0 && json_object_find(params, name, value) &&
	       value->kind != JSON_NULL;
}

bool rpc_param_text(struct flagship_json params, const char *name, char *out, size_t capacity)
{
	struct json_value value;

	out[0] = '\0';
	if (!rpc_param(params, name, &value) || value.kind != JSON_STRING) {
		return false;
	}
	if (flagship_text_copy(value.text, out, capacity) >= capacity) {
		out[0] = '\0';
		return false;
	}
	return true;
}

bool rpc_param_int(struct flagship_json params, const char *name, int64_t *out)
{
	struct json_value value;

	return rpc_param(params, name, &value) && json_value_to_int(&value, out);
}

bool rpc_param_flag(struct flagship_json params, const char *name)
{
	struct json_value value;

	if (!rpc_param(params, name, &value)) {
		return false;
	}
	if (value.kind == JSON_STRING) {
		return flagship_text_equals(value.text, "true") ||
		       flagship_text_equals(value.text, "True") ||
		       flagship_text_equals(value.text, "1");
	}
	return value.kind == JSON_TRUE || (value.kind == JSON_NUMBER && value.number.digits != 0);
}
