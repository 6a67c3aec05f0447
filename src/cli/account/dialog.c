/* SPDX-License-Identifier: MIT */
#include "cli/account/dialog.h"

#include "base/json/reader.h"
#include "base/json/writer.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/prompt.h"
#include "cli/kit/redact.h"
#include "cli/output/json.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE  32768 /* half is the CA's, and a password an eighth, were it all escapes */
#define BASE64_IN  3
#define BASE64_OUT 4

/* A member that is a text which fits. */
static bool read_member(struct flagship_json object, const char *name, char *out, size_t capacity)
{
	struct json_value value;

	if (!json_object_find(object, name, &value) || value.kind != JSON_STRING) {
		return false;
	}
	size_t length = flagship_text_copy(value.text, out, capacity);
	return length > 0 && length < capacity;
}

static int refuse_line(const char *what)
{
	cli_error("standard input holds no line of JSON with %s", what);
	return CLI_USAGE;
}

/* The next line as an object, which lies in `line`. */
static int read_object(char *line, const char *what, struct flagship_json *object)
{
	struct json_value value;
	int result = prompt_line("JSON", what, false, line, LINE_SIZE);

	if (result != OPTIONS_RUN) {
		return result;
	}
	/* Of a NUL another character would be made, and the password be another one. */
	if (strstr(line, "\\u0000") ||
	    json_read_document(line, strlen(line), FLAGSHIP_PAYLOAD_DEPTH_MAX, &value) ||
	    value.kind != JSON_OBJECT) {
		return refuse_line(what);
	}
	*object = value.json;
	return OPTIONS_RUN;
}

/* False where it is there, and is none that fits. */
static bool read_authority(struct flagship_json object, char ca[AUTHORITY_TEXT_MAX])
{
	struct json_value value;

	ca[0] = '\0';
	return !json_object_find(object, "ca", &value) ||
	       read_member(object, "ca", ca, AUTHORITY_TEXT_MAX);
}

int dialog_read_authority(char ca[AUTHORITY_TEXT_MAX])
{
	static const char what[] = "a CA certificate of at most 8 KiB";
	char line[LINE_SIZE];
	struct flagship_json object;
	int result = read_object(line, what, &object);

	return result == OPTIONS_RUN && !read_authority(object, ca) ? refuse_line(what) : result;
}

int dialog_read_credentials(char *email, size_t email_capacity, char *password,
			    size_t password_capacity, char ca[AUTHORITY_TEXT_MAX])
{
	static const char what[] = "e-mail address and password";
	char line[LINE_SIZE];
	struct flagship_json object;
	int result = read_object(line, what, &object);

	if (result == OPTIONS_RUN &&
	    (!read_member(object, "email", email, email_capacity) ||
	     !read_member(object, "password", password, password_capacity))) {
		result = refuse_line(what);
	}
	if (result == OPTIONS_RUN && !read_authority(object, ca)) {
		result = refuse_line("a CA certificate of at most 8 KiB");
	}
	OPENSSL_cleanse(line, sizeof(line));
	return result;
}

/* --- captchas --- */

struct shown_picture {
	const struct vendor_captcha *captcha;
	const char *base64;
};

static void write_captcha(struct json_writer *writer, const void *context)
{
	const struct shown_picture *shown = context;

	json_object_begin(writer);
	json_key(writer, "captcha");
	json_object_begin(writer);
	json_member_string(writer, "media_type", shown->captcha->media_type);
	json_member_string(writer, "data", shown->base64);
	json_object_end(writer);
	json_object_end(writer);
}

static int print_captcha(const struct vendor_captcha *captcha)
{
	if (captcha->size > INT_MAX / 2) {
		cli_error("the picture of the captcha is too large");
		return CLI_FAILED;
	}
	char *base64 = malloc((captcha->size + BASE64_IN - 1) / BASE64_IN * BASE64_OUT + 1);
	if (!base64) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return CLI_FAILED;
	}
	EVP_EncodeBlock((unsigned char *)base64, captcha->picture, (int)captcha->size);
	const struct shown_picture shown = {captcha, base64};
	int error = json_line_print(write_captcha, &shown, stdout);
	free(base64);
	return error || fflush(stdout) ? CLI_FAILED : OPTIONS_RUN;
}

int dialog_solve_captcha(const struct vendor_captcha *captcha, char *answer, size_t capacity)
{
	static const char what[] = "answer to the captcha";
	char line[LINE_SIZE];
	struct flagship_json object;
	int result = print_captcha(captcha);

	if (result == OPTIONS_RUN) {
		result = read_object(line, what, &object);
	}
	if (result == OPTIONS_RUN && !read_member(object, "answer", answer, capacity)) {
		result = refuse_line(what);
	}
	return result;
}

/* --- second factors --- */

struct wanted_code {
	const char *email;
	enum login_code_reason reason;
};

static void write_wanted_code(struct json_writer *writer, const void *context)
{
	static const char *const reasons[] = {
		[LOGIN_CODE_SENT] = "sent",
		[LOGIN_CODE_WRONG] = "wrong",
		[LOGIN_CODE_EXPIRED] = "expired",
	};
	const struct wanted_code *wanted = context;
	char address[FLAGSHIP_ACCOUNT_FIELD_MAX];

	json_object_begin(writer);
	json_key(writer, "second_factor");
	json_object_begin(writer);
	json_member_string(
		writer, "sent_to",
		redact_email(&(struct redact_options){0}, wanted->email, address, sizeof(address)));
	json_member_string(writer, "reason", reasons[wanted->reason]);
	json_object_end(writer);
	json_object_end(writer);
}

int dialog_ask_code(const char *email, enum login_code_reason reason, char code[LOGIN_CODE_MAX])
{
	static const char what[] = "code of the second factor";
	const struct wanted_code wanted = {email, reason};
	char line[LINE_SIZE];
	struct flagship_json object;
	int result = CLI_FAILED;

	if (json_line_print(write_wanted_code, &wanted, stdout) == 0 && fflush(stdout) == 0) {
		result = read_object(line, what, &object);
	}
	if (result == OPTIONS_RUN && !read_member(object, "answer", code, LOGIN_CODE_MAX)) {
		result = refuse_line(what);
	}
	OPENSSL_cleanse(line, sizeof(line));
	return result;
}
