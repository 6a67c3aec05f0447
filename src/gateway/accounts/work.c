/* SPDX-License-Identifier: MIT */
#include "gateway/accounts/internal.h"
#include "gateway/sentences/sentences.h"
#include "store/file/json.h"

#include <stdio.h>
#include <string.h>

/* The child that works on accounts: one at a time, whose end answers the request. */

/* As src/cli ends. */
#define EXIT_FAILED         1
#define EXIT_USAGE          2
#define EXIT_NOT_CONFIGURED 3
#define EXIT_CANNOT_CONNECT 4
#define EXIT_REFUSED        7 /* without the consent of a person */

static const char *const job_names[] = {
	[ACCOUNTS_IMPORT] = "import an account", [ACCOUNTS_LOGIN] = "log in to an account",
	[ACCOUNTS_LOOK] = "look at a service",   [ACCOUNTS_REMOVE] = "remove an account",
	[ACCOUNTS_FORGET] = "forget a printer",  [ACCOUNTS_REFRESH] = "refresh an account",
};

static const char *subject_of(const struct accounts *accounts)
{
	return accounts->subject[0] != '\0' ? accounts->subject : NULL;
}

struct http_request *work_end(struct accounts *accounts)
{
	struct http_request *request = accounts->request;

	accounts->child = NULL;
	accounts->job = ACCOUNTS_IDLE;
	accounts->request = NULL;
	accounts->login[0] = '\0';
	accounts->awaits_answer = false;
	return request;
}

/* A login, and what is taken over, is of use to nobody else. */
static void on_client_gone(void *context)
{
	struct accounts *accounts = context;

	accounts->request = NULL;
	if (accounts->job != ACCOUNTS_REMOVE && accounts->job != ACCOUNTS_FORGET) {
		program_kill(accounts->child);
		(void)work_end(accounts);
		turns_next(accounts);
	}
}

void work_await(struct accounts *accounts, struct http_request *request)
{
	accounts->request = request;
	http_request_watch(request, on_client_gone, accounts);
}

/* --- what came of it --- */

static int status_of_exit(enum accounts_job job, int exit_status)
{
	switch (exit_status) {
	case EXIT_USAGE:
		return REST_BAD_REQUEST;
	case EXIT_CANNOT_CONNECT:
		return REST_BAD_GATEWAY;
	case EXIT_FAILED:
		return job == ACCOUNTS_LOGIN    ? REST_BAD_GATEWAY
		       : job == ACCOUNTS_IMPORT ? REST_UNPROCESSABLE
						: REST_FAILED;
	default:
		return REST_UNPROCESSABLE;
	}
}

static const char of_cloud[] =
	"no account of accounts.json has this printer, so the cloud on this machine does: flagship "
	"cloud remove-printer removes it there";

/* Of a program that said no, not that it failed. NULL: what it said is to be told. */
static const char *refusal_of(const struct accounts *accounts, enum accounts_job job, int status)
{
	if (job == ACCOUNTS_FORGET && (status == EXIT_USAGE || status == EXIT_NOT_CONFIGURED)) {
		return of_cloud;
	}
	if (status != EXIT_REFUSED) {
		return NULL;
	}
	if (job != ACCOUNTS_FORGET) {
		return "the keys of its printers may exist nowhere else, and without them a "
		       "printer cannot be reached: ?force=true forgets it nevertheless";
	}
	return list_brings_again(accounts, accounts->subject)
		       ? "its account brings it again with its next list of printers: remove it "
			 "from that account, too; ?force=true forgets it until then"
		       : "its key may exist nowhere else, and without it the printer cannot be "
			 "reached: ?force=true forgets it nevertheless";
}

static void respond_failure(const struct accounts *accounts, struct http_request *request,
			    enum accounts_job job, const struct program_end *end)
{
	switch (end->ending) {
	case PROGRAM_TIMED_OUT:
		rest_respond_problem(request, REST_GATEWAY_TIMEOUT,
				     "it took too long, and was ended: try again, and look whether "
				     "the service can be reached (/api/v1/doctor)");
		return;
	case PROGRAM_TALKED_TOO_MUCH:
		rest_respond_problem(request, REST_BAD_GATEWAY,
				     "there was more of it than can be right, so it was ended");
		return;
	case PROGRAM_CRASHED:
		rest_respond_problem(request, REST_FAILED,
				     "the program that does this ended all of a sudden");
		return;
	case PROGRAM_EXITED:
		break;
	}
	const char *refusal = refusal_of(accounts, job, end->status);
	const char *reason = refusal ? refusal
			     : end->reason[0] != '\0'
				     ? end->reason
				     : "the program that does this does not say why";
	rest_respond_problem(request, refusal ? REST_CONFLICT : status_of_exit(job, end->status),
			     "%s", reason);
}

