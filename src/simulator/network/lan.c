/* SPDX-License-Identifier: MIT */
#include "simulator/network/lan.h"

#include "base/clock.h"
#include "cli/output/message.h"
#include "simulator/camera/camera.h"
#include "simulator/network/simulation.h"
#include "simulator/printer/upload.h"
#include "transport/lan/udp.h"

#include <flagship/pppp_session.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_A_US           1000
#define US_A_MS           1000
#define COMMAND_CHANNEL   0
#define VIDEO_CHANNEL     1
#define RANDOM_STREAM_LAN 9
#define LATE_MAX          64
#define REPLY_BYTES_MAX   64
#define CRASHED_MS        10000
#define DUID_SERIALS      1000000
#define DUID_LETTERS      5
#define ALPHABET          26
#define HASH_FIRST        UINT64_C(14695981039346656037)
#define HASH_PRIME        UINT64_C(1099511628211)

/* An answer that is given later. */
struct late_reply {
	uint64_t due_ms;
	uint8_t channel;
	size_t length;
	uint8_t data[REPLY_BYTES_MAX];
};

/* The one session. */
struct seat {
	struct simulated_lan *lan;
	struct udp udp;
	uv_timer_t timer;
	struct flagship_pppp_session *session;
	struct upload upload;
	bool has_camera;
	struct camera camera;
	struct late_reply late[LATE_MAX];
	size_t late_count;
	bool ending;
	unsigned int handles;
};

struct simulated_lan {
	struct simulated_printer *printer;
	const struct fault_plan *plan;
	char address[UDP_ADDRESS_SIZE];
	struct flagship_pppp_duid duid;
	struct random_source random;
	struct udp door;
	struct seat *seat;
	bool lit;            /* the light, which stays as it is between sessions */
	uint64_t crashed_ms; /* until when it hears nothing */
	bool stopping;
	bool door_closed;
	void (*ended)(void *context);
	void *ended_context;
};

void simulated_lan_duid(const char *serial, char text[FLAGSHIP_PPPP_DUID_TEXT_SIZE])
{
	struct flagship_pppp_duid duid = {.prefix = "EUPRAKM"};
	uint64_t hash = HASH_FIRST;

	for (const char *c = serial; *c != '\0'; c++) {
		hash = (hash ^ (uint8_t)*c) * HASH_PRIME;
	}
	duid.serial = (uint32_t)(hash % DUID_SERIALS);
	hash /= DUID_SERIALS;
	for (size_t i = 0; i < DUID_LETTERS; i++) {
		duid.check[i] = (char)('A' + hash % ALPHABET);
		hash /= ALPHABET;
	}
	flagship_pppp_duid_format(&duid, text);
}

static int64_t lan_now_us(void)
{
	return (int64_t)(clock_stopwatch_ns() / NS_A_US);
}

static uint64_t lan_now_ms(const struct simulated_lan *lan)
{
	return uv_now(&lan->printer->simulation->daemon.loop);
}

/* By the fault lan-loss, in each direction. */
static bool is_lost(struct simulated_lan *lan)
{
	return lan->plan->lan_loss > 0 && random_unit(&lan->random) < lan->plan->lan_loss;
}

static void end_where_closed(struct simulated_lan *lan)
{
	if (lan->stopping && lan->door_closed && !lan->seat) {
		void (*ended)(void *context) = lan->ended;
		void *context = lan->ended_context;
		free(lan);
		ended(context);
	}
}

static void seat_handle_closed(struct seat *seat)
{
	struct simulated_lan *lan = seat->lan;

	if (--seat->handles > 0) {
		return;
	}
	flagship_pppp_session_destroy(seat->session);
	upload_finish(&seat->upload);
	lan->lit = seat->camera.lit;
	camera_finish(&seat->camera);
	free(seat);
	lan->seat = NULL;
	end_where_closed(lan);
}

static void seat_socket_closed(void *context)
{
	seat_handle_closed(context);
}

static void seat_timer_closed(uv_handle_t *handle)
{
	seat_handle_closed(handle->data);
}

static void end_seat(struct seat *seat)
{
	if (!seat->ending) {
		seat->ending = true;
		udp_close(&seat->udp, seat_socket_closed);
		uv_close((uv_handle_t *)&seat->timer, seat_timer_closed);
	}
}

static void reply_now(struct seat *seat, uint8_t channel, const uint8_t *data, size_t length)
{
	/* A client that leaves answers unread loses them. */
	size_t taken = flagship_pppp_session_write(seat->session, channel, data, length);

	(void)taken;
}

static void on_reply(void *context, uint8_t channel, const uint8_t *data, size_t length)
{
	struct seat *seat = context;
	int64_t late_ms = seat->lan->plan->lan_late_ms;

	if (late_ms == 0 || seat->late_count == LATE_MAX || length > REPLY_BYTES_MAX) {
		reply_now(seat, channel, data, length);
		return;
	}
	struct late_reply *late = &seat->late[seat->late_count++];
	late->due_ms = lan_now_ms(seat->lan) + (uint64_t)late_ms;
	late->channel = channel;
	late->length = length;
	memcpy(late->data, data, length);
}

