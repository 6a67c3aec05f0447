/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCOUNTS_INTERNAL_H
#define GATEWAY_ACCOUNTS_INTERNAL_H

#include "base/memory/list.h"
#include "gateway/accounts/accounts.h"
#include "gateway/children/program.h"
#include "gateway/rest/rest.h"
#include "store/accounts/accounts.h"

#include <limits.h>
#include <stdbool.h>

#define ACCOUNTS_LOG_PART   "accounts"
#define ACCOUNTS_ID_MAX     STORE_TEXT_MAX /* the beginning of a user id: half a login is no more */
#define ACCOUNTS_LOGIN_SIZE (32 + 1)       /* of a login that wants an answer: hex digits */
#define ACCOUNTS_WAIT_S     "5"            /* Retry-After */
#define ACCOUNTS_TURNS_MAX  8              /* who wait for the child */
#define ACCOUNTS_TURN_SHARE 4 /* of a child's time: how long each of them waits at most */

/* What the child of accounts does. */
enum accounts_job {
	ACCOUNTS_IDLE,
	ACCOUNTS_IMPORT,
	ACCOUNTS_LOGIN,
	ACCOUNTS_LOOK,
	ACCOUNTS_REMOVE,
	ACCOUNTS_FORGET, /* a printer */
	ACCOUNTS_REFRESH,
};

/* An account whose list of printers is asked for. */
struct followed {
	struct list place;
	char user_id[STORE_TEXT_MAX];
	int64_t refreshed_at;  /* of the store, Unix seconds */
	uint64_t token;        /* a number of it, to see that it is another one */
	int64_t due_ms;        /* when it is asked for next; INT64_MAX: never */
	int64_t noticed_ms;    /* when a notice was last followed; 0: never */
	unsigned int failures; /* in a row */
	bool expired;
	bool found;               /* while the files are compared */
	char reason[PROBLEM_MAX]; /* why it failed, or "" */
};

/* Somebody who waits for a doctor. */
struct patient {
	struct list place;
	struct accounts *accounts;
	struct http_request *request;
};

struct accounts {
	uv_loop_t *loop;
	struct gateway_printers *printers;
	struct access *access;
	struct log *log;
	char account_program[PATH_MAX];
	char main_program[PATH_MAX];
	int64_t timeout_ms;
	const char *(*lan_holder)(const void *context, const char *serial);
	const void *lan_context;
	bool stopped;

	/* The child that works on accounts. */
	struct program *child;
	enum accounts_job job;
	struct http_request *request;    /* that waits for it; NULL: nobody does */
	char login[ACCOUNTS_LOGIN_SIZE]; /* of a login that goes on; "": none */
	bool awaits_answer;              /* to a captcha, or for a second factor */
	/* The account that is removed or refreshed, as it is shown; or the printer. */
	char subject[ACCOUNTS_ID_MAX];
	char refreshed[STORE_TEXT_MAX]; /* its user id, of a refresh */

	/* turns.c */
	struct list turns;
	size_t turn_count;
	uv_timer_t turn_timer; /* of the first */

	/* follow.c */
	struct list followed;
	uv_timer_t timer;
	int64_t interval_ms; /* 0: never */

	/* doctor.c */
	struct program *doctor;
	char doctored[FLAGSHIP_SERIAL_LENGTH_MAX + 1]; /* "": the only printer */
	struct list patients;
};

/* --- list.c --- */

/* The beginning of the user id that no other account has; at least eight characters of it. */
void accounts_write_id(const struct accounts *accounts, const struct store_account *account,
		       char out[ACCOUNTS_ID_MAX]);
/* By that, or by more of it; NULL where there is none. */
const struct store_account *accounts_find(const struct accounts *accounts, const char *id);
/* The account as an object, without anything secret. */
void accounts_write_account(struct json_writer *writer, const struct accounts *accounts,
			    const struct store_account *account);
void accounts_respond_account(struct http_request *request, int status,
			      const struct accounts *accounts, const struct store_account *account);
void accounts_get_all(struct http_request *request, void *context);
/* Whether an account with this printer can be asked for its printers. */
bool list_brings_again(const struct accounts *accounts, const char *serial);

/* --- change.c --- */

void accounts_post(struct http_request *request, void *context);
void accounts_post_login(struct http_request *request, void *context);
void accounts_post_look(struct http_request *request, void *context);
void accounts_post_answer(struct http_request *request, void *context);
void accounts_delete(struct http_request *request, void *context);
void accounts_delete_printer(struct http_request *request, void *context);
/* Begins; false where the child is busy with something else, or cannot be started. */
bool accounts_begin_refresh(struct accounts *accounts, const struct store_account *account);

/* --- work.c --- */

/* Whether there is a child for whoever comes. A login that waits for a person is in nobody's way:
 * work_give_way ends it. */
bool work_is_free(const struct accounts *accounts);
void work_give_way(struct accounts *accounts);
/* Errors: false, with problem. */
bool work_begin(struct accounts *accounts, enum accounts_job job, const char *program,
		const char *const *arguments, struct problem *problem);
/* Its end answers the request; false where that was answered already. */
bool work_begin_for(struct accounts *accounts, struct http_request *request, enum accounts_job job,
		    const char *program, const char *const *arguments);
/* Nothing goes on any more. Returns who waits, or NULL. */
struct http_request *work_end(struct accounts *accounts);
/* The request is answered by what the child does next. */
void work_await(struct accounts *accounts, struct http_request *request);
/* The gateway ends. */
void work_respond_end(struct http_request *request);

/* --- turns.c --- */

/* Answers the request, or has work_begin_for do so. */
typedef void turns_begin(struct accounts *accounts, struct http_request *request,
			 const cJSON *body);
/* `begin` is called once the child is free, which may be at once; or the request is answered: too
 * many wait, or it has waited too long. The body is taken; may be NULL. */
void turns_take(struct accounts *accounts, struct http_request *request, cJSON *body,
		turns_begin *begin);
/* The child is free, or may be. */
void turns_next(struct accounts *accounts);
void turns_open(struct accounts *accounts);
/* Whoever waits is told that the gateway ends. */
void turns_close(struct accounts *accounts);

/* --- follow.c --- */

void follow_open(struct accounts *accounts);
void follow_close(struct accounts *accounts);
void follow_finish(struct accounts *accounts);
/* NULL where it is not followed. */
const struct followed *follow_find(const struct accounts *accounts, const char *user_id);
/* A refresh has ended; reason: NULL where it went well. */
void follow_refreshed(struct accounts *accounts, const char *user_id, const char *reason,
		      bool expired);

/* --- doctor.c --- */

void accounts_get_doctor(struct http_request *request, void *context);
void accounts_get_printer_doctor(struct http_request *request, void *context);
void doctor_stop(struct accounts *accounts);

#endif
