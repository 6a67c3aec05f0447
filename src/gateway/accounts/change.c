/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "base/memory/wiping.h"
#include "gateway/accounts/internal.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

/* What changes accounts: each is a command of flagship, with the options that the body has. */

#define OPTIONS_MAX    12
#define OPTION_SIZE    (STORE_TEXT_MAX + 16)
#define ANSWER_MAX     4096 /* the child takes less */
#define LOGIN_MEMBERS  "email password region country api broker ca ca_pem pin service_key"
#define LOOK_MEMBERS   "api ca_pem"
#define LOOK_TIMEOUT   "--timeout=10" /* of each step: a person waits */
#define IMPORT_MEMBERS "file auth_token user_id email region offline api broker ca pin"

/* --- what goes to the child --- */

/* Options of the command line that are no secrets, each as one word. */
struct program_words {
	char texts[OPTIONS_MAX][OPTION_SIZE];
	const char *words[OPTIONS_MAX * 2];
	size_t texts_used;
	size_t count;
	bool too_long;
};

static void add_word(struct program_words *words, const char *word)
{
	words->words[words->count++] = word;
}

/* "--NAME=VALUE" of a member of the body, where it has one. */
static void add_option(struct program_words *words, const cJSON *body, const char *member,
		       const char *name)
{
	const char *value = rest_body_text(body, member);
	char *text = words->texts[words->texts_used];

	if (value[0] == '\0') {
		return;
	}
	if (snprintf(text, OPTION_SIZE, "--%s=%s", name, value) >= OPTION_SIZE) {
		words->too_long = true;
		return;
	}
	words->texts_used++;
	add_word(words, text);
}

static void add_service(struct program_words *words, const cJSON *body)
{
	add_option(words, body, "api", "api");
	add_option(words, body, "broker", "broker");
	add_option(words, body, "ca", "ca");
	add_option(words, body, "pin", "pin");
}

static bool refuse_long(struct http_request *request, const struct program_words *words)
{
	if (words->too_long) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "a member of the body is longer than %d bytes",
				     STORE_TEXT_MAX);
	}
	return words->too_long;
}

/* What `write` makes of the body, as one line. */
static void write_line(struct accounts *accounts, json_write *write, const cJSON *body)
{
	size_t length;
	char *line = json_compose(write, body, &length);

	if (line) {
		program_write(accounts->child, line, length);
		program_write(accounts->child, "\n", 1);
	} else {
		program_end_input(accounts->child);
	}
	wiping_free(line);
}

static void copy_member(struct json_writer *writer, const char *name, const cJSON *body,
			const char *member)
{
	const char *text = rest_body_text(body, member);

	if (text[0] != '\0') {
		json_member_string(writer, name, text);
	}
}

/* --- taking over --- */

/* A token as the slicer would keep it: the country tells the region. */
static void write_token(struct json_writer *writer, const void *context)
{
	const bool is_us = strcmp(rest_body_text(context, "region"), "us") == 0;

	json_object_begin(writer);
	copy_member(writer, "user_id", context, "user_id");
	copy_member(writer, "auth_token", context, "auth_token");
	copy_member(writer, "email", context, "email");
	json_member_string(writer, "ab_code", is_us ? "US" : "DE");
	json_object_end(writer);
}

static const char *import_fault(const cJSON *body)
{
	bool has_file = rest_body_text(body, "file")[0] != '\0';
	bool has_token = rest_body_text(body, "auth_token")[0] != '\0';
	const char *region = rest_body_text(body, "region");

	if (has_file == has_token) {
		return "either \"file\", the text of another program's login, or \"auth_token\" "
		       "with \"user_id\" and \"region\" is needed";
	}
	if (has_token && rest_body_text(body, "user_id")[0] == '\0') {
		return "a token is of no use without the \"user_id\" that it belongs to";
	}
	if (has_token && strcmp(region, "us") != 0 && strcmp(region, "eu") != 0) {
		return "\"region\" is us or eu";
	}
	return NULL;
}

