/* SPDX-License-Identifier: MIT */
#include "video/mp4.h"

#include "base/bytes.h"
#include "video/boxes.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

#define NAL_LENGTH_SIZE 4 /* of a NAL unit in a sample */
#define TYPE_BITS       0x1f

#define BASE_IS_MOOF    0x020000
#define RUN_OFFSET      0x000001
#define RUN_DURATION    0x000100
#define RUN_SIZE        0x000200
#define RUN_FLAGS       0x000400
#define KEY_FLAGS       0x02000000 /* depends on no other */
#define OTHER_FLAGS     0x01010000 /* depends on others, and is no place to begin */

void mp4_codec(const struct h264_parameters *parameters, char out[MP4_CODEC_SIZE])
{
	const uint8_t *profile = parameters->sequence + MP4_PROFILE_AT;

	snprintf(out, MP4_CODEC_SIZE, "avc1.%02X%02X%02X", profile[0], profile[1], profile[2]);
}

/* --- a fragment --- */

static bool is_kept(const struct h264_nal *nal)
{
	return nal->length > 0 && nal->type != H264_SEQUENCE && nal->type != H264_PICTURE &&
	       nal->type != H264_DELIMITER;
}

/* Of what is kept. */
static int measure(const uint8_t *unit, size_t length, size_t *size)
{
	struct h264_nal nal;
	size_t at = 0;
	size_t count = 0;
	bool has_slice = false;

	*size = 0;
	while (h264_next_nal(unit, length, &at, &nal)) {
		if (is_kept(&nal)) {
			*size += NAL_LENGTH_SIZE + nal.length;
			count++;
		}
		has_slice = has_slice || (nal.type >= H264_SLICE && nal.type <= H264_SLICE_KEY);
	}
	return has_slice && count <= MP4_NALS_MAX ? 0 : FLAGSHIP_ERROR_ARGUMENT;
}

static void put_nal(struct boxes *boxes, const uint8_t *data, size_t length)
{
	boxes_put_u32(boxes, (uint32_t)length);
	boxes_put(boxes, data, length);
}

static void put_nals(struct boxes *boxes, const uint8_t *unit, size_t length)
{
	struct h264_nal nal;
	size_t at = 0;

	while (h264_next_nal(unit, length, &at, &nal)) {
		if (is_kept(&nal)) {
			put_nal(boxes, nal.data, nal.length);
		}
	}
}

/* Returns where the offset of the data stands, which is known last. */
static size_t put_run(struct boxes *boxes, const struct mp4_picture *picture, size_t size)
{
	size_t at = boxes_begin_full(boxes, "trun", 0,
				     RUN_OFFSET | RUN_DURATION | RUN_SIZE | RUN_FLAGS);

	boxes_put_u32(boxes, 1);
	size_t offset = boxes->length;
	boxes_put_u32(boxes, 0);
	boxes_put_u32(boxes, picture->duration);
	boxes_put_u32(boxes, (uint32_t)size);
	boxes_put_u32(boxes, picture->key ? KEY_FLAGS : OTHER_FLAGS);
	boxes_end(boxes, at);
	return offset;
}

static void put_movie_fragment(struct boxes *boxes, const struct mp4_picture *picture, size_t size)
{
	const unsigned int half = 32;
	const size_t data_header = 8;
	size_t at = boxes_begin(boxes, "moof");
	size_t header = boxes_begin_full(boxes, "mfhd", 0, 0);

	boxes_put_u32(boxes, picture->sequence);
	boxes_end(boxes, header);
	size_t track = boxes_begin(boxes, "traf");
	size_t track_header = boxes_begin_full(boxes, "tfhd", 0, BASE_IS_MOOF);
	boxes_put_u32(boxes, MP4_TRACK_ID);
	boxes_end(boxes, track_header);
	size_t time = boxes_begin_full(boxes, "tfdt", 1, 0);
	boxes_put_u32(boxes, (uint32_t)(picture->time >> half));
	boxes_put_u32(boxes, (uint32_t)picture->time);
	boxes_end(boxes, time);
	size_t offset = put_run(boxes, picture, size);
	boxes_end(boxes, track);
	boxes_end(boxes, at);
	boxes_patch_u32(boxes, offset, (uint32_t)(boxes->length - at + data_header));
}

