/* SPDX-License-Identifier: MIT */
#include "base/process/confine.h"
#include "base/process/records.h"
#include "rtsp/stream.h"

#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * flagship-rtsp, which the gateway starts while somebody looks at a camera whose URL is rtsp://,
 * and which ends with its input. It reads that URL from standard input, since it may hold a
 * password, and writes access units of H.264 to standard output, or a sentence that says why none
 * come (base/process/records.h). It ends after one.
 *
 * What libavformat makes of what a camera sends is a risk: this process holds no secret but that
 * URL, and once the film runs it can open neither files nor connections.
 */

#define URL_MAX      2048
#define OPEN_MS      10000
#define STILL_MS     15000
#define PATIENCE_MAX 60000
#define MEMORY_MAX   ((size_t)512 << 20) /* its libraries alone take 200 MiB of it */
#define OPEN_FILES   3

enum {
	DONE,
	FAILED,
	USAGE,
};

/* --- who waits for it --- */

/* Whether the gateway is there still: it writes nothing more, and ends with its end. */
static bool gateway_is_there(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char byte;

	return poll(&input, 1, 0) <= 0 || read(STDIN_FILENO, &byte, 1) > 0;
}

/* --- what it gives up --- */

static void give_up_processes(void)
{
	const struct rlimit none = {0, 0};

	confine_process(MEMORY_MAX);
	if (!confine_is_sanitized()) {
		(void)setrlimit(RLIMIT_NPROC, &none);
	}
}

static void give_up_opening(void)
{
	const struct rlimit files = {OPEN_FILES, OPEN_FILES};

	if (!confine_is_sanitized()) {
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* --- the whole --- */

static int end_with(enum stream_result result, const char *fault)
{
	if (result == STREAM_ENDED) {
		return DONE;
	}
	(void)!records_write_sentence(fault);
	return FAILED;
}

static int show(struct stream *stream, char url[URL_MAX + 1])
{
	char fault[STREAM_FAULT_SIZE] = "";
	const uint8_t *unit;
	size_t length;
	enum stream_result result = stream_open(stream, url, fault);

	OPENSSL_cleanse(url, URL_MAX);
	give_up_opening();
	while (result == STREAM_CAME) {
		result = stream_read(stream, &unit, &length, fault);
		if (result == STREAM_CAME && !records_write(unit, length)) {
			return DONE; /* the gateway is gone */
		}
	}
	return end_with(result, fault);
}

static bool read_wait(const char *text, int64_t *wait_ms)
{
	*wait_ms = atoi(text);
	return *wait_ms > 0 && *wait_ms <= PATIENCE_MAX;
}

/* Tests have more patience than people, or less. */
static bool read_patience(int argc, char **argv, struct stream_options *options)
{
	return argc == 1 ||
	       (argc == 4 && strcmp(argv[1], "--patience") == 0 &&
		read_wait(argv[2], &options->open_ms) && read_wait(argv[3], &options->still_ms));
}

int main(int argc, char **argv)
{
	struct stream_options options = {
		.open_ms = OPEN_MS, .still_ms = STILL_MS, .is_wanted = gateway_is_there};
	char url[URL_MAX + 1];

	if (!read_patience(argc, argv, &options)) {
		fputs("usage: flagship-rtsp [--patience OPEN_MS STILL_MS] < url > units\n", stderr);
		return USAGE;
	}
	give_up_processes();
	struct stream *stream = stream_create(&options);
	int status = stream && records_read_text(url, sizeof(url)) ? show(stream, url) : FAILED;
	stream_destroy(stream);
	return status;
}
