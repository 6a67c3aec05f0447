/* SPDX-License-Identifier: MIT */
#include "vendor/api/answer.h"

#include <flagship/error.h>

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_captcha(struct flagship_json data)
{
	struct vendor_captcha captcha = {0};
	int error = vendor_captcha_read(data, &captcha);

	assert(error == 0 || error == FLAGSHIP_ERROR_JSON);
	if (error) {
		assert(!captcha.picture);
		return;
	}
	assert(vendor_answer_wants_captcha(data));
	assert(captcha.id[0] && memchr(captcha.id, '\0', sizeof(captcha.id)));
	assert(memchr(captcha.media_type, '\0', sizeof(captcha.media_type)));
	assert(captcha.picture && captcha.size > 0 && captcha.size < data.length);
	vendor_captcha_finish(&captcha);
	assert(!captcha.picture);
}

static void check_factor(struct flagship_json data)
{
	struct vendor_factor_token token = {0};
	int error = vendor_factor_token_read(data, &token);

	assert(error == 0 || error == FLAGSHIP_ERROR_JSON);
	assert((error == 0) == (token.auth_token[0] != '\0'));
	assert(memchr(token.auth_token, '\0', sizeof(token.auth_token)));
	assert(memchr(token.user_id, '\0', sizeof(token.user_id)));
	(void)vendor_answer_wants_second_factor(data);
}

static void check_envelope(const char *body, size_t size, const struct vendor_envelope *envelope)
{
	const char *end = memchr(envelope->message, '\0', sizeof(envelope->message));

	assert(end);
	for (const char *c = envelope->message; c < end; c++) {
		assert((unsigned char)*c >= ' ' && *c != '\x7f');
	}
	if (envelope->data.length > 0) {
		assert(envelope->data.data > body);
		assert(envelope->data.data + envelope->data.length < body + size);
	}
	assert(vendor_answer_token_expired(401, envelope));
	(void)vendor_answer_token_expired(200, envelope);
	check_captcha(envelope->data);
	check_factor(envelope->data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data;
	struct vendor_envelope envelope = {0};
	int error = vendor_answer_read(body, size, &envelope);

	assert(error == 0 || error == FLAGSHIP_ERROR_JSON || error == FLAGSHIP_ERROR_TOO_DEEP);
	if (!error) {
		check_envelope(body, size, &envelope);
	}
	check_captcha((struct flagship_json){body, (uint32_t)size});
	check_factor((struct flagship_json){body, (uint32_t)size});
	return 0;
}
