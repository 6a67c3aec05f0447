/* SPDX-License-Identifier: MIT */
#include "cli/camera/camera.h"

#include "cli/camera/camera_options.h"
#include "cli/camera/quality.h"
#include "cli/camera/snapshot.h"
#include "cli/kit/options.h"
#include "cli/output/output.h"
#include "cli/target/targets.h"
#include "fleet/attach/claim.h"
#include "transport/lan/camera.h"
#include "video/h264.h"
#include "video/mp4.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* camera: the picture of a printer over the local network. */

#define MS_PER_S        1000
#define TICKS_PER_MS    (MP4_TIMESCALE / MS_PER_S)
#define PICTURE_TICKS   (MP4_TIMESCALE / 25)
#define STANDARD_OUTPUT "-"
#define SD_HEIGHT       480
#define FILE_MODE       (S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)
#define PASSED_OVER_MAX 50 /* pictures: then a printer has no smaller ones */

enum camera_action {
	CAMERA_SNAPSHOT,
	CAMERA_RECORD,
	CAMERA_PIPE,
	CAMERA_LIGHT,
	CAMERA_QUALITY,
};

struct camera_session {
	struct camera_options options;
	enum camera_action action;
	bool light;                  /* what it is set to, of CAMERA_LIGHT */
	enum camera_quality quality; /* of CAMERA_QUALITY */
	const char *path;
	FILE *file;
	bool made;    /* the file is new */
	bool written; /* something of the file: what was in it is gone */
	char label[TARGET_LABEL_MAX];
	uv_loop_t loop;
	uv_signal_t interrupt;
	uv_signal_t terminate;
	uv_timer_t timer;
	struct flagship_pppp_relays relays; /* none in the local network */
	const struct target *target;
	struct attach_claim *claim; /* of the printer's session */
	struct lan_camera *camera;  /* NULL before that is had */
	struct h264_reader reader;
	uint8_t *fragment;
	size_t fragment_size;
	uint32_t pictures;
	uint32_t passed_over;
	uint64_t begun_ms;
	uint64_t time; /* of the last picture, in ticks: the next one's is later */
	int status;
};

/* --- what is made of it --- */

static void close_handles(struct camera_session *session)
{
	attach_claim_close(session->claim);
	session->claim = NULL;
	uv_close((uv_handle_t *)&session->interrupt, NULL);
	uv_close((uv_handle_t *)&session->terminate, NULL);
	uv_close((uv_handle_t *)&session->timer, NULL);
}

static void end_session(struct camera_session *session, int status)
{
	session->status = status;
	if (session->camera) {
		lan_camera_close(session->camera);
	} else if (!uv_is_closing((uv_handle_t *)&session->timer)) {
		close_handles(session);
	}
}

static void fail_to_write(struct camera_session *session)
{
	cli_error("cannot write %s: %s", session->path, strerror(errno));
	end_session(session, CLI_FAILED);
}

/* What was in the file stays until there is something else. A device has no length. */
static bool empty_file(struct camera_session *session)
{
	bool emptied = session->written || session->made || session->file == stdout ||
		       ftruncate(fileno(session->file), 0) == 0 || errno == EINVAL;

	session->written = emptied;
	return emptied;
}

static bool write_file(struct camera_session *session, const void *data, size_t length)
{
	if (empty_file(session) && fwrite(data, 1, length, session->file) == length &&
	    fflush(session->file) == 0) {
		return true;
	}
	fail_to_write(session);
	return false;
}

static bool write_head(struct camera_session *session, const struct h264_parameters *parameters)
{
	uint8_t head[MP4_HEAD_MAX];
	size_t length;

	return !mp4_write_head(parameters, head, sizeof(head), &length) &&
	       write_file(session, head, length);
}

static bool make_fragment_room(struct camera_session *session, size_t size)
{
	if (size > session->fragment_size) {
		free(session->fragment);
		session->fragment = malloc(size);
		session->fragment_size = session->fragment ? size : 0;
	}
	if (!session->fragment) {
		cli_error("out of memory");
		end_session(session, CLI_FAILED);
	}
	return session->fragment != NULL;
}

