/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include <openssl/crypto.h>

/* Who asks: gateway/access has decided that before. */

static void write_info(struct json_writer *writer, const void *context)
{
	const struct moonraker_call *call = context;
	bool open = access_book_of(call->moonraker->options.access)->user_count == 0;

	json_object_begin(writer);
	json_key(writer, "default_source");
	json_string(writer, "moonraker");
	json_key(writer, "available_sources");
	json_array_begin(writer);
	json_string(writer, "moonraker");
	json_array_end(writer);
	json_key(writer, "login_required");
	json_bool(writer, !open);
	json_key(writer, "trusted");
	json_bool(writer, call->rights != 0 || open);
	json_object_end(writer);
}

void moonraker_access_info(struct moonraker_call *call)
{
	moonraker_answer(call, write_info, call);
}

void moonraker_access_login(struct moonraker_call *call)
{
	moonraker_fail(call, MOONRAKER_UNAUTHORIZED,
		       "log in at the gateway itself, or give a key of it (X-Api-Key)");
}

static void write_text(struct json_writer *writer, const void *context)
{
	json_string(writer, context);
}

/* For who opens a WebSocket, or an address in a page, where no header can be sent. */
void moonraker_access_oneshot(struct moonraker_call *call)
{
	struct access *access = call->moonraker->options.access;
	char token[SESSION_TOKEN_SIZE];
	bool made = call->socket
			    ? access_make_oneshot_of(access, call->socket->identity, token)
			    : call->request && access_make_oneshot(access, call->request, token);

	if (made) {
		moonraker_answer(call, write_text, token);
	} else {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "no token can be made now");
	}
	OPENSSL_cleanse(token, sizeof(token));
}

void moonraker_access_key(struct moonraker_call *call)
{
	moonraker_fail(call, MOONRAKER_NOT_FOUND,
		       "keys are shown once, when the gateway makes them: make one of its own for "
		       "this program");
}