/* Behind the captchas that there were. */
static cJSON *read_last_line(const struct program_end *end)
{
	size_t length = end->length;

	while (length > 0 && end->output[length - 1] == '\n') {
		length--;
	}
	size_t begin = length;
	while (begin > 0 && end->output[begin - 1] != '\n') {
		begin--;
	}
	return store_json_parse(end->output + begin, length - begin);
}

/* The account that the child names: {"account": "01234567…", …}. */
static const struct store_account *find_kept(const struct accounts *accounts,
					     const struct program_end *end)
{
	cJSON *kept = read_last_line(end);
	const struct store_account *account = NULL;
	char id[ACCOUNTS_ID_MAX];
	snprintf(id, sizeof(id), "%s", rest_body_text(kept, "account"));
	char *cut = strstr(id, "…");
	if (cut) {
		*cut = '\0';
	}
	const struct store_accounts *all = gateway_printers_accounts(accounts->printers);
	for (size_t i = 0; id[0] != '\0' && i < all->count; i++) {
		if (!all->accounts[i].local &&
		    strncmp(all->accounts[i].login.user_id, id, strlen(id)) == 0 &&
		    (!account || all->accounts[i].refreshed_at > account->refreshed_at)) {
			account = &all->accounts[i];
		}
	}
	cJSON_Delete(kept);
	return account;
}

static void respond_kept(struct accounts *accounts, struct http_request *request,
			 enum accounts_job job, const struct program_end *end)
{
	const struct store_account *account = find_kept(accounts, end);

	if (account) {
		accounts_respond_account(request, job == ACCOUNTS_IMPORT ? REST_CREATED : REST_OK,
					 accounts, account);
	} else {
		rest_respond_problem(request, REST_FAILED,
				     "the account was kept, but cannot be read again: the log says "
				     "why");
	}
}

static void write_seen_service(struct json_writer *writer, const void *context)
{
	json_raw(writer, context, strlen(context));
}

/* What was found is the answer, also where it is not what was looked for. False where nothing was.
 */
static bool respond_found(struct http_request *request, const struct program_end *end)
{
	cJSON *found = end->ending == PROGRAM_EXITED ? read_last_line(end) : NULL;
	char *text = cJSON_IsObject(found) ? cJSON_PrintUnformatted(found) : NULL;

	if (text) {
		rest_respond(request, REST_OK, write_seen_service, text);
	}
	cJSON_free(text);
	cJSON_Delete(found);
	return text != NULL;
}

static bool token_is_expired(const struct program_end *end)
{
	cJSON *refused = read_last_line(end);
	bool expired = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(refused, "token_expired"));

	cJSON_Delete(refused);
	return expired;
}

static void finish_refresh(struct accounts *accounts, const struct program_end *end)
{
	bool done = end->ending == PROGRAM_EXITED && end->status == 0;
	const char *reason = end->ending == PROGRAM_TIMED_OUT ? "it took too long"
			     : end->reason[0] != '\0'         ? end->reason
							      : "flagship refresh failed";

	/* Whoever looks after the file takes over what was found. */
	follow_refreshed(accounts, accounts->refreshed, done ? NULL : reason,
			 !done && token_is_expired(end));
}

static void finish_job(struct accounts *accounts, const struct program_end *end)
{
	enum accounts_job job = accounts->job;
	bool done = end->ending == PROGRAM_EXITED && end->status == 0;
	struct http_request *request = work_end(accounts);

	if (job == ACCOUNTS_REFRESH) {
		finish_refresh(accounts, end);
		return;
	}
	/* Of a login whose printers could not be fetched the login was kept. */
	if (job != ACCOUNTS_LOOK) {
		gateway_printers_reload(accounts->printers);
	}
	if (!request) {
		return;
	}
	access_audit(accounts->access, request, job_names[job], subject_of(accounts),
		     done ? "done" : "failed");
	if (job == ACCOUNTS_LOOK && respond_found(request, end)) {
		return;
	}
	if (!done || job == ACCOUNTS_LOOK) {
		respond_failure(accounts, request, job, end);
	} else if (job == ACCOUNTS_FORGET &&
		   gateway_printers_cloud_has(accounts->printers, accounts->subject)) {
		/* It is held still: whoever asked is not to be told that it is gone. */
		rest_respond_problem(request, REST_CONFLICT, "%s", of_cloud);
	} else if (job == ACCOUNTS_REMOVE || job == ACCOUNTS_FORGET) {
		rest_respond_text(request, REST_NO_CONTENT, NULL, NULL, 0);
	} else {
		respond_kept(accounts, request, job, end);
	}
}

