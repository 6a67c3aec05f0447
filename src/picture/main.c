/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"
#include "base/process/confine.h"
#include "picture/decoder.h"
#include "picture/encoder.h"
#include "picture/jpeg.h"
#include "picture/jpeg_reader.h"
#include "video/h264.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/*
 * flagship-picture, which the gateway starts while somebody wants single pictures of a camera, and
 * which ends with its input. It reads access units of H.264 from standard input, and answers each
 * with a JPEG on standard output; both have their length in front, as four bytes, most significant
 * first. An answer of no bytes: no picture came of the unit. A unit whose length has the highest
 * bit is decoded for the sake of those that follow, and not answered.
 *
 * With --film it goes the other way: JPEGs in, and access units out that a film is made of, each of
 * which decoding can begin with.
 *
 * What a decoder makes of what a camera sends is a risk: this process holds no secret and can do
 * nothing but compute.
 */

#define LENGTH_SIZE     4
#define SILENT          0x80000000U
#define QUALITY_DEFAULT 80
#define QUALITY_MAX     100
#define JPEG_MAX        ((size_t)16 << 20)
#define MEMORY_MAX      ((size_t)512 << 20)

enum {
	DONE,
	FAILED,
	USAGE,
};

static void give_up_rights(void)
{
	const struct rlimit none = {0, 0};
	const struct rlimit files = {3, 3}; /* those that are open */

	confine_process(MEMORY_MAX);
	if (!confine_is_sanitized()) {
		(void)setrlimit(RLIMIT_NPROC, &none);
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* False at the end of the input, and where it is none of ours: *ended tells. */
static bool read_record(uint8_t *record, size_t size, size_t *length, bool *shown, bool *ended)
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
	return *length <= size && fread(record, 1, *length, stdin) == *length;
}

static bool write_record(const uint8_t *record, size_t length)
{
	uint8_t head[LENGTH_SIZE];

	bytes_write_u32be(head, (uint32_t)length);
	return fwrite(head, 1, sizeof(head), stdout) == sizeof(head) &&
	       (length == 0 || fwrite(record, 1, length, stdout) == length) && fflush(stdout) == 0;
}

static int run_pictures(int quality)
{
	struct decoder *decoder = decoder_create();
	struct jpeg_writer *writer = jpeg_writer_create(quality);
	uint8_t *unit = malloc(H264_UNIT_MAX);
	bool good = decoder && writer && unit;
	bool ended = false;
	bool shown;
	size_t length;

	while (good && read_record(unit, H264_UNIT_MAX, &length, &shown, &ended)) {
		struct decoded_picture picture;
		const uint8_t *jpeg = NULL;
		bool came = decoder_feed(decoder, unit, length, &picture);

		if (shown) {
			size_t size = came ? jpeg_write(writer, &picture, &jpeg) : 0;

			good = write_record(jpeg, size);
		}
	}
	free(unit);
	jpeg_writer_destroy(writer);
	decoder_destroy(decoder);
	return good && ended ? DONE : FAILED;
}

static int run_film(void)
{
	struct jpeg_reader *reader = jpeg_reader_create();
	struct encoder *encoder = encoder_create();
	uint8_t *jpeg = malloc(JPEG_MAX);
	bool good = reader && encoder && jpeg;
	bool ended = false;
	bool shown;
	size_t length;

	while (good && read_record(jpeg, JPEG_MAX, &length, &shown, &ended)) {
		struct decoded_picture picture;
		const uint8_t *unit = NULL;
		bool came = jpeg_read(reader, jpeg, length, &picture);

		size_t size = came ? encoder_write(encoder, &picture, &unit) : 0;
		good = write_record(unit, size);
	}
	free(jpeg);
	encoder_destroy(encoder);
	jpeg_reader_destroy(reader);
	return good && ended ? DONE : FAILED;
}

int main(int argc, char **argv)
{
	int quality = QUALITY_DEFAULT;
	bool is_film = argc == 2 && strcmp(argv[1], "--film") == 0;

	if (argc == 3 && strcmp(argv[1], "--quality") == 0) {
		quality = atoi(argv[2]);
	} else if (argc != 1 && !is_film) {
		quality = 0;
	}
	if (quality < 1 || quality > QUALITY_MAX) {
		fprintf(stderr, "usage: flagship-picture [--quality 1..100] < units > pictures\n"
				"       flagship-picture --film < pictures > units\n");
		return USAGE;
	}
	give_up_rights();
	return is_film ? run_film() : run_pictures(quality);
}
