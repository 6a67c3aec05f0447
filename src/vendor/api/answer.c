/* SPDX-License-Identifier: MIT */
#include "vendor/api/answer.h"

#include "base/base64.h"
#include "base/json/reader.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <openssl/crypto.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STATUS_UNAUTHORIZED 401
#define IMPORT              VENDOR_ADVICE_IMPORT

/* Seen of the vendor's services for other devices; nothing else is known to mean it. */
static const int64_t expired_codes[] = {401, 26084};

/* What people see must not command their terminal. */
static void clean(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f') {
			*text = ' ';
		}
	}
}

static int check_object(const char *body, size_t length, struct flagship_json *root)
{
	struct json_value value;
	int error = json_read_document(body, length, FLAGSHIP_PAYLOAD_DEPTH_MAX, &value);

	if (error) {
		return error;
	}
	if (value.kind != JSON_OBJECT) {
		return FLAGSHIP_ERROR_JSON;
	}
	*root = value.json;
	return 0;
}

int vendor_answer_read(const char *body, size_t length, struct vendor_envelope *envelope)
{
	struct vendor_envelope read = {0};
	struct flagship_json root;
	struct json_value value;
	int error = check_object(body, length, &root);

	if (error) {
		return error;
	}
	if (!json_object_find(root, "code", &value) || !json_value_to_int(&value, &read.code)) {
		return FLAGSHIP_ERROR_JSON;
	}
	if ((json_object_find(root, "msg", &value) || json_object_find(root, "message", &value)) &&
	    value.kind == JSON_STRING) {
		flagship_text_copy(value.text, read.message, sizeof(read.message));
		clean(read.message);
	}
	if (json_object_find(root, "data", &value)) {
		read.data = value.json;
	}
	*envelope = read;
	return 0;
}

static bool reports(const char *text, const char *word)
{
	for (size_t length = strlen(word); *text; text++) {
		if (strncasecmp(text, word, length) == 0) {
			return true;
		}
	}
	return false;
}

bool vendor_answer_token_expired(long status, const struct vendor_envelope *envelope)
{
	if (status == STATUS_UNAUTHORIZED) {
		return true;
	}
	if (envelope->code == 0) {
		return false;
	}
	for (size_t i = 0; i < sizeof(expired_codes) / sizeof(expired_codes[0]); i++) {
		if (envelope->code == expired_codes[i]) {
			return true;
		}
	}
	return reports(envelope->message, "token") &&
	       (reports(envelope->message, "expire") || reports(envelope->message, "invalid"));
}

#define SCHEME "data:"
#define BASE64 ";base64,"

bool vendor_answer_wants_captcha(struct flagship_json data)
{
	struct json_value value;

	return data.length > 0 && json_object_find(data, "captcha_id", &value) &&
	       value.kind == JSON_STRING && value.text.length > 0;
}

/* Splits data:TYPE;base64,DIGITS in place. */
static const char *split_data_url(char *url, const char **media_type)
{
	char *mark = strstr(url, BASE64);

	if (strncmp(url, SCHEME, strlen(SCHEME)) != 0 || !mark) {
		return NULL;
	}
	*mark = '\0';
	*media_type = url + strlen(SCHEME);
	return mark + strlen(BASE64);
}

static int decode_picture(char *url, struct vendor_captcha *captcha)
{
	const char *media_type = "";
	const char *digits = split_data_url(url, &media_type);

	if (!digits || strlen(media_type) >= sizeof(captcha->media_type)) {
		return FLAGSHIP_ERROR_JSON;
	}
	memcpy(captcha->media_type, media_type, strlen(media_type) + 1);
	size_t capacity = strlen(digits) + 1;
	captcha->picture = malloc(capacity);
	if (!captcha->picture) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	if (base64_decode(digits, strlen(digits), captcha->picture, capacity, &captcha->size) ||
	    captcha->size == 0) {
		return FLAGSHIP_ERROR_JSON;
	}
	return 0;
}

