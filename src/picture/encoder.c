/* SPDX-License-Identifier: MIT */
#include "picture/encoder.h"

#include "video/h264.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wels/codec_api.h>

#define QUANTISER 24 /* a picture of 720p has some 50 KB */
#define RATE      25 /* for the encoder's own ends: films say their times themselves */

struct encoder {
	ISVCEncoder *codec; /* NULL: none yet */
	uint32_t width;
	uint32_t height;
	uint8_t unit[H264_UNIT_MAX];
};

struct encoder *encoder_create(void)
{
	return calloc(1, sizeof(struct encoder));
}

static void close_codec(struct encoder *encoder)
{
	if (encoder->codec) {
		(*encoder->codec)->Uninitialize(encoder->codec);
		WelsDestroySVCEncoder(encoder->codec);
		encoder->codec = NULL;
	}
}

static void fill_parameters(const struct encoder *encoder, SEncParamExt *parameters)
{
	SSpatialLayerConfig *layer = &parameters->sSpatialLayers[0];

	(*encoder->codec)->GetDefaultParams(encoder->codec, parameters);
	parameters->iUsageType = CAMERA_VIDEO_REAL_TIME;
	parameters->iPicWidth = (int)encoder->width;
	parameters->iPicHeight = (int)encoder->height;
	parameters->iRCMode = RC_OFF_MODE;
	parameters->fMaxFrameRate = RATE;
	parameters->uiIntraPeriod = 1;
	parameters->eSpsPpsIdStrategy = CONSTANT_ID;
	parameters->iMultipleThreadIdc = 1;
	parameters->bEnableFrameSkip = false;
	layer->iVideoWidth = parameters->iPicWidth;
	layer->iVideoHeight = parameters->iPicHeight;
	layer->fFrameRate = RATE;
	layer->iDLayerQp = QUANTISER;
}

static bool open_codec(struct encoder *encoder, uint32_t width, uint32_t height)
{
	SEncParamExt parameters;
	int quiet = WELS_LOG_QUIET;

	if (encoder->codec && encoder->width == width && encoder->height == height) {
		return true;
	}
	close_codec(encoder);
	if (WelsCreateSVCEncoder(&encoder->codec)) {
		encoder->codec = NULL;
		return false;
	}
	encoder->width = width;
	encoder->height = height;
	(*encoder->codec)->SetOption(encoder->codec, ENCODER_OPTION_TRACE_LEVEL, &quiet);
	fill_parameters(encoder, &parameters);
	if ((*encoder->codec)->InitializeExt(encoder->codec, &parameters)) {
		WelsDestroySVCEncoder(encoder->codec);
		encoder->codec = NULL;
		return false;
	}
	return true;
}

/* Its layers follow each other; 0 where it is too long for a unit. */
static size_t collect(struct encoder *encoder, const SFrameBSInfo *info)
{
	size_t length = 0;

	for (int i = 0; i < info->iLayerNum; i++) {
		const SLayerBSInfo *layer = &info->sLayerInfo[i];
		size_t size = 0;

		for (int nal = 0; nal < layer->iNalCount; nal++) {
			size += (size_t)layer->pNalLengthInByte[nal];
		}
		if (size > sizeof(encoder->unit) - length) {
			return 0;
		}
		memcpy(encoder->unit + length, layer->pBsBuf, size);
		length += size;
	}
	return length;
}

size_t encoder_write(struct encoder *encoder, const struct decoded_picture *picture,
		     const uint8_t **unit)
{
	if (!open_codec(encoder, picture->width, picture->height)) {
		return 0;
	}
	SSourcePicture source = {.iColorFormat = videoFormatI420,
				 .iPicWidth = (int)picture->width,
				 .iPicHeight = (int)picture->height};
	for (size_t plane = 0; plane < DECODER_PLANES; plane++) {
		source.pData[plane] = (unsigned char *)picture->planes[plane];
		source.iStride[plane] = (int)picture->strides[plane];
	}
	SFrameBSInfo info = {0};
	if ((*encoder->codec)->ForceIntraFrame(encoder->codec, true) ||
	    (*encoder->codec)->EncodeFrame(encoder->codec, &source, &info) ||
	    info.eFrameType != videoFrameTypeIDR) {
		return 0;
	}
	*unit = encoder->unit;
	return collect(encoder, &info);
}

void encoder_destroy(struct encoder *encoder)
{
	if (encoder) {
		close_codec(encoder);
		free(encoder);
	}
}
