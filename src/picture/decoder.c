/* SPDX-License-Identifier: MIT */
#include "picture/decoder.h"

#include "video/h264.h"

#include <limits.h>
#include <stdlib.h>
#include <wels/codec_api.h>

struct decoder {
	ISVCDecoder *codec;
};

struct decoder *decoder_create(void)
{
	struct decoder *decoder = calloc(1, sizeof(*decoder));
	SDecodingParam parameters = {.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC,
				     .eEcActiveIdc = ERROR_CON_SLICE_COPY};
	int quiet = WELS_LOG_QUIET;

	if (!decoder || WelsCreateDecoder(&decoder->codec)) {
		free(decoder);
		return NULL;
	}
	(*decoder->codec)->SetOption(decoder->codec, DECODER_OPTION_TRACE_LEVEL, &quiet);
	if ((*decoder->codec)->Initialize(decoder->codec, &parameters)) {
		WelsDestroyDecoder(decoder->codec);
		free(decoder);
		return NULL;
	}
	return decoder;
}

/* What it says of the picture is used as lengths: it has to make sense. */
static bool is_sound(const SSysMEMBuffer *memory, unsigned char *const planes[DECODER_PLANES])
{
	return planes[0] && planes[1] && planes[2] && memory->iFormat == videoFormatI420 &&
	       memory->iWidth > 0 && memory->iWidth <= H264_SIDE_MAX && memory->iHeight > 0 &&
	       memory->iHeight <= H264_SIDE_MAX && memory->iStride[0] >= memory->iWidth &&
	       memory->iStride[1] >= (memory->iWidth + 1) / 2;
}

bool decoder_feed(struct decoder *decoder, const uint8_t *unit, size_t length,
		  struct decoded_picture *out)
{
	unsigned char *planes[DECODER_PLANES] = {NULL};
	SBufferInfo info = {0};
	const SSysMEMBuffer *memory = &info.UsrData.sSystemBuffer;

	if (length > INT_MAX) {
		return false;
	}
	(*decoder->codec)->DecodeFrameNoDelay(decoder->codec, unit, (int)length, planes, &info);
	if (info.iBufferStatus != 1 || !is_sound(memory, planes)) {
		return false;
	}
	*out = (struct decoded_picture){
		.width = (uint32_t)memory->iWidth,
		.height = (uint32_t)memory->iHeight,
		.planes = {planes[0], planes[1], planes[2]},
		.strides = {(size_t)memory->iStride[0], (size_t)memory->iStride[1],
			    (size_t)memory->iStride[1]},
	};
	return true;
}

void decoder_destroy(struct decoder *decoder)
{
	if (decoder) {
		(*decoder->codec)->Uninitialize(decoder->codec);
		WelsDestroyDecoder(decoder->codec);
		free(decoder);
	}
}
