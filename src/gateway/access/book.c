/* SPDX-License-Identifier: MIT */
#include "gateway/access/book.h"

#include "base/hex.h"
#include "base/memory/wiping.h"

#include <flagship/error.h>
#include <flagship/topic.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LETTERS  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define MD5_SIZE 16

static const char *const roles[] = {"nobody", "viewer", "operator", "admin"};

int access_book_init(struct access_book *book)
{
	uint8_t secret[ACCESS_HASH_SIZE];

	*book = (struct access_book){.settings = {.session_idle_s = ACCESS_SESSION_IDLE_S,
						  .session_max_s = ACCESS_SESSION_MAX_S}};
	book->settings.names = strdup("");
	book->settings.trusted_networks = strdup("");
	book->settings.cors_origins = strdup("");
	if (!book->settings.names || !book->settings.trusted_networks ||
	    !book->settings.cors_origins) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	if (RAND_bytes(secret, sizeof(secret)) != 1) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	hex_encode(secret, sizeof(secret), HEX_LOWER, book->secret);
	OPENSSL_cleanse(secret, sizeof(secret));
	return 0;
}

void access_book_finish(struct access_book *book)
{
	for (size_t i = 0; i < book->user_count; i++) {
		access_grant_finish(&book->users[i].grant);
	}
	for (size_t i = 0; i < book->key_count; i++) {
		access_grant_finish(&book->keys[i].grant);
	}
	wiping_free(book->users);
	wiping_free(book->keys);
	free(book->settings.names);
	free(book->settings.trusted_networks);
	free(book->settings.cors_origins);
	OPENSSL_cleanse(book, sizeof(*book));
}

/* --- roles and grants --- */

const char *access_role_name(enum access_role role)
{
	return roles[role];
}

enum access_role access_role_read(const char *name)
{
	for (size_t i = ACCESS_VIEWER; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (name && strcmp(name, roles[i]) == 0) {
			return (enum access_role)i;
		}
	}
	return ACCESS_NOBODY;
}

bool access_name_valid(const char *name)
{
	size_t length = name ? strlen(name) : 0;

	return length > 0 && length < ACCESS_NAME_SIZE && strchr(LETTERS, name[0]) &&
	       name[strspn(name, LETTERS "._-@")] == '\0';
}

bool access_printers_valid(const char *printers)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];

	if (!printers) {
		return true;
	}
	if (strlen(printers) >= ACCESS_TEXT_MAX || printers[0] == '\0') {
		return false;
	}
	while (*printers != '\0') {
		size_t length = strcspn(printers, " ");

		if (length == 0 || length >= sizeof(serial)) {
			return false;
		}
		memcpy(serial, printers, length);
		serial[length] = '\0';
		if (!flagship_serial_valid(serial)) {
			return false;
		}
		printers += length + (printers[length] == ' ' && printers[length + 1] != '\0');
		if (*printers == ' ') {
			return false;
		}
	}
	return true;
}

bool access_words_have(const char *words, const char *word, size_t length)
{
	while (*words != '\0') {
		size_t count = strcspn(words, " ");

		if (count == length && strncasecmp(words, word, length) == 0) {
			return true;
		}
		words += count + (words[count] == ' ');
	}
	return false;
}

bool access_grant_sees(const struct access_grant *grant, const char *serial)
{
	return grant->role != ACCESS_NOBODY &&
	       (!grant->printers || access_words_have(grant->printers, serial, strlen(serial)));
}

bool access_grant_same(const struct access_grant *one, const struct access_grant *other)
{
	return one->role == other->role && !one->printers == !other->printers &&
	       (!one->printers || strcmp(one->printers, other->printers) == 0);
}

int access_grant_copy(struct access_grant *out, const struct access_grant *grant)
{
	*out = *grant;
	out->printers = grant->printers ? strdup(grant->printers) : NULL;
	return grant->printers && !out->printers ? FLAGSHIP_ERROR_MEMORY : 0;
}

void access_grant_finish(struct access_grant *grant)
{
	free(grant->printers);
	*grant = (struct access_grant){0};
}

/* --- looking up --- */

struct access_user *access_book_user(const struct access_book *book, const char *name)
{
	for (size_t i = 0; i < book->user_count; i++) {
		if (strcmp(book->users[i].name, name) == 0) {
			return &book->users[i];
		}
	}
	return NULL;
}

