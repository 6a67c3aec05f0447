/* SPDX-License-Identifier: MIT */
#include "rtsp/stream.h"

#include "base/clock.h"
#include "video/h264.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/mem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL       "tcp"
#define NO_PROTOCOL    "none"
#define CONNECT_US     "10000000"
#define UNIT_MAX       ((int)H264_UNIT_MAX)
#define ERROR_SIZE     128
#define PARAMETERS_MAX (4 * H264_PARAMETERS_MAX)
#define PICTURES_A_S   120 /* in the mean; cameras make 30, and a network that stood may owe some */
#define PICTURES_AHEAD (10 * PICTURES_A_S)
#define MS_PER_S       1000

struct stream {
	struct stream_options options;
	AVFormatContext *format;
	AVPacket *packet;
	int film;       /* which of its streams is shown */
	int64_t due_ms; /* when something is to have come */
	bool is_ended;  /* nobody wants it any more */
	bool is_found;  /* its host has an address */
	bool is_late;   /* nothing came in time */
	bool has_begun; /* a unit was given */
	int64_t ahead;  /* thousandths of pictures that may come at once */
	int64_t counted_ms;
	uint8_t *first; /* the first unit, with parameter sets in front; NULL: as it came */
};

/* --- waiting --- */

/*
 * libavformat follows redirections to any host, and opens what else a camera asks for. It asks here
 * while it connects, before it reads a byte: so whatever came later is refused.
 */
static void forbid_connections(AVFormatContext *format)
{
	if (strcmp(format->protocol_whitelist, NO_PROTOCOL) != 0) {
		char *none = av_strdup(NO_PROTOCOL);

		if (none) {
			av_free(format->protocol_whitelist);
			format->protocol_whitelist = none;
		}
	}
}

/* Whether it is to give up. */
static int on_wait(void *context)
{
	struct stream *stream = context;

	stream->is_found = true;
	forbid_connections(stream->format);
	if (strcmp(stream->format->protocol_whitelist, NO_PROTOCOL) != 0) {
		return 1;
	}
	stream->is_ended = stream->is_ended || !stream->options.is_wanted();
	stream->is_late = clock_steady_ms() >= stream->due_ms;
	return stream->is_ended || stream->is_late;
}

/* --- what went wrong, in words --- */

static __attribute__((format(printf, 2, 3))) enum stream_result fail(char *fault,
								     const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(fault, STREAM_FAULT_SIZE, format, arguments);
	va_end(arguments);
	return STREAM_FAILED;
}

static enum stream_result fail_to_open(const struct stream *stream, int error, char *fault)
{
	char words[ERROR_SIZE] = "";

	if (stream->is_late || error == AVERROR(ETIMEDOUT)) {
		return fail(fault, "the camera cannot be reached: it does not answer in time");
	}
	if (!stream->is_found) {
		return fail(fault, "the camera cannot be reached: there is no host of that name");
	}
	switch (error) {
	case AVERROR_HTTP_UNAUTHORIZED:
		return fail(fault, "the camera answers with the status 401: it wants a name and a "
				   "password in its URL, or other ones");
	case AVERROR_HTTP_FORBIDDEN:
		return fail(fault, "the camera answers with the status 403");
	case AVERROR_HTTP_NOT_FOUND:
		return fail(fault, "the camera answers with the status 404: the path of its URL is "
				   "another one");
	case AVERROR(EPROTONOSUPPORT):
		return fail(fault, "the camera sends no film by TCP");
	case AVERROR(EINVAL):
		return fail(fault, "the camera sends us elsewhere, where nobody goes");
	case AVERROR_INVALIDDATA:
	case AVERROR_EOF:
	case AVERROR(EIO):
		return fail(fault, "what answers speaks no RTSP that is understood");
	default:
		(void)av_strerror(error, words, sizeof(words));
		return fail(fault, "the camera cannot be reached: %s", words);
	}
}

static enum stream_result fail_to_read(const struct stream *stream, int error, char *fault)
{
	char words[ERROR_SIZE] = "";

	if (stream->is_late || error == AVERROR(ETIMEDOUT)) {
		return fail(fault, "the camera sends nothing any more");
	}
	if (error == AVERROR_EOF || error == AVERROR(ECONNRESET)) {
		return fail(fault, "the camera ended its pictures");
	}
	(void)av_strerror(error, words, sizeof(words));
	return fail(fault, "the camera went away: %s", words);
}

/* --- opening --- */

static enum stream_result find_film(struct stream *stream, char *fault)
{
	const AVFormatContext *format = stream->format;
	const AVCodecDescriptor *other = NULL;

	for (unsigned int i = 0; i < format->nb_streams; i++) {
		const AVCodecParameters *codec = format->streams[i]->codecpar;

		if (codec->codec_type != AVMEDIA_TYPE_VIDEO) {
			continue;
		}
		if (codec->codec_id == AV_CODEC_ID_H264) {
			stream->film = (int)i;
			return STREAM_CAME;
		}
		other = other ? other : avcodec_descriptor_get(codec->codec_id);
	}
	if (other) {
		return fail(fault, "the camera sends %.100s, and H.264 alone is shown: set it so",
			    other->long_name ? other->long_name : other->name);
	}
	return fail(fault, "the camera sends no film of a kind that is known, and H.264 alone is "
			   "shown");
}

