/* SPDX-License-Identifier: MIT */
#include "lives.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LIVES_MIN    20
#define COMMAND_SIZE 64
#define IN_MEMORY    "/dev/shm"
#define ON_DISK      "/tmp"

void lives_begin(struct lives *lives)
{
	const struct log_levels levels = {.others = LOG_LEVEL_ERROR};

	/* A database of so many lives does not wait for the disk. */
	*lives = (struct lives){0};
	snprintf(lives->folder, sizeof(lives->folder), "%s/lives-XXXXXX",
		 access(IN_MEMORY, W_OK) == 0 ? IN_MEMORY : ON_DISK);
	assert_non_null(mkdtemp(lives->folder));
	assert_int_equal(uv_loop_init(&lives->loop), 0);
	log_init(&lives->log, open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_FORMAT_TEXT, &levels);
}

void lives_end(struct lives *lives)
{
	failing_memory_arm(0);
	assert_int_equal(uv_loop_close(&lives->loop), 0);
	close(lives->log.file);
	lives_clear(lives);
	assert_int_equal(rmdir(lives->folder), 0);
}

void lives_clear(const struct lives *lives)
{
	char command[COMMAND_SIZE];

	snprintf(command, sizeof(command), "rm -rf '%s'/*", lives->folder);
	assert_int_equal(system(command), 0);
}

struct lives_count lives_run(const struct lives *lives, bool (*live)(void), unsigned int most,
			     bool clear)
{
	struct lives_count count = {0};
	bool fell = true;

	while (fell) {
		assert_in_range(++count.lived, 1, most);
		failing_memory_arm(count.lived);
		bool done = live();
		fell = failing_memory_fell();
		failing_memory_arm(0);
		assert_true(done || fell);
		count.unnoticed += fell && done;
		if (clear) {
			lives_clear(lives);
		}
	}
	assert_in_range(count.lived, LIVES_MIN, most);
	return count;
}