static bool on_busy(void *context)
{
	const struct seat *seat = context;

	return print_job_is_active(&seat->lan->printer->printer.job);
}

static void on_begun(void *context, const char *name)
{
	struct seat *seat = context;

	virtual_printer_note(&seat->lan->printer->printer, "a file comes: %s", name);
}

static bool on_uploaded(void *context, const struct uploaded_file *file)
{
	struct seat *seat = context;

	return virtual_printer_print_upload(&seat->lan->printer->printer, file);
}

static void on_upload_crash(void *context)
{
	struct seat *seat = context;

	seat->lan->crashed_ms = lan_now_ms(seat->lan) + CRASHED_MS;
	simulated_printer_note(seat->lan->printer, "crashed in the middle of an upload");
	end_seat(seat);
}

static void on_seat_timer(uv_timer_t *timer);

static int64_t late_wait_ms(const struct seat *seat)
{
	if (seat->late_count == 0) {
		return INT64_MAX;
	}
	uint64_t now_ms = lan_now_ms(seat->lan);
	return seat->late[0].due_ms > now_ms ? (int64_t)(seat->late[0].due_ms - now_ms) : 0;
}

/* A picture that is not taken whole goes on with the next acknowledgement. */
static void send_video(struct seat *seat)
{
	struct camera *camera = &seat->camera;
	size_t left = camera_pending(camera, (int64_t)lan_now_ms(seat->lan), clock_unix_ms());

	if (left > 0) {
		camera->sent += flagship_pppp_session_write(seat->session, VIDEO_CHANNEL,
							    camera->frame + camera->sent, left);
	}
}

static int64_t video_wait_ms(const struct seat *seat)
{
	int64_t due_ms = camera_due_ms(&seat->camera);
	int64_t now_ms = (int64_t)lan_now_ms(seat->lan);

	/* While it waits for room, an acknowledgement wakes it. */
	if (due_ms == INT64_MAX || seat->camera.sent < seat->camera.length) {
		return INT64_MAX;
	}
	return due_ms > now_ms ? due_ms - now_ms : 0;
}

static void drive_seat(struct seat *seat)
{
	struct flagship_pppp_outgoing outgoing;
	int64_t now_us = lan_now_us();

	if (seat->ending) {
		return;
	}
	while (seat->late_count > 0 && late_wait_ms(seat) == 0) {
		reply_now(seat, seat->late[0].channel, seat->late[0].data, seat->late[0].length);
		memmove(seat->late, seat->late + 1, --seat->late_count * sizeof(seat->late[0]));
	}
	send_video(seat);
	while (flagship_pppp_session_next(seat->session, now_us, &outgoing)) {
		if (!is_lost(seat->lan)) {
			udp_gather(&seat->udp, &outgoing.to, outgoing.data, outgoing.length);
		}
	}
	udp_flush(&seat->udp);
	if (flagship_pppp_session_state(seat->session) == FLAGSHIP_PPPP_STATE_CLOSED) {
		end_seat(seat);
		return;
	}
	int64_t wait_us = flagship_pppp_session_deadline(seat->session, now_us) - now_us;
	int64_t wait_ms = wait_us <= 0 ? 0 : wait_us / US_A_MS + 1;
	if (late_wait_ms(seat) < wait_ms) {
		wait_ms = late_wait_ms(seat);
	}
	if (video_wait_ms(seat) < wait_ms) {
		wait_ms = video_wait_ms(seat);
	}
	uv_timer_start(&seat->timer, on_seat_timer, (uint64_t)wait_ms, 0);
}

static void on_seat_timer(uv_timer_t *timer)
{
	drive_seat(timer->data);
}

static void read_seat(struct seat *seat)
{
	struct flagship_pppp_piece_in piece;

	for (uint8_t channel = 0; channel <= 1; channel++) {
		while (!seat->ending &&
		       flagship_pppp_session_read(seat->session, channel, &piece)) {
			upload_take(&seat->upload, channel, piece.data, piece.length);
			if (channel == COMMAND_CHANNEL && seat->has_camera) {
				camera_take(&seat->camera, piece.data, piece.length,
					    (int64_t)lan_now_ms(seat->lan));
			}
		}
	}
}

static void hear(struct seat *seat, const struct flagship_pppp_host *from, const uint8_t *data,
		 size_t length)
{
	if (seat->ending || is_lost(seat->lan)) {
		return;
	}
	int error = flagship_pppp_session_receive(seat->session, from, data, length, lan_now_us());
	if (!error) {
		read_seat(seat);
	}
}

static void on_seat_datagram(void *context, const struct flagship_pppp_host *from,
			     const uint8_t *data, size_t length)
{
	hear(context, from, data, length);
}

static void on_seat_batch(void *context)
{
	drive_seat(context);
}