static void record_unit(struct camera_session *session, const struct h264_unit *unit)
{
	uint64_t now_ms = uv_now(&session->loop);
	size_t length;

	if (session->pictures == 0) {
		session->begun_ms = now_ms;
	}
	uint64_t time = (now_ms - session->begun_ms) * TICKS_PER_MS;
	if (session->pictures > 0 && time <= session->time) {
		time = session->time + 1; /* several came at once */
	}
	session->time = time;
	const struct mp4_picture picture = {
		.sequence = session->pictures + 1,
		.time = time,
		.duration = PICTURE_TICKS,
		.key = unit->key,
		.data = unit->data,
		.length = unit->length,
	};
	if ((unit->new_parameters && !write_head(session, unit->parameters)) ||
	    !make_fragment_room(session, unit->length + MP4_FRAGMENT_OVERHEAD)) {
		return;
	}
	if (!mp4_write_fragment(&picture, session->fragment, session->fragment_size, &length) &&
	    write_file(session, session->fragment, length)) {
		session->pictures++;
	}
}

static void take_snapshot(struct camera_session *session, const struct h264_unit *unit)
{
	uint8_t *jpeg;
	size_t length;

	int status = snapshot_make(unit, &jpeg, &length);
	if (status != CLI_DONE) {
		end_session(session, status);
		return;
	}
	if (write_file(session, jpeg, length)) {
		session->pictures++;
		end_session(session, CLI_DONE);
	}
	free(jpeg);
}

/* A camera begins with the large picture, and changes it while it goes on. */
static bool is_too_large(struct camera_session *session, const struct h264_unit *unit)
{
	return session->options.sd && session->pictures == 0 &&
	       unit->parameters->height > SD_HEIGHT && session->passed_over++ < PASSED_OVER_MAX;
}

static void look_at_quality(struct camera_session *session, const struct h264_unit *unit)
{
	const struct h264_parameters *parameters = unit->parameters;

	if (quality_is_shown(session->quality, parameters->height)) {
		quality_tell(session->label, session->quality, parameters->width,
			     parameters->height);
		end_session(session, CLI_DONE);
	} else if (session->passed_over++ == PASSED_OVER_MAX) {
		cli_error("printer %s: it was told, and its camera still shows %" PRIu32
			  "×%" PRIu32,
			  session->label, parameters->width, parameters->height);
		end_session(session, CLI_NOT_CONFIRMED);
	}
}

static void on_picture(void *context, const struct h264_unit *unit)
{
	struct camera_session *session = context;

	if (session->action != CAMERA_QUALITY && is_too_large(session, unit)) {
		return;
	}
	switch (session->action) {
	case CAMERA_SNAPSHOT:
		if (session->pictures == 0) {
			take_snapshot(session, unit);
		}
		return;
	case CAMERA_RECORD:
		record_unit(session, unit);
		return;
	case CAMERA_PIPE:
		session->pictures += write_file(session, unit->data, unit->length) ? 1 : 0;
		return;
	case CAMERA_LIGHT:
		/* The printer heard what was told before the picture. */
		end_session(session, CLI_DONE);
		return;
	case CAMERA_QUALITY:
		look_at_quality(session, unit);
		return;
	}
}

/* --- the session --- */

static void on_video(void *context, const uint8_t *data, size_t length)
{
	struct camera_session *session = context;

	if (h264_reader_feed(&session->reader, data, length)) {
		cli_error("out of memory");
		end_session(session, CLI_FAILED);
	}
}

static void on_frame_end(void *context)
{
	struct camera_session *session = context;

	h264_reader_flush(&session->reader);
}

static void on_gap(void *context)
{
	struct camera_session *session = context;

	h264_reader_lose(&session->reader);
}

static void on_camera_end(void *context, enum lan_camera_end end, const char *detail)
{
	struct camera_session *session = context;

	session->camera = NULL;
	if (end != LAN_CAMERA_CLOSED) {
		cli_error("printer %s: %s", session->label, detail);
		session->status = end == LAN_CAMERA_BUSY ? CLI_CANNOT_CONNECT : CLI_NO_ANSWER;
	}
	close_handles(session);
}

static bool is_film(const struct camera_session *session)
{
	return session->action == CAMERA_RECORD || session->action == CAMERA_PIPE;
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct camera_session *session = handle->data;

	(void)number;
	/* That is how a film ends; nothing else is done by then. */
	end_session(session, is_film(session) && session->pictures > 0 ? CLI_DONE : CLI_FAILED);
}

static void on_time_over(uv_timer_t *timer)
{
	end_session(timer->data, CLI_DONE);
}

static bool has_none(enum flagship_model model)
{
	return model == FLAGSHIP_MODEL_M5C || model == FLAGSHIP_MODEL_E1;
}

