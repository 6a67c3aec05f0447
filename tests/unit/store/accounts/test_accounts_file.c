/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "store/accounts/accounts.h"
#include "store/accounts/fields.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FILE_NAME     "accounts.json"
#define WRITERS       4
#define WRITES        25 /* of each */
#define KILLS         20
#define KILL_AFTER_NS 2000000L
#define ROOM_BYTES    64 /* on the disk that is full */
#define LOCK_HELD_NS  100000000L
#define OTHER_USER    65534

struct addition {
	const char *user_id;
	const char *name; /* of printer AK1 */
	int result;       /* of the edit, in place of success */
	bool changed;
};

static int add(void *context, struct store_accounts *accounts)
{
	struct addition *addition = context;
	struct store_account account = {0};
	struct store_printer *printer = store_account_add_printer(&account);

	assert_non_null(printer);
	snprintf(account.login.user_id, sizeof(account.login.user_id), "%s", addition->user_id);
	printer->serial = "AK1";
	printer->name = addition->name;
	addition->changed = true;
	int error = store_accounts_put(accounts, &account, false);
	store_account_finish(&account);
	return error ? error : addition->result;
}

static int update(const char *path, const char *user_id, struct problem *problem)
{
	struct addition addition = {.user_id = user_id, .name = "name"};

	return store_accounts_update(path, add, &addition, problem);
}

static size_t count_accounts(const char *path)
{
	struct store_accounts accounts;
	struct problem problem;
	int error = store_accounts_load(path, &accounts, &problem);

	if (error) {
		print_error("%s\n", problem.text);
	}
	assert_int_equal(error, 0);
	size_t count = accounts.count;
	store_accounts_finish(&accounts);
	return count;
}

static int set_up(void **state)
{
	static struct folder folder;

	folder_create(&folder);
	*state = &folder;
	return 0;
}

static int tear_down(void **state)
{
	folder_remove(*state);
	return 0;
}

static void an_absent_file_holds_no_accounts(void **state)
{
	struct store_accounts accounts;
	struct problem problem;

	assert_int_equal(store_accounts_load(folder_file(*state, FILE_NAME), &accounts, &problem),
			 0);
	assert_int_equal(accounts.count, 0);
	assert_string_equal(problem.text, "");
	store_accounts_finish(&accounts);
	assert_int_equal(folder_count(*state, FILE_NAME, NULL), 0);
}

static void the_file_and_its_folders_are_made_for_their_owner_alone(void **state)
{
	struct folder *folder = *state;
	struct problem problem;
	mode_t mask = umask(0);

	assert_int_equal(update(folder_file(folder, "a/b/" FILE_NAME), "u1", &problem), 0);
	umask(mask);
	assert_string_equal(problem.text, "");
	assert_int_equal(folder_mode(folder->file), 0600);
	assert_int_equal(folder_mode(folder_file(folder, "a")), 0700);
	assert_int_equal(folder_mode(folder_file(folder, "a/b")), 0700);
	assert_int_equal(folder_mode(folder_file(folder, "a/b/." FILE_NAME ".lock")), 0600);
}

/* Every field with a text of its own, as long as it may be, with what JSON must escape. */
static void fill_text(char *out, size_t capacity, unsigned int seed)
{
	static const char pattern[] = "\"\\\n\t\x01/é€😀 ";
	size_t length = 0;

	memset(out, 0, capacity);
	length += (size_t)snprintf(out, capacity, "%u", seed);
	while (length + sizeof(pattern) <= capacity) {
		memcpy(out + length, pattern, sizeof(pattern));
		length += sizeof(pattern) - 1;
	}
	memset(out + length, 'x', capacity - 1 - length);
}

static void keep_filled(struct store_account *account, const char **place, unsigned int seed)
{
	char text[STORE_TEXT_MAX];

	fill_text(text, sizeof(text), seed);
	assert_true(store_account_keep(account, place, text));
}

