/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka wants those above. */
#include <cmocka.h>

/* The gateway is killed with -9, at each arrow and at any moment; the printer goes on. */

#define KILLS     200
#define OPEN_MIN  3

#define NS_PER_US 1000
#define US_PER_S  1000000

/* As a process of its own; what it returns is its exit status. */
static pid_t fork_queue(struct world *world, const char *folder,
			int (*run)(struct world_queue *open))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct itimerval moment = {
			.it_value = {world->moment_us / US_PER_S, world->moment_us % US_PER_S}};
		struct world_queue open;

		/* Nobody handles that signal: it ends the process as -9 does. */
		assert_int_equal(setitimer(ITIMER_REAL, &moment, NULL), 0);
		world_open(&open, world, folder);
		int status = run(&open);

		world_close(&open);
		_exit(status);
	}
	return pid;
}

static int await_end(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* --- at each arrow --- */

static int add_and_print(struct world_queue *open)
{
	world_plate(open, 1, -1, NULL);
	world_until(open, world_add(open, 1, (struct queue_request){.serial = WORLD_SERIAL}),
		    QUEUE_FINISHED);
	return 0;
}

/* Until it is over, or somebody has to decide; as it says. */
static int go_on(struct world_queue *open)
{
	for (;;) {
		const struct queue_entry *entry = queue_next(open->queue, NULL);

		if (!entry || entry->is_doubtful || queue_state_is_over(entry->state)) {
			return !entry               ? QUEUE_STATES
			       : entry->is_doubtful ? QUEUE_WAITING
						    : (int)entry->state;
		}
		uv_run(&open->loop, UV_RUN_ONCE);
	}
}

static int try_again(struct world_queue *open)
{
	const struct queue_entry *entry = queue_next(open->queue, NULL);

	queue_retry(open->queue, entry->id, world_done, open);
	world_await(open);
	world_plate(open, 1, -1, NULL);
	world_until(open, entry->id, QUEUE_FINISHED);
	return 0;
}

static void kill_at(enum world_point point, bool is_in_doubt)
{
	struct world *world = world_create();
	char folder[PATH_MAX];

	world_make_folder(folder);
	world->kill_at = point;
	int status = await_end(fork_queue(world, folder, add_and_print));

	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	world->kill_at = WORLD_NOWHERE;
	status = await_end(fork_queue(world, folder, go_on));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), is_in_doubt ? QUEUE_WAITING : QUEUE_FINISHED);
	if (is_in_doubt) {
		assert_int_equal(world->starts[1], 0);
		status = await_end(fork_queue(world, folder, try_again));
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	assert_int_equal(world->starts[1], 1);
	world_remove_folder(folder);
}

/* FLAGSHIP_KILLS says how often at each arrow. */
static int count_rounds(void)
{
	const char *text = getenv("FLAGSHIP_KILLS");

	return text ? atoi(text) : 1;
}

static void kill_at_each_arrow(void)
{
	for (int point = WORLD_BEGUN; point < WORLD_POINTS; point++) {
		/* What waits only is reported before it is promised to anybody. */
		if (point != WORLD_REPORTED + QUEUE_WAITING &&
		    point != WORLD_REPORTED + QUEUE_FAILED &&
		    point != WORLD_REPORTED + QUEUE_CANCELLED && point != WORLD_REPORTED) {
			kill_at((enum world_point)point, point == WORLD_ORDERED);
		}
	}
}

static void is_killed_at_each_arrow(void **state)
{
	(void)state;
	for (int left = count_rounds(); left > 0; left--) {
		kill_at_each_arrow();
	}
}

/* --- at any moment --- */

/* The person who looks, and decides. */
static void decide(struct world_queue *open)
{
	const struct queue_entry *entry = NULL;

	while ((entry = queue_next(open->queue, entry))) {
		int number;

		if (entry->is_doubtful) {
			assert_int_equal(sscanf(entry->name, "job-%d", &number), 1);
			(open->world->starts[number] > 0 ? queue_remove : queue_retry)(
				open->queue, entry->id, NULL, NULL);
			return;
		}
	}
}

static size_t count_waiting(const struct world_queue *open)
{
	const struct queue_entry *entry = NULL;
	size_t count = 0;

	while ((entry = queue_next(open->queue, entry))) {
		count += !queue_state_is_over(entry->state);
	}
	return count;
}

static int print_on(struct world_queue *open)
{
	world_plate(open, -1, 1, NULL);
	for (;;) {
		/* Its number is used up, whether or not it is kept: what is promised is counted
		 * behind it. Without numbers it only goes on until it is killed. */
		while (open->world->added < WORLD_NAMES && count_waiting(open) < OPEN_MIN) {
			int number = open->world->added++;

			(void)world_add(open, number,
					(struct queue_request){.serial = WORLD_SERIAL});
			open->world->promised[number] = true;
		}
		decide(open);
		uv_run(&open->loop, UV_RUN_ONCE);
	}
	return 1; /* never: it is killed */
}

static int print_the_rest(struct world_queue *open)
{
	while (count_waiting(open) > 0) {
		decide(open);
		uv_run(&open->loop, UV_RUN_ONCE);
	}
	return 0;
}

/* How long the queue takes here to open, print a job and close: a busy machine takes many times
 * what an idle one does, and kills sooner than that would never see a job. */
static int measure_job_us(void)
{
	struct world *world = world_create();
	char folder[PATH_MAX];

	world_make_folder(folder);
	uint64_t begin = uv_hrtime();
	int status = await_end(fork_queue(world, folder, add_and_print));
	uint64_t elapsed_us = (uv_hrtime() - begin) / NS_PER_US;

	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	world_remove_folder(folder);
	return (int)elapsed_us;
}

static void is_killed_at_any_moment(void **state)
{
	struct world *world = world_create();
	char folder[PATH_MAX];
	unsigned int seed = 1;
	const int spread_us = measure_job_us();

	(void)state;
	world_make_folder(folder);
	for (int i = 0; i < KILLS; i++) {
		world->moment_us = 1 + rand_r(&seed) % spread_us;
		int status = await_end(fork_queue(world, folder, print_on));

		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
	}
	world->moment_us = 0;
	int status = await_end(fork_queue(world, folder, print_the_rest));

	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(world->added > OPEN_MIN);
	world_remove_folder(folder);
	for (int i = 0; i < world->added; i++) {
		if (world->promised[i]) {
			assert_int_equal(world->starts[i], 1);
		} else {
			assert_true(world->starts[i] <= 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_killed_at_each_arrow),
		cmocka_unit_test(is_killed_at_any_moment),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
