/* SPDX-License-Identifier: MIT */
#include "cloud/registry/service.h"

#include <flagship/error.h>

#include <stdio.h>

#define WRITE_BUSY_MS 5000 /* on the writer's thread, for a command that writes */
#define READ_BUSY_MS  1000 /* readers wait for nobody, but for who mends the log after a crash */
#define READERS       2    /* so that two of libuv's threads are left for other work */

static void release(struct database *database)
{
	registry_close(registry_of(database));
}

static int start_writer(uv_loop_t *loop, const char *path, struct registry_service *service,
			struct problem *problem)
{
	struct registry *registry;
	int error = registry_open(path, REGISTRY_WRITE, WRITE_BUSY_MS, &registry, problem);

	if (error) {
		return error;
	}
	const struct database_writer_options options = {
		.database = registry_database(registry),
		.release = release,
		.jobs_max = REGISTRY_JOBS_MAX,
	};
	error = database_writer_start(loop, &options, &service->writer);
	if (error) {
		registry_close(registry);
	}
	return error;
}

static int start_readers(uv_loop_t *loop, const char *path, struct registry_service *service,
			 struct problem *problem)
{
	struct database_readers_options options = {
		.release = release,
		.waiting_max = REGISTRY_JOBS_MAX,
	};
	struct registry *registry;
	int error = 0;

	while (!error && options.count < READERS) {
		error = registry_open(path, REGISTRY_READ, READ_BUSY_MS, &registry, problem);
		if (!error) {
			options.databases[options.count++] = registry_database(registry);
		}
	}
	if (!error) {
		error = registry_open(path, REGISTRY_READ, READ_BUSY_MS, &registry, problem);
		options.brief = error ? NULL : registry_database(registry);
	}
	if (!error) {
		error = database_readers_start(loop, &options, &service->readers);
	}
	for (size_t i = 0; error && i < options.count; i++) {
		release(options.databases[i]);
	}
	if (error && options.brief) {
		release(options.brief);
	}
	return error;
}

int registry_service_start(uv_loop_t *loop, const char *path, struct registry_service *service,
			   struct problem *problem)
{
	*service = (struct registry_service){0};
	problem->text[0] = '\0';
	int error = start_writer(loop, path, service, problem);
	if (!error) {
		error = start_readers(loop, path, service, problem);
	}
	if (error == FLAGSHIP_ERROR_MEMORY && problem->text[0] == '\0') {
		snprintf(problem->text, sizeof(problem->text), "out of memory");
	}
	return error;
}

static void on_readers_closed(void *context)
{
	struct registry_service *service = context;

	if (service->stopped) {
		service->stopped(service->context);
	}
}

static void on_writer_closed(void *context)
{
	struct registry_service *service = context;
	struct database_readers *readers = service->readers;

	service->readers = NULL;
	database_readers_close(readers, on_readers_closed, service);
}

void registry_service_stop(struct registry_service *service, void (*stopped)(void *context),
			   void *context)
{
	struct database_writer *writer = service->writer;

	service->writer = NULL;
	service->stopped = stopped;
	service->context = context;
	database_writer_close(writer, on_writer_closed, service);
}
