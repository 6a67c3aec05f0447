/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka wants those above. */
#include <cmocka.h>

#define FILE_NAME "/part.gcode"

struct queue_transfer {
	struct world_queue *open;
	struct queue_sending sending;
	uv_timer_t timer;
	char name[QUEUE_NAME_SIZE];
	enum world_point at;
};

static void arrive(const struct world *world, enum world_point point)
{
	if (world->kill_at == point) {
		kill(getpid(), SIGKILL);
	}
}

/* --- the printer --- */

static void obey(struct world *world, const char *name)
{
	int number = -1;

	if (sscanf(name, "job-%d", &number) == 1 && number >= 0 && number < WORLD_NAMES) {
		world->starts[number]++;
	}
	assert_false(world->prints);
	world->task++;
	world->steps_left = 3;
	snprintf(world->job, sizeof(world->job), "%s", name);
	world->prints = true;
}

static void live_on(uv_timer_t *timer)
{
	struct world_queue *open = timer->data;
	struct world *world = open->world;
	struct queue_view view;

	if (world->prints && world->steps_left > 0 && --world->steps_left == 0) {
		world->prints = false;
		world->ended = QUEUE_ENDED_FINISHED;
		arrive(world, WORLD_OVER);
	}
	memset(&view, 0, sizeof(view));
	strcpy(view.serial, WORLD_SERIAL);
	strcpy(view.printer, "World");
	view.model = FLAGSHIP_MODEL_M5C;
	printer_profile_init(&view.profile, FLAGSHIP_MODEL_M5C);
	view.seen = world->offline  ? QUEUE_SEEN_NOTHING
		    : world->prints ? QUEUE_SEEN_JOB
				    : QUEUE_SEEN_IDLE;
	if (world->heats && view.seen == QUEUE_SEEN_IDLE) {
		view.seen = QUEUE_SEEN_JOB;
		view.is_preparing = true;
	}
	view.ended = world->ended;
	snprintf(view.job, sizeof(view.job), "%s", world->job);
	snprintf(view.task_id, sizeof(view.task_id), "%d", world->task);
	queue_observe(open->queue, &view);
}

/* --- the way to it --- */

static void free_transfer(uv_handle_t *handle)
{
	free(handle->data);
}

static void go_on(uv_timer_t *timer)
{
	struct queue_transfer *transfer = timer->data;
	struct world *world = transfer->open->world;
	const struct queue_sending *sending = &transfer->sending;

	switch (transfer->at) {
	case WORLD_BEGUN:
		transfer->at = WORLD_HALF_SENT;
		arrive(world, WORLD_HALF_SENT);
		sending->on_progress(sending->context, 1, 2);
		break;
	case WORLD_HALF_SENT:
		transfer->at = WORLD_LOADED;
		arrive(world, WORLD_LOADED);
		uv_timer_stop(timer);
		sending->on_loaded(sending->context);
		break;
	case WORLD_ORDERED:
		if (world->answer != QUEUE_SENT_NOT && world->answer != QUEUE_SENT_BUSY &&
		    !world->is_deaf) {
			obey(world, transfer->name);
		}
		transfer->at = WORLD_OBEYED;
		arrive(world, WORLD_OBEYED);
		break;
	default:
		arrive(world, WORLD_ANSWERED);
		uv_close((uv_handle_t *)timer, free_transfer);
		sending->on_end(sending->context, world->answer, world->words);
		break;
	}
}

static const char *lacks(void *context, const char *serial)
{
	const struct world_queue *open = context;

	(void)serial;
	return open->lacks;
}

static int begin(void *context, const struct queue_sending *sending, struct queue_transfer **out)
{
	struct world_queue *open = context;
	struct queue_transfer *transfer = calloc(1, sizeof(*transfer));

	assert_non_null(transfer);
	arrive(open->world, WORLD_BEGUN);
	assert_string_equal(sending->serial, WORLD_SERIAL);
	assert_true(print_file_size(sending->file) > 0);
	transfer->open = open;
	transfer->sending = *sending;
	transfer->at = WORLD_BEGUN;
	snprintf(transfer->name, sizeof(transfer->name), "%s", sending->name);
	uv_timer_init(&open->loop, &transfer->timer);
	transfer->timer.data = transfer;
	uv_timer_start(&transfer->timer, go_on, 0, (uint64_t)open->world->step_ms);
	*out = transfer;
	return 0;
}

static void order(struct queue_transfer *transfer)
{
	transfer->at = WORLD_ORDERED;
	arrive(transfer->open->world, WORLD_ORDERED);
	uv_timer_start(&transfer->timer, go_on, 0, (uint64_t)transfer->open->world->step_ms);
}

static void cancel(struct queue_transfer *transfer)
{
	uv_close((uv_handle_t *)&transfer->timer, free_transfer);
}

/* --- the queue --- */

