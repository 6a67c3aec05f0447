/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_STATUS_FILE_H
#define CLOUD_BROKER_PLUGIN_STATUS_FILE_H

#include "cloud/broker/status.h"

#include <limits.h>

/*
 * The writer's side of broker.status, mapped into memory. Its room on the disk is taken at once, so
 * that a disk that fills up later is no matter. Where there is none, and where somebody cuts the
 * file short, the broker counts in memory of its own, which begins at zero, and puts a file in its
 * place as soon as there is room: nothing of this ends the broker. One a process, since what a
 * signal handler knows has to be the process's.
 */
struct status_file {
	struct broker_status *status;
	char path[PATH_MAX];
	bool is_file;      /* and not memory of its own */
	int64_t looked_at; /* whether it is there; of the steady clock */
};

/* False where there is no memory. */
bool status_file_init(struct status_file *file, const char *path);

/* From time to time. True where it began anew: who writes it, and magic, are due. */
bool status_file_mend(struct status_file *file, int64_t steady_s);

void status_file_finish(struct status_file *file);

#endif