static int start_camera(struct camera_session *session)
{
	static const struct lan_camera_handlers handlers = {.on_video = on_video,
							    .on_frame_end = on_frame_end,
							    .on_gap = on_gap,
							    .on_end = on_camera_end};
	const struct camera_options *own = &session->options;
	const struct lan_camera_options options = {
		.link = lan_way_link(&own->way, session->target, &session->relays),
		.hd = !own->sd && session->quality != CAMERA_QUALITY_SD,
		.untold = session->action == CAMERA_QUALITY &&
			  session->quality == CAMERA_QUALITY_ASKED,
	};

	int error = UV_EINVAL;
	if (session->action != CAMERA_QUALITY || !has_none(session->target->model)) {
		error = lan_camera_create(&session->loop, &options, &handlers, session,
					  &session->camera);
	}
	if (error == UV_EINVAL && has_none(session->target->model)) {
		cli_error("printer %s: an %s has no camera: flagship serve shows one that has a "
			  "URL in its place (PUT /api/v1/printers/%s/camera)",
			  session->label, flagship_model_name(session->target->model),
			  session->target->serial);
		return CLI_NOT_CONFIGURED;
	}
	if (error == UV_EINVAL) {
		cli_error("printer %s: " LAN_WAY_UNKNOWN, session->label);
		return CLI_NOT_CONFIGURED;
	}
	if (error) {
		cli_error("printer %s: %s", session->label, uv_strerror(error));
		return CLI_CANNOT_CONNECT;
	}
	if (session->action == CAMERA_LIGHT || own->light) {
		lan_camera_set_light(session->camera, own->light || session->light);
	}
	return OPTIONS_RUN;
}

static void watch_signal(struct camera_session *session, uv_signal_t *handle, int number)
{
	uv_signal_init(&session->loop, handle);
	handle->data = session;
	uv_signal_start(handle, on_signal, number);
}

static void on_session_claimed(void *context, const char *holder)
{
	struct camera_session *session = context;

	if (holder) {
		cli_error(
			"printer %s: its only session in the local network is held by %s: wait for "
			"its end",
			session->label, holder);
		end_session(session, CLI_CANNOT_CONNECT);
		return;
	}
	int result = start_camera(session);
	if (result != OPTIONS_RUN) {
		end_session(session, result);
	} else if (session->options.seconds > 0 && is_film(session)) {
		uv_timer_start(&session->timer, on_time_over,
			       (uint64_t)session->options.seconds * MS_PER_S, 0);
	}
}

static int run_session(struct camera_session *session, const struct targets *targets)
{
	int error = uv_loop_init(&session->loop);

	if (error) {
		cli_error("cannot watch: %s", uv_strerror(error));
		return CLI_FAILED;
	}
	session->target = &targets->printers[0];
	target_label(session->target, session->label);
	h264_reader_init(&session->reader, on_picture, session);
	signal(SIGPIPE, SIG_IGN);
	watch_signal(session, &session->interrupt, SIGINT);
	watch_signal(session, &session->terminate, SIGTERM);
	uv_timer_init(&session->loop, &session->timer);
	session->timer.data = session;
	if (attach_claim_open(&session->loop, targets->gateway, session->target->serial,
			      on_session_claimed, session, &session->claim)) {
		cli_error("out of memory");
		end_session(session, CLI_FAILED);
	}
	uv_run(&session->loop, UV_RUN_DEFAULT);
	uv_loop_close(&session->loop);
	h264_reader_finish(&session->reader);
	free(session->fragment);
	return session->status;
}

/* --- the command line --- */

static const struct camera_word {
	const char *name;
	int least; /* words, with it */
	int most;
} words[] = {
	[CAMERA_SNAPSHOT] = {"snapshot", 2, 2}, [CAMERA_RECORD] = {"record", 2, 2},
	[CAMERA_PIPE] = {"pipe", 1, 1},         [CAMERA_LIGHT] = {"light", 2, 2},
	[CAMERA_QUALITY] = {"quality", 1, 2},
};

#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