static AVDictionary *make_bounds(void)
{
	static const char *const bounds[][2] = {
		{"rtsp_transport", "tcp"},        {"allowed_media_types", "video"},
		{"timeout", CONNECT_US},          {"user_agent", "flagship"},
		{"protocol_whitelist", PROTOCOL},
	};
	AVDictionary *made = NULL;

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		if (av_dict_set(&made, bounds[i][0], bounds[i][1], 0) < 0) {
			av_dict_free(&made);
			return NULL;
		}
	}
	return made;
}

struct stream *stream_create(const struct stream_options *options)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream) {
		return NULL;
	}
	av_log_set_level(AV_LOG_QUIET); /* it would say the URL, with its password */
	stream->options = *options;
	stream->format = avformat_alloc_context();
	stream->packet = av_packet_alloc();
	if (!stream->format || !stream->packet) {
		stream_destroy(stream);
		return NULL;
	}
	stream->format->interrupt_callback = (AVIOInterruptCB){.callback = on_wait,
							       .opaque = stream};
	return stream;
}

enum stream_result stream_open(struct stream *stream, const char *url,
			       char fault[STREAM_FAULT_SIZE])
{
	const AVInputFormat *rtsp = av_find_input_format("rtsp");
	AVDictionary *bounds = make_bounds();

	if (!rtsp || !bounds) {
		av_dict_free(&bounds);
		return fail(fault, "libavformat knows no RTSP here, or there is no memory");
	}
	stream->due_ms = clock_steady_ms() + stream->options.open_ms;
	/* Where it fails it releases the context. */
	int error = avformat_open_input(&stream->format, url, rtsp, &bounds);
	bool is_bounded = av_dict_count(bounds) == 0;

	av_dict_free(&bounds);
	if (stream->is_ended) {
		return STREAM_ENDED;
	}
	if (error) {
		return fail_to_open(stream, error, fault);
	}
	if (!is_bounded) {
		return fail(fault, "libavformat cannot be held to RTSP by TCP");
	}
	stream->due_ms = clock_steady_ms() + stream->options.still_ms;
	return find_film(stream, fault);
}

/* --- reading --- */

/* NULL: as it came. */
static uint8_t *join_first(const AVCodecParameters *codec, const AVPacket *packet)
{
	if (codec->extradata_size <= 0 || codec->extradata_size > PARAMETERS_MAX) {
		return NULL;
	}
	size_t length = (size_t)codec->extradata_size + (size_t)packet->size;
	uint8_t *joined = malloc(length);

	if (joined) {
		memcpy(joined, codec->extradata, (size_t)codec->extradata_size);
		memcpy(joined + codec->extradata_size, packet->data, (size_t)packet->size);
	}
	return joined;
}

/* Each costs the gateway and all who watch. */
static bool is_too_fast(struct stream *stream)
{
	int64_t now_ms = clock_steady_ms();
	int64_t most = (int64_t)PICTURES_AHEAD * MS_PER_S;

	stream->ahead = stream->has_begun
				? stream->ahead + (now_ms - stream->counted_ms) * PICTURES_A_S
				: most;
	stream->ahead = (stream->ahead < most ? stream->ahead : most) - MS_PER_S;
	stream->counted_ms = now_ms;
	return stream->ahead < 0;
}

static void give(struct stream *stream, const uint8_t **unit, size_t *length)
{
	const AVCodecParameters *codec = stream->format->streams[stream->film]->codecpar;

	*unit = stream->packet->data;
	*length = (size_t)stream->packet->size;
	if (!stream->has_begun) {
		stream->has_begun = true;
		stream->first = join_first(codec, stream->packet);
		if (stream->first) {
			*unit = stream->first;
			*length += (size_t)codec->extradata_size;
		}
	}
}

enum stream_result stream_read(struct stream *stream, const uint8_t **unit, size_t *length,
			       char fault[STREAM_FAULT_SIZE])
{
	AVPacket *packet = stream->packet;
	int error = 0;

	free(stream->first);
	stream->first = NULL;
	do {
		av_packet_unref(packet);
		/* What else comes does not count. */
		error = on_wait(stream) ? AVERROR_EXIT : av_read_frame(stream->format, packet);
	} while (error == AVERROR(EAGAIN) ||
		 (!error && (packet->stream_index != stream->film || packet->size <= 0 ||
			     packet->size > UNIT_MAX)));
	if (stream->is_ended) {
		return STREAM_ENDED;
	}
	if (error) {
		return fail_to_read(stream, error, fault);
	}
	if (h264_has_b_slice(packet->data, (size_t)packet->size)) {
		return fail(fault, "the camera sends B pictures, which wait for those behind them: "
				   "switch them off there");
	}
	if (is_too_fast(stream)) {
		return fail(fault, "the camera sends more than %d pictures a second", PICTURES_A_S);
	}
	stream->due_ms = clock_steady_ms() + stream->options.still_ms;
	give(stream, unit, length);
	return STREAM_CAME;
}

void stream_destroy(struct stream *stream)
{
	if (stream) {
		free(stream->first);
		av_packet_free(&stream->packet);
		avformat_close_input(&stream->format);
		free(stream);
	}
}
