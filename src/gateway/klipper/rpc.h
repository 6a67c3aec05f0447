/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_KLIPPER_RPC_H
#define GATEWAY_KLIPPER_RPC_H

#include "base/json/reader.h"

#include <stdbool.h>
#include <stddef.h>

/* JSON-RPC 2.0, as it comes in: pure. */
#define RPC_DEPTH_MAX  16
#define RPC_METHOD_MAX 64  /* with the NUL */
#define RPC_ID_MAX     512 /* bytes of JSON */
#define RPC_BATCH_MAX  64  /* requests in one message */

enum rpc_error {
	RPC_NO_ERROR = 0,
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_NO_METHOD = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_INTERNAL = -32603,
};

/* Points into the message that it was read from. */
struct rpc_request {
	enum rpc_error error; /* why it is none, with text */
	const char *text;
	char method[RPC_METHOD_MAX];
	struct flagship_json id; /* as it came, of any type; "null" where it could not be read */
	bool wants_answer;       /* false: a notification */
	struct flagship_json params; /* an object; length 0: there are none */
};

struct rpc_message {
	bool batch;
	struct json_value value; /* of a batch: for json_walk_init_valid */
};

/* False where it is no JSON, or is too deep, or an empty batch or one that is too long: `fault` has
 * what to answer then. */
bool rpc_read(const char *text, size_t length, struct rpc_message *message,
	      struct rpc_request *fault) __attribute__((warn_unused_result));
/* One request: that of the message, or one of the batch. */
void rpc_read_request(const struct json_value *value, struct rpc_request *request);

/* A member of params; false where there is none, or it is null. */
bool rpc_param(struct flagship_json params, const char *name, struct json_value *value);
/* A text. False where it is absent, none, or does not fit; out is "" then. */
bool rpc_param_text(struct flagship_json params, const char *name, char *out, size_t capacity);
bool rpc_param_int(struct flagship_json params, const char *name, int64_t *out);
/* true, "true", 1; absent is false. */
bool rpc_param_flag(struct flagship_json params, const char *name);

#endif