static void add_filled(struct store_account *account, const char *serial, unsigned int seed)
{
	struct store_printer *printer = store_account_add_printer(account);

	assert_non_null(printer);
	printer->serial = serial;
	keep_filled(account, &printer->name, seed++);
	printer->model = FLAGSHIP_MODEL_E1;
	keep_filled(account, &printer->model_code, seed++);
	printer->key_hex = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	keep_filled(account, &printer->station_id, seed++);
	keep_filled(account, &printer->dsk_key, seed++);
	keep_filled(account, &printer->p2p_did, seed++);
	keep_filled(account, &printer->p2p_conn, seed++);
	keep_filled(account, &printer->app_conn, seed++);
	keep_filled(account, &printer->wifi_mac, seed++);
	keep_filled(account, &printer->address, seed++);
	keep_filled(account, &printer->firmware, seed++);
	keep_filled(account, &printer->p2p_license, seed++);
	keep_filled(account, &printer->member_type, seed++);
	printer->may_query = "yes";
	printer->may_command = "no";
	printer->may_camera = "yes";
	printer->created_at = INT64_MAX;
	printer->updated_at = 1;
}

static void fill_account(struct store_account *account)
{
	unsigned int seed = 100;

	*account = (struct store_account){0};
	fill_text(account->login.user_id, STORE_TEXT_MAX, seed++);
	fill_text(account->login.email, STORE_TEXT_MAX, seed++);
	fill_text(account->login.auth_token, STORE_TEXT_MAX, seed++);
	fill_text(account->login.country, STORE_TEXT_MAX, seed++);
	fill_text(account->login.domain, STORE_TEXT_MAX, seed++);
	account->login.token_expires_at = INT64_C(4102444800);
	account->login.region = FLAGSHIP_REGION_EU;
	fill_text(account->api, STORE_TEXT_MAX, seed++);
	fill_text(account->broker, STORE_TEXT_MAX, seed++);
	fill_text(account->ca_file, STORE_TEXT_MAX, seed++);
	fill_text(account->pin, STORE_TEXT_MAX, seed++);
	fill_text(account->mqtt_username, STORE_TEXT_MAX, seed++);
	fill_text(account->mqtt_password, STORE_TEXT_MAX, seed++);
	fill_text(account->source, STORE_TEXT_MAX, seed++);
	account->refreshed_at = 12345;
	add_filled(account, "AK1", 200);
	add_filled(account, "AK2", 300);
	add_filled(account, "AK3", 400);
}

static int put_filled(void *context, struct store_accounts *accounts)
{
	struct store_account account;

	(void)context;
	fill_account(&account);
	return store_accounts_put(accounts, &account, false);
}

static void check_same(struct store_printer *found, struct store_printer *wanted)
{
	for (size_t i = 0; i < accounts_printer_fields.count; i++) {
		const struct accounts_field *field = &accounts_printer_fields.fields[i];

		if (field->capacity > 0) {
			assert_string_equal(accounts_field_text(found, field),
					    accounts_field_text(wanted, field));
		} else {
			assert_int_equal(*accounts_field_time(found, field),
					 *accounts_field_time(wanted, field));
		}
	}
	assert_int_equal(found->model, wanted->model);
}

static void everything_is_read_as_it_was_written(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct store_accounts accounts;
	struct store_account wanted;
	struct problem problem;

	assert_int_equal(store_accounts_update(path, put_filled, NULL, &problem), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), 0);
	assert_int_equal(accounts.count, 1);
	fill_account(&wanted);
	struct store_account *found = &accounts.accounts[0];
	assert_int_equal(found->printer_count, wanted.printer_count);
	for (size_t i = 0; i < wanted.printer_count; i++) {
		check_same(&found->printers[i], &wanted.printers[i]);
	}
	/* The account itself, but for where its printers are. */
	assert_memory_equal(found, &wanted, offsetof(struct store_account, printers));
	store_account_finish(&wanted);
	store_accounts_finish(&accounts);

	/* Nor does writing it again change a byte. */
	char *before = folder_read(path);
	assert_int_equal(store_accounts_update(path, put_filled, NULL, &problem), 0);
	char *after = folder_read(path);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

