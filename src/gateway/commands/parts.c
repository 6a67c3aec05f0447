/* SPDX-License-Identifier: MIT */
#include "gateway/commands/serving.h"

#include "cli/kit/external.h"

/* Parts that other programs of flagship do work for, with those that are found here. One that is
 * not there is reported to who wants it. */

struct program_path {
	char text[PATH_MAX];
};

static const char *find_program(const char *part, const char *name, struct program_path *path)
{
	return external_find(part, path->text) ? path->text : name;
}

static const char *find_main(struct program_path *path)
{
	return external_find_main(path->text) ? path->text : "flagship";
}

/* --- accounts, cloud, backup --- */

static const char *find_lan_holder(const void *context, const char *serial)
{
	const struct serving *serving = context;

	return cameras_holder(serving->cameras, serial);
}

int serving_start_accounts(struct serving *serving)
{
	struct program_path account;
	struct program_path main_program;
	const struct accounts_options options = {
		.printers = serving->printers,
		.access = serving->access,
		.log = &serving->log,
		.account_program = find_program("account", "flagship-account", &account),
		.main_program = find_main(&main_program),
		.timeout_ms = serving->options->child_timeout_ms,
		.lan_holder = find_lan_holder,
		.context = serving,
	};

	return accounts_create(&serving->daemon.loop, &options, &serving->accounts);
}

int serving_start_cloud(struct serving *serving)
{
	struct program_path main_program;
	const struct gateway_cloud_options options = {
		.printers = serving->printers,
		.access = serving->access,
		.main_program = find_main(&main_program),
		.timeout_ms = serving->options->child_timeout_ms,
	};

	return gateway_cloud_create(&serving->daemon.loop, &options, &serving->cloud);
}

void serving_name_in_cloud(void *context, const char *serial, const char *name,
			   gateway_named *named, void *named_context)
{
	struct serving *serving = context;

	gateway_cloud_rename(serving->cloud, serial, name, named, named_context);
}

int serving_start_backup(struct serving *serving)
{
	struct program_path program;
	const struct backup_options options = {
		.access = serving->access,
		.log = &serving->log,
		.folder = serving->options->folder,
		.program = find_program("serve", "flagship-serve", &program),
		.on_restored = serving_begin_anew,
		.context = serving,
	};

	return backup_create(&serving->daemon.loop, &options, &serving->backup);
}

/* --- cameras and films --- */

static int start_cameras(struct serving *serving)
{
	struct program_path picture;
	struct program_path webcam;
	struct program_path rtsp;
	const struct cameras_options options = {
		.printers = serving->printers,
		.access = serving->access,
		.log = &serving->log,
		.book = serving->webcams,
		.picture_program = find_program("picture", "flagship-picture", &picture),
		.webcam_program = find_program("webcam", "flagship-webcam", &webcam),
		.rtsp_program = find_program("rtsp", "", &rtsp), /* may not be built */
		.on_closed = serving_cameras_closed,
		.context = serving,
	};
	int error = cameras_create(&serving->daemon.loop, &options, &serving->cameras);

	if (!error) {
		serving->cameras_part = (struct daemon_part){
			.name = "cameras", .stop = serving_stop_cameras, .context = serving};
		daemon_add(&serving->daemon, &serving->cameras_part);
	}
	return error;
}

static int start_timelapse(struct serving *serving)
{
	struct program_path picture;
	const struct timelapse_options options = {
		.folder = serving->options->folder,
		.printers = serving->printers,
		.cameras = serving->cameras,
		.history = serving->history,
		.picture_program = find_program("picture", "flagship-picture", &picture),
		.access = serving->access,
		.log = &serving->log,
		.on_closed = serving_timelapse_closed,
		.context = serving,
	};
	int error = timelapse_create(&serving->daemon.loop, &options, &serving->timelapse);

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

/* --- what is kept, and who is told --- */

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
	struct program_path program;
	const struct push_options options = {
		.folder = serving->options->folder,
		.printers = serving->printers,
		.queue = serving->print.queue,
		.access = serving->access,
		.log = &serving->log,
		.program = find_program("webpush", "flagship-webpush", &program),
	};

	return push_create(&serving->daemon.loop, &options, &serving->push, problem);
}
