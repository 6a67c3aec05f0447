/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "gateway/cloud/internal.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

/* What changes the cloud: each is a command of flagship cloud, with the options that the body has.
 * What they mean, and whether they may be so, the command says. */

#define MAKE_MEMBERS    "bind hosts mqtt_port api_port rsa"
#define ACCOUNT_MEMBERS "email password name country"
#define PRINTER_MEMBERS "serial account name model key"
#define PAIRING_MEMBERS "action serial claim serials for_s"
#define NO_TEXTS        "bind hosts mqtt_port api_port serials for_s rsa" /* each looks at its own */
#define LIST_MAX        4 /* addresses, names, serial numbers */
#define NUMBER_SIZE     32
#define FOR_MAX_S       86400

/* --- members of a body --- */

static cJSON *read_change(struct http_request *request, const char *members)
{
	return rest_read_texts(request, members, NO_TEXTS);
}

/* One option for each of its texts. False where it is no array of such, or too long. */
static bool add_texts(struct call_words *words, const cJSON *body, const char *member,
		      const char *option)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(body, member);
	const cJSON *item;

	if (list && (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > LIST_MAX)) {
		return false;
	}
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item) || item->valuestring[0] == '\0') {
			return false;
		}
		call_add_option(words, option, item->valuestring);
	}
	return true;
}

static bool add_number(struct call_words *words, const cJSON *body, const char *member,
		       const char *option)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(body, member);
	char text[NUMBER_SIZE];

	if (!number) {
		return true;
	}
	if (!cJSON_IsNumber(number) || number->valuedouble != (double)number->valueint) {
		return false;
	}
	snprintf(text, sizeof(text), "%d", number->valueint);
	call_add_option(words, option, text);
	return true;
}

/* --- making it --- */

static void make_cloud(struct gateway_cloud *cloud, struct http_request *request, const cJSON *body)
{
	struct call_words words;
	bool rsa;

	if (!rest_read_flag(request, body, "rsa", &rsa) ||
	    !call_begin_words(cloud, request, "init", true, &words)) {
		return;
	}
	if (!add_texts(&words, body, "bind", "bind") || !add_texts(&words, body, "hosts", "host") ||
	    !add_number(&words, body, "mqtt_port", "mqtt-port") ||
	    !add_number(&words, body, "api_port", "api-port")) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "\"bind\" and \"hosts\" are lists of at most %d texts, "
				     "\"mqtt_port\" and \"api_port\" are numbers",
				     LIST_MAX);
		return;
	}
	if (rsa) {
		call_add_word(&words, "--rsa");
	}
	call_run(cloud, request, &words, NULL, "make a cloud", call_answer_done);
}

void gateway_cloud_post(struct http_request *request, void *context)
{
	cJSON *body = read_change(request, MAKE_MEMBERS);

	if (body) {
		make_cloud(context, request, body);
	}
	cJSON_Delete(body);
}

/* --- its accounts --- */

static void add_account(struct gateway_cloud *cloud, struct http_request *request,
			const cJSON *body)
{
	const char *password = rest_body_text(body, "password");
	struct call_words words;
	char line[CALL_SECRET_SIZE];

	if (rest_body_text(body, "email")[0] == '\0' || password[0] == '\0' ||
	    !call_make_line(password, line)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "\"email\" and \"password\", one line of text, are needed");
		return;
	}
	if (call_begin_words(cloud, request, "add-account", false, &words)) {
		call_add_member(&words, body, "email");
		call_add_member(&words, body, "name");
		call_add_member(&words, body, "country");
		call_add_word(&words, "--password-stdin");
		call_run(cloud, request, &words, line, "add an account to the cloud",
			 call_answer_done);
	}
	OPENSSL_cleanse(line, sizeof(line));
}

void gateway_cloud_post_account(struct http_request *request, void *context)
{
	cJSON *body = read_change(request, ACCOUNT_MEMBERS);

	if (body) {
		add_account(context, request, body);
	}
	cJSON_Delete(body);
}

void gateway_cloud_post_adopt(struct http_request *request, void *context)
{
	struct gateway_cloud *cloud = context;
	cJSON *body = read_change(request, "email");
	struct call_words words;

	if (body && call_begin_words(cloud, request, "adopt", false, &words)) {
		call_add_member(&words, body, "email");
		call_run(cloud, request, &words, NULL, "take accounts over into the cloud",
			 call_answer_done);
	}
	cJSON_Delete(body);
}

