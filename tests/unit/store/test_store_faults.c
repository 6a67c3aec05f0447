/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "store/accounts/accounts.h"
#include "store/settings/settings.h"

#include <flagship/error.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The linker sends the library's calls to the functions named here (--wrap). The call that
 * calls_until_fault counts down to fails, all others do their work.
 */
static unsigned int calls_until_fault; /* 0: none fails */

static bool fault_due(void)
{
	if (calls_until_fault > 0 && --calls_until_fault == 0) {
		errno = EIO;
		return true;
	}
	return false;
}

#define WRAP(type, failure, name, parameters, arguments)                  \
	type __real_##name parameters;                                    \
	type __wrap_##name parameters;                                    \
	type __wrap_##name parameters                                     \
	{                                                                 \
		return fault_due() ? (failure) : __real_##name arguments; \
	}

WRAP(char *, NULL, strdup, (const char *text), (text))
WRAP(FILE *, NULL, open_memstream, (char **text, size_t *length), (text, length))
WRAP(int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(char *, NULL, realpath, (const char *path, char *out), (path, out))
WRAP(int, -1, flock, (int descriptor, int operation), (descriptor, operation))
WRAP(ssize_t, -1, read, (int descriptor, void *out, size_t size), (descriptor, out, size))
WRAP(ssize_t, -1, write, (int descriptor, const void *data, size_t size), (descriptor, data, size))
WRAP(int, -1, fchmod, (int descriptor, mode_t mode), (descriptor, mode))
WRAP(int, -1, fsync, (int descriptor), (descriptor))
WRAP(int, -1, rename, (const char *from, const char *to), (from, to))
WRAP(int, -1, link, (const char *from, const char *to), (from, to))

/* Every block that is in use. What is freed must hold nothing of a secret any more. */
#define BLOCKS_MAX 512
#define SECRET     "S3CR3T"

static struct block {
	void *memory;
	size_t size;
} blocks[BLOCKS_MAX];
static size_t secrets_freed;
static size_t blocks_freed;

void *__real_calloc(size_t count, size_t size);
static void *take_block(size_t size)
{
	void *memory = fault_due() ? NULL : __real_calloc(1, size);

	for (size_t i = 0; memory && i < BLOCKS_MAX; i++) {
		if (!blocks[i].memory) {
			blocks[i] = (struct block){memory, size};
			break;
		}
	}
	return memory;
}

void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return take_block(size);
}

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return take_block(count * size);
}

static bool holds_secret(const struct block *block)
{
	const char *bytes = block->memory;

	for (size_t i = 0; i + strlen(SECRET) <= block->size; i++) {
		if (memcmp(bytes + i, SECRET, strlen(SECRET)) == 0) {
			return true;
		}
	}
	return false;
}

void __real_free(void *memory);
void __wrap_free(void *memory);
void __wrap_free(void *memory)
{
	for (size_t i = 0; memory && i < BLOCKS_MAX; i++) {
		if (blocks[i].memory == memory) {
			secrets_freed += holds_secret(&blocks[i]);
			blocks_freed++;
			blocks[i] = (struct block){0};
		}
	}
	__real_free(memory);
}

#define ACCOUNTS "accounts.json"
#define SETTINGS "flagship.conf"
#define DAMAGED  "{\n\"version\": 1, " SECRET

static struct folder folder;
static char accounts_path[PATH_MAX];
static char settings_path[PATH_MAX];

static int set_up(void **state)
{
	(void)state;
	folder_create(&folder);
	strcpy(accounts_path, folder_file(&folder, "a/b/" ACCOUNTS));
	strcpy(settings_path, folder_file(&folder, "a/b/" SETTINGS));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(&folder);
	return 0;
}

static int put_account(struct store_accounts *accounts, const char *user_id)
{
	struct store_account account = {0};
	int error = FLAGSHIP_ERROR_MEMORY;

	strcpy(account.login.user_id, user_id);
	strcpy(account.login.email, SECRET "@example.com");
	strcpy(account.login.auth_token, SECRET);
	for (char serial[] = "AK1"; serial[2] <= '3'; serial[2]++) {
		struct store_printer *printer = store_account_add_printer(&account);
		if (!printer || !store_account_keep(&account, &printer->serial, serial) ||
		    !store_account_keep(&account, &printer->dsk_key, SECRET)) {
			goto out;
		}
	}
	error = store_accounts_put(accounts, &account, false);
out:
	store_account_finish(&account);
	return error;
}

static int put_two(void *context, struct store_accounts *accounts)
{
	(void)context;
	int error = put_account(accounts, "u1");
	return error ? error : put_account(accounts, "u2");
}

static size_t count_accounts(void)
{
	struct store_accounts accounts;
	struct problem problem;

	assert_int_equal(store_accounts_load(accounts_path, &accounts, &problem), 0);
	size_t count = accounts.count;
	store_accounts_finish(&accounts);
	return count;
}

struct operation {
	const char *name;
	void (*prepare)(void);
	int (*run)(struct problem *problem);
	void (*check_failed)(void);
	void (*check_done)(void);
};

static void prepare_nothing(void)
{
	struct folder below = {0};
	char kept[PATH_MAX];

	unlink(accounts_path);
	unlink(settings_path);
	snprintf(below.path, sizeof(below.path), "%.1024s/a/b", folder.path);
	while (access(below.path, F_OK) == 0 &&
	       folder_count(&below, ACCOUNTS ".damaged", kept) > 0) {
		unlink(kept);
	}
}

