/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "cloud/broker/plugin/status_file.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE         sizeof(struct broker_status)
#define LOOK_EVERY_S 2

/* Of the handler, which gets no more than an address. */
static void *volatile guarded;

static void *map_memory(void *at)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0);
	void *memory = mmap(at, SIZE, PROT_READ | PROT_WRITE, flags, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* A page that is no more in the file, or that the disk has no room for. */
static void on_bus_error(int number, siginfo_t *information, void *context)
{
	char *start = guarded;
	const char *address = information->si_addr;
	int error = errno;

	(void)context;
	if (!start || address < start || address >= start + SIZE || !map_memory(start)) {
		/* It comes again at once, and ends the process. */
		signal(number, SIG_DFL);
	}
	errno = error;
}

static void guard(void *memory)
{
	struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};

	guarded = memory;
	sigaction(SIGBUS, &action, NULL);
}

/* The old name goes first: a reader of the old file goes on seeing what the dead broker left. */
static int make_file(const char *path)
{
	if (unlink(path) != 0 && errno != ENOENT) {
		return -1;
	}
	int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (file < 0) {
		return -1;
	}
	int error = posix_fallocate(file, 0, (off_t)SIZE);
	if (error) {
		close(file);
		unlink(path);
		errno = error;
		return -1;
	}
	return file;
}

/* Over what is mapped there, with what stands in it. */
static bool map_file(void *at, const char *path)
{
	void *memory = MAP_FAILED;
	int file = make_file(path);

	if (file < 0) {
		return false;
	}
	if (pwrite(file, at, SIZE, 0) == (ssize_t)SIZE) {
		memory = mmap(at, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
	}
	close(file);
	return memory != MAP_FAILED;
}

bool status_file_init(struct status_file *file, const char *path)
{
	*file = (struct status_file){.status = map_memory(NULL)};
	snprintf(file->path, sizeof(file->path), "%s", path);
	if (!file->status) {
		return false;
	}
	file->is_file = map_file(file->status, path);
	file->looked_at = clock_steady_s();
	guard(file->status);
	return true;
}

/* Somebody may have cut or removed it. What it held is lost where it was cut. */
static void look(struct status_file *file)
{
	struct stat status;

	if (lstat(file->path, &status) != 0) {
		file->is_file = false;
	} else if (status.st_size != (off_t)SIZE) {
		file->is_file = false;
		(void)map_memory(file->status);
	}
}

bool status_file_mend(struct status_file *file, int64_t steady_s)
{
	if (steady_s - file->looked_at >= LOOK_EVERY_S) {
		file->looked_at = steady_s;
		look(file);
		if (!file->is_file) {
			file->is_file = map_file(file->status, file->path);
		}
	}
	return file->status->magic != BROKER_STATUS_MAGIC;
}

void status_file_finish(struct status_file *file)
{
	if (file->status) {
		guarded = NULL;
		signal(SIGBUS, SIG_DFL);
		munmap(file->status, SIZE);
		file->status = NULL;
	}
}
