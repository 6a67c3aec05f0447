/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "vendor/import/import.h"

#include <flagship/error.h>

#include <string.h>

/* What other programs keep is read, where each allocation fails once: it is told, and nothing is
 * lost of what was read before. */
#define LIST                                                                                \
	"[{\"station_sn\":\"AK7ABC0123456789\",\"station_name\":\"K\\u00fcche\","           \
	"\"station_model\":\"V8111\",\"wifi_mac\":\"aabbccddeeff\",\"ip_addr\":"            \
	"\"192.0.2.7\"},{\"station_sn\":\"AK7DEF0123456789\",\"station_model\":\"V8110\"}," \
	"{\"station_sn\":\"AK7GHI0123456789\"}]"
#define ANKERCTL                                                                         \
	"{\"__type__\":\"Config\",\"account\":{\"__type__\":\"Account\",\"auth_token\":" \
	"\"token\",\"email\":\"a@example.com\",\"region\":\"eu\",\"user_id\":\"user\"}," \
	"\"printers\":[{\"__type__\":\"Printer\",\"sn\":\"AK7ABC0123456789\",\"model\":" \
	"\"V8111\",\"name\":\"K\",\"mqtt_key\":\"00112233445566778899aabbccddeeff\"}]}"
#define WEB_VIEW                                                                      \
	"{\"user_id\":\"user\",\"email\":\"a@example.com\",\"auth_token\":\"token\"," \
	"\"ab_code\":\"DE\"}"

struct source {
	const char *name;
	int (*read)(struct store_account *account);
	int lost; /* the error where memory is short */
};

static int read_list(struct store_account *account)
{
	size_t skipped;

	return import_printer_file(LIST, strlen(LIST), account, &skipped);
}

static int read_ankerctl(struct store_account *account)
{
	size_t skipped;

	return import_ankerctl(ANKERCTL, strlen(ANKERCTL), account, &skipped);
}

static int read_web_view(struct store_account *account)
{
	return import_web_view(WEB_VIEW, strlen(WEB_VIEW), &account->login);
}

static const struct source sources[] = {
	{"a list of printers", read_list, FLAGSHIP_ERROR_MEMORY},
	{"ankerctl's file", read_ankerctl, FLAGSHIP_ERROR_MEMORY},
	{"a value of the web view", read_web_view, FLAGSHIP_ERROR_MEMORY},
};

static void each_allocation_fails_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		unsigned int number = 0;
		bool fell;

		do {
			struct store_account account = {0};

			failing_memory_arm(++number);
			int error = sources[i].read(&account);
			fell = failing_memory_fell();
			failing_memory_arm(0);
			if (error != (fell ? sources[i].lost : 0)) {
				fail_msg("%s: allocation %u: %d", sources[i].name, number, error);
			}
			if (fell) {
				/* What was read before stays usable. */
				assert_int_equal(sources[i].read(&account), 0);
			}
			store_account_finish(&account);
		} while (fell);
		assert_true(number > 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_fails_once)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("import_memory", tests, NULL, NULL);
}