#define BEGIN "{\n\"version\": 1,\n\"accounts\": [\n"

static const struct {
	const char *text;
	size_t line;
	const char *reason;
} damages[] = {
	{"", 1, "the end is missing"},
	{"{\n\"version\": 1,\n", 3, "the end is missing"},
	{"{\n\"version\" 1,\n", 2, "this is no JSON"},
	{BEGIN "]}\nmore", 5, "this is no JSON"},
	{BEGIN "]}\n\n]", 6, "this is no JSON"},
	{"[]", 1, "an object with \"version\" and \"accounts\""},
	{"\n{\"version\": 1}", 2, "an object with \"version\" and \"accounts\""},
	{"{\"version\":\n0, \"accounts\": []}", 2, "no version"},
	{"{\"version\":\n\"1\", \"accounts\": []}", 2, "no version"},
	{"{\"version\": 1,\n\"accounts\":\n{}}", 3, "a list of accounts"},
	{"{\"accounts\":\n{}, \"version\": 1}", 2, "a list of accounts"},
	{BEGIN "{\"user_id\": 7}]}\n]", 5, "this is no JSON"},
	{BEGIN "3]}", 4, "an account in { }"},
	{BEGIN "{}]}", 4, "no user_id"},
	{BEGIN "{\"user_id\": \"u\"},\n{\"user_id\": \"u\"}]}", 5,
	 "this account stands here twice"},
	{BEGIN "{\"user_id\":\n7}]}", 5, "a text in quotes"},
	{BEGIN "{\"user_id\": \"u\",\n\"refreshed_at\": \"x\"}]}", 5, "a time in whole seconds"},
	{BEGIN "{\"user_id\": \"u\",\n\"refreshed_at\": -1}]}", 5, "a time in whole seconds"},
	{BEGIN "{\"user_id\": \"u\",\n\"refreshed_at\": 1e99}]}", 5, "a time in whole seconds"},
	{BEGIN "{\"user_id\": \"u\", \"region\":\n\"cn\"}]}", 5, "the region is"},
	{BEGIN "{\"user_id\": \"u\", \"printers\":\n{}}]}", 5, "a list of printers"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [\n7]}]}", 5, "a printer in { }"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [\n{}]}]}", 5, "no valid serial number"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [{\"serial\":\"A\"}],\n\"printers\":[]}]}", 5,
	 "the printers stand here twice"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [{\"serial\":\"A\"},\n{\"serial\":\"A\"}]}]}", 5,
	 "this printer stands here twice"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [\n{\"serial\":\"A\",\"key\":\"12\"}]}]}", 5,
	 "not 32 or 64 hex digits"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [{\"serial\":\"A\",\n\"model\":\"M6\"}]}]}", 5,
	 "this model is not known"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [{\"serial\":\n"
	       "\"123456789012345678901234567890123\"}]}]}",
	 5, "this text is too long"},
};

static void a_damaged_file_is_told_with_its_line_and_left_alone(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;
	char line[32];

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		folder_write(path, damages[i].text, 0600);
		snprintf(line, sizeof(line), "damaged: line %zu: ", damages[i].line);
		int error = store_accounts_load(path, &accounts, &problem);
		assert_int_equal(error, FLAGSHIP_ERROR_STORE);
		if (!strstr(problem.text, line) || !strstr(problem.text, damages[i].reason)) {
			print_error("%s\nbut wanted %s%s\n", problem.text, line, damages[i].reason);
		}
		assert_non_null(strstr(problem.text, path));
		assert_non_null(strstr(problem.text, line));
		assert_non_null(strstr(problem.text, damages[i].reason));
		assert_int_equal(accounts.count, 0);
		char *text = folder_read(path);
		assert_string_equal(text, damages[i].text);
		free(text);
	}
}

static void a_damaged_file_is_kept_when_a_new_one_is_written(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	char kept[PATH_MAX];

	folder_write(path, "{\n\"version\": 1,", 0600);
	assert_int_equal(update(path, "u1", &problem), 0);
	assert_int_equal(folder_count(folder, FILE_NAME ".damaged-", kept), 1);
	assert_non_null(strstr(problem.text, "damaged: line 2: "));
	assert_non_null(strstr(problem.text, kept));
	char *text = folder_read(kept);
	assert_string_equal(text, "{\n\"version\": 1,");
	free(text);
	assert_int_equal(count_accounts(path), 1);

	/* Twice in a second: neither overwrites the other. */
	folder_write(path, "second", 0600);
	assert_int_equal(update(path, "u1", &problem), 0);
	folder_write(path, "third", 0600);
	assert_int_equal(update(path, "u1", &problem), 0);
	assert_int_equal(folder_count(folder, FILE_NAME ".damaged-", NULL), 3);
}

static void what_edit_refuses_changes_nothing(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	struct addition refused = {.user_id = "u2", .name = "", .result = FLAGSHIP_ERROR_RANGE};

	assert_int_equal(update(path, "u1", &problem), 0);
	assert_int_equal(store_accounts_update(path, add, &refused, &problem),
			 FLAGSHIP_ERROR_RANGE);
	assert_true(refused.changed);
	assert_int_equal(count_accounts(path), 1);

	folder_write(path, "damaged", 0600);
	assert_int_equal(store_accounts_update(path, add, &refused, &problem),
			 FLAGSHIP_ERROR_RANGE);
	char *text = folder_read(path);
	assert_string_equal(text, "damaged");
	free(text);
	assert_int_equal(folder_count(folder, FILE_NAME ".damaged-", NULL), 0);
}

static void the_file_of_a_later_version_is_not_touched(void **state)
{
	static const char text[] = "{\"version\": 2,\n\"accounts\": [], \"more\": {}}";
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;

	folder_write(path, text, 0600);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "a later flagship wrote this file"));
	assert_int_equal(update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "a later flagship wrote this file"));
	char *after = folder_read(path);
	assert_string_equal(after, text);
	free(after);
	assert_int_equal(folder_count(folder, FILE_NAME, NULL), 1);
}

static void what_people_write_by_hand_is_read(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;

	folder_write(path,
		     "\xef\xbb\xbf{\r\n\"version\":1,\"comment\":[{}],\"accounts\":[{\"user_id\":"
		     "\"u\",\"country\":\"nz\",\"email\":null,\"later\":{\"a\":[1]},"
		     "\"printers\":[{\"serial\":\"A\",\"model_code\":\"V8110\",\"x\":true}]}]}\r\n",
		     0600);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), 0);
	assert_int_equal(accounts.accounts[0].login.region, FLAGSHIP_REGION_US);
	assert_string_equal(accounts.accounts[0].login.email, "");
	assert_int_equal(accounts.accounts[0].printers[0].model, FLAGSHIP_MODEL_M5C);
	store_accounts_finish(&accounts);
}

static void a_file_that_others_can_read_is_told_and_closed(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;

	assert_int_equal(update(path, "u1", &problem), 0);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), 0);
	assert_int_equal(accounts.count, 1);
	assert_non_null(strstr(problem.text, "can be read by others"));
	assert_non_null(strstr(problem.text, "chmod 600"));
	store_accounts_finish(&accounts);

	assert_int_equal(update(path, "u2", &problem), 0);
	assert_non_null(strstr(problem.text, "could be read by others until now (mode 0640)"));
	assert_int_equal(folder_mode(path), 0600);
	assert_int_equal(update(path, "u3", &problem), 0);
	assert_string_equal(problem.text, "");
}