static bool find_file(void *context, const char *hash, const char *path, struct queue_found *found)
{
	const struct world_queue *open = context;

	if (open->file_is_gone) {
		return false;
	}
	memset(found, 0, sizeof(*found));
	snprintf(found->place, sizeof(found->place), "%s", open->file);
	snprintf(found->path, sizeof(found->path), "%s", path);
	snprintf(found->hash, sizeof(found->hash), "%s", hash[0] != '\0' ? hash : "aa");
	snprintf(found->material, sizeof(found->material), "%s", open->material);
	return true;
}

static void on_queue_changed(void *context, const struct queue_entry *entry, bool gone)
{
	const struct world_queue *open = context;

	if (!gone) {
		arrive(open->world, (enum world_point)((int)WORLD_REPORTED + (int)entry->state));
	}
}

struct world *world_create(void)
{
	struct world *world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(world != MAP_FAILED);
	world->step_ms = 1;
	return world;
}

void world_make_folder(char folder[PATH_MAX])
{
	char path[PATH_MAX];

	snprintf(folder, PATH_MAX, "%s/queue-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%.4000s" FILE_NAME, folder);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs("; generated by PrusaSlicer 2.5.0\nG28\nG1 X10 Y10 Z1 E1 F1200\n", file);
	assert_int_equal(fclose(file), 0);
}

void world_remove_folder(const char *folder)
{
	DIR *entries = opendir(folder);
	const struct dirent *entry;

	assert_non_null(entries);
	while ((entry = readdir(entries))) {
		(void)unlinkat(dirfd(entries), entry->d_name, 0);
	}
	closedir(entries);
	assert_int_equal(rmdir(folder), 0);
}

void world_open(struct world_queue *open, struct world *world, const char *folder)
{
	static const struct log_levels levels = {.others = LOG_LEVEL_ERROR};
	struct queue_options options = {
		.folder = folder,
		.log = &open->log,
		.find_file = find_file,
		.sender = &open->sender,
		.context = open,
		.start_limit_ms = 20,
	};

	memset(open, 0, sizeof(*open));
	open->world = world;
	open->sender = (struct queue_sender){lacks, begin, order, cancel, open};
	log_init(&open->log, STDERR_FILENO, LOG_FORMAT_TEXT, &levels);
	snprintf(open->file, sizeof(open->file), "%.4000s" FILE_NAME, folder);
	assert_int_equal(uv_loop_init(&open->loop), 0);
	assert_int_equal(queue_create(&open->loop, &options, &open->queue), 0);
	open->listener = (struct queue_listener){.changed = on_queue_changed, .context = open};
	queue_subscribe(open->queue, &open->listener);
	uv_timer_init(&open->loop, &open->timer);
	open->timer.data = open;
	uv_timer_start(&open->timer, live_on, 0, (uint64_t)world->step_ms);
}

static void on_queue_closed(void *context)
{
	struct world_queue *open = context;

	open->is_closed = true;
}

void world_close(struct world_queue *open)
{
	uv_close((uv_handle_t *)&open->timer, NULL);
	queue_close(open->queue, on_queue_closed, open);
	uv_run(&open->loop, UV_RUN_DEFAULT);
	assert_true(open->is_closed);
	queue_destroy(open->queue);
	assert_int_equal(uv_loop_close(&open->loop), 0);
}

/* --- what a test asks --- */

void world_done(void *context, enum queue_result result, const struct queue_entry *entry,
		const char *detail)
{
	struct world_queue *open = context;

	open->answered = true;
	open->result = result;
	open->id = entry ? entry->id : 0;
	snprintf(open->detail, sizeof(open->detail), "%s", detail ? detail : "");
}

void world_await(struct world_queue *open)
{
	while (!open->answered) {
		uv_run(&open->loop, UV_RUN_ONCE);
	}
	open->answered = false;
}

int64_t world_add(struct world_queue *open, int number, struct queue_request request)
{
	char path[64];

	snprintf(path, sizeof(path), "parts/job-%d.gcode", number);
	request.path = path;
	request.asker = "test";
	request.copies = request.copies ? request.copies : 1;
	queue_add(open->queue, &request, world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_DONE);
	return open->id;
}

void world_plate(struct world_queue *open, int clear, int auto_clear, const char *material)
{
	const struct queue_plate_change change = {clear, auto_clear, material};

	queue_set_plate(open->queue, WORLD_SERIAL, &change, world_done, open);
	world_await(open);
}

void world_until(struct world_queue *open, int64_t id, enum queue_state state)
{
	const struct queue_entry *entry;

	while ((entry = queue_find(open->queue, id)) && entry->state != state) {
		assert_true(!queue_state_is_over(entry->state) || state == entry->state);
		uv_run(&open->loop, UV_RUN_ONCE);
	}
	assert_non_null(entry);
}

void world_until_doubtful(struct world_queue *open, int64_t id)
{
	while (!queue_find(open->queue, id)->is_doubtful) {
		uv_run(&open->loop, UV_RUN_ONCE);
	}
}

void world_until_reason(struct world_queue *open, int64_t id, const char *words)
{
	while (!strstr(queue_find(open->queue, id)->reason, words)) {
		uv_run(&open->loop, UV_RUN_ONCE);
	}
}
