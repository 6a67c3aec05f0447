/* SPDX-License-Identifier: MIT */
#include "base/memory/wiping.h"
#include "gateway/access/book.h"
#include "store/file/file.h"

#include <flagship/error.h>

#define MODE           0600
#define MODE_OF_OTHERS 077u

int access_book_load(const char *path, struct access_book *book, struct problem *problem)
{
	struct store_file file;
	const char *fault = NULL;
	int error = access_book_init(book);

	if (error) {
		return problem_memory(problem);
	}
	error = store_file_read(path, &file, problem);
	if (!error && file.text) {
		fault = access_book_parse(book, file.text, file.length);
	}
	if (fault == access_no_memory) {
		error = problem_memory(problem);
	} else if (fault) {
		problem_set(problem, "%.900s is damaged: %s", path, fault);
		error = FLAGSHIP_ERROR_STORE;
	} else if (!error && file.text && (file.mode & MODE_OF_OTHERS) != 0) {
		problem_set(problem, "%.900s can be read by others: run chmod 600 on it", path);
		error = FLAGSHIP_ERROR_STORE;
	}
	store_file_release(&file);
	return error;
}

static int replace(const struct store_lock *lock, const struct access_book *book,
		   struct problem *problem)
{
	size_t length;
	char *text = access_book_print(book, &length);

	if (!text) {
		return problem_memory(problem);
	}
	int error = store_file_replace(lock, text, length, MODE, problem);
	wiping_free(text);
	return error;
}

int access_book_change(const char *path, bool waits, access_apply *apply, void *change,
		       const char **refusal, struct problem *problem)
{
	struct access_book book = {0};
	struct store_lock lock;

	*refusal = NULL;
	int error = waits ? store_lock_take(path, &lock, problem)
			  : store_lock_try(path, &lock, problem);
	if (error) {
		return error;
	}
	error = access_book_load(path, &book, problem);
	if (!error) {
		*refusal = apply(&book, change);
	}
	if (*refusal == access_no_memory) {
		*refusal = NULL;
		error = problem_memory(problem);
	}
	if (!error && !*refusal) {
		error = replace(&lock, &book, problem);
	}
	access_book_finish(&book);
	store_lock_release(&lock);
	return error;
}
