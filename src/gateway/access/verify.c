/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "daemon/login/password.h"
#include "gateway/access/internal.h"

#include <flagship/account.h>

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNNING_MAX   2 /* of the four threads of libuv */
#define STRANGERS_MAX 1 /* of these, of anybody but who was in before */
#define WAITING_MAX   8 /* of each kind, with those that run */
#define OF_SAME_MAX   2 /* of these, of one name or address */

/* Passwords wait for a thread, and are hashed there. */
struct work {
	struct list place;
	struct login_job job;
	struct access *access;
	struct http_request *request; /* NULL where the client went away */
	struct login_attempt attempt;
	char password[FLAGSHIP_LOGIN_PASSWORD_MAX + 1];
	char hash[PASSWORD_HASH_SIZE];
	access_done *done; /* NULL: the hash is wanted */
	access_hashed *hashed;
	void *context;
	int result;
};

static void release_work(struct work *work)
{
	list_remove(&work->place);
	OPENSSL_cleanse(work, sizeof(*work));
	free(work);
}

/* --- what was right before --- */

static bool hash_known(const struct access *access, const char *name, const char *password,
		       uint8_t hash[ACCESS_HASH_SIZE])
{
	char text[ACCESS_NAME_SIZE + FLAGSHIP_LOGIN_PASSWORD_MAX + 2];
	unsigned int length = 0;
	int size = snprintf(text, sizeof(text), "%s:%s", name, password);
	bool done = size > 0 && (size_t)size < sizeof(text) &&
		    HMAC(EVP_sha256(), access->known_secret, sizeof(access->known_secret),
			 (const unsigned char *)text, (size_t)size, hash, &length) != NULL;

	OPENSSL_cleanse(text, sizeof(text));
	return done;
}

const struct access_user *access_find_known(const struct access *access, const char *name,
					    const char *password)
{
	const struct access_user *user = access_book_user(&access->book, name);
	uint8_t hash[ACCESS_HASH_SIZE];
	uint8_t proof[ACCESS_HASH_SIZE];
	bool found = false;

	if (!user || !access_proof(user, proof) || !hash_known(access, name, password, hash)) {
		return NULL;
	}
	for (size_t i = 0; i < ACCESS_KNOWN_MAX; i++) {
		const struct access_known *known = &access->known[i];

		found |= known->used && CRYPTO_memcmp(known->hash, hash, sizeof(hash)) == 0 &&
			 strcmp(known->user, name) == 0 &&
			 memcmp(known->proof, proof, sizeof(proof)) == 0;
	}
	return found ? user : NULL;
}

static void keep_known(struct access *access, const struct work *work)
{
	const struct access_user *user = access_book_user(&access->book, work->attempt.name);
	struct access_known *known = &access->known[access->next_known];

	if (user && access_proof(user, known->proof) &&
	    hash_known(access, user->name, work->password, known->hash)) {
		memcpy(known->user, user->name, sizeof(known->user));
		known->used = true;
		access->next_known = (access->next_known + 1) % ACCESS_KNOWN_MAX;
	}
}

/* --- the queue --- */

static void hash_password(struct login_job *job)
{
	struct work *work = LIST_OF(job, struct work, job);

	work->result = work->done ? password_verify(work->password, work->hash)
				  : password_hash(work->password, work->hash);
}

static void answer_work(struct work *work)
{
	struct access *access = work->access;
	struct http_request *request = work->request;
	bool right = work->result == 1;

	if (request) {
		http_request_watch(request, NULL, NULL);
	}
	if (!work->done) {
		work->hashed(request, work->result ? NULL : work->hash, work->context);
		return;
	}
	if (work->result < 0) {
		login_attempt_undo(&work->attempt, &access->throttle);
	} else if (right && request) {
		login_attempt_succeed(&work->attempt, &access->throttle);
		keep_known(access, work);
	} else {
		login_attempt_fail(&work->attempt, &access->throttle, clock_steady_s());
	}
	work->done(request,
		   right              ? ACCESS_RIGHT
		   : work->result < 0 ? ACCESS_BUSY
				      : ACCESS_WRONG,
		   0, work->context);
}

/* Not worth a thread's time any more. */
static void give_up(struct work *work)
{
	if (work->done) {
		login_attempt_fail(&work->attempt, &work->access->throttle, clock_steady_s());
		work->done(NULL, ACCESS_BUSY, 0, work->context);
	} else {
		work->hashed(NULL, NULL, work->context);
	}
	release_work(work);
}

