/* SPDX-License-Identifier: MIT */

/*
 * lan_upload ADDRESS FILE: sends a file to a printer as flagship print does, without a bound, and
 * does not start it; prints the MB a second of the upload, from the first piece to the last answer.
 */
#include "base/clock.h"
#include "print/file.h"
#include "transport/lan/upload.h"

#include <stdio.h>
#include <stdlib.h>

#define MEGA     1e6
#define NS_PER_S 1e9

struct sending {
	struct print_file *file;
	uint64_t begun_ns; /* 0 before the first piece is asked for */
	uint64_t ended_ns;
	bool done;
};

static bool on_read(void *context, int64_t position, uint8_t *data, size_t length)
{
	struct sending *sending = context;
	struct problem problem;

	(void)position;
	if (sending->begun_ns == 0) {
		sending->begun_ns = clock_stopwatch_ns();
	}
	while (length > 0) {
		size_t count;
		if (print_file_read(sending->file, data, length, &count, &problem) || count == 0) {
			return false;
		}
		data += count;
		length -= count;
	}
	return true;
}

static void on_progress(void *context, int64_t sent)
{
	struct sending *sending = context;

	(void)sent;
	sending->ended_ns = clock_stopwatch_ns();
}

static void on_end(void *context, const struct lan_upload_report *report)
{
	struct sending *sending = context;

	sending->done = report->outcome == LAN_UPLOAD_DONE;
	if (!sending->done) {
		fprintf(stderr, "lan_upload: %s\n", report->detail);
	}
}

static const struct lan_upload_handlers handlers = {
	.read = on_read, .on_progress = on_progress, .on_end = on_end};

int main(int argc, char **argv)
{
	struct sending sending = {0};
	struct problem problem;
	struct lan_upload *upload;
	struct printer_profile profile;
	uv_loop_t loop;

	printer_profile_init(&profile, FLAGSHIP_MODEL_M5);
	if (argc < 3 || print_file_open(argv[2], &profile, &sending.file, &problem) != 0) {
		fputs("lan_upload ADDRESS FILE\n", stderr);
		return 1;
	}
	const struct lan_upload_options options = {
		.link = {.duid = "", .address = argv[1], .rate = 0},
		.name = "bench.gcode",
		.size = print_file_size(sending.file),
		.md5 = print_file_md5(sending.file),
		.user_name = "",
		.user_id = "",
	};
	uv_loop_init(&loop);
	if (lan_upload_create(&loop, &options, &handlers, &sending, &upload) != 0) {
		fputs("lan_upload: the address is none\n", stderr);
		return 1;
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	if (sending.done) {
		double took_s = (double)(sending.ended_ns - sending.begun_ns) / NS_PER_S;
		printf("%.3f\n", (double)options.size / took_s / MEGA);
	}
	print_file_close(sending.file);
	return sending.done ? 0 : 1;
}