static void a_link_stays_and_what_it_leads_to_is_replaced(void **state)
{
	struct folder *folder = *state;
	char target[PATH_MAX];
	char link_path[PATH_MAX];
	struct problem problem;
	struct stat status;

	assert_int_equal(mkdir(folder_file(folder, "elsewhere"), 0700), 0);
	strcpy(target, folder_file(folder, "elsewhere/real.json"));
	strcpy(link_path, folder_file(folder, FILE_NAME));
	assert_int_equal(symlink("elsewhere/real.json", link_path), 0);
	assert_int_equal(update(link_path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "a symbolic link that leads nowhere"));

	assert_int_equal(update(target, "u1", &problem), 0);
	assert_int_equal(update(link_path, "u2", &problem), 0);
	assert_int_equal(lstat(link_path, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(count_accounts(target), 2);
}

static void what_is_no_file_is_told_without_waiting(void **state)
{
	struct folder *folder = *state;
	struct store_accounts accounts;
	struct problem problem;
	const char *path = folder_file(folder, FILE_NAME);

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "no regular file"));
	assert_int_equal(update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(unlink(path), 0);

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(rmdir(path), 0);

	folder_write(path, "", 0600);
	assert_int_equal(truncate(path, (off_t)1 << 30), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "far too large"));
	assert_int_equal(unlink(path), 0);

	folder_write(path, "", 0600);
	path = folder_file(folder, FILE_NAME "/below");
	assert_int_equal(update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, strerror(ENOTDIR)));
}