static void on_hashed(struct login_job *job, bool worked)
{
	struct work *work = LIST_OF(job, struct work, job);
	struct access *access = work->access;

	if (!worked) {
		give_up(work);
		return;
	}
	/* How many were worked on tells whether unknown names cost as much as known ones. */
	log_write(access->log, LOG_LEVEL_DEBUG, ACCESS_LOG_PART, "a password was hashed");
	if (access->stopping) {
		work->request = NULL;
	}
	answer_work(work);
	release_work(work);
}

static void on_gone(void *context)
{
	struct work *work = context;

	work->request = NULL;
	if (login_queue_withdraw(&work->job)) {
		give_up(work);
	}
}

void access_begin_works(struct access *access)
{
	static const struct login_queue_limits limits = {.running = RUNNING_MAX,
							 .strangers = STRANGERS_MAX,
							 .waiting = WAITING_MAX,
							 .of_same = OF_SAME_MAX};

	list_init(&access->works);
	login_queue_init(&access->queue, access->loop, &limits);
}

void access_give_up_works(struct access *access)
{
	for (struct list *at = access->works.next; at != &access->works; at = at->next) {
		struct work *work = LIST_OF(at, struct work, place);

		if (work->request) {
			http_request_watch(work->request, NULL, NULL);
			work->request = NULL;
		}
	}
	login_queue_stop(&access->queue);
}

static struct work *make_work(struct access *access, struct http_request *request,
			      const char *password, void *context)
{
	struct work *work = calloc(1, sizeof(*work));

	if (work) {
		work->job = (struct login_job){
			.attempt = &work->attempt, .work = hash_password, .done = on_hashed};
		work->access = access;
		work->request = request;
		work->context = context;
		list_init(&work->place);
		snprintf(work->password, sizeof(work->password), "%s", password);
	}
	return work;
}

static void queue_work(struct work *work)
{
	struct access *access = work->access;

	list_insert(&access->works, &work->place);
	http_request_watch(work->request, on_gone, work);
	login_queue_add(&access->queue, &work->job);
}

/* Who comes by loopback, or from a device that was in before, goes by his own wrong ones alone. */
static void set_attempt(struct work *work, const char *name)
{
	struct access *access = work->access;
	struct login_attempt *attempt = &work->attempt;
	const struct access_user *user = access_book_user(&access->book, name);
	char mark[SESSION_TOKEN_SIZE];
	struct access_place place;

	access_place_of(access, work->request, &place);
	snprintf(attempt->name, sizeof(attempt->name), "%s", name);
	if (user) {
		snprintf(attempt->identity, sizeof(attempt->identity), "%s", user->name);
		memcpy(work->hash, user->password, sizeof(work->hash));
	}
	login_attempt_set_place(attempt, &place.key);
	login_attempt_look(attempt, &access->throttle);
	if (place.is_loopback) {
		attempt->familiarity = FAMILIAR_PAIR;
	} else if (user && access_device_is_known(access, work->request, user, mark)) {
		attempt->familiarity = FAMILIAR_PAIR;
		snprintf(attempt->pair, sizeof(attempt->pair), "device %s", mark);
	}
}

void access_verify(struct access *access, struct http_request *request, const char *name,
		   const char *password, access_done *done, void *context)
{
	struct work *work = strlen(password) > FLAGSHIP_LOGIN_PASSWORD_MAX
				    ? NULL
				    : make_work(access, request, password, context);

	if (!work || access->stopping) {
		if (work) {
			release_work(work);
		}
		done(request,
		     strlen(password) > FLAGSHIP_LOGIN_PASSWORD_MAX ? ACCESS_WRONG : ACCESS_BUSY, 0,
		     context);
		return;
	}
	work->done = done;
	set_attempt(work, name);
	int64_t now_s = clock_steady_s();
	int64_t wait_s = login_attempt_wait_s(&work->attempt, &access->throttle, now_s);
	if (wait_s > 0 || !login_queue_has_room(&access->queue, &work->attempt)) {
		release_work(work);
		done(request, wait_s > 0 ? ACCESS_TOO_SOON : ACCESS_BUSY, wait_s, context);
		return;
	}
	login_attempt_try(&work->attempt, &access->throttle, now_s);
	queue_work(work);
}

void access_hash_password(struct access *access, struct http_request *request, const char *password,
			  access_hashed *done, void *context)
{
	struct work *work = make_work(access, request, password, context);

	if (work) {
		snprintf(work->attempt.name, sizeof(work->attempt.name), "%s", "-");
	}
	if (!work || access->stopping || !login_queue_has_room(&access->queue, &work->attempt)) {
		if (work) {
			release_work(work);
		}
		done(request, NULL, context);
		return;
	}
	work->hashed = done;
	queue_work(work);
}
