/* SPDX-License-Identifier: MIT */
#include "cloud/place/place.h"

#include "daemon/run/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DECIMAL  10
#define PAUSE_NS 50000000L
#define TRIES    20

void cloud_path(const struct cloud *cloud, const char *name, char out[PATH_MAX])
{
	/* Whoever chose the folder left room for the longest name. */
	(void)snprintf(out, PATH_MAX, "%.4000s/%s", cloud->dir, name);
}

void cloud_setting(const struct cloud *cloud, const char *setting, char out[REGISTRY_TEXT_MAX])
{
	if (registry_get(cloud->registry, setting, out) < 0) {
		out[0] = '\0';
	}
}

uint16_t cloud_port(const struct cloud *cloud, const char *setting)
{
	char text[REGISTRY_TEXT_MAX];
	char *end;

	cloud_setting(cloud, setting, text);
	long port = strtol(text, &end, DECIMAL);
	return *end == '\0' && port > 0 && port <= UINT16_MAX ? (uint16_t)port : 0;
}

bool cloud_read_bind(const struct cloud *cloud, struct bind *bind, struct problem *problem)
{
	char text[REGISTRY_TEXT_MAX];

	cloud_setting(cloud, CLOUD_SETTING_BIND, text);
	if (!bind_read(text, bind)) {
		problem_set(problem,
			    "the cloud in %s does not know where to listen: run flagship "
			    "cloud init --bind ADDRESS",
			    cloud->dir);
		return false;
	}
	return true;
}

bool cloud_local_host(const struct cloud *cloud, char host[REGISTRY_TEXT_MAX],
		      struct problem *problem)
{
	struct bind bind;

	if (!cloud_read_bind(cloud, &bind, problem)) {
		return false;
	}
	const char *address = bind.addresses[0];
	const char *loopback = bind_is_ipv6(address) ? "::1" : "127.0.0.1";

	snprintf(host, REGISTRY_TEXT_MAX, "%s", bind_is_all(address) ? loopback : address);
	return true;
}

bool cloud_registry_failed(const struct cloud *cloud, const char *what, struct problem *problem)
{
	problem_set(problem, "%s: %s", what, registry_problem(cloud->registry));
	return false;
}

/* The broker of a cloud that was killed has it until it sees that it is alone. Its end is no event
 * for us, who know no process id of it (the lock is of the open file), so that it is tried now and
 * then. */
int cloud_lock(const struct cloud *cloud)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	char path[PATH_MAX];

	cloud_path(cloud, CLOUD_LOCK, path);
	int file = lock_take(path);
	for (int i = 0; i < TRIES && file < 0 && errno == EWOULDBLOCK; i++) {
		nanosleep(&pause, NULL);
		file = lock_take(path);
	}
	return file;
}

bool cloud_is_locked(const struct cloud *cloud)
{
	char path[PATH_MAX];

	cloud_path(cloud, CLOUD_LOCK, path);
	return lock_is_held(path);
}

int cloud_lock_making(const struct cloud *cloud)
{
	char path[PATH_MAX];

	cloud_path(cloud, CLOUD_MAKING_LOCK, path);
	return lock_take(path);
}
