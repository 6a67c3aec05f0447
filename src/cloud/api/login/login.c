/* SPDX-License-Identifier: MIT */
#include "cloud/api/login/login.h"

#include "base/clock.h"
#include "daemon/login/password.h"
#include "store/file/json.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define HTTP_OK          200
#define HTTP_BAD_REQUEST 400
#define HTTP_TOO_MANY    429
#define HTTP_FAILED      500
#define HTTP_BUSY        503
#define BUSY_RETRY_S     2

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text ? text : "";
}

static bool is_too_soon(const struct api_login *login, const struct login_throttle *throttle,
			struct api_answer *answer)
{
	int64_t seconds = login_attempt_wait_s(&login->attempt, throttle, clock_steady_s());

	if (seconds == 0) {
		return false;
	}
	api_answer_fail(answer, HTTP_TOO_MANY, API_TOO_MANY,
			"too many wrong passwords: wait before the next");
	answer->retry_after_s = seconds;
	return true;
}

static bool read_request(struct api_login *login, const struct exchange *exchange,
			 const cJSON *body, struct api_answer *answer)
{
	const char *email = text_of(body, "email");
	const char *password = text_of(body, "password");
	const char *public_hex = text_of(
		cJSON_GetObjectItemCaseSensitive(body, "client_secret_info"), "public_key");

	if (email[0] == '\0' || password[0] == '\0' || public_hex[0] == '\0' ||
	    strlen(email) >= sizeof(login->attempt.name)) {
		api_answer_fail(answer, HTTP_BAD_REQUEST, API_BAD_REQUEST,
				"email, password and client_secret_info.public_key are needed");
		return false;
	}
	snprintf(login->attempt.name, sizeof(login->attempt.name), "%s", email);
	if (!exchange_open(exchange, password, public_hex, login->password)) {
		api_answer_fail(answer, HTTP_OK, API_OTHER_SERVICE_KEY,
				"the password is encrypted for another service: this cloud has a "
				"key of its own. Use flagship login --api, or a login.json of "
				"flagship cloud export-login");
		return false;
	}
	return true;
}

int api_login_look_up(struct api_login *login, struct registry *registry)
{
	struct registry_account account = {0};
	int found = registry_find_account(registry, login->attempt.name, &account);

	snprintf(login->hash, sizeof(login->hash), "%s", account.password);
	snprintf(login->attempt.identity, sizeof(login->attempt.identity), "%s", account.user_id);
	registry_account_wipe(&account);
	return found;
}

static void answer_failure(struct api_answer *answer, int error)
{
	if (error == FLAGSHIP_ERROR_MEMORY) {
		api_answer_fail(answer, HTTP_BUSY, API_BUSY, "out of memory: try again later");
		answer->retry_after_s = BUSY_RETRY_S;
	} else {
		api_answer_fail(answer, HTTP_FAILED, API_BROKEN, "the registry cannot be read");
	}
}

static void set_place(struct api_login *login, const char *address, const struct address_key *key)
{
	login_attempt_set_place(&login->attempt, key);
	snprintf(login->address, sizeof(login->address), "%s", address);
	snprintf(login->label, sizeof(login->label), API_LOGIN_LABEL "%s", login->address);
}

bool api_login_read(struct api_login *login, const struct exchange *exchange,
		    const struct api_request *request, const char *address,
		    const struct address_key *key, struct api_answer *answer)
{
	cJSON *body = request->length <= API_BODY_MAX
			      ? store_json_parse(request->body, request->length)
			      : NULL;
	bool goes_on = false;

	*login = (struct api_login){0};
	*answer = (struct api_answer){0};
	set_place(login, address, key);
	if (cJSON_IsObject(body)) {
		goes_on = read_request(login, exchange, body, answer);
	} else {
		api_answer_fail(answer, HTTP_BAD_REQUEST, API_BAD_REQUEST,
				"the body is no JSON object");
	}
	cJSON_Delete(body);
	if (!goes_on) {
		api_login_forget(login);
	}
	return goes_on;
}

