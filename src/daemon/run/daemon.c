/* SPDX-License-Identifier: MIT */
#include "daemon/run/daemon.h"

#include "daemon/run/memory.h"

#include <flagship/error.h>

#include <signal.h>
#include <stdio.h>

#define STOP_MS          2000
#define NOTIFY_LINES_MAX 256
#define STOP_AGAIN_MS    50 /* beyond the deadline, for what outlasts it */
#define LOG_FLUSH_MS     5000
#define STARTED_MS       10000 /* after it is ready: sessions are connected by then */

static const int numbers[DAEMON_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static void stop_next(struct daemon *daemon)
{
	struct daemon_part *part = daemon->parts;

	if (part && !part->ended) {
		part->stop(part->context);
	}
}

static void on_deadline(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	bool waits = false;

	for (struct daemon_part *part = daemon->parts; part; part = part->next) {
		waits = waits || part->outlasts;
		if (!daemon->broken_off) {
			log_write(daemon->options.log, LOG_LEVEL_WARNING, daemon->options.name,
				  "%s did not end in time", part->name);
		}
	}
	/* The rest is not waited for; what outlasts the deadline was never asked to end if its turn
	 * had not come. */
	if (!daemon->broken_off && waits) {
		for (struct daemon_part *part = daemon->parts ? daemon->parts->next : NULL; part;
		     part = part->next) {
			if (part->outlasts) {
				part->stop(part->context);
			}
		}
	}
	daemon->broken_off = true;
	if (waits) {
		uv_timer_start(timer, on_deadline, STOP_AGAIN_MS, 0);
		return;
	}
	uv_stop(&daemon->loop);
}

static void on_watchdog(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	(void)notify_send(&daemon->notify, "WATCHDOG=1");
}

/* A loop that turns is what the service manager is to see, so it is notified from there. */
static void open_notify(struct daemon *daemon)
{
	notify_open(&daemon->notify);
	uint64_t period_ms = notify_watchdog_period_ms(&daemon->notify);
	uv_timer_init(&daemon->loop, &daemon->watchdog);
	daemon->watchdog.data = daemon;
	if (period_ms > 0) {
		/* Of the time that is left where a program began anew in the same process. */
		(void)notify_send(&daemon->notify, "WATCHDOG=1");
		uv_timer_start(&daemon->watchdog, on_watchdog, period_ms, period_ms);
	}
	uv_unref((uv_handle_t *)&daemon->watchdog);
}

static void on_started(uv_timer_t *timer)
{
	(void)timer;
	memory_give_back();
}

void daemon_ready(struct daemon *daemon, const char *status)
{
	char lines[NOTIFY_LINES_MAX];

	if (!daemon->stopping) {
		snprintf(lines, sizeof(lines), "READY=1\nSTATUS=%s", status);
		(void)notify_send(&daemon->notify, lines);
		parent_report_ready(&daemon->parent);
		uv_timer_start(&daemon->started, on_started, STARTED_MS, 0);
	}
}

static void end_parts(struct daemon *daemon, int status)
{
	daemon->stopping = true;
	daemon->status = status;
	uv_timer_start(&daemon->deadline, on_deadline, daemon->options.stop_ms, 0);
	uv_unref((uv_handle_t *)&daemon->deadline);
	/* They stay caught, so that one that comes again does not cut this short. */
	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		uv_unref((uv_handle_t *)&daemon->signals[i]);
	}
	stop_next(daemon);
}

void daemon_stop(struct daemon *daemon, int status)
{
	if (!daemon->stopping) {
		(void)notify_send(&daemon->notify, "STOPPING=1");
		end_parts(daemon, status);
	}
}

void daemon_stop_to_begin_anew(struct daemon *daemon)
{
	if (!daemon->stopping) {
		end_parts(daemon, 0);
	}
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;

	if (number == SIGHUP) {
		if (daemon->options.reload && !daemon->stopping) {
			daemon->options.reload(daemon->options.context);
		}
		return;
	}
	if (!daemon->stopping) {
		log_write(daemon->options.log, LOG_LEVEL_INFO, daemon->options.name, "%s",
			  number == SIGINT ? "interrupted" : "asked to end");
	}
	daemon_stop(daemon, 0);
}

