/* SPDX-License-Identifier: MIT */
#include "store/accounts/accounts.h"

#include "store/accounts/authority.h"
#include "store/accounts/text.h"
#include "store/file/file.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdlib.h>

#define ACCOUNTS_MODE  0600u
#define MODE_OF_OTHERS 077u

static void describe_fault(const char *path, const struct accounts_fault *fault,
			   struct problem *problem)
{
	if (fault->newer) {
		problem_set(problem, "%s, line %zu: %s; update this one", path, fault->line,
			    fault->reason);
	} else {
		problem_set(problem, "%s is damaged: line %zu: %s", path, fault->line,
			    fault->reason);
	}
}

/* fault->line is 0 where an error is none of the file's contents. */
static int read_accounts_file(const char *path, struct store_accounts *accounts, unsigned int *mode,
			      struct accounts_fault *fault, struct problem *problem)
{
	struct store_file file;

	*fault = (struct accounts_fault){0};
	*accounts = (struct store_accounts){0};
	problem->text[0] = '\0';
	int error = store_file_read(path, &file, problem);
	if (!error && file.text) {
		error = accounts_text_parse(file.text, file.length, accounts, fault);
		if (error == FLAGSHIP_ERROR_STORE) {
			describe_fault(path, fault, problem);
		} else if (error) {
			problem_memory(problem);
		}
	}
	for (size_t i = 0; !error && i < accounts->count; i++) {
		store_authority_find(accounts->accounts[i].ca_file,
				     sizeof(accounts->accounts[i].ca_file));
	}
	*mode = file.mode;
	store_file_release(&file);
	if (error) {
		store_accounts_finish(accounts);
	}
	return error;
}

int store_accounts_load(const char *path, struct store_accounts *accounts, struct problem *problem)
{
	struct accounts_fault fault;
	unsigned int mode;
	int error = read_accounts_file(path, accounts, &mode, &fault, problem);

	if (error && fault.line > 0 && !fault.newer) {
		problem_set(problem,
			    "%s is damaged: line %zu: %s; mend it, or import or log in "
			    "again, which keeps it under another name",
			    path, fault.line, fault.reason);
	} else if (!error && (mode & MODE_OF_OTHERS) != 0) {
		problem_set(problem,
			    "%s holds secrets and can be read by others; run "
			    "chmod 600 on it",
			    path);
	}
	return error;
}

/* Nothing may be written that could not be read again. */
static int write_accounts(const struct store_lock *lock, const struct store_accounts *accounts,
			  struct problem *problem)
{
	struct store_accounts again = {0};
	struct accounts_fault fault = {0};
	size_t length;
	char *text;
	int error = accounts_text_format(accounts, &text, &length);

	if (error) {
		return problem_memory(problem);
	}
	error = accounts_text_parse(text, length, &again, &fault);
	if (error == FLAGSHIP_ERROR_STORE) {
		problem_set(problem, "%s would be damaged in line %zu: %s; nothing was changed",
			    lock->path, fault.line, fault.reason);
	} else if (error) {
		problem_memory(problem);
	} else {
		error = store_file_replace(lock, text, length, ACCOUNTS_MODE, problem);
	}
	store_accounts_finish(&again);
	OPENSSL_cleanse(text, length);
	free(text);
	return error;
}

/* The damaged file gets another name, and the new one its own. */
static int replace_damaged(const struct store_lock *lock, const struct store_accounts *accounts,
			   struct problem *problem)
{
	const struct problem fault = *problem;
	char kept[PATH_MAX];
	int error = store_file_keep_damaged(lock, kept, problem);

	if (error) {
		return error;
	}
	error = write_accounts(lock, accounts, problem);
	if (error) {
		store_file_unkeep(lock, kept);
		return error;
	}
	problem_set(problem, "%s; it is kept as %s", fault.text, kept);
	return 0;
}

static int replace(const struct store_lock *lock, const struct store_accounts *accounts,
		   unsigned int mode, struct problem *problem)
{
	int error = write_accounts(lock, accounts, problem);

	if (!error && (mode & MODE_OF_OTHERS) != 0) {
		problem_set(problem, "%s could be read by others until now (mode %04o)", lock->path,
			    mode);
	}
	return error;
}

static int update_locked(const struct store_lock *lock, store_accounts_editor *edit, void *context,
			 struct problem *problem)
{
	struct store_accounts accounts;
	struct accounts_fault fault;
	unsigned int mode;
	int error = read_accounts_file(lock->path, &accounts, &mode, &fault, problem);
	bool damaged = error == FLAGSHIP_ERROR_STORE && fault.line > 0 && !fault.newer;

	if (error && !damaged) {
		return error;
	}
	error = edit(context, &accounts);
	if (!error) {
		error = damaged ? replace_damaged(lock, &accounts, problem)
				: replace(lock, &accounts, mode, problem);
	}
	store_accounts_finish(&accounts);
	return error;
}

int store_accounts_update(const char *path, store_accounts_editor *edit, void *context,
			  struct problem *problem)
{
	struct store_lock lock;

	problem->text[0] = '\0';
	int error = store_lock_take(path, &lock, problem);
	if (error) {
		return error;
	}
	error = update_locked(&lock, edit, context, problem);
	store_lock_release(&lock);
	return error;
}
