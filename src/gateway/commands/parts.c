/* SPDX-License-Identifier: MIT */
#include "gateway/commands/parts.h"

#include "cli/kit/external.h"
#include "gateway/commands/serving.h"

int account_work_create(uv_loop_t *loop, const struct accounts_options *options,
			struct accounts **accounts)
{
	char account_program[PATH_MAX];
	char main_program[PATH_MAX];
	struct accounts_options whole = *options;

	/* One that is not there is reported to who wants it. */
	whole.account_program = external_find("account", account_program) ? account_program
									  : "flagship-account";
	whole.main_program = external_find_main(main_program) ? main_program : "flagship";
	return accounts_create(loop, &whole, accounts);
}

int cloud_work_create(uv_loop_t *loop, const struct gateway_cloud_options *options,
		      struct gateway_cloud **cloud)
{
	char program[PATH_MAX];
	struct gateway_cloud_options whole = *options;

	whole.main_program = external_find_main(program) ? program : "flagship";
	return gateway_cloud_create(loop, &whole, cloud);
}

int backup_work_create(uv_loop_t *loop, const struct backup_options *options,
		       struct backup **backup)
{
	char program[PATH_MAX];
	struct backup_options whole = *options;

	whole.program = external_find("serve", program) ? program : "flagship-serve";
	return backup_create(loop, &whole, backup);
}

static int camera_work_create(uv_loop_t *loop, const struct cameras_options *options,
			      struct cameras **cameras)
{
	char program[PATH_MAX];
	char webcam[PATH_MAX];
	struct cameras_options whole = *options;

	whole.picture_program = external_find("picture", program) ? program : "flagship-picture";
	whole.webcam_program = external_find("webcam", webcam) ? webcam : "flagship-webcam";
	return cameras_create(loop, &whole, cameras);
}

static int timelapse_work_create(uv_loop_t *loop, const struct timelapse_options *options,
				 struct timelapse **timelapse)
{
	char program[PATH_MAX];
	struct timelapse_options whole = *options;

	whole.picture_program = external_find("picture", program) ? program : "flagship-picture";
	return timelapse_create(loop, &whole, timelapse);
}

static int start_cameras(struct serving *serving)
{
	const struct cameras_options options = {
		.printers = serving->printers,
		.access = serving->access,
		.log = &serving->log,
		.book = serving->webcams,
		.on_closed = serving_cameras_closed,
		.context = serving,
	};
	int error = camera_work_create(&serving->daemon.loop, &options, &serving->cameras);

	if (!error) {
		serving->cameras_part = (struct daemon_part){
			.name = "cameras", .stop = serving_stop_cameras, .context = serving};
		daemon_add(&serving->daemon, &serving->cameras_part);
	}
	return error;
}

static int start_timelapse(struct serving *serving)
{
	const struct timelapse_options options = {
		.folder = serving->options->folder,
		.printers = serving->printers,
		.cameras = serving->cameras,
		.history = serving->history,
		.access = serving->access,
		.log = &serving->log,
		.on_closed = serving_timelapse_closed,
		.context = serving,
	};
	int error = timelapse_work_create(&serving->daemon.loop, &options, &serving->timelapse);

	if (!error) {
		serving->timelapse_part = (struct daemon_part){
			.name = "timelapse", .stop = serving_stop_timelapse, .context = serving};
		daemon_add(&serving->daemon, &serving->timelapse_part);
	}
	return error;
}

int serving_start_cameras(struct serving *serving)
{
	int error = start_cameras(serving);

	return error ? error : start_timelapse(serving);
}

int serving_open_books(struct serving *serving, struct problem *problem)
{
	const char *folder = serving->options->folder;
	int error = webcam_book_open(folder, &serving->webcams, problem);

	if (!error &&
	    gateway_events_create(&serving->daemon.loop, serving->printers, &serving->events)) {
		error = problem_memory(problem);
	}
	return error ? error
		     : preferences_create(serving->access, serving->events, folder,
					  &serving->preferences, problem);
}

int serving_start_push(struct serving *serving, struct problem *problem)
{
	char program[PATH_MAX];
	const struct push_options options = {
		.folder = serving->options->folder,
		.printers = serving->printers,
		.queue = serving->print.queue,
		.access = serving->access,
		.log = &serving->log,
		.program = external_find("webpush", program) ? program : "flagship-webpush",
	};

	return web_push_create(&serving->daemon.loop, &options, &serving->push, problem);
}