int vendor_captcha_read(struct flagship_json data, struct vendor_captcha *captcha)
{
	struct vendor_captcha read = {0};
	struct json_value value;
	struct json_value item;

	if (!vendor_answer_wants_captcha(data) || !json_object_find(data, "captcha_id", &value) ||
	    flagship_text_copy(value.text, read.id, sizeof(read.id)) >= sizeof(read.id) ||
	    !json_object_find(data, "item", &item) || item.kind != JSON_STRING) {
		return FLAGSHIP_ERROR_JSON;
	}
	size_t size = flagship_text_copy(item.text, NULL, 0) + 1;
	char *url = malloc(size);
	if (!url) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	flagship_text_copy(item.text, url, size);
	int error = decode_picture(url, &read);
	free(url);
	if (error) {
		vendor_captcha_finish(&read);
		return error;
	}
	*captcha = read;
	return 0;
}

void vendor_captcha_finish(struct vendor_captcha *captcha)
{
	free(captcha->picture);
	*captcha = (struct vendor_captcha){0};
}

static const struct vendor_reason reasons[] = {
	{10000, "it does not understand the request (bad parameter)",
	 "check the e-mail address; if that is right, the service has changed: " IMPORT
	 ", and please report it"},
	{26005, "the login by a third party, such as Google or Apple, failed",
	 "give the account a password in the vendor's app, or " IMPORT},
	{26006, "the e-mail address or the password is wrong",
	 "check both, and the region (--region, --country); the vendor's app can set a new "
	 "password"},
	{26015, "the account is not activated",
	 "follow the link in the mail that the vendor sent when the account was made"},
	{26049, "too many logins with this kind of program",
	 "log out of the vendor's program on other computers and try later, or " IMPORT},
	{VENDOR_CODE_SECOND_FACTOR,
	 "the account is protected by a second factor, a code that the vendor sends by mail",
	 "run flagship login in a terminal, which asks for it, or " IMPORT},
	{100023, "too many logins", "wait some hours before the next, or " IMPORT},
	{100024, "it does not take the headers of the request",
	 "the service has changed: " IMPORT ", and please report it"},
	{100027, "the account, or this network, is on the vendor's black list",
	 "only the vendor's support can change that"},
	{100028, "a limit of the vendor's is reached", "try again tomorrow, or " IMPORT},
	{100032, "it wants a captcha solved", "run flagship login on a terminal and answer it"},
	{100033, "the answer to the captcha was wrong", "try again: there will be another picture"},
};

const struct vendor_reason *vendor_reason_of(int64_t code)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].code == code) {
			return &reasons[i];
		}
	}
	return NULL;
}

bool vendor_answer_wants_second_factor(struct flagship_json data)
{
	struct json_value information;
	struct json_value step;
	int64_t number;

	return data.length > 0 && json_object_find(data, "fa_info", &information) &&
	       information.kind == JSON_OBJECT &&
	       json_object_find(information.json, "step", &step) &&
	       (step.kind == JSON_NUMBER || step.kind == JSON_STRING) &&
	       json_value_to_int(&step, &number) && number == VENDOR_CODE_SECOND_FACTOR;
}

/* Seen of the vendor's services for other devices. */
static const struct {
	int64_t code;
	enum vendor_factor_verdict verdict;
} verdicts[] = {
	{26050, VENDOR_FACTOR_WRONG},
	{26051, VENDOR_FACTOR_EXPIRED},
	{26054, VENDOR_FACTOR_WRONG}, /* it is not the one that was sent */
};

enum vendor_factor_verdict vendor_factor_verdict_of(int64_t code)
{
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (verdicts[i].code == code) {
			return verdicts[i].verdict;
		}
	}
	return VENDOR_FACTOR_OTHER;
}

static bool read_field(struct flagship_json data, const char *name,
		       char out[FLAGSHIP_ACCOUNT_FIELD_MAX])
{
	struct json_value value;

	return data.length > 0 && json_object_find(data, name, &value) &&
	       value.kind == JSON_STRING &&
	       flagship_text_copy(value.text, out, FLAGSHIP_ACCOUNT_FIELD_MAX) <
		       FLAGSHIP_ACCOUNT_FIELD_MAX &&
	       out[0] != '\0';
}

int vendor_factor_token_read(struct flagship_json data, struct vendor_factor_token *token)
{
	struct vendor_factor_token read = {0};
	bool found = read_field(data, "auth_token", read.auth_token);

	if (found && !read_field(data, "user_id", read.user_id)) {
		read.user_id[0] = '\0';
	}
	if (found) {
		*token = read;
	}
	OPENSSL_cleanse(&read, sizeof(read));
	return found ? 0 : FLAGSHIP_ERROR_JSON;
}
