/* SPDX-License-Identifier: MIT */
#include "gateway/push/book.h"

#include "base/hex.h"
#include "gateway/push/book_text.h"
#include "store/file/file.h"
#include "store/file/replace_file.h"
#include "webpush/vapid.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MODE 0600

struct push_book {
	char path[PATH_MAX];
	struct push_contents contents;
};

/* --- words --- */

static const char *const kind_names[PUSH_KINDS] = {
	[PUSH_FINISHED] = "finished", [PUSH_FAILED] = "failed",   [PUSH_PAUSED] = "paused",
	[PUSH_PLATE] = "plate",       [PUSH_OFFLINE] = "offline",
};

const char *push_kind_name(enum push_kind kind)
{
	return kind < PUSH_KINDS ? kind_names[kind] : NULL;
}

enum push_kind push_kind_of(const char *name)
{
	enum push_kind kind = PUSH_FINISHED;

	while (kind < PUSH_KINDS && strcmp(kind_names[kind], name) != 0) {
		kind++;
	}
	return kind;
}

bool push_language_known(const char *language)
{
	static const char *const known[] = {"en", "de", "fr", "es", "zh"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i], language) == 0) {
			return true;
		}
	}
	return false;
}

bool push_id_of(const char *endpoint, char id[PUSH_ID_SIZE])
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	if (!SHA256((const unsigned char *)endpoint, strlen(endpoint), hash)) {
		return false;
	}
	hex_encode(hash, (PUSH_ID_SIZE - 1) / 2, HEX_LOWER, id);
	return true;
}

/* --- the file --- */

static int save_contents(const struct push_book *book, const struct push_contents *contents,
			 struct problem *problem)
{
	size_t length;
	char *text = push_contents_write(contents, &length);

	if (!text) {
		return problem_memory(problem);
	}
	/* Without a lock, for which the loop would wait: the folder is this gateway's alone. */
	int trouble = replace_file(book->path, text, length, FILE_MODE);
	OPENSSL_cleanse(text, length);
	free(text);
	return trouble ? problem_cannot(problem, "write", book->path, trouble,
					"; nothing was changed")
		       : 0;
}

static int load_contents(struct push_book *book, struct problem *problem)
{
	struct store_file file;
	int error = store_file_read(book->path, &file, problem);

	if (!error && file.text) {
		error = push_contents_read(&book->contents, file.text, file.length);
		if (error == FLAGSHIP_ERROR_JSON) {
			problem_set(problem,
				    "%.900s is no list of subscriptions: put it right, or remove "
				    "it, and have each device subscribe anew",
				    book->path);
			error = FLAGSHIP_ERROR_STORE;
		} else if (error) {
			error = problem_memory(problem);
		}
	}
	store_file_release(&file);
	return error;
}

/* --- life --- */

int push_book_read(const char *path, struct push_book **out, struct problem *problem)
{
	struct push_book *book = calloc(1, sizeof(*book));
	int error = book ? 0 : problem_memory(problem);

	*out = NULL;
	if (!error) {
		snprintf(book->path, sizeof(book->path), "%s", path);
		error = load_contents(book, problem);
	}
	if (error) {
		push_book_close(book);
		return error;
	}
	*out = book;
	return 0;
}

int push_book_open(const char *folder, struct push_book **book, struct problem *problem)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/" PUSH_FILE, folder);

	*book = NULL;
	if (length < 1 || (size_t)length >= sizeof(path)) {
		problem_set(problem, "the path of " PUSH_FILE " would be too long");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return push_book_read(path, book, problem);
}

void push_book_close(struct push_book *book)
{
	if (book) {
		push_contents_finish(&book->contents);
		free(book);
	}
}

/* --- what it holds --- */