static size_t count_kept(void)
{
	struct folder below = {0};

	snprintf(below.path, sizeof(below.path), "%.1024s/a/b", folder.path);
	return folder_count(&below, ACCOUNTS ".damaged", NULL);
}

static void write_file(const char *path, const char *text)
{
	prepare_nothing();
	mkdir(folder_file(&folder, "a"), 0700);
	mkdir(folder_file(&folder, "a/b"), 0700);
	folder_write(path, text, 0600);
}

static void prepare_one(void)
{
	write_file(accounts_path,
		   "{\"version\":1,\"accounts\":[{\"user_id\":\"u0\",\"auth_token\":\"" SECRET
		   "\",\"printers\":[{\"serial\":\"AK1\"}]}]}");
}

static void prepare_damaged(void)
{
	write_file(accounts_path, DAMAGED);
}

static void prepare_settings(void)
{
	write_file(settings_path, "[cli]\n# mine\ntimeout = 3\n");
}

static int run_update(struct problem *problem)
{
	return store_accounts_update(accounts_path, put_two, NULL, problem);
}

static int run_load(struct problem *problem)
{
	struct store_accounts accounts;
	int error = store_accounts_load(accounts_path, &accounts, problem);

	assert_int_equal(accounts.count, error ? 0 : 1);
	store_accounts_finish(&accounts);
	return error;
}

static int run_set(struct problem *problem)
{
	return settings_set(settings_path, "cli", "timeout", "7", problem);
}

static int run_create(struct problem *problem)
{
	return settings_create_file(settings_path, problem);
}

static int run_settings_load(struct problem *problem)
{
	struct settings *settings;
	int error = settings_load(settings_path, &settings, problem);

	assert_true((settings == NULL) == (error != 0));
	settings_destroy(settings);
	return error;
}

static void check_text(const char *path, const char *wanted)
{
	char *text = folder_read(path);

	assert_string_equal(text, wanted);
	free(text);
}

static void check_absent(void)
{
	assert_int_equal(access(accounts_path, F_OK), -1);
	assert_int_equal(access(settings_path, F_OK), -1);
}

static void check_one(void)
{
	assert_int_equal(count_accounts(), 1);
}

static void check_two(void)
{
	assert_int_equal(count_accounts(), 2);
}

static void check_three(void)
{
	assert_int_equal(count_accounts(), 3);
}

static void check_damaged(void)
{
	check_text(accounts_path, DAMAGED);
	assert_int_equal(count_kept(), 0);
}

static void check_mended(void)
{
	check_two();
	assert_int_equal(count_kept(), 1);
}

static void check_settings_before(void)
{
	check_text(settings_path, "[cli]\n# mine\ntimeout = 3\n");
}

static void check_settings_after(void)
{
	check_text(settings_path, "[cli]\n# mine\ntimeout = 7\n");
}

static void check_settings_there(void)
{
	assert_int_equal(access(settings_path, F_OK), 0);
}

static void check_no_rest(const char *where)
{
	char path[PATH_MAX + sizeof("..new")];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/a/b/.%s.new", folder.path,
			 i ? ACCOUNTS : SETTINGS);
		if (access(path, F_OK) == 0) {
			print_error("%s\n", where);
		}
		assert_int_equal(access(path, F_OK), -1);
	}
	for (size_t i = 0; i < BLOCKS_MAX; i++) {
		if (blocks[i].memory) {
			print_error("%s: %zu bytes were not freed\n", where, blocks[i].size);
		}
		assert_null(blocks[i].memory);
	}
}

/* True where no call was left to fail. */
static bool run_with_fault(const struct operation *operation, unsigned int fault)
{
	struct problem problem = {0};
	char where[128];

	snprintf(where, sizeof(where), "%s, call %u", operation->name, fault);
	operation->prepare();
	memset(blocks, 0, sizeof(blocks));
	secrets_freed = 0;
	calls_until_fault = fault;
	int error = operation->run(&problem);
	bool fault_came = calls_until_fault == 0;
	calls_until_fault = 0;
	if (error && error != FLAGSHIP_ERROR_STORE && error != FLAGSHIP_ERROR_MEMORY) {
		print_error("%s: %d\n", where, error);
	}
	assert_true(!error || error == FLAGSHIP_ERROR_STORE || error == FLAGSHIP_ERROR_MEMORY);
	assert_int_equal(secrets_freed, 0);
	check_no_rest(where);
	if (error) {
		operation->check_failed();
	} else {
		operation->check_done();
	}
	return !fault_came && !error;
}

static void each_failing_call_is_reported_and_damages_nothing(void **state)
{
	static const struct operation operations[] = {
		{"first update", prepare_nothing, run_update, check_absent, check_two},
		{"update", prepare_one, run_update, check_one, check_three},
		{"update of a damaged one", prepare_damaged, run_update, check_damaged,
		 check_mended},
		{"load", prepare_one, run_load, check_one, check_one},
		{"settings_set", prepare_settings, run_set, check_settings_before,
		 check_settings_after},
		{"settings_set anew", prepare_nothing, run_set, check_absent, check_settings_there},
		{"settings_create_file", prepare_nothing, run_create, check_absent,
		 check_settings_there},
		{"settings_load", prepare_settings, run_settings_load, check_settings_before,
		 check_settings_before},
	};
	const unsigned int faults_max = 1000;

	(void)state;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		unsigned int fault = 1;

		while (fault < faults_max && !run_with_fault(&operations[i], fault)) {
			fault++;
		}
		assert_in_range(fault, 4, faults_max - 1);
	}
	assert_true(blocks_freed > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_failing_call_is_reported_and_damages_nothing,
						set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