bool api_login_admit(struct api_login *login, int found, const struct login_throttle *throttle,
		     struct api_answer *answer)
{
	bool goes_on = found >= 0;

	*answer = (struct api_answer){0};
	if (goes_on) {
		login_attempt_look(&login->attempt, throttle);
		goes_on = !is_too_soon(login, throttle, answer);
	} else {
		answer_failure(answer, found);
	}
	if (!goes_on) {
		api_login_forget(login);
	}
	return goes_on;
}

void api_login_forget(struct api_login *login)
{
	OPENSSL_cleanse(login, sizeof(*login));
}

void api_login_try(const struct api_login *login, struct login_throttle *throttle)
{
	login_attempt_try(&login->attempt, throttle, clock_steady_s());
}

void api_login_verify(struct api_login *login)
{
	int result = password_verify(login->password, login->hash);

	login->right = result == 1;
	login->unknown = result < 0;
	OPENSSL_cleanse(login->password, sizeof(login->password));
}

struct let_in {
	const struct api_login *login;
	const char *service_public_hex;
	uint16_t mqtt_port;
};

static void write_let_in(struct json_writer *writer, const void *context)
{
	const struct let_in *let_in = context;
	const struct registry_account *account = &let_in->login->account;

	json_object_begin(writer);
	json_member_string(writer, "user_id", account->user_id);
	json_member_string(writer, "email", account->email);
	json_member_string(writer, "nick_name", account->nick_name);
	json_member_string(writer, "auth_token", let_in->login->token);
	json_member_int(writer, "token_expires_at", let_in->login->expires_at);
	json_member_string(writer, "ab_code", account->country);
	json_member_string(writer, "domain", "");
	json_key(writer, "server_secret_info");
	json_object_begin(writer);
	json_member_string(writer, "public_key", let_in->service_public_hex);
	json_object_end(writer);
	api_write_login(writer, account, let_in->mqtt_port);
	json_object_end(writer);
}

int api_login_let_in(struct api_login *login, struct registry *registry, int64_t now_s)
{
	int result = registry_find_account(registry, login->attempt.name, &login->account);

	login->expires_at = now_s + API_TOKEN_LIFETIME_S;
	return result > 0 ? registry_issue_token(registry, login->account.user_id, login->label,
						 now_s, login->expires_at, login->token)
			  : result;
}

void api_login_abandon(struct api_login *login, struct login_throttle *throttle)
{
	login_attempt_fail(&login->attempt, throttle, clock_steady_s());
	OPENSSL_cleanse(login, sizeof(*login));
}

bool api_login_judge(struct api_login *login, struct login_throttle *throttle,
		     struct api_answer *answer)
{
	*answer = (struct api_answer){0};
	if (login->right && !login->unknown) {
		login_attempt_succeed(&login->attempt, throttle);
		return true;
	}
	if (login->unknown) {
		login_attempt_undo(&login->attempt, throttle);
		answer_failure(answer, FLAGSHIP_ERROR_MEMORY);
	} else {
		login_attempt_fail(&login->attempt, throttle, clock_steady_s());
		api_answer_fail(answer, HTTP_OK, API_WRONG_LOGIN, "wrong e-mail or password");
	}
	api_login_forget(login);
	return false;
}

void api_login_end(struct api_login *login, int let_in, const char *service_public_hex,
		   uint16_t mqtt_port, struct api_answer *answer)
{
	*answer = (struct api_answer){0};
	if (let_in > 0) {
		struct api_data data = {0};

		api_data_add(&data, write_let_in,
			     &(struct let_in){login, service_public_hex, mqtt_port});
		api_answer_succeed(answer, &data);
	} else {
		api_answer_fail(answer, HTTP_FAILED, API_BROKEN, "a token cannot be made");
	}
	api_login_forget(login);
}
