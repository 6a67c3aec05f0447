/* SPDX-License-Identifier: MIT */
#include "cli/kit/secret_file.h"

#include "base/problem.h"
#include "base/text_encoding.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERB_MAX 64

static void warn_if_others_can_read(int descriptor, const char *name)
{
	struct stat status;

	if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
	    (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		cli_warn("%s can be read by others; run chmod 600 on it", name);
	}
}

/* 0 at the end of the file, or where the buffer is full; else an errno. */
static int read_all(int descriptor, char *out, size_t capacity, size_t *length)
{
	ssize_t got;

	*length = 0;
	do {
		got = read(descriptor, out + *length, capacity - *length);
		*length += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && *length < capacity) || (got < 0 && errno == EINTR));
	return got < 0 ? errno : 0;
}

/* In place: editors of Windows write a mark before the text, or UTF-16. */
static bool to_utf8(char *text, size_t capacity, size_t *length)
{
	if (!text_encoding_is_utf16(text, *length)) {
		return text_encoding_to_utf8(text, *length, text, capacity, length) == 0;
	}
	char *copy = malloc(*length + 1);
	size_t size = *length;
	bool done = false;

	if (copy) {
		memcpy(copy, text, size);
		done = text_encoding_to_utf8(copy, size, text, capacity, length) == 0;
		OPENSSL_cleanse(copy, size);
		free(copy);
	}
	return done;
}

int secret_file_read(const char *name, const char *what, char *out, size_t capacity, size_t *length)
{
	bool is_input = strcmp(name, "-") == 0;
	int descriptor = is_input ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);

	if (descriptor < 0) {
		struct problem problem;
		char verb[VERB_MAX];

		snprintf(verb, sizeof(verb), "open the %s", what);
		(void)problem_cannot(&problem, verb, name, errno, "");
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	if (!is_input) {
		warn_if_others_can_read(descriptor, name);
	}
	int error = read_all(descriptor, out, capacity, length);
	if (!is_input) {
		close(descriptor);
	}
	if (error) {
		cli_error("cannot read the %s %s: %s", what, name, strerror(error));
		return CLI_FAILED;
	}
	if (*length == capacity || !to_utf8(out, capacity, length)) {
		cli_error("the %s %s is too long", what, name);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}