static const struct udp_handlers seat_handlers = {
	.on_datagram = on_seat_datagram,
	.on_batch = on_seat_batch,
};

static struct seat *make_seat(struct simulated_lan *lan)
{
	const struct flagship_pppp_options options = {.role = FLAGSHIP_PPPP_ROLE_PRINTER,
						      .duid = lan->duid};
	uv_loop_t *loop = &lan->printer->simulation->daemon.loop;
	struct seat *seat = calloc(1, sizeof(*seat));

	if (!seat) {
		return NULL;
	}
	seat->lan = lan;
	seat->session = flagship_pppp_session_create(&options);
	if (!seat->session ||
	    udp_open(&seat->udp, loop, lan->address, 0, false, &seat_handlers, seat) != 0) {
		flagship_pppp_session_destroy(seat->session);
		free(seat);
		return NULL;
	}
	uv_timer_init(loop, &seat->timer);
	seat->timer.data = seat;
	seat->handles = 2;
	const struct upload_output output = {.reply = on_reply,
					     .busy = on_busy,
					     .begun = on_begun,
					     .uploaded = on_uploaded,
					     .crashed = on_upload_crash,
					     .context = seat};
	upload_init(&seat->upload, lan->plan, &output);
	camera_init(&seat->camera);
	seat->camera.lit = lan->lit;
	seat->camera.is_large = lan->plan->lan_large;
	seat->has_camera = lan->printer->simulation->model->id == FLAGSHIP_MODEL_M5;
	return seat;
}

/* Whoever asks is told who is here, also while the seat is taken. */
static void answer_search(struct simulated_lan *lan, const struct flagship_pppp_host *from)
{
	const struct flagship_pppp_packet packet = {.type = FLAGSHIP_PPPP_TYPE_PUNCH_PKT,
						    .duid = lan->duid};
	uint8_t bytes[FLAGSHIP_PPPP_PACKET_MAX];
	size_t length;

	if (!is_lost(lan) &&
	    flagship_pppp_packet_write(&packet, bytes, sizeof(bytes), &length) == 0) {
		(void)udp_send(&lan->door, from, bytes, length);
	}
}

static void on_search(struct simulated_lan *lan, const struct flagship_pppp_host *from,
		      const uint8_t *data, size_t length)
{
	bool taken = lan->seat &&
		     (lan->seat->ending ||
		      flagship_pppp_session_state(lan->seat->session) != FLAGSHIP_PPPP_STATE_IDLE);

	if (lan->plan->lan_busy || taken) {
		answer_search(lan, from);
		return;
	}
	if (!lan->seat) {
		lan->seat = make_seat(lan);
	}
	if (lan->seat) {
		hear(lan->seat, from, data, length);
		drive_seat(lan->seat);
	}
}

static void on_door_datagram(void *context, const struct flagship_pppp_host *from,
			     const uint8_t *data, size_t length)
{
	struct simulated_lan *lan = context;
	struct flagship_pppp_packet packet;

	if (lan->stopping || lan_now_ms(lan) < lan->crashed_ms ||
	    flagship_pppp_packet_read(data, length, &packet) != 0) {
		return;
	}
	if (packet.type == FLAGSHIP_PPPP_TYPE_LAN_SEARCH) {
		on_search(lan, from, data, length);
	}
}

static void on_door_batch(void *context)
{
	(void)context;
}

static const struct udp_handlers door_handlers = {
	.on_datagram = on_door_datagram,
	.on_batch = on_door_batch,
};

struct simulated_lan *simulated_lan_create(struct simulated_printer *printer, const char *address,
					   const char *duid)
{
	struct simulated_lan *lan = calloc(1, sizeof(*lan));

	if (!lan) {
		cli_error("cannot start: out of memory");
		return NULL;
	}
	lan->printer = printer;
	lan->plan = &printer->simulation->options->faults;
	snprintf(lan->address, sizeof(lan->address), "%s", address);
	random_init(&lan->random, (uint64_t)printer->simulation->options->seed, RANDOM_STREAM_LAN);
	int error = flagship_pppp_duid_parse(duid, &lan->duid);
	if (!error) {
		error = udp_open(&lan->door, &printer->simulation->daemon.loop, address,
				 FLAGSHIP_PPPP_PORT, false, &door_handlers, lan);
	}
	if (error) {
		cli_error("cannot speak on the local network at %s, UDP port %d: %s", address,
			  FLAGSHIP_PPPP_PORT, uv_strerror(error));
		free(lan);
		return NULL;
	}
	return lan;
}

static void on_door_closed(void *context)
{
	struct simulated_lan *lan = context;

	lan->door_closed = true;
	end_where_closed(lan);
}

void simulated_lan_stop(struct simulated_lan *lan, void (*ended)(void *context), void *context)
{
	if (!lan) {
		ended(context);
		return;
	}
	lan->stopping = true;
	lan->ended = ended;
	lan->ended_context = context;
	udp_close(&lan->door, on_door_closed);
	if (lan->seat) {
		end_seat(lan->seat);
	}
}
