/* SPDX-License-Identifier: MIT */
#include "store/file/file.h"

#include "store/file/folder.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PERMISSIONS 07777u

static int cannot(const char *verb, const char *path, int error, struct problem *problem)
{
	return problem_cannot(problem, verb, path, error, "");
}

/* Up to `capacity` bytes; less only at the end of the file. 0 or an errno. */
static int read_all(int descriptor, char *out, size_t capacity, size_t *length)
{
	*length = 0;
	while (*length < capacity) {
		ssize_t got = read(descriptor, out + *length, capacity - *length);

		if (got == 0) {
			break;
		}
		if (got < 0 && errno != EINTR) {
			return errno;
		}
		*length += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

static int read_open(int descriptor, const char *path, struct store_file *file,
		     struct problem *problem)
{
	struct stat status;

	if (fstat(descriptor, &status) != 0) {
		return cannot("read", path, errno, problem);
	}
	if (!S_ISREG(status.st_mode)) {
		problem_set(problem, "%s is no regular file; move it away", path);
		return FLAGSHIP_ERROR_STORE;
	}
	if (store_folder_others_may_write(&status) ||
	    (status.st_uid != geteuid() && status.st_uid != 0)) {
		problem_set(problem,
			    "%s can be changed by others: look at what it says, and make it "
			    "your own (chmod go-w, chown)",
			    path);
		return FLAGSHIP_ERROR_STORE;
	}
	if (status.st_size < 0 || (uintmax_t)status.st_size > STORE_FILE_MAX) {
		problem_set(problem, "%s is far too large for what it is; move it away", path);
		return FLAGSHIP_ERROR_STORE;
	}
	size_t capacity = (size_t)status.st_size;
	file->mode = (unsigned int)status.st_mode & PERMISSIONS;
	file->text = malloc(capacity + 1);
	if (!file->text) {
		return problem_memory(problem);
	}
	int error = read_all(descriptor, file->text, capacity, &file->length);
	if (error) {
		return cannot("read", path, error, problem);
	}
	file->text[file->length] = '\0';
	return 0;
}

int store_file_read(const char *path, struct store_file *file, struct problem *problem)
{
	*file = (struct store_file){0};
	int unsafe = store_folder_check_of(path, problem);

	if (unsafe) {
		return unsafe;
	}
	/* A pipe of this name must not make us wait. */
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (descriptor < 0) {
		return errno == ENOENT ? 0 : cannot("open", path, errno, problem);
	}
	int error = read_open(descriptor, path, file, problem);
	close(descriptor);
	return error;
}

void store_file_release(struct store_file *file)
{
	if (file->text) {
		OPENSSL_cleanse(file->text, file->length);
		free(file->text);
	}
	*file = (struct store_file){0};
}
