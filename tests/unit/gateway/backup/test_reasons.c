/* SPDX-License-Identifier: MIT */
/* What is said of a file of the gateway's: short memory is no damage, nor is a folder that cannot
 * be read one that is not empty. */
#include "gateway/access/book.h"
#include "gateway/backup/place.h"
#include "gateway/push/book.h"
#include "store/file/json.h"

#include <flagship/error.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ACCESS                                                                   \
	"{\"version\":1,\"secret\":\"" SECRET "\",\"users\":[{\"name\":\"ann\"," \
	"\"role\":\"admin\",\"password\":\"x\"}],\"keys\":[],\"settings\":{}}"
#define PUSH   "{\"subscriptions\":[]}"
#define DEEPER 40

static char folder[] = "/tmp/flagship-reasons-XXXXXX";
static char path[PATH_MAX];
static int opendir_fails; /* with this errno; 0: it does not */

DIR *__real_opendir(const char *name);
DIR *__wrap_opendir(const char *name);
DIR *__wrap_opendir(const char *name)
{
	if (opendir_fails) {
		errno = opendir_fails;
		return NULL;
	}
	return __real_opendir(name);
}

static void *allocate_nothing(size_t size)
{
	(void)size;
	errno = ENOMEM;
	return NULL;
}

static void take_memory(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = allocate_nothing, .free_fn = free});
}

static void give_memory(void)
{
	cJSON_InitHooks(NULL);
}

static int set_up(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - sizeof("XXXXXX"), "XXXXXX", sizeof("XXXXXX") - 1);
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct problem problem;

	(void)state;
	return backup_remove_tree(folder, &problem);
}

static void put(const char *name, const char *text)
{
	assert_true(backup_join(folder, name, path));
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	close(file);
}

static int read_access(struct problem *problem)
{
	struct access_book book;
	int error = access_book_load(path, &book, problem);

	access_book_finish(&book);
	return error;
}

static int read_push(struct problem *problem)
{
	struct push_book *book;
	int error = push_book_read(path, &book, problem);

	push_book_close(book);
	return error;
}

static void short_memory_is_no_damage(void **state)
{
	static const struct {
		const char *good;
		int (*read)(struct problem *problem);
		const char *damage;
	} files[] = {
		{ACCESS, read_access, "is damaged"},
		{PUSH, read_push, "is no list of subscriptions"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct problem problem = {0};

		put("file.json", files[i].good);
		take_memory();
		assert_int_equal(files[i].read(&problem), FLAGSHIP_ERROR_MEMORY);
		give_memory();
		assert_null(strstr(problem.text, files[i].damage));
		assert_non_null(strstr(problem.text, "memory"));
		assert_int_equal(files[i].read(&problem), 0);
		put("file.json", "{");
		assert_int_equal(files[i].read(&problem), FLAGSHIP_ERROR_STORE);
		assert_non_null(strstr(problem.text, files[i].damage));
	}
}

static const char *refuse_for_memory(struct access_book *book, void *context)
{
	(void)book;
	(void)context;
	return access_no_memory;
}

static void change_without_memory_is_no_refusal(void **state)
{
	struct problem problem = {0};
	const char *refusal;

	(void)state;
	put("access.json", ACCESS);
	assert_int_equal(
		access_book_change(path, true, refuse_for_memory, NULL, &refusal, &problem),
		FLAGSHIP_ERROR_MEMORY);
	assert_null(refusal);
}

static void one_value_is_parsed(void **state)
{
	static const char *const none[] = {"", "{", "{} {}", "[1,]"};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_null(store_json_parse(none[i], strlen(none[i])));
		assert_int_equal(errno, 0);
	}
	take_memory();
	assert_null(store_json_parse("{}", 2));
	assert_int_equal(errno, ENOMEM);
	give_memory();
	cJSON *json = store_json_parse("[1] \n", strlen("[1] \n"));
	assert_int_equal(cJSON_GetArraySize(json), 1);
	cJSON_Delete(json);
}

static void what_cannot_be_removed_says_why(void **state)
{
	struct problem problem = {0};
	char deep[PATH_MAX];

	(void)state;
	put("file.json", "{}");
	opendir_fails = EMFILE;
	assert_int_equal(backup_remove_tree(folder, &problem), FLAGSHIP_ERROR_STORE);
	opendir_fails = 0;
	assert_non_null(strstr(problem.text, strerror(EMFILE)));
	snprintf(deep, sizeof(deep), "%s", folder);
	for (unsigned int i = 0; i < DEEPER; i++) {
		snprintf(deep + strlen(deep), sizeof(deep) - strlen(deep), "/d");
		assert_int_equal(mkdir(deep, 0700), 0);
	}
	assert_int_equal(backup_remove_tree(folder, &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "in one another"));
	for (unsigned int i = 0; i < DEEPER; i++) {
		assert_int_equal(rmdir(deep), 0);
		*strrchr(deep, '/') = '\0';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(short_memory_is_no_damage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(change_without_memory_is_no_refusal, set_up,
						tear_down),
		cmocka_unit_test(one_value_is_parsed),
		cmocka_unit_test_setup_teardown(what_cannot_be_removed_says_why, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