static void on_parent_gone(void *context)
{
	struct daemon *daemon = context;

	if (!daemon->stopping) {
		log_write(daemon->options.log, LOG_LEVEL_INFO, daemon->options.name,
			  "the program that started this one has ended");
	}
	daemon_stop(daemon, 0);
}

static void on_log_timer(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	log_flush_bounded(daemon->options.log);
}

static void do_nothing(uv_work_t *work)
{
	(void)work;
}

int daemon_init(struct daemon *daemon, const struct daemon_options *options)
{
	*daemon = (struct daemon){.options = *options};
	if (options->stop_ms == 0) {
		daemon->options.stop_ms = STOP_MS;
	}
	if (uv_loop_init(&daemon->loop)) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	uv_timer_init(&daemon->loop, &daemon->deadline);
	daemon->deadline.data = daemon;
	uv_timer_init(&daemon->loop, &daemon->log_timer);
	daemon->log_timer.data = daemon;
	uv_timer_start(&daemon->log_timer, on_log_timer, LOG_FLUSH_MS, LOG_FLUSH_MS);
	uv_unref((uv_handle_t *)&daemon->log_timer);
	uv_timer_init(&daemon->loop, &daemon->started);
	uv_unref((uv_handle_t *)&daemon->started);
	signal(SIGPIPE, SIG_IGN);
	open_notify(daemon);
	parent_open(&daemon->parent, &daemon->loop, on_parent_gone, daemon);
	/* libuv ends the program where it gets no memory for its threads, which come with the first
	 * work: now, and not when everybody is connected. */
	uv_queue_work(&daemon->loop, &daemon->first_work, do_nothing, NULL);
	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		uv_signal_start(&daemon->signals[i], on_signal, numbers[i]);
	}
	return 0;
}

void daemon_add(struct daemon *daemon, struct daemon_part *part)
{
	part->ended = false;
	part->next = daemon->parts;
	daemon->parts = part;
}

void daemon_part_ended(struct daemon *daemon, struct daemon_part *part)
{
	bool first = daemon->parts == part;

	part->ended = true;
	for (struct daemon_part **link = &daemon->parts; *link; link = &(*link)->next) {
		if (*link == part) {
			*link = part->next;
			break;
		}
	}
	if (first && daemon->stopping && !daemon->broken_off) {
		stop_next(daemon);
	}
}

int daemon_run(struct daemon *daemon, bool *broken_off)
{
	*broken_off = uv_run(&daemon->loop, UV_RUN_DEFAULT) != 0;
	return daemon->status;
}

/* Who is ending is not killed by being asked once more: handles that close give the signals back to
 * the system, which would. */
static void ignore_signals(struct daemon *daemon)
{
	sigset_t ends;
	sigset_t before;

	sigemptyset(&ends);
	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		sigaddset(&ends, numbers[i]);
	}
	pthread_sigmask(SIG_BLOCK, &ends, &before);
	for (size_t i = 0; i < DAEMON_SIGNALS; i++) {
		uv_close((uv_handle_t *)&daemon->signals[i], NULL);
		signal(numbers[i], SIG_IGN);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void daemon_finish(struct daemon *daemon)
{
	uv_close((uv_handle_t *)&daemon->deadline, NULL);
	uv_close((uv_handle_t *)&daemon->log_timer, NULL);
	uv_close((uv_handle_t *)&daemon->watchdog, NULL);
	uv_close((uv_handle_t *)&daemon->started, NULL);
	notify_close(&daemon->notify);
	parent_close(&daemon->parent);
	ignore_signals(daemon);
	uv_run(&daemon->loop, UV_RUN_DEFAULT);
	uv_loop_close(&daemon->loop);
}
