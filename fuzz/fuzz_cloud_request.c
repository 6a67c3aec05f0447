/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include "cloud/api/calls.h"
#include "cloud/api/login/exchange.h"
#include "cloud/api/login/login.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LINES     4
#define LINE_SIZE 300

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Method, path, token and Gtoken, one a line; then the body. */
static size_t read_lines(const uint8_t *data, size_t size, char lines[LINES][LINE_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < LINES; i++) {
		size_t length = 0;

		while (used < size && data[used] != '\n') {
			if (length + 1 < LINE_SIZE && data[used] != '\0') {
				lines[i][length++] = (char)data[used];
			}
			used++;
		}
		lines[i][length] = '\0';
		used += used < size;
	}
	return used;
}

static void check_answer(struct api_answer *answer)
{
	char *text = api_answer_text(answer);

	assert(answer->status >= 200 && answer->status < 600 && answer->message);
	assert(answer->code == API_OK || answer->data.text == NULL);
	assert(text && text[0] == '{');
	free(text);
	api_answer_finish(answer);
}

static void check_login(struct registry *registry, const struct exchange *exchange,
			const struct api_request *request)
{
	struct login_throttle *throttle = calloc(1, sizeof(*throttle));
	struct api_answer answer;
	struct api_login login;
	const struct address_key key = address_of_text("192.0.2.1");

	assert(throttle);
	if (api_login_read(&login, exchange, request, "192.0.2.1", &key, &answer) &&
	    api_login_admit(&login, api_login_look_up(&login, registry), throttle, &answer)) {
		api_login_try(&login, throttle);
		/* Hashing takes too long here: whoever got so far has the wrong password. */
		login.right = false;
		assert(!api_login_judge(&login, throttle, &answer));
		assert(answer.code == API_WRONG_LOGIN);
	}
	check_answer(&answer);
	free(throttle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct registry *registry;
	static struct exchange *exchange;
	static char user_id[REGISTRY_TEXT_MAX];
	static char token[REGISTRY_TOKEN_SIZE];
	char lines[LINES][LINE_SIZE];
	struct api_answer answer;

	if (!registry) {
		registry = fuzz_registry(user_id, token);
		assert(exchange_create(fuzz_service_key(), &exchange) == 0);
	}
	size_t used = read_lines(data, size, lines);
	const struct api_request request = {
		.method = lines[0],
		.path = lines[1],
		.token = strcmp(lines[2], FUZZ_TOKEN_MARK) == 0 ? token : lines[2],
		.gtoken = lines[3],
		.body = (const char *)data + used,
		.length = size - used,
		.now_s = 1,
	};
	if (api_is_login(request.method, request.path)) {
		check_login(registry, exchange, &request);
		return 0;
	}
	api_call(registry, exchange_public_hex(exchange), 8789, &request, &answer);
	check_answer(&answer);
	return 0;
}
