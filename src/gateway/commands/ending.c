/* SPDX-License-Identifier: MIT */
#include "gateway/commands/serving.h"

void serving_stop_server(void *context)
{
	struct serving *serving = context;

	watch_stop(serving->certificates);
	serving->certificates = NULL;
	access_stop(serving->access);
	gateway_events_stop(serving->events);
	rest_stop(serving->rest);
	timelapse_stop(serving->timelapse);
	cameras_stop(serving->cameras);
	accounts_stop(serving->accounts);
	gateway_cloud_stop(serving->cloud);
	backup_stop(serving->backup);
	push_stop(serving->push);
	octoprint_stop(serving->octoprint);
	interfaces_stop(&serving->interfaces);
	scrape_stop(serving->scrape);
	http_server_stop(serving->server);
	daemon_part_ended(&serving->daemon, &serving->server_part);
}

void serving_stop_printers(void *context)
{
	struct serving *serving = context;

	history_keep_jobs(serving->history);
	gateway_printers_close(serving->printers);
}

void serving_printers_closed(void *context)
{
	struct serving *serving = context;

	daemon_part_ended(&serving->daemon, &serving->printers_part);
}

void serving_stop_cameras(void *context)
{
	struct serving *serving = context;

	cameras_close(serving->cameras);
}

void serving_cameras_closed(void *context)
{
	struct serving *serving = context;

	daemon_part_ended(&serving->daemon, &serving->cameras_part);
}

void serving_stop_timelapse(void *context)
{
	struct serving *serving = context;

	timelapse_close(serving->timelapse);
}

void serving_timelapse_closed(void *context)
{
	struct serving *serving = context;

	daemon_part_ended(&serving->daemon, &serving->timelapse_part);
}

static void on_files_closed(void *context)
{
	struct serving *serving = context;

	daemon_part_ended(&serving->daemon, &serving->files_part);
}

void serving_stop_files(void *context)
{
	struct serving *serving = context;

	files_close(serving->files, on_files_closed, serving);
}

static void on_history_closed(void *context)
{
	struct serving *serving = context;

	daemon_part_ended(&serving->daemon, &serving->history_part);
}

void serving_stop_history(void *context)
{
	struct serving *serving = context;

	history_close(serving->history, on_history_closed, serving);
}

void serving_begin_anew(void *context)
{
	struct serving *serving = context;

	/* Sockets of the service manager end with this process: it starts another one with the next
	 * request. */
	serving->begins_anew = !serving->is_given_sockets;
	log_write(&serving->log, LOG_LEVEL_INFO, "serve",
		  serving->begins_anew
			  ? "begins anew with what was restored"
			  : "ends; what was restored is taken over when it is started again");
	if (serving->begins_anew) {
		daemon_stop_to_begin_anew(&serving->daemon);
	} else {
		daemon_stop(&serving->daemon, 0);
	}
}

void serving_finish(struct serving *serving)
{
	/* Also where it ended before there was a server to stop it with. */
	access_stop(serving->access);
	daemon_finish(&serving->daemon);
	attach_server_destroy(serving->attach);
	http_server_destroy(serving->server);
	web_destroy(serving->web);
	rest_destroy(serving->rest);
	accounts_destroy(serving->accounts);
	gateway_cloud_destroy(serving->cloud);
	backup_destroy(serving->backup);
	push_destroy(serving->push);
	timelapse_destroy(serving->timelapse);
	cameras_destroy(serving->cameras);
	octoprint_destroy(serving->octoprint);
	interfaces_destroy(&serving->interfaces);
	webcam_book_close(serving->webcams);
	access_destroy(serving->access);
	scrape_destroy(serving->scrape);
	openapi_destroy(serving->openapi);
	page_destroy(serving->page);
	preferences_destroy(serving->preferences);
	gateway_events_destroy(serving->events);
	gateway_printers_destroy(serving->printers);
	print_queue_finish(&serving->print);
	history_destroy(serving->history);
	files_destroy(serving->files);
}
