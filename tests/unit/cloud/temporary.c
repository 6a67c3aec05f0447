/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "temporary.h"

#include "cloud/registry/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void temporary_open(struct temporary *temporary)
{
	const char *parent = getenv("TMPDIR");
	struct problem problem;

	snprintf(temporary->folder, sizeof(temporary->folder), "%s/flagship-registry.XXXXXX",
		 parent != NULL ? parent : "/tmp");
	assert_non_null(mkdtemp(temporary->folder));
	snprintf(temporary->path, sizeof(temporary->path), "%s/registry.sqlite", temporary->folder);
	int result = registry_open(temporary->path, REGISTRY_CREATE, 1000, &temporary->registry,
				   &problem);
	if (result != 0) {
		fail_msg("%s", problem.text);
	}
}

void temporary_close(struct temporary *temporary)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", ".backup"};
	char name[PATH_MAX + 16];

	registry_close(temporary->registry);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", temporary->path, suffixes[i]);
		unlink(name);
	}
	assert_int_equal(rmdir(temporary->folder), 0);
}

struct registry_account temporary_account(struct temporary *temporary, const char *email,
					  const char *mqtt_password)
{
	struct registry_account account = {.created_at = 1700000000};

	snprintf(account.email, sizeof(account.email), "%s", email);
	snprintf(account.mqtt_password, sizeof(account.mqtt_password), "%s", mqtt_password);
	assert_int_equal(registry_add_account(temporary->registry, &account), 1);
	return account;
}

void temporary_execute(struct temporary *temporary, const char *sql)
{
	assert_int_equal(database_execute(temporary->registry->database, sql), 0);
}

void temporary_printer(struct temporary *temporary, const char *user_id, const char *serial)
{
	struct registry_printer printer = {.model = FLAGSHIP_MODEL_M5, .created_at = 1};

	snprintf(printer.serial, sizeof(printer.serial), "%s", serial);
	assert_int_equal(registry_put_printer(temporary->registry, &printer), 1);
	if (user_id != NULL) {
		assert_int_equal(registry_share(temporary->registry, user_id, serial), 1);
	}
}
