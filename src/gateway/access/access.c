/* SPDX-License-Identifier: MIT */
#include "gateway/access/access.h"

#include "base/clock.h"
#include "gateway/access/internal.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AUDIT_SIZE  256
#define STREAM_ENDS "the login or the key of this stream is over"
#define MS_PER_S    1000
#define LINK_MODE   0600
#define LINK_SIZE   512
/* The loop's clock stands still while the machine sleeps, and that of sessions goes on. */
#define LOOK_MS INT64_C(5000)

static void on_file_changed(void *context)
{
	access_reload(context);
}

static bool copy_options(struct access *access, const struct access_options *options)
{
	access->log = options->log;
	access->open_without_users = options->open_without_users;
	access->beyond = options->beyond;
	access->proxies = options->proxies ? strdup(options->proxies) : NULL;
	access->names = options->names ? strdup(options->names) : NULL;
	if (gethostname(access->host, sizeof(access->host) - 1)) {
		access->host[0] = '\0';
	}
	return (access->proxies || !options->proxies) && (access->names || !options->names);
}

static bool set_paths(struct access *access, const char *folder)
{
	return (size_t)snprintf(access->path, sizeof(access->path), "%s/" ACCESS_FILE, folder) <
		       sizeof(access->path) &&
	       (size_t)snprintf(access->setup_path, sizeof(access->setup_path),
				"%s/" ACCESS_SETUP_FILE, folder) < sizeof(access->setup_path);
}

int access_create(uv_loop_t *loop, const struct access_options *options, struct access **out,
		  struct problem *problem)
{
	struct access *access = calloc(1, sizeof(*access));

	*out = access;
	if (!access) {
		return problem_memory(problem);
	}
	access->loop = loop;
	access_begin_works(access);
	access->oneshots.release = access_identity_free;
	login_throttle_init(&access->throttle);
	if (!copy_options(access, options)) {
		return problem_memory(problem);
	}
	if (!set_paths(access, options->folder)) {
		problem_set(problem, "%.900s: this path is too long", options->folder);
		return FLAGSHIP_ERROR_STORE;
	}
	if (nonces_init(&access->nonces) ||
	    RAND_bytes(access->known_secret, sizeof(access->known_secret)) != 1 ||
	    RAND_bytes(access->token_secret, sizeof(access->token_secret)) != 1) {
		problem_set(problem, "there is no randomness to make secrets of");
		return FLAGSHIP_ERROR_CRYPTO;
	}
	const char *const paths[] = {access->path};
	if (watch_start(loop, paths, 1, on_file_changed, access, &access->watch)) {
		return problem_memory(problem);
	}
	int error = access_book_load(access->path, &access->book, problem);
	if (!error) {
		/* A key may expire before anything else is changed. */
		access_watch_sessions(access);
	}
	return error;
}

void access_add_server(struct access *access, struct http_server *server)
{
	if (access->server_count < ACCESS_SERVERS_MAX) {
		access->servers[access->server_count++] = server;
	}
}

/* --- what ends --- */

static bool is_over(void *context, const void *identity)
{
	return !access_identity_holds(context, identity);
}

void access_end_streams(struct access *access)
{
	for (size_t i = 0; i < access->server_count; i++) {
		http_server_end_streams(access->servers[i], STREAM_ENDS, is_over, access);
	}
}

static void on_sessions_end(uv_timer_t *timer)
{
	access_watch_sessions(timer->data);
}

static void await_end(struct access *access, int64_t end_s)
{
	int64_t left_ms = end_s * MS_PER_S - clock_steady_ms();

	if (!access->timer_open) {
		uv_timer_init(access->loop, &access->sessions_end);
		access->sessions_end.data = access;
		access->timer_open = true;
	}
	left_ms = left_ms < LOOK_MS ? left_ms : LOOK_MS;
	uv_timer_start(&access->sessions_end, on_sessions_end, left_ms > 0 ? (uint64_t)left_ms : 1,
		       0);
}

void access_watch_sessions(struct access *access)
{
	const struct access_settings *settings = &access->book.settings;

	sessions_end_old(&access->sessions, clock_steady_s(), settings->session_idle_s,
			 settings->session_max_s);
	access_end_streams(access);
	int64_t end_s = sessions_next_end_s(&access->sessions, settings->session_idle_s,
					    settings->session_max_s);
	int64_t expiry_s = access_book_next_expiry(&access->book, clock_unix_s());
	if (expiry_s != INT64_MAX) {
		int64_t key_end_s = clock_steady_s() + expiry_s - clock_unix_s();

		end_s = key_end_s < end_s ? key_end_s : end_s;
	}
	if (end_s != INT64_MAX && !access->stopping) {
		await_end(access, end_s);
	}
}

/* --- the book --- */

static void take_book(struct access *access, const struct access_book *book)
{
	access_book_finish(&access->book);
	access->book = *book;
	if (access->book.user_count > 0 && access->setup_token[0] != '\0') {
		access_withdraw_setup(access);
	}
	access_watch_sessions(access);
}

static int load(struct access *access, struct problem *problem)
{
	struct access_book book = {0};
	int error = access_book_load(access->path, &book, problem);

	if (error) {
		access_book_finish(&book);
		return error;
	}
	/* A file that was never written has a secret that is made anew each time. */
	if (book.user_count == 0 && book.key_count == 0) {
		memcpy(book.secret, access->book.secret, sizeof(book.secret));
	}
	take_book(access, &book);
	return 0;
}

void access_reload(struct access *access)
{
	struct problem problem;

	if (load(access, &problem)) {
		log_write(access->log, LOG_LEVEL_ERROR, ACCESS_LOG_PART,
			  "%s: users and keys stay as they were", problem.text);
	}
}

