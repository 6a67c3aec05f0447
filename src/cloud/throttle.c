/* SPDX-License-Identifier: MIT */
#include "cloud/throttle.h"

#include <flagship/error.h>

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <string.h>

int throttle_init(struct throttle *throttle)
{
	memset(throttle, 0, sizeof(*throttle));
	return RAND_bytes(throttle->key, sizeof(throttle->key)) == 1 ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

/* Keyed, so that nobody can look for a name that falls into the same set as another. */
static bool digest_of(const struct throttle *throttle, const char *name,
		      uint8_t digest[THROTTLE_DIGEST_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(context, throttle->key, sizeof(throttle->key)) == 1;

	for (; done && *name; name++) {
		uint8_t lower = (uint8_t)tolower((unsigned char)*name);

		done = EVP_DigestUpdate(context, &lower, 1) == 1;
	}
	done = done && EVP_DigestFinal_ex(context, digest, NULL) == 1;
	EVP_MD_CTX_free(context);
	return done;
}

static size_t set_of(const uint8_t digest[THROTTLE_DIGEST_SIZE])
{
	return digest[0] % THROTTLE_SETS;
}

/* NULL where it has not failed, or long ago. */
static struct throttle_subject *find(struct throttle *throttle,
				     const uint8_t digest[THROTTLE_DIGEST_SIZE])
{
	struct throttle_subject *set = throttle->subjects[set_of(digest)];

	for (size_t i = 0; i < THROTTLE_WAYS; i++) {
		if (set[i].failures > 0 &&
		    memcmp(set[i].digest, digest, THROTTLE_DIGEST_SIZE) == 0) {
			return &set[i];
		}
	}
	return NULL;
}

static bool is_forgotten(const struct throttle_subject *subject, int64_t now_s)
{
	return subject->failures == 0 || now_s - subject->last_s >= THROTTLE_FORGET_S;
}

static struct throttle_subject *make_room(struct throttle *throttle,
					  const uint8_t digest[THROTTLE_DIGEST_SIZE], int64_t now_s)
{
	struct throttle_subject *set = throttle->subjects[set_of(digest)];
	struct throttle_subject *least = &set[0];

	for (size_t i = 0; i < THROTTLE_WAYS; i++) {
		if (is_forgotten(&set[i], now_s)) {
			least = &set[i];
			break;
		}
		if (set[i].failures < least->failures ||
		    (set[i].failures == least->failures && set[i].last_s < least->last_s)) {
			least = &set[i];
		}
	}
	*least = (struct throttle_subject){0};
	memcpy(least->digest, digest, THROTTLE_DIGEST_SIZE);
	return least;
}

int64_t throttle_wait_s(const struct throttle *throttle, const char *name, int64_t now_s)
{
	uint8_t digest[THROTTLE_DIGEST_SIZE];

	if (!digest_of(throttle, name, digest)) {
		return THROTTLE_WAIT_FIRST_S;
	}
	/* Looking changes nothing. */
	const struct throttle_subject *subject = find((struct throttle *)throttle, digest);

	return subject && !is_forgotten(subject, now_s) && subject->blocked_until_s > now_s
		       ? subject->blocked_until_s - now_s
		       : 0;
}

static int64_t wait_after(unsigned int failures)
{
	int64_t wait_s = THROTTLE_WAIT_FIRST_S;

	for (unsigned int i = THROTTLE_FREE_TRIES; i < failures && wait_s < THROTTLE_WAIT_MAX_S;
	     i++) {
		wait_s *= 2;
	}
	return wait_s < THROTTLE_WAIT_MAX_S ? wait_s : THROTTLE_WAIT_MAX_S;
}

void throttle_fail(struct throttle *throttle, const char *name, int64_t now_s)
{
	uint8_t digest[THROTTLE_DIGEST_SIZE];
	struct throttle_subject *subject;

	if (!digest_of(throttle, name, digest)) {
		return;
	}
	subject = find(throttle, digest);
	if (!subject || is_forgotten(subject, now_s)) {
		subject = subject ? subject : make_room(throttle, digest, now_s);
		subject->failures = 0;
		subject->blocked_until_s = 0;
	}
	subject->failures++;
	subject->last_s = now_s;
	if (subject->failures >= THROTTLE_FREE_TRIES) {
		subject->blocked_until_s = now_s + wait_after(subject->failures);
	}
}

void throttle_forgive_all(struct throttle *throttle, const char *name)
{
	uint8_t digest[THROTTLE_DIGEST_SIZE];
	struct throttle_subject *subject;

	if (digest_of(throttle, name, digest) && (subject = find(throttle, digest)) != NULL) {
		*subject = (struct throttle_subject){0};
	}
}

void throttle_forgive_one(struct throttle *throttle, const char *name)
{
	uint8_t digest[THROTTLE_DIGEST_SIZE];
	struct throttle_subject *subject;

	if (digest_of(throttle, name, digest) && (subject = find(throttle, digest)) != NULL) {
		subject->failures--;
		/* It was allowed to try: what it had to wait before is over. */
		subject->blocked_until_s = 0;
	}
}