static int spoil(void *context, struct store_accounts *accounts)
{
	accounts->accounts[0].printers[0].serial = context;
	return 0;
}

static void what_could_not_be_read_again_is_not_written(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct problem problem;

	assert_int_equal(update(path, "u1", &problem), 0);
	assert_int_equal(store_accounts_update(path, spoil, "no/serial", &problem),
			 FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "would be damaged"));
	assert_non_null(strstr(problem.text, "nothing was changed"));
	assert_int_equal(count_accounts(path), 1);
	assert_int_equal(store_accounts_update(path, spoil, "AK2", &problem), 0);
}

static void a_name_that_is_too_long_is_told(void **state)
{
	struct folder *folder = *state;
	struct problem problem;
	char path[PATH_MAX + 1];

	/* No file of this name can have another beside it with a longer one. */
	int length = snprintf(path, sizeof(path), "%s/", folder->path);
	memset(path + length, 'x', NAME_MAX);
	path[length + NAME_MAX] = '\0';
	assert_int_equal(update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, strerror(ENAMETOOLONG)));
	memset(path, '/', PATH_MAX);
	path[PATH_MAX] = '\0';
	assert_int_equal(update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(folder_count(folder, "x", NULL), 0);
}

static void root_keeps_out_of_the_folder_of_another(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;

	if (geteuid() != 0) {
		print_message("skipped: only root can give folders away\n");
		skip();
	}
	assert_int_equal(chown(folder->path, OTHER_USER, OTHER_USER), 0);
	assert_int_equal(update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "belongs to user"));
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	store_accounts_finish(&accounts);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void others_may_not_write_where_it_is(void **state)
{
	static const mode_t modes[] = {0777, 01777, 0707, 0702};
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;

	assert_int_equal(update(path, "u1", &problem), 0);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(folder->path, modes[i]), 0);
		assert_int_equal(store_accounts_load(path, &accounts, &problem),
				 FLAGSHIP_ERROR_STORE);
		store_accounts_finish(&accounts);
		assert_non_null(strstr(problem.text, "chmod go-w"));
		assert_int_equal(update(path, "u2", &problem), FLAGSHIP_ERROR_STORE);
	}
	assert_int_equal(chmod(folder->path, 0755), 0);
	assert_int_equal(update(path, "u2", &problem), 0);
	assert_int_equal(chmod(path, 0602), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	store_accounts_finish(&accounts);
}