int access_change(struct access *access, access_apply *apply, void *change, const char **refusal,
		  struct problem *problem)
{
	int error = access_book_change(access->path, false, apply, change, refusal, problem);

	return error || *refusal ? error : load(access, problem);
}

void access_stop(struct access *access)
{
	if (access) {
		access->stopping = true;
		access->server_count = 0;
		watch_stop(access->watch);
		access->watch = NULL;
		if (access->timer_open) {
			access->timer_open = false;
			uv_close((uv_handle_t *)&access->sessions_end, NULL);
		}
		access_give_up_works(access);
		access_withdraw_setup(access);
	}
}

void access_destroy(struct access *access)
{
	if (access) {
		access_book_finish(&access->book);
		oneshots_finish(&access->oneshots);
		key_requests_finish(&access->requests);
		free(access->proxies);
		free(access->names);
		OPENSSL_cleanse(access, sizeof(*access));
		free(access);
	}
}

bool access_is_open(const struct access *access)
{
	return access->open_without_users && access->book.user_count == 0;
}

bool access_proof(const struct access_user *user, uint8_t proof[ACCESS_HASH_SIZE])
{
	return access_hash(user->password, proof);
}

const struct access_book *access_book_of(const struct access *access)
{
	return &access->book;
}

struct activity *access_activity(struct access *access)
{
	return &access->activity;
}

const char *access_outcome_text(enum access_outcome outcome)
{
	static const char *const words[] = {
		[ACCESS_RIGHT] = "done",
		[ACCESS_WRONG] = "wrong",
		[ACCESS_TOO_SOON] = "too soon",
		[ACCESS_BUSY] = "busy",
	};

	return words[outcome];
}

void access_audit(struct access *access, const struct http_request *request, const char *action,
		  const char *subject, const char *outcome)
{
	const struct access_identity *identity = access_identity(request);
	struct access_place place;

	access_place_of(access, request, &place);
	if (!identity) {
		/* Whoever is nobody could cause them without an end. */
		char line[AUDIT_SIZE];

		snprintf(line, sizeof(line), "%s: %s of %s: %s", place.address, action,
			 subject ? subject : "-", outcome);
		log_bounded(access->log, LOG_LEVEL_WARNING, ACCESS_LOG_PART, line);
		return;
	}
	log_event(access->log, LOG_LEVEL_INFO, ACCESS_LOG_PART, action,
		  LOG_TEXT("who", identity->name[0] != '\0' ? identity->name : "-"),
		  LOG_TEXT("by", access_kind_name(identity->kind)), LOG_TEXT("from", place.address),
		  LOG_TEXT("of", subject ? subject : "-"), LOG_TEXT("outcome", outcome));
}

void access_audit_gone(struct access *access, const struct access_identity *identity,
		       const char *action, const char *subject, const char *outcome)
{
	log_event(access->log, LOG_LEVEL_INFO, ACCESS_LOG_PART, action,
		  LOG_TEXT("who", identity && identity->name[0] != '\0' ? identity->name : "-"),
		  LOG_TEXT("by", identity ? access_kind_name(identity->kind) : "-"),
		  LOG_TEXT("from", "gone"), LOG_TEXT("of", subject ? subject : "-"),
		  LOG_TEXT("outcome", outcome));
}

void access_audit_owner(struct access *access, const char *action, const char *subject,
			const char *outcome)
{
	log_event(access->log, LOG_LEVEL_INFO, ACCESS_LOG_PART, action, LOG_TEXT("who", "-"),
		  LOG_TEXT("by", access_kind_name(ACCESS_BY_UNIX)), LOG_TEXT("from", "cli"),
		  LOG_TEXT("of", subject), LOG_TEXT("outcome", outcome));
}

/* --- the link of the first user: what follows the # is not sent by browsers, and in no log --- */

int access_offer_setup(struct access *access, const char *base, struct problem *problem)
{
	char text[LINK_SIZE];
	char secret[ACCESS_SECRET_SIZE];

	access_withdraw_setup(access);
	if (access->book.user_count > 0) {
		return 0;
	}
	if (access_secret_make(secret)) {
		problem_set(problem, "there is no randomness for a setup link");
		return FLAGSHIP_ERROR_CRYPTO;
	}
	snprintf(access->setup_token, sizeof(access->setup_token), "%s", secret);
	access->setup_until_s = clock_steady_s() + ACCESS_SETUP_LIFE_S;
	int length = snprintf(text, sizeof(text), "%s/setup#%s\n", base, secret);
	int error = replace_file(access->setup_path, text, (size_t)length, LINK_MODE);

	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(text, sizeof(text));
	return error ? problem_cannot(problem, "write", access->setup_path, error, "") : 0;
}

bool access_setup_is_offered(const struct access *access)
{
	return access->setup_token[0] != '\0' && access->book.user_count == 0 &&
	       clock_steady_s() < access->setup_until_s;
}

bool access_setup_fits(const struct access *access, const char *token)
{
	size_t length = strlen(access->setup_token);

	return access_setup_is_offered(access) && strlen(token) == length &&
	       CRYPTO_memcmp(token, access->setup_token, length) == 0;
}

void access_withdraw_setup(struct access *access)
{
	OPENSSL_cleanse(access->setup_token, sizeof(access->setup_token));
	if (unlink(access->setup_path) && errno != ENOENT) {
		log_write(access->log, LOG_LEVEL_WARNING, ACCESS_LOG_PART,
			  "%s cannot be removed; it opens nothing any more", access->setup_path);
	}
}