int push_book_key(struct push_book *book, const uint8_t **scalar, struct problem *problem)
{
	struct push_contents changed = book->contents;
	int error = 0;

	if (!changed.has_key) {
		changed.has_key = true;
		error = vapid_key_make(changed.scalar);
		if (error) {
			problem_set(problem, "a key for push services cannot be made");
		} else {
			error = save_contents(book, &changed, problem);
		}
		if (!error) {
			book->contents = changed;
		}
		OPENSSL_cleanse(changed.scalar, sizeof(changed.scalar));
	}
	*scalar = book->contents.scalar;
	return error;
}

size_t push_book_count(const struct push_book *book)
{
	return book->contents.count;
}

const struct push_subscription *push_book_at(const struct push_book *book, size_t index)
{
	return &book->contents.entries[index];
}

const struct push_subscription *push_book_find(const struct push_book *book, const char *id)
{
	for (size_t i = 0; i < book->contents.count; i++) {
		if (strcmp(book->contents.entries[i].id, id) == 0) {
			return &book->contents.entries[i];
		}
	}
	return NULL;
}

/* --- changes --- */

static bool any_goes(const struct push_book *book,
		     bool (*goes)(const void *context,
				  const struct push_subscription *subscription),
		     const void *context)
{
	for (size_t i = 0; i < book->contents.count; i++) {
		if (goes(context, &book->contents.entries[i])) {
			return true;
		}
	}
	return false;
}

/* Those that stay, with room for one more. */
static bool copy_staying(const struct push_book *book, struct push_contents *changed,
			 bool (*goes)(const void *context,
				      const struct push_subscription *subscription),
			 const void *context)
{
	const struct push_contents *now = &book->contents;

	*changed = *now;
	changed->count = 0;
	changed->entries = calloc(now->count + 1, sizeof(*changed->entries));
	for (size_t i = 0; changed->entries && i < now->count; i++) {
		if (!goes(context, &now->entries[i])) {
			changed->entries[changed->count++] = now->entries[i];
		}
	}
	return changed->entries != NULL;
}

/* Takes the changed ones over, once they are kept. */
static int replace_contents(struct push_book *book, struct push_contents *changed,
			    struct problem *problem)
{
	int error = save_contents(book, changed, problem);

	if (error) {
		push_contents_finish(changed);
		return error;
	}
	push_contents_finish(&book->contents);
	book->contents = *changed;
	OPENSSL_cleanse(changed, sizeof(*changed));
	return 0;
}

static bool has_id(const void *context, const struct push_subscription *subscription)
{
	return strcmp(subscription->id, context) == 0;
}

static size_t count_of_user(const struct push_contents *contents, const char *user)
{
	size_t count = 0;

	for (size_t i = 0; i < contents->count; i++) {
		count += strcmp(contents->entries[i].user, user) == 0;
	}
	return count;
}

int push_book_put(struct push_book *book, const struct push_subscription *subscription,
		  struct problem *problem)
{
	struct push_contents changed;

	if (!copy_staying(book, &changed, has_id, subscription->id)) {
		return problem_memory(problem);
	}
	if (changed.count >= PUSH_BOOK_MAX ||
	    count_of_user(&changed, subscription->user) >= PUSH_USER_MAX) {
		problem_set(problem,
			    "there are %d devices of a user and %d of all at most: remove one that "
			    "is not used any more",
			    PUSH_USER_MAX, PUSH_BOOK_MAX);
		push_contents_finish(&changed);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	changed.entries[changed.count++] = *subscription;
	return replace_contents(book, &changed, problem);
}

int push_book_drop(struct push_book *book,
		   bool (*goes)(const void *context, const struct push_subscription *subscription),
		   const void *context, struct problem *problem)
{
	struct push_contents changed;

	if (!any_goes(book, goes, context)) {
		return 0;
	}
	if (!copy_staying(book, &changed, goes, context)) {
		return problem_memory(problem);
	}
	return replace_contents(book, &changed, problem);
}

int push_book_remove(struct push_book *book, const char *id, struct problem *problem)
{
	return push_book_drop(book, has_id, id, problem);
}