static void a_full_disk_changes_nothing(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	struct rlimit limit;
	struct rlimit small;

	assert_int_equal(update(path, "u1", &problem), 0);
	char *before = folder_read(path);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = ROOM_BYTES;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int error = update(path, "u2", &problem);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, SIG_DFL);

	assert_int_equal(error, FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "nothing was changed"));
	assert_non_null(strstr(problem.text, strerror(EFBIG)));
	char *after = folder_read(path);
	assert_string_equal(before, after);
	free(before);
	free(after);
	assert_int_equal(folder_count(folder, "." FILE_NAME ".new", NULL), 0);
	assert_int_equal(update(path, "u2", &problem), 0);
	assert_int_equal(count_accounts(path), 2);
}

static void write_as_process(const char *path, int number)
{
	struct problem problem;
	char user_id[32];

	for (int i = 0; i < WRITES; i++) {
		snprintf(user_id, sizeof(user_id), "writer%d-%d", number, i);
		if (update(path, user_id, &problem) != 0) {
			print_error("%s: %s\n", user_id, problem.text);
			_exit(1);
		}
	}
	_exit(0);
}

static void processes_that_write_at_the_same_time_lose_nothing(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	pid_t children[WRITERS];
	int status;

	for (int i = 0; i < WRITERS; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			write_as_process(path, i);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(count_accounts(path), WRITERS * WRITES);
}

static void a_process_that_is_killed_leaves_a_whole_file(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	const struct timespec pause = {.tv_nsec = KILL_AFTER_NS};
	int status;

	assert_int_equal(update(path, "u1", &problem), 0);
	for (int i = 0; i < KILLS; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			for (;;) {
				update(path, "u2", &problem);
			}
		}
		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(access(path, F_OK), 0); /* else somebody else removed it */
		assert_true(count_accounts(path) >= 1);
	}
	/* The lock died with them, and what they left is used up. */
	assert_int_equal(update(path, "u3", &problem), 0);
	assert_int_equal(folder_count(folder, "." FILE_NAME ".new", NULL), 0);
	assert_int_equal(folder_count(folder, FILE_NAME, NULL), 1);
}

static void a_writer_waits_for_the_one_before(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	const struct timespec held = {.tv_nsec = LOCK_HELD_NS};
	char lock[PATH_MAX];
	int ready[2];
	char byte;
	int status;

	assert_int_equal(update(path, "u1", &problem), 0);
	snprintf(lock, sizeof(lock), "%s/." FILE_NAME ".lock", folder->path);
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int descriptor = open(lock, O_RDWR);
		int failed = flock(descriptor, LOCK_EX) != 0 || write(ready[1], "x", 1) != 1;
		nanosleep(&held, NULL);
		/* Only the holder may still change the file. */
		folder_write(path, "{\"version\":1,\"accounts\":[{\"user_id\":\"held\"}]}", 0600);
		_exit(failed);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(update(path, "u2", &problem), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
	char *text = folder_read(path);
	assert_non_null(strstr(text, "held"));
	assert_non_null(strstr(text, "u2"));
	assert_null(strstr(text, "u1"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_absent_file_holds_no_accounts, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			the_file_and_its_folders_are_made_for_their_owner_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(everything_is_read_as_it_was_written, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_told_with_its_line_and_left_alone,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_kept_when_a_new_one_is_written,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_edit_refuses_changes_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_file_of_a_later_version_is_not_touched, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_people_write_by_hand_is_read, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_others_can_read_is_told_and_closed,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_link_stays_and_what_it_leads_to_is_replaced,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_told_without_waiting, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_could_not_be_read_again_is_not_written, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_name_that_is_too_long_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(root_keeps_out_of_the_folder_of_another, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(others_may_not_write_where_it_is, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(processes_that_write_at_the_same_time_lose_nothing,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_process_that_is_killed_leaves_a_whole_file,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_writer_waits_for_the_one_before, set_up,
						tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