static void begin_import(struct accounts *accounts, struct http_request *request, const cJSON *body)
{
	struct program_words words = {0};
	const char *file = rest_body_text(body, "file");
	bool offline;

	accounts->subject[0] = '\0';
	if (!rest_read_flag(request, body, "offline", &offline)) {
		return;
	}
	add_word(&words, "import");
	add_word(&words, "--json");
	if (offline) {
		add_word(&words, "--offline");
	}
	add_service(&words, body);
	add_word(&words, "-");
	if (refuse_long(request, &words) ||
	    !work_begin_for(accounts, request, ACCOUNTS_IMPORT, accounts->account_program,
			    words.words)) {
		return;
	}
	if (file[0] != '\0') {
		program_write(accounts->child, file, strlen(file));
	} else {
		write_line(accounts, write_token, body);
	}
	program_end_input(accounts->child);
}

void accounts_post(struct http_request *request, void *context)
{
	struct accounts *accounts = context;
	cJSON *body = rest_read_texts(request, IMPORT_MEMBERS, "offline");
	const char *fault = body ? import_fault(body) : NULL;

	if (fault) {
		rest_respond_problem(request, REST_BAD_REQUEST, "%s", fault);
	} else if (body) {
		turns_take(accounts, request, body, begin_import);
		return;
	}
	cJSON_Delete(body);
}

/* --- logging in --- */

static bool make_login_id(char out[ACCOUNTS_LOGIN_SIZE])
{
	uint8_t bytes[ACCOUNTS_LOGIN_SIZE / 2];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, out);
	return true;
}

static void write_credentials(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	copy_member(writer, "email", context, "email");
	copy_member(writer, "password", context, "password");
	copy_member(writer, "ca", context, "ca_pem");
	json_object_end(writer);
}

static void begin_login(struct accounts *accounts, struct http_request *request, const cJSON *body)
{
	struct program_words words = {0};
	char id[ACCOUNTS_LOGIN_SIZE];

	accounts->subject[0] = '\0';
	add_word(&words, "login");
	add_word(&words, "--dialog");
	add_option(&words, body, "region", "region");
	add_option(&words, body, "country", "country");
	add_option(&words, body, "service_key", "service-key");
	add_service(&words, body);
	if (refuse_long(request, &words)) {
		return;
	}
	if (!make_login_id(id)) {
		rest_respond_problem(request, REST_FAILED, "there are no random numbers");
		return;
	}
	if (work_begin_for(accounts, request, ACCOUNTS_LOGIN, accounts->account_program,
			   words.words)) {
		memcpy(accounts->login, id, sizeof(id));
		write_line(accounts, write_credentials, body);
	}
}

void accounts_post_login(struct http_request *request, void *context)
{
	struct accounts *accounts = context;
	cJSON *body = rest_read_texts(request, LOGIN_MEMBERS, "");

	if (body && (rest_body_text(body, "email")[0] == '\0' ||
		     rest_body_text(body, "password")[0] == '\0')) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "\"email\" and \"password\" of the account are needed");
	} else if (body) {
		turns_take(accounts, request, body, begin_login);
		return;
	}
	cJSON_Delete(body);
}

/* --- who answers there, before anything is said --- */

static void write_authority(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	copy_member(writer, "ca", context, "ca_pem");
	json_object_end(writer);
}

static void begin_look(struct accounts *accounts, struct http_request *request, const cJSON *body)
{
	struct program_words words = {0};

	accounts->subject[0] = '\0';
	add_word(&words, "login");
	add_word(&words, "--look");
	add_word(&words, "--dialog");
	add_word(&words, LOOK_TIMEOUT);
	add_option(&words, body, "api", "api");
	if (refuse_long(request, &words) ||
	    !work_begin_for(accounts, request, ACCOUNTS_LOOK, accounts->account_program,
			    words.words)) {
		return;
	}
	write_line(accounts, write_authority, body);
	program_end_input(accounts->child);
}

void accounts_post_look(struct http_request *request, void *context)
{
	struct accounts *accounts = context;
	cJSON *body = rest_read_texts(request, LOOK_MEMBERS, "");

	if (body && rest_body_text(body, "api")[0] == '\0') {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "\"api\" is the address of a service: https://HOST:PORT");
	} else if (body) {
		turns_take(accounts, request, body, begin_look);
		return;
	}
	cJSON_Delete(body);
}

static void write_answer(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	copy_member(writer, "answer", context, "answer");
	json_object_end(writer);
}