struct access_key *access_book_key(const struct access_book *book, const char *id)
{
	for (size_t i = 0; i < book->key_count; i++) {
		if (strcmp(book->keys[i].id, id) == 0) {
			return &book->keys[i];
		}
	}
	return NULL;
}

const struct access_key *access_book_find_secret(const struct access_book *book, const char *secret)
{
	const struct access_key *found = NULL;
	uint8_t hash[ACCESS_HASH_SIZE];

	if (!access_hash(secret, hash)) {
		return NULL;
	}
	for (size_t i = 0; i < book->key_count; i++) {
		if (CRYPTO_memcmp(book->keys[i].hash, hash, sizeof(hash)) == 0) {
			found = &book->keys[i];
		}
	}
	return found;
}

const char *access_book_maker(const struct access_book *book, const struct access_key *key)
{
	const struct access_user *user = access_book_user(book, key->maker);

	return user && user->created_at <= key->created_at ? user->name : "";
}

bool access_key_is_over(const struct access_key *key, int64_t now_s)
{
	return key->expires_at != 0 && key->expires_at <= now_s;
}

int64_t access_book_next_expiry(const struct access_book *book, int64_t now_s)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < book->key_count; i++) {
		int64_t end = book->keys[i].expires_at;

		if (end > now_s && end < next) {
			next = end;
		}
	}
	return next;
}

static size_t access_book_admins(const struct access_book *book)
{
	size_t count = 0;

	for (size_t i = 0; i < book->user_count; i++) {
		count += book->users[i].grant.role == ACCESS_ADMIN &&
			 !book->users[i].grant.printers;
	}
	return count;
}

/* --- secrets --- */

static int make_hex(char *out, size_t bytes)
{
	uint8_t random[ACCESS_SECRET_BYTES];

	if (RAND_bytes(random, (int)bytes) != 1) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	hex_encode(random, bytes, HEX_LOWER, out);
	OPENSSL_cleanse(random, sizeof(random));
	return 0;
}

int access_secret_make(char secret[ACCESS_SECRET_SIZE])
{
	return make_hex(secret, ACCESS_SECRET_BYTES);
}

bool access_hash(const char *text, uint8_t hash[ACCESS_HASH_SIZE])
{
	return EVP_Digest(text, strlen(text), hash, NULL, EVP_sha256(), NULL) == 1;
}

static bool access_ha1(const char *secret, char ha1[ACCESS_HA1_SIZE])
{
	char text[sizeof(ACCESS_DIGEST_USER ":" ACCESS_DIGEST_REALM ":") + ACCESS_SECRET_SIZE];
	uint8_t hash[MD5_SIZE];
	int length = snprintf(text, sizeof(text), ACCESS_DIGEST_USER ":" ACCESS_DIGEST_REALM ":%s",
			      secret);
	bool done = length > 0 && (size_t)length < sizeof(text) &&
		    EVP_Digest(text, (size_t)length, hash, NULL, EVP_md5(), NULL) == 1;

	OPENSSL_cleanse(text, sizeof(text));
	if (done) {
		hex_encode(hash, sizeof(hash), HEX_LOWER, ha1);
	}
	return done;
}

/* --- changes --- */

const char access_no_memory[] = "out of memory";

static bool set_grant(struct access_grant *grant, const struct access_change *change)
{
	if (change->role != ACCESS_NOBODY) {
		grant->role = change->role;
	}
	if (change->scoped) {
		char *printers = change->printers ? strdup(change->printers) : NULL;

		if (change->printers && !printers) {
			return false;
		}
		free(grant->printers);
		grant->printers = printers;
	}
	return true;
}

const char *access_add_user(struct access_book *book, void *context)
{
	const struct access_change *change = context;

	if (!access_name_valid(change->name)) {
		return "a user's name is of letters, digits and . _ - @, 63 at most";
	}
	if (change->role == ACCESS_NOBODY) {
		return "a role is viewer, operator or admin";
	}
	if (!access_printers_valid(change->printers)) {
		return "printers are serial numbers";
	}
	if (access_book_user(book, change->name)) {
		return "there is a user of this name already";
	}
	if (book->user_count == ACCESS_USERS_MAX) {
		return "there are as many users as there may be";
	}
	if (access_book_admins(book) == 0 && (change->role != ACCESS_ADMIN || change->printers)) {
		return "the first user has to be an admin, for all printers";
	}
	struct access_user *users = wiping_grow(book->users, book->user_count, sizeof(*users));
	if (!users) {
		return access_no_memory;
	}
	book->users = users;
	struct access_user *user = &users[book->user_count];
	snprintf(user->name, sizeof(user->name), "%s", change->name);
	snprintf(user->password, sizeof(user->password), "%s", change->password);
	user->created_at = change->now_s;
	if (!set_grant(&user->grant, change)) {
		return access_no_memory;
	}
	book->user_count++;
	return NULL;
}