/* --- its printers --- */

static void add_printer(struct gateway_cloud *cloud, struct http_request *request,
			const cJSON *body)
{
	const char *key = rest_body_text(body, "key");
	struct call_words words;
	char line[CALL_SECRET_SIZE];

	if (!call_is_serial(rest_body_text(body, "serial")) || !call_make_line(key, line)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "\"serial\" is the serial number of a printer, and \"key\", "
				     "where it is known, hex digits");
		return;
	}
	if (call_begin_words(cloud, request, "add-printer", false, &words)) {
		call_add_member(&words, body, "serial");
		call_add_member(&words, body, "account");
		call_add_member(&words, body, "name");
		call_add_member(&words, body, "model");
		if (key[0] != '\0') {
			call_add_word(&words, "--key-file=-");
		}
		call_run(cloud, request, &words, key[0] != '\0' ? line : NULL,
			 "add a printer to the cloud", call_answer_done);
	}
	OPENSSL_cleanse(line, sizeof(line));
}

void gateway_cloud_post_printer(struct http_request *request, void *context)
{
	cJSON *body = read_change(request, PRINTER_MEMBERS);

	if (body) {
		add_printer(context, request, body);
	}
	cJSON_Delete(body);
}

/* --- pairing --- */

static bool is_hex(const char *text)
{
	return text[strspn(text, HEX_LOWER)] == '\0';
}

/* open: for how long, and for which. */
static bool add_window(struct call_words *words, const cJSON *body)
{
	const cJSON *serials = cJSON_GetObjectItemCaseSensitive(body, "serials");
	const cJSON *for_s = cJSON_GetObjectItemCaseSensitive(body, "for_s");
	const cJSON *serial;

	if (serials && (!cJSON_IsArray(serials) || cJSON_GetArraySize(serials) > LIST_MAX)) {
		return false;
	}
	if (for_s &&
	    (!cJSON_IsNumber(for_s) || for_s->valueint < 1 || for_s->valueint > FOR_MAX_S)) {
		return false;
	}
	if (!add_number(words, body, "for_s", "for")) {
		return false;
	}
	cJSON_ArrayForEach(serial, serials)
	{
		if (!cJSON_IsString(serial) || !call_is_serial(serial->valuestring)) {
			return false;
		}
		call_add_word(words, serial->valuestring);
	}
	return true;
}

/* approve, reject, forget: of which printer, and which claim to be it. */
static bool add_claim(struct call_words *words, const cJSON *body, bool takes_claim)
{
	const char *serial = rest_body_text(body, "serial");
	const char *claim = rest_body_text(body, "claim");

	if (!call_is_serial(serial) || !is_hex(claim) || (claim[0] != '\0' && !takes_claim)) {
		return false;
	}
	call_add_word(words, serial);
	if (claim[0] != '\0') {
		call_add_word(words, claim);
	}
	return true;
}

static bool add_action(struct call_words *words, const cJSON *body)
{
	const char *action = rest_body_text(body, "action");

	if (strcmp(action, "open") == 0) {
		call_add_word(words, "open");
		return add_window(words, body);
	}
	if (strcmp(action, "close") == 0 || strcmp(action, "clear") == 0) {
		call_add_word(words, action);
		return true;
	}
	bool forgets = strcmp(action, "forget") == 0;
	if (forgets || strcmp(action, "approve") == 0 || strcmp(action, "reject") == 0) {
		call_add_word(words, action);
		return add_claim(words, body, !forgets);
	}
	return false;
}

static void change_pairing(struct gateway_cloud *cloud, struct http_request *request,
			   const cJSON *body)
{
	struct call_words words;

	if (!call_begin_words(cloud, request, "pair", false, &words)) {
		return;
	}
	if (!add_action(&words, body)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "\"action\" is open (with \"for_s\", and \"serials\", at most "
				     "%d), close, clear, or approve, reject or forget with "
				     "\"serial\", the first two with \"claim\", too, as the list "
				     "has it",
				     LIST_MAX);
		return;
	}
	call_run(cloud, request, &words, NULL, "change pairing of the cloud", call_answer_done);
}

void gateway_cloud_post_pairing(struct http_request *request, void *context)
{
	cJSON *body = read_change(request, PAIRING_MEMBERS);

	if (body) {
		change_pairing(context, request, body);
	}
	cJSON_Delete(body);
}