int mp4_write_fragment(const struct mp4_picture *picture, uint8_t *out, size_t capacity,
		       size_t *length)
{
	struct boxes boxes = {.out = out, .capacity = capacity};
	size_t size;

	*length = 0;
	int error = measure(picture->data, picture->length, &size);
	if (error) {
		return error;
	}
	put_movie_fragment(&boxes, picture, size);
	size_t data = boxes_begin(&boxes, "mdat");
	put_nals(&boxes, picture->data, picture->length);
	boxes_end(&boxes, data);
	return boxes_finish(&boxes, length);
}

/* --- a sample of a file --- */

int mp4_write_sample(const struct h264_unit *unit, uint8_t *out, size_t capacity, size_t *length)
{
	struct boxes boxes = {.out = out, .capacity = capacity};
	const struct h264_parameters *parameters = unit->parameters;
	size_t size;

	*length = 0;
	int error = measure(unit->data, unit->length, &size);
	if (error) {
		return error;
	}
	put_nal(&boxes, parameters->sequence, parameters->sequence_length);
	put_nal(&boxes, parameters->picture, parameters->picture_length);
	put_nals(&boxes, unit->data, unit->length);
	return boxes_finish(&boxes, length);
}

/* The NAL unit at *at; false where what stands there is none. */
static bool next_in_sample(const uint8_t *sample, size_t length, size_t *at, struct h264_nal *nal)
{
	if (length - *at < NAL_LENGTH_SIZE + 1) {
		return false;
	}
	nal->length = bytes_read_u32be(sample + *at);
	if (nal->length == 0 || nal->length > length - *at - NAL_LENGTH_SIZE) {
		return false;
	}
	nal->data = sample + *at + NAL_LENGTH_SIZE;
	nal->type = nal->data[0] & TYPE_BITS;
	*at += NAL_LENGTH_SIZE + nal->length;
	return true;
}

static bool take_sample_set(const struct h264_nal *nal, uint8_t set[H264_PARAMETERS_MAX],
			    size_t *length)
{
	if (nal->length > H264_PARAMETERS_MAX) {
		return false;
	}
	memcpy(set, nal->data, nal->length);
	*length = nal->length;
	return true;
}

int mp4_read_sample(const uint8_t *sample, size_t length, struct h264_parameters *parameters)
{
	struct h264_nal nal;
	size_t at = 0;
	bool has_slice = false;

	memset(parameters, 0, sizeof(*parameters));
	while (at < length) {
		bool good = next_in_sample(sample, length, &at, &nal);

		if (good && nal.type == H264_SEQUENCE) {
			good = take_sample_set(&nal, parameters->sequence,
					       &parameters->sequence_length);
		} else if (good && nal.type == H264_PICTURE) {
			good = take_sample_set(&nal, parameters->picture,
					       &parameters->picture_length);
		}
		if (!good) {
			return FLAGSHIP_ERROR_ARGUMENT;
		}
		has_slice = has_slice || nal.type == H264_SLICE_KEY;
	}
	if (!has_slice || parameters->picture_length == 0) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return h264_read_size(parameters->sequence, parameters->sequence_length, &parameters->width,
			      &parameters->height);
}

void mp4_unpack_sample(uint8_t *sample, size_t length)
{
	struct h264_nal nal;
	size_t at = 0;
	size_t begin = 0;

	while (at < length && next_in_sample(sample, length, &at, &nal)) {
		bytes_write_u32be(sample + begin, 1); /* a start code */
		begin = at;
	}
}
