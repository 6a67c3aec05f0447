/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_CLOUD_INTERNAL_H
#define GATEWAY_CLOUD_INTERNAL_H

#include "base/memory/list.h"
#include "gateway/children/program.h"
#include "gateway/cloud/cloud.h"
#include "gateway/rest/rest.h"

#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>

#define CALLS_MAX         4   /* children at a time, without the check */
#define CALL_WAIT_S       "2" /* Retry-After */
#define CALL_WORDS_MAX    16  /* of a command, as program.h has it */
#define CALL_WORD_SIZE    512
#define CALL_SUBJECT_SIZE 128
#define CALL_SECRET_SIZE  1026 /* a line, with its end */

/* As src/cli ends. */
#define EXIT_FAILED         1
#define EXIT_USAGE          2
#define EXIT_NOT_CONFIGURED 3

/* A command of flagship, word by word. */
struct call_words {
	char folder[PATH_MAX + sizeof("--dir=")];
	char texts[CALL_WORDS_MAX][CALL_WORD_SIZE];
	size_t text_count;
	const char *words[CALL_WORDS_MAX + 1];
	size_t count;
	bool too_long;                   /* a word, or all of them */
	char subject[CALL_SUBJECT_SIZE]; /* what is changed, for the log; "": it says nothing */
};

struct call;

/* Answers its request with what the child ended with. */
typedef void call_answer(const struct call *call, const struct program_end *end);

/* A child, and who waits for it. */
struct call {
	struct list place;
	struct gateway_cloud *cloud;
	struct http_request *request; /* NULL: nobody waits any more */
	struct program *child;
	const char *change; /* what it changes, in words for the log; NULL: nothing */
	char subject[CALL_SUBJECT_SIZE];
	struct access_identity *identity; /* of who asked for a change; NULL: he has none */
	call_answer *answer;
};

/* What --check finds, link by link. */
struct check {
	struct program *child; /* NULL: none goes on */
	int64_t begun_at;      /* Unix seconds; 0: never */
	int64_t ended_at;
	char resolver[INET_ADDRSTRLEN]; /* "": that of this machine */
	cJSON *links;                   /* an array; NULL: none yet */
	bool reaches;                   /* the cloud, by every name of a broker */
	bool failed;                    /* for a reason of its own: */
	char reason[PROBLEM_MAX];
};

struct gateway_cloud {
	uv_loop_t *loop;
	struct gateway_printers *printers;
	struct access *access;
	char main_program[PATH_MAX];
	int64_t timeout_ms;
	bool stopped;
	struct list calls;
	size_t call_count;
	struct list renamings;
	struct check check;
};

/* --- call.c --- */

/* Whether one was made in this folder. */
bool call_finds_cloud(const char *folder);

/* "flagship cloud NAME --dir=FOLDER". False where there is no cloud on this machine to be looked
 * at: that was answered. `makes`: the command makes one. */
bool call_begin_words(struct gateway_cloud *cloud, struct http_request *request, const char *name,
		      bool makes, struct call_words *words);
/* The word has to stay. */
void call_add_word(struct call_words *words, const char *word);
/* "--NAME=VALUE"; nothing where the value is empty. */
void call_add_option(struct call_words *words, const char *name, const char *value);

/* Runs it; input: for its standard input, a secret, NULL: none. Answers in any case. */
void call_run(struct gateway_cloud *cloud, struct http_request *request,
	      const struct call_words *words, const char *input, const char *change,
	      call_answer *answer);

/* For those that want no more than that it was done: 204. */
call_answer call_answer_done;
/* With why it was not done. */
void call_answer_failure(const struct call *call, const struct program_end *end);

void call_stop_all(struct gateway_cloud *cloud);

/* "--MEMBER=TEXT" of a body, where it has it. */
void call_add_member(struct call_words *words, const cJSON *body, const char *member);
/* One line for the child's standard input, to be wiped. False where it is none. */
bool call_make_line(const char *secret, char out[CALL_SECRET_SIZE]);
/* It may be a word of its own in a command, and does not look like an option there. */
bool call_is_serial(const char *text);

/* --- show.c --- */

void gateway_cloud_get(struct http_request *request, void *context);
void gateway_cloud_get_list(struct http_request *request, void *context);
void gateway_cloud_get_tokens(struct http_request *request, void *context);
void gateway_cloud_get_pairing(struct http_request *request, void *context);
void gateway_cloud_get_snippet(struct http_request *request, void *context);

/* --- change.c --- */

void gateway_cloud_post(struct http_request *request, void *context);
void gateway_cloud_post_account(struct http_request *request, void *context);
void gateway_cloud_post_adopt(struct http_request *request, void *context);
void gateway_cloud_post_printer(struct http_request *request, void *context);
void gateway_cloud_post_pairing(struct http_request *request, void *context);

/* --- manage.c --- */

void gateway_cloud_patch_account(struct http_request *request, void *context);
void gateway_cloud_delete_account(struct http_request *request, void *context);
void gateway_cloud_patch_printer(struct http_request *request, void *context);
void gateway_cloud_delete_printer(struct http_request *request, void *context);
void gateway_cloud_put_share(struct http_request *request, void *context);
void gateway_cloud_delete_share(struct http_request *request, void *context);
void gateway_cloud_delete_token(struct http_request *request, void *context);

/* --- rename.c --- */

void rename_stop_all(struct gateway_cloud *cloud);

/* --- copies.c --- */

void gateway_cloud_get_copies(struct http_request *request, void *context);
void gateway_cloud_post_copy(struct http_request *request, void *context);
void gateway_cloud_get_copy(struct http_request *request, void *context);

/* --- check.c --- */

void gateway_cloud_post_check(struct http_request *request, void *context);
void gateway_cloud_get_check(struct http_request *request, void *context);
void check_stop(struct gateway_cloud *cloud);

#endif