const char *access_add_first_user(struct access_book *book, void *change)
{
	return book->user_count > 0 ? "there is a user already" : access_add_user(book, change);
}

/* Whether somebody is left who may let others in. */
static const char *check_admins(const struct access_book *book)
{
	return access_book_admins(book) == 0 ? "this is the last admin: make another one first, or "
					       "nobody could manage users"
					     : NULL;
}

const char *access_set_user(struct access_book *book, void *context)
{
	const struct access_change *change = context;
	struct access_user *user = access_book_user(book, change->name);

	if (!user) {
		return "there is no such user";
	}
	if (!access_printers_valid(change->printers)) {
		return "printers are serial numbers";
	}
	if (!set_grant(&user->grant, change)) {
		return access_no_memory;
	}
	if (change->password) {
		snprintf(user->password, sizeof(user->password), "%s", change->password);
	}
	return check_admins(book);
}

const char *access_remove_user(struct access_book *book, void *context)
{
	const struct access_change *change = context;
	struct access_user *user = access_book_user(book, change->name);

	if (!user) {
		return "there is no such user";
	}
	access_grant_finish(&user->grant);
	size_t at = (size_t)(user - book->users);
	book->user_count--;
	memmove(user, user + 1, (book->user_count - at) * sizeof(*user));
	OPENSSL_cleanse(&book->users[book->user_count], sizeof(*user));
	/* The last of all may go: the gateway is without users then. */
	return book->user_count > 0 ? check_admins(book) : NULL;
}

const char *access_add_key(struct access_book *book, void *context)
{
	struct access_change *change = context;

	if (!access_name_valid(change->name)) {
		return "a key's name is of letters, digits and . _ - @, 63 at most";
	}
	if (change->role == ACCESS_NOBODY) {
		return "a role is viewer, operator or admin";
	}
	if (!access_printers_valid(change->printers)) {
		return "printers are serial numbers";
	}
	if (change->expires_in_s != 0 && (change->expires_in_s < ACCESS_EXPIRY_MIN_S ||
					  change->expires_in_s > ACCESS_EXPIRY_MAX_S)) {
		return "a key lasts from a minute to ten years";
	}
	if (book->key_count == ACCESS_KEYS_MAX) {
		return "there are as many keys as there may be";
	}
	struct access_key *keys = wiping_grow(book->keys, book->key_count, sizeof(*keys));
	if (!keys) {
		return access_no_memory;
	}
	book->keys = keys;
	struct access_key *key = &keys[book->key_count];
	snprintf(key->name, sizeof(key->name), "%s", change->name);
	snprintf(key->maker, sizeof(key->maker), "%s", change->maker ? change->maker : "");
	key->created_at = change->now_s;
	key->expires_at = change->expires_in_s != 0 ? change->now_s + change->expires_in_s : 0;
	if (make_hex(change->id, (ACCESS_ID_SIZE - 1) / 2) || access_secret_make(change->secret) ||
	    !access_hash(change->secret, key->hash) ||
	    (change->digest && !access_ha1(change->secret, key->ha1)) ||
	    !set_grant(&key->grant, change)) {
		return "a key cannot be made: libcrypto failed, or memory is short";
	}
	memcpy(key->id, change->id, sizeof(key->id));
	book->key_count++;
	return NULL;
}

const char *access_remove_key(struct access_book *book, void *context)
{
	const struct access_change *change = context;
	struct access_key *key = access_book_key(book, change->id);

	if (!key) {
		return "there is no such key";
	}
	access_grant_finish(&key->grant);
	size_t at = (size_t)(key - book->keys);
	book->key_count--;
	memmove(key, key + 1, (book->key_count - at) * sizeof(*key));
	OPENSSL_cleanse(&book->keys[book->key_count], sizeof(*key));
	return NULL;
}