void accounts_post_answer(struct http_request *request, void *context)
{
	struct accounts *accounts = context;
	const char *id = http_request_parameter(request, "login");
	cJSON *body = rest_read_body(request, "answer");
	const char *answer = rest_body_text(body, "answer");

	if (!body) {
		return;
	}
	if (!accounts->awaits_answer || strlen(id) != ACCOUNTS_LOGIN_SIZE - 1 ||
	    CRYPTO_memcmp(id, accounts->login, ACCOUNTS_LOGIN_SIZE - 1) != 0) {
		rest_respond_problem(request, REST_NOT_FOUND,
				     "no such login waits for an answer: begin it again");
	} else if (answer[0] == '\0' || strlen(answer) > ANSWER_MAX) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "\"answer\" is what the picture says, or the code that was "
				     "mailed");
	} else {
		accounts->awaits_answer = false;
		program_set_timeout(accounts->child, accounts->timeout_ms);
		work_await(accounts, request);
		write_line(accounts, write_answer, body);
	}
	cJSON_Delete(body);
}

/* --- removing --- */

static bool is_forced(const struct http_request *request)
{
	char value[sizeof("true")];

	return http_request_query_value(request, "force", value, sizeof(value)) &&
	       strcmp(value, "true") == 0;
}

/* The account that the request names; NULL: it was answered. */
static const struct store_account *find_removable(const struct accounts *accounts,
						  struct http_request *request)
{
	const struct store_account *account = accounts_find(
		accounts, http_request_parameter(request, "account"));

	if (!account) {
		rest_respond_problem(request, REST_NOT_FOUND, "there is no such account");
		return NULL;
	}
	if (account->local) {
		rest_respond_problem(
			request, REST_CONFLICT,
			"it is an account of the cloud on this machine, which flagship "
			"cloud account removes; the setting serve.cloud = off leaves "
			"that cloud out");
		return NULL;
	}
	return account;
}

static void begin_removal(struct accounts *accounts, struct http_request *request,
			  const cJSON *body)
{
	/* Again: it may have gone while this waited. */
	const struct store_account *account = find_removable(accounts, request);
	struct program_words words = {0};

	(void)body;
	if (!account) {
		return;
	}
	accounts_write_id(accounts, account, accounts->subject);
	add_word(&words, "logout");
	if (is_forced(request)) {
		add_word(&words, "--yes");
	}
	add_word(&words, "--");
	add_word(&words, accounts->subject);
	if (work_begin_for(accounts, request, ACCOUNTS_REMOVE, accounts->main_program,
			   words.words)) {
		program_end_input(accounts->child);
	}
}

void accounts_delete(struct http_request *request, void *context)
{
	struct accounts *accounts = context;

	if (find_removable(accounts, request)) {
		turns_take(accounts, request, NULL, begin_removal);
	}
}

/* --- forgetting one printer --- */

static void begin_forgetting(struct accounts *accounts, struct http_request *request,
			     const cJSON *body)
{
	/* Again: it may have gone while this waited. */
	const struct fleet_printer *printer = web_find_printer(accounts->printers, request,
							       rest_refuse);
	struct program_words words = {0};

	(void)body;
	if (!printer) {
		return;
	}
	snprintf(accounts->subject, sizeof(accounts->subject), "%s", fleet_printer_serial(printer));
	add_word(&words, "logout");
	if (is_forced(request)) {
		add_word(&words, "--yes");
	}
	add_word(&words, "--printer");
	add_word(&words, accounts->subject);
	if (work_begin_for(accounts, request, ACCOUNTS_FORGET, accounts->main_program,
			   words.words)) {
		program_end_input(accounts->child);
	}
}

void accounts_delete_printer(struct http_request *request, void *context)
{
	struct accounts *accounts = context;

	if (web_find_printer(accounts->printers, request, rest_refuse)) {
		turns_take(accounts, request, NULL, begin_forgetting);
	}
}

/* --- asking again --- */

bool accounts_begin_refresh(struct accounts *accounts, const struct store_account *account)
{
	struct program_words words = {0};
	struct problem problem;

	if (accounts->stopped || accounts->job != ACCOUNTS_IDLE) {
		return false;
	}
	accounts_write_id(accounts, account, accounts->subject);
	snprintf(accounts->refreshed, sizeof(accounts->refreshed), "%s", account->login.user_id);
	add_word(&words, "refresh");
	add_word(&words, "--json");
	add_word(&words, "--");
	add_word(&words, accounts->subject);
	if (!work_begin(accounts, ACCOUNTS_REFRESH, accounts->account_program, words.words,
			&problem)) {
		follow_refreshed(accounts, accounts->refreshed, problem.text, false);
		return true;
	}
	program_end_input(accounts->child);
	return true;
}
