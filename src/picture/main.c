/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"
#include "picture/decoder.h"
#include "picture/jpeg.h"
#include "video/h264.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/*
 * flagship-picture, which the gateway starts while somebody wants single pictures of a camera, and
 * which ends with its input. It reads access units of H.264 from standard input, and answers each
 * with a JPEG on standard output; both have their length in front, as four bytes, most significant
 * first. An answer of no bytes: no picture came of the unit. A unit whose length has the highest
 * bit is decoded for the sake of those that follow, and not answered.
 *
 * What a decoder makes of what a camera sends is a risk: this process holds no secret and can do
 * nothing but compute.
 */

#define LENGTH_SIZE     4
#define SILENT          0x80000000U
#define QUALITY_DEFAULT 80
#define QUALITY_MAX     100
#define MEMORY_MAX      ((rlim_t)512 << 20)

/* The sanitizers map terabytes that they never use, and read files at the end. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED false
#endif

enum {
	DONE,
	FAILED,
	USAGE,
};

static void give_up_rights(void)
{
	const struct rlimit none = {0, 0};
	const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};
	const struct rlimit files = {3, 3}; /* those that are open */

	if (SANITIZED) {
		return;
	}
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)setrlimit(RLIMIT_NPROC, &none);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	(void)setrlimit(RLIMIT_AS, &memory);
}

/* False at the end of the input, and where it is none of ours: *ended tells. */
static bool read_unit(uint8_t *unit, size_t *length, bool *shown, bool *ended)
{
	uint8_t head[LENGTH_SIZE];
	size_t got = fread(head, 1, sizeof(head), stdin);

	*ended = got == 0 && feof(stdin);
	if (got != sizeof(head)) {
		return false;
	}
	uint32_t announced = bytes_read_u32be(head);

	*shown = !(announced & SILENT);
	*length = announced & ~SILENT;
	return *length <= H264_UNIT_MAX && fread(unit, 1, *length, stdin) == *length;
}

static bool write_picture(const uint8_t *picture, size_t length)
{
	uint8_t head[LENGTH_SIZE];

	bytes_write_u32be(head, (uint32_t)length);
	return fwrite(head, 1, sizeof(head), stdout) == sizeof(head) &&
	       (length == 0 || fwrite(picture, 1, length, stdout) == length) && fflush(stdout) == 0;
}

static int run(int quality)
{
	struct decoder *decoder = decoder_create();
	struct jpeg_writer *writer = jpeg_writer_create(quality);
	uint8_t *unit = malloc(H264_UNIT_MAX);
	bool good = decoder && writer && unit;
	bool ended = false;
	bool shown;
	size_t length;

	while (good && read_unit(unit, &length, &shown, &ended)) {
		struct decoded_picture picture;
		const uint8_t *jpeg = NULL;
		bool came = decoder_feed(decoder, unit, length, &picture);

		if (shown) {
			size_t size = came ? jpeg_write(writer, &picture, &jpeg) : 0;

			good = write_picture(jpeg, size);
		}
	}
	free(unit);
	jpeg_writer_destroy(writer);
	decoder_destroy(decoder);
	return good && ended ? DONE : FAILED;
}

int main(int argc, char **argv)
{
	int quality = QUALITY_DEFAULT;

	if (argc == 3 && strcmp(argv[1], "--quality") == 0) {
		quality = atoi(argv[2]);
	} else if (argc != 1) {
		quality = 0;
	}
	if (quality < 1 || quality > QUALITY_MAX) {
		fprintf(stderr, "usage: flagship-picture [--quality 1..100] < units > pictures\n");
		return USAGE;
	}
	give_up_rights();
	return run(quality);
}
