/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include "cloud/api/calls.h"
#include "cloud/api/login/exchange.h"
#include "cloud/api/login/login.h"

#include <flagship/account.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * A login behind the password exchange, which no fuzzer gets past by itself: the password is
 * encrypted as clients do it, then damaged where the input wants it.
 */
#define DAMAGED 0x01 /* the next bytes are a place and a value */
#define RIGHT   0x02 /* in place of the hashing, which takes too long here */

#define ADDRESS "192.0.2.1" /* of who logs in */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	uint8_t flags;
	uint8_t place;
	uint8_t value;
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];
	char *email; /* no NUL inside */
};

static void read_input(const uint8_t *data, size_t size, struct input *input)
{
	const uint8_t *end = memchr(data + 3, '\n', size - 3);
	size_t length = end ? (size_t)(end - data) - 3 : size - 3;

	*input = (struct input){.flags = data[0], .place = data[1], .value = data[2]};
	if (length > FLAGSHIP_LOGIN_PASSWORD_MAX) {
		length = FLAGSHIP_LOGIN_PASSWORD_MAX;
	}
	memcpy(input->password, data + 3, length);
	input->email = end ? strndup((const char *)end + 1, size - (size_t)(end + 1 - data))
			   : strdup("");
	assert(input->email);
}

static const uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE] = {1};

static char *make_body(const struct input *input, const struct exchange *exchange)
{
	char encrypted[FLAGSHIP_LOGIN_ENCRYPTED_SIZE];
	char public_hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
	cJSON *body = cJSON_CreateObject();
	char *text;

	assert(body);
	assert(flagship_login_password(input->password, scalar, exchange_public_hex(exchange),
				       encrypted, sizeof(encrypted), public_hex) == 0);
	if (input->flags & DAMAGED) {
		encrypted[input->place % strlen(encrypted)] = (char)(input->value | 1);
	}
	cJSON_AddStringToObject(body, "email", input->email);
	cJSON_AddStringToObject(body, "password", encrypted);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "client_secret_info"), "public_key",
				public_hex);
	text = cJSON_PrintUnformatted(body);
	assert(text);
	cJSON_Delete(body);
	return text;
}

static void check_end(struct registry *registry, const struct exchange *exchange,
		      struct login_throttle *throttle, struct api_login *login, bool right)
{
	bool known = login->hash[0] != '\0' ||
		     strcasecmp(login->attempt.name, "anne@example.org") == 0;
	struct api_answer answer;
	char *text;

	login->right = right;
	if (api_login_judge(login, throttle, &answer)) {
		api_login_end(login, api_login_let_in(login, registry, 1),
			      exchange_public_hex(exchange), 8789, &answer);
	}
	assert(right && known ? answer.code == API_OK : answer.code != API_OK);
	assert(login->password[0] == '\0');
	text = api_answer_text(&answer);
	assert(text && text[0] == '{');
	free(text);
	api_answer_finish(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct registry *registry;
	static struct exchange *exchange;
	static struct login_throttle throttle;
	struct api_login login;
	struct api_answer answer;
	struct input input;

	const struct address_key key = address_of_text(ADDRESS);

	memset(&throttle, 0, sizeof(throttle));
	login_throttle_init(&throttle);
	if (!registry) {
		char user_id[REGISTRY_TEXT_MAX];
		char token[REGISTRY_TOKEN_SIZE];

		registry = fuzz_registry(user_id, token);
		assert(exchange_create(fuzz_service_key(), &exchange) == 0);
	}
	if (size < 3) {
		return 0;
	}
	read_input(data, size, &input);
	char *body = make_body(&input, exchange);
	const struct api_request request = {
		.method = "POST",
		.path = "/v2/passport/login",
		.token = "",
		.gtoken = "",
		.body = body,
		.length = strlen(body),
		.now_s = 1,
	};
	if (api_login_read(&login, exchange, &request, ADDRESS, &key, &answer) &&
	    api_login_admit(&login, api_login_look_up(&login, registry), &throttle, &answer)) {
		api_login_try(&login, &throttle);
		assert(input.flags & DAMAGED || strcmp(login.password, input.password) == 0);
		check_end(registry, exchange, &throttle, &login, (input.flags & RIGHT) != 0);
	} else {
		assert(answer.code != API_OK);
	}
	api_answer_finish(&answer);
	free(body);
	free(input.email);
	return 0;
}
