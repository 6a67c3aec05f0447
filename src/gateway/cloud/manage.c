/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "gateway/cloud/internal.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

/* What an administrator does with a cloud that is in use: its accounts, printers and tokens. */

#define ACCOUNT_CHANGES "password name country"
#define PRINTER_CHANGES "name model key address"
#define OPTIONS_END     "--" /* what follows is no option, whatever it looks like */
#define EMAIL_MAX       256

/* --- of a path --- */

/* NULL where it is none: that was answered. */
static const char *find_email(struct http_request *request)
{
	const char *email = http_request_parameter(request, "email");
	const char *at = strchr(email, '@');

	if (!at || at == email || strlen(email) >= EMAIL_MAX) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "an account is named by its e-mail address");
		return NULL;
	}
	return email;
}

static const char *find_serial(struct http_request *request)
{
	const char *serial = http_request_parameter(request, "serial");

	if (!call_is_serial(serial)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "a printer of the cloud is named by its serial number");
		return NULL;
	}
	return serial;
}

/* The address is the MQTT password, too: the log has a part of it. */
static void set_email_subject(struct call_words *words, const char *email)
{
	bool is_letter = (unsigned char)email[0] <= '~' && (unsigned char)email[0] > ' ';

	snprintf(words->subject, sizeof(words->subject), "%c***%.64s", is_letter ? email[0] : '*',
		 strchr(email, '@'));
}

static void set_subject(struct call_words *words, const char *text)
{
	snprintf(words->subject, sizeof(words->subject), "%s", text);
}

/* --- what is changed of one --- */

static bool has_empty(const cJSON *body)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, body)
	{
		if (item->valuestring[0] == '\0') {
			return true;
		}
	}
	return false;
}

/* NULL where there is nothing to change, or a member is none: that was answered. */
static cJSON *read_changes(struct http_request *request, const char *members)
{
	cJSON *body = rest_read_texts(request, members, "");

	if (body && (!body->child || has_empty(body))) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "the body is to have at least one of these, and none that is "
				     "empty: %s",
				     members);
		cJSON_Delete(body);
		return NULL;
	}
	return body;
}

static void change_account(struct gateway_cloud *cloud, struct http_request *request,
			   const char *email, const cJSON *body)
{
	const char *password = rest_body_text(body, "password");
	struct call_words words;
	char line[CALL_SECRET_SIZE];

	if (!call_make_line(password, line)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "\"password\" is one line of text");
		return;
	}
	if (call_begin_words(cloud, request, "set-account", false, &words)) {
		set_email_subject(&words, email);
		call_add_option(&words, "email", email);
		call_add_member(&words, body, "name");
		call_add_member(&words, body, "country");
		if (password[0] != '\0') {
			call_add_word(&words, "--password-stdin");
		}
		call_run(cloud, request, &words, password[0] != '\0' ? line : NULL,
			 "change an account of the cloud", call_answer_done);
	}
	OPENSSL_cleanse(line, sizeof(line));
}

void gateway_cloud_patch_account(struct http_request *request, void *context)
{
	const char *email = find_email(request);
	cJSON *body = email ? read_changes(request, ACCOUNT_CHANGES) : NULL;

	if (body) {
		change_account(context, request, email, body);
	}
	cJSON_Delete(body);
}

static void change_printer(struct gateway_cloud *cloud, struct http_request *request,
			   const char *serial, const cJSON *body)
{
	const char *key = rest_body_text(body, "key");
	struct call_words words;
	char line[CALL_SECRET_SIZE];

	if (!call_make_line(key, line)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "\"key\" is hex digits");
		return;
	}
	if (call_begin_words(cloud, request, "set-printer", false, &words)) {
		set_subject(&words, serial);
		call_add_member(&words, body, "name");
		call_add_member(&words, body, "model");
		call_add_member(&words, body, "address");
		if (key[0] != '\0') {
			call_add_word(&words, "--key-file=-");
		}
		call_add_word(&words, serial);
		call_run(cloud, request, &words, key[0] != '\0' ? line : NULL,
			 "change a printer of the cloud", call_answer_done);
	}
	OPENSSL_cleanse(line, sizeof(line));
}

void gateway_cloud_patch_printer(struct http_request *request, void *context)
{
	const char *serial = find_serial(request);
	cJSON *body = serial ? read_changes(request, PRINTER_CHANGES) : NULL;

	if (body) {
		change_printer(context, request, serial, body);
	}
	cJSON_Delete(body);
}

/* --- what is removed, shared and revoked --- */

void gateway_cloud_delete_account(struct http_request *request, void *context)
{
	struct gateway_cloud *cloud = context;
	const char *email = find_email(request);
	struct call_words words;

	if (email && call_begin_words(cloud, request, "remove-account", false, &words)) {
		set_email_subject(&words, email);
		call_add_word(&words, OPTIONS_END);
		call_add_word(&words, email);
		call_run(cloud, request, &words, NULL, "remove an account of the cloud",
			 call_answer_done);
	}
}

void gateway_cloud_delete_printer(struct http_request *request, void *context)
{
	struct gateway_cloud *cloud = context;
	const char *serial = find_serial(request);
	struct call_words words;

	if (serial && call_begin_words(cloud, request, "remove-printer", false, &words)) {
		set_subject(&words, serial);
		call_add_word(&words, serial);
		call_run(cloud, request, &words, NULL, "remove a printer of the cloud",
			 call_answer_done);
	}
}

static void change_share(struct http_request *request, struct gateway_cloud *cloud,
			 const char *command, const char *change)
{
	const char *serial = find_serial(request);
	const char *email = serial ? find_email(request) : NULL;
	struct call_words words;

	if (email && call_begin_words(cloud, request, command, false, &words)) {
		set_subject(&words, serial);
		call_add_word(&words, OPTIONS_END);
		call_add_word(&words, serial);
		call_add_word(&words, email);
		call_run(cloud, request, &words, NULL, change, call_answer_done);
	}
}

void gateway_cloud_put_share(struct http_request *request, void *context)
{
	change_share(request, context, "share", "share a printer of the cloud");
}

void gateway_cloud_delete_share(struct http_request *request, void *context)
{
	change_share(request, context, "unshare", "take a printer of the cloud from an account");
}

static bool is_token_id(const char *text)
{
	return text[0] != '\0' && text[strspn(text, HEX_LOWER)] == '\0';
}

void gateway_cloud_delete_token(struct http_request *request, void *context)
{
	struct gateway_cloud *cloud = context;
	const char *token = http_request_parameter(request, "token");
	bool is_email = strchr(token, '@') && token[0] != '@' && strlen(token) < EMAIL_MAX;
	struct call_words words;

	if (!is_email && !is_token_id(token)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "a token is named by its id, all of an account by its e-mail "
				     "address");
		return;
	}
	if (call_begin_words(cloud, request, "tokens", false, &words)) {
		if (is_email) {
			set_email_subject(&words, token);
		} else {
			set_subject(&words, token);
		}
		call_add_word(&words, OPTIONS_END);
		call_add_word(&words, "revoke");
		call_add_word(&words, token);
		call_run(cloud, request, &words, NULL, "revoke tokens of the cloud",
			 call_answer_done);
	}
}