static int read_light(struct camera_session *session, const char *word)
{
	session->light = strcmp(word, "on") == 0;
	if (!session->light && strcmp(word, "off") != 0) {
		cli_error("light is on or off, not '%s'", word);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int read_quality(struct camera_session *session, int argc, char **argv)
{
	if (session->options.sd) {
		cli_error("--sd is of snapshot, record and pipe: it is camera quality sd");
		return CLI_USAGE;
	}
	return argc > 1 ? quality_read(argv[1], &session->quality) : OPTIONS_RUN;
}

static int read_action(struct camera_session *session, int argc, char **argv)
{
	size_t action = 0;

	while (argc > 0 && action < WORD_COUNT && strcmp(argv[0], words[action].name) != 0) {
		action++;
	}
	if (argc == 0 || action == WORD_COUNT || argc < words[action].least ||
	    argc > words[action].most) {
		cli_error("camera wants to know what to do: snapshot FILE, record FILE, pipe, "
			  "light on or off, quality, quality sd or quality hd");
		return CLI_USAGE;
	}
	session->action = (enum camera_action)action;
	session->path = session->action == CAMERA_PIPE ? STANDARD_OUTPUT : argv[argc - 1];
	switch (session->action) {
	case CAMERA_LIGHT:
		return read_light(session, argv[1]);
	case CAMERA_QUALITY:
		return read_quality(session, argc, argv);
	default:
		return OPTIONS_RUN;
	}
}

static bool writes_file(const struct camera_session *session)
{
	return session->action == CAMERA_SNAPSHOT || is_film(session);
}

static int open_file(struct camera_session *session)
{
	if (!writes_file(session)) {
		return OPTIONS_RUN;
	}
	if (strcmp(session->path, STANDARD_OUTPUT) == 0) {
		session->file = stdout;
		return OPTIONS_RUN;
	}
	int descriptor = open(session->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	session->made = descriptor >= 0;
	if (descriptor < 0 && errno == EEXIST) {
		descriptor = open(session->path, O_WRONLY | O_CLOEXEC);
	}
	session->file = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
	if (!session->file) {
		cli_error("cannot write %s: %s", session->path, strerror(errno));
		if (descriptor >= 0) {
			close(descriptor);
		}
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

/* What has no picture in it is no file, but what was there before is nobody's to remove. */
static int close_file(struct camera_session *session, int status)
{
	if (!session->file || session->file == stdout) {
		return status;
	}
	if (fclose(session->file) != 0) {
		cli_error("cannot write %s: %s", session->path, strerror(errno));
		status = CLI_FAILED;
	}
	if (session->made && session->pictures == 0) {
		(void)unlink(session->path);
	}
	return status;
}

static int camera_run(const struct cli_command *command, int argc, char **argv)
{
	struct camera_session session = {.status = CLI_FAILED};
	struct target_options target_options = TARGET_OPTIONS_DEFAULT;
	struct targets targets;
	int result = options_parse(command, &argc, argv,
				   (void *[]){&session.options, TARGET_PLACES(&target_options)});

	if (result == OPTIONS_RUN) {
		result = read_action(&session, argc, argv);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = targets_init(&targets, &target_options, TARGETS_ONE);
	/* A gateway is not asked where the command line says how the printer is reached. */
	if (result == OPTIONS_RUN && session.action == CAMERA_QUALITY &&
	    !lan_way_is_given(&session.options.way)) {
		result = quality_by_gateway(&targets, session.quality);
	}
	if (result == OPTIONS_RUN) {
		result = lan_way_relays(&session.options.way, &targets.printers[0],
					&session.relays);
	}
	if (result == OPTIONS_RUN) {
		result = open_file(&session);
	}
	if (result == OPTIONS_RUN) {
		result = close_file(&session, run_session(&session, &targets));
	}
	lan_way_clear(&session.relays);
	targets_finish(&targets);
	return result;
}

const struct cli_command camera_command = {
	.name = "camera",
	.section = "Printing",
	.summary = "the picture of a printer's camera, its light and its quality",
	.arguments = "snapshot FILE | record FILE | pipe | light on|off | quality [sd|hd]",
	.arguments_max = 2,
	.description =
		"Watches the camera over the local network: a picture as JPEG, a film as MP4, or "
		"the\nbare H.264 on standard output. FILE may be - for standard output. An M5 has "
		"a "
		"camera,\nan M5C and an E1 have none. A printer has one session: while somebody "
		"watches, no\nfile can be sent to it. A gateway on this machine leaves it "
		"meanwhile.\n"
		"\n"
		"quality has a gateway on this machine ask for small pictures (sd) or large ones "
		"(hd),\nas its page does: for all who look by it. Where none runs the printer is "
		"told, and\nthat holds for one session. Without sd or hd it says what it is.",
	.groups = (const struct options_group *const[]){&camera_options_group, TARGET_GROUPS, NULL},
	.run = camera_run,
};