static void on_end(void *context, const struct program_end *end)
{
	finish_job(context, end);
	turns_next(context);
}

/* --- what a login wants of a person --- */

struct wanted_answer {
	const char *login;
	const cJSON *captcha; /* NULL where it is the code of a second factor */
	const cJSON *second_factor;
};

static const char captcha_detail[] =
	"the service wants a captcha solved: send what the picture says as \"answer\" to "
	"/api/v1/accounts/login/ with the login's id behind it";
static const char factor_detail[] =
	"the account is protected by a second factor: send the code that the vendor mailed as "
	"\"answer\" to /api/v1/accounts/login/ with the login's id behind it";

static void write_members(struct json_writer *writer, const cJSON *from, const char *first,
			  const char *second)
{
	json_object_begin(writer);
	json_member_string(writer, first, rest_body_text(from, first));
	json_member_string(writer, second, rest_body_text(from, second));
	json_object_end(writer);
}

static void write_wanted(struct json_writer *writer, const void *context)
{
	const struct wanted_answer *wanted = context;
	const char *kind = wanted->captcha ? "captcha" : "second_factor";

	json_object_begin(writer);
	json_member_string(writer, "type", "about:blank");
	json_member_string(writer, "title", http_status_text(REST_CONFLICT));
	json_member_int(writer, "status", REST_CONFLICT);
	sentence_member(writer, "detail", wanted->captcha ? captcha_detail : factor_detail);
	json_member_string(writer, "login", wanted->login);
	json_member_string(writer, "kind", kind);
	json_key(writer, kind);
	if (wanted->captcha) {
		write_members(writer, wanted->captcha, "media_type", "data");
	} else {
		write_members(writer, wanted->second_factor, "sent_to", "reason");
	}
	json_object_end(writer);
}

static void on_line(void *context, const char *line)
{
	struct accounts *accounts = context;
	cJSON *object = store_json_parse(line, strlen(line));
	const cJSON *captcha = cJSON_GetObjectItemCaseSensitive(object, "captcha");
	const struct wanted_answer wanted = {
		.login = accounts->login,
		.captcha = cJSON_IsObject(captcha) ? captcha : NULL,
		.second_factor = cJSON_GetObjectItemCaseSensitive(object, "second_factor"),
	};
	struct http_request *request = accounts->request;

	if ((wanted.captcha || cJSON_IsObject(wanted.second_factor)) && request) {
		accounts->request = NULL;
		accounts->awaits_answer = true;
		program_set_timeout(accounts->child, ACCOUNTS_ANSWER_MS);
		rest_respond(request, REST_CONFLICT, write_wanted, &wanted);
	}
	cJSON_Delete(object);
	turns_next(accounts);
}

/* --- beginning --- */

bool work_is_free(const struct accounts *accounts)
{
	return accounts->job == ACCOUNTS_IDLE || accounts->awaits_answer;
}

void work_give_way(struct accounts *accounts)
{
	if (accounts->awaits_answer) {
		program_kill(accounts->child);
		(void)work_end(accounts);
	}
}

void work_respond_end(struct http_request *request)
{
	rest_respond_problem(request, REST_UNAVAILABLE,
			     "the gateway ends; flagship accounts shows what became of it");
}

bool work_begin(struct accounts *accounts, enum accounts_job job, const char *program,
		const char *const *arguments, struct problem *problem)
{
	const struct program_options options = {
		.program = program,
		.arguments = arguments,
		.timeout_ms = accounts->timeout_ms,
		.on_line = job == ACCOUNTS_LOGIN ? on_line : NULL,
		.on_end = on_end,
		.context = accounts,
	};

	accounts->job = job;
	if (program_start(accounts->loop, &options, &accounts->child, problem)) {
		(void)work_end(accounts);
		return false;
	}
	return true;
}

bool work_begin_for(struct accounts *accounts, struct http_request *request, enum accounts_job job,
		    const char *program, const char *const *arguments)
{
	struct problem problem;

	if (!work_begin(accounts, job, program, arguments, &problem)) {
		access_audit(accounts->access, request, job_names[job], subject_of(accounts),
			     "failed");
		rest_respond_problem(request, REST_FAILED, "%s", problem.text);
		return false;
	}
	/* Whoever goes away before its end is in the log nevertheless. */
	access_audit(accounts->access, request, job_names[job], subject_of(accounts), "begun");
	work_await(accounts, request);
	return true;
}
