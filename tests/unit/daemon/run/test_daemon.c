/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/run/daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define STOP_MS 50
#define LONG_MS 20000 /* where nothing hangs, however slow the machine is */

struct server {
	struct daemon daemon;
	struct log log;
	struct daemon_part parts[3];
	uv_timer_t late; /* ends the part that waits */
	char order[16];
	unsigned int reloads;
};

static void note(struct server *server, char letter)
{
	size_t length = strlen(server->order);

	assert_true(length + 1 < sizeof(server->order));
	server->order[length] = letter;
}

static void stop_first(void *context)
{
	struct server *server = context;

	note(server, '1');
	daemon_part_ended(&server->daemon, &server->parts[0]);
}

static void on_late(uv_timer_t *timer)
{
	struct server *server = timer->data;

	note(server, 'e');
	uv_close((uv_handle_t *)timer, NULL);
	daemon_part_ended(&server->daemon, &server->parts[1]);
}

static void stop_second(void *context)
{
	struct server *server = context;

	note(server, '2');
	uv_timer_start(&server->late, on_late, 1, 0);
}

static void stop_third(void *context)
{
	struct server *server = context;

	note(server, '3');
	daemon_part_ended(&server->daemon, &server->parts[2]);
}

static void on_reload(void *context)
{
	struct server *server = context;

	server->reloads++;
	raise(SIGTERM);
}

static void start(struct server *server, unsigned int stop_ms)
{
	const struct log_levels levels = {.others = LOG_LEVEL_INFO};
	const struct daemon_options options = {.log = &server->log,
					       .name = "test",
					       .stop_ms = stop_ms,
					       .reload = on_reload,
					       .context = server};

	*server = (struct server){0};
	log_init(&server->log, open("/dev/null", O_WRONLY), LOG_FORMAT_TEXT, &levels);
	assert_int_equal(daemon_init(&server->daemon, &options), 0);
	uv_timer_init(&server->daemon.loop, &server->late);
	server->late.data = server;
	server->parts[0] = (struct daemon_part){.name = "first", .stop = stop_first};
	server->parts[1] = (struct daemon_part){.name = "second", .stop = stop_second};
	server->parts[2] = (struct daemon_part){.name = "third", .stop = stop_third};
	for (size_t i = 0; i < 3; i++) {
		server->parts[i].context = server;
		daemon_add(&server->daemon, &server->parts[i]);
	}
}

static void finish(struct server *server)
{
	daemon_finish(&server->daemon);
	/* Who asks once more is too late, and kills nobody. */
	raise(SIGTERM);
	raise(SIGINT);
	raise(SIGHUP);
	close(server->log.file);
}

static void parts_end_in_reverse_order(void **state)
{
	static struct server server;
	bool broken_off;

	(void)state;
	start(&server, LONG_MS);
	daemon_stop(&server.daemon, 7);
	daemon_stop(&server.daemon, 8);
	assert_int_equal(daemon_run(&server.daemon, &broken_off), 7);
	assert_false(broken_off);
	assert_string_equal(server.order, "32e1");
	finish(&server);
}

static void hangup_reloads_and_term_ends(void **state)
{
	static struct server server;
	bool broken_off;

	(void)state;
	start(&server, LONG_MS);
	raise(SIGHUP);
	assert_int_equal(daemon_run(&server.daemon, &broken_off), 0);
	assert_int_equal(server.reloads, 1);
	assert_string_equal(server.order, "32e1");
	finish(&server);
}

static void stop_never(void *context)
{
	struct server *server = context;

	note(server, 'n');
}

static void on_kept(uv_timer_t *timer)
{
	(void)timer;
}

/* What hangs is not waited for beyond the deadline, what must not stay behind is. */
static void a_part_that_hangs_is_left(void **state)
{
	static struct server server;
	bool broken_off;

	(void)state;
	start(&server, STOP_MS);
	server.parts[2].stop = stop_never;
	server.parts[1].outlasts = true;
	/* Something that keeps the loop alive, as a thread does. */
	uv_timer_t kept;
	uv_timer_init(&server.daemon.loop, &kept);
	uv_timer_start(&kept, on_kept, 3600000, 0);
	daemon_stop(&server.daemon, 1);
	assert_int_equal(daemon_run(&server.daemon, &broken_off), 1);
	assert_true(broken_off);
	assert_string_equal(server.order, "n2e");
	uv_close((uv_handle_t *)&kept, NULL);
	finish(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_end_in_reverse_order),
		cmocka_unit_test(hangup_reloads_and_term_ends),
		cmocka_unit_test(a_part_that_hangs_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
