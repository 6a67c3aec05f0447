/* SPDX-License-Identifier: MIT */
#include "transport/lan/udp.h"

#include "transport/lan/batch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SYSTEM_BUFFER (1024 * 1024)
#define LOOPBACK_BYTE 127

/* Apart, since little of it is ever touched. */
struct udp_buffers {
	struct batch_out out;
	struct batch_in in;
};

static struct sockaddr_in to_socket(const struct flagship_pppp_host *host)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(host->port)};

	memcpy(&address.sin_addr, host->address, sizeof(host->address));
	return address;
}

static struct flagship_pppp_host from_socket(const struct sockaddr_in *address)
{
	struct flagship_pppp_host host = {.port = ntohs(address->sin_port)};

	memcpy(host.address, &address->sin_addr, sizeof(host.address));
	return host;
}

bool udp_host_parse(const char *address, uint16_t port, struct flagship_pppp_host *host)
{
	host->port = port;
	return inet_pton(AF_INET, address, host->address) == 1;
}

void udp_host_format(const struct flagship_pppp_host *host, char text[UDP_ADDRESS_SIZE])
{
	snprintf(text, UDP_ADDRESS_SIZE, "%u.%u.%u.%u", host->address[0], host->address[1],
		 host->address[2], host->address[3]);
}

bool udp_host_is_loopback(const struct flagship_pppp_host *host)
{
	return host->address[0] == LOOPBACK_BYTE;
}

/* Each of the datagrams that came as one; an empty one is one, too. How many there were. */
static unsigned int take_received(struct udp *udp, const struct batch_received *received)
{
	const struct flagship_pppp_host from = from_socket(&received->from);
	unsigned int count = 0;
	size_t offset = 0;

	do {
		size_t left = received->length - offset;
		size_t length = left < received->step ? left : received->step;

		if (received->from.sin_family == AF_INET) {
			udp->handlers->on_datagram(udp->context, &from, received->data + offset,
						   length);
		}
		offset += length;
		count++;
	} while (offset < received->length);
	return count;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct udp *udp = poll->data;
	unsigned int taken = 0;

	(void)status;
	(void)events;
	while (taken < UDP_BATCH_MAX) {
		int count = batch_receive(&udp->buffers->in, udp->descriptor);
		for (int i = 0; i < count; i++) {
			taken += take_received(udp, &udp->buffers->in.received[i]);
		}
		if (count >= 0 && count < BATCH_IN_MAX) {
			break;
		}
		taken += count < 0 ? 1 : 0;
	}
	udp->handlers->on_batch(udp->context);
}

static int open_descriptor(void)
{
	const int yes = 1;
	const int size = SYSTEM_BUFFER;
	int descriptor = socket(AF_INET, SOCK_DGRAM, 0);

	if (descriptor < 0) {
		return -1;
	}
	(void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
	(void)fcntl(descriptor, F_SETFL, O_NONBLOCK);
	/* As much as the system grants. */
	(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	(void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(descriptor, SOL_SOCKET, SO_BROADCAST, &yes, sizeof(yes));
	return descriptor;
}

static void share_port(int descriptor, int shares)
{
	(void)setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &shares, sizeof(shares));
}

/*
 * Both sides want the same port: clients at all addresses, simulated printers at one each. Such a
 * printer finds its place beside a client that was there first, and gets what is for its address;
 * two of the same side do not share. Linux asks what is set when the second one comes.
 */
static int bind_to(int descriptor, const char *address, uint16_t port, bool wanted)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};

	if (address[0] != '\0' && inet_pton(AF_INET, address, &own.sin_addr) != 1) {
		return UV_EINVAL;
	}
	share_port(descriptor, !wanted && port != 0);
	if (bind(descriptor, (const struct sockaddr *)&own, sizeof(own)) == 0) {
		share_port(descriptor, wanted);
		return 0;
	}
	if (!wanted || errno != EADDRINUSE) {
		return uv_translate_sys_error(errno);
	}
	own.sin_port = 0;
	return bind(descriptor, (const struct sockaddr *)&own, sizeof(own)) == 0
		       ? 0
		       : uv_translate_sys_error(errno);
}

static void close_descriptor(struct udp *udp)
{
	close(udp->descriptor);
	udp->descriptor = -1;
	free(udp->buffers);
	udp->buffers = NULL;
}

int udp_open(struct udp *udp, uv_loop_t *loop, const char *address, uint16_t port, bool wanted,
	     const struct udp_handlers *handlers, void *context)
{
	struct sockaddr_in own;
	socklen_t size = sizeof(own);
	struct udp_buffers *buffers = malloc(sizeof(*buffers));

	if (!buffers) {
		return UV_ENOMEM;
	}
	*udp = (struct udp){
		.descriptor = open_descriptor(), .handlers = handlers, .context = context};
	if (udp->descriptor < 0) {
		free(buffers);
		return uv_translate_sys_error(errno);
	}
	udp->buffers = buffers;
	batch_init(&buffers->out, udp->descriptor);
	int error = bind_to(udp->descriptor, address, port, wanted);
	if (!error && getsockname(udp->descriptor, (struct sockaddr *)&own, &size) == 0) {
		udp->port = ntohs(own.sin_port);
	}
	if (!error) {
		error = uv_poll_init(loop, &udp->poll, udp->descriptor);
	}
	if (error) {
		close_descriptor(udp);
		return error;
	}
	udp->poll.data = udp;
	(void)uv_poll_start(&udp->poll, UV_READABLE, on_readable);
	return 0;
}

int udp_send(struct udp *udp, const struct flagship_pppp_host *to, const uint8_t *data,
	     size_t length)
{
	struct sockaddr_in address = to_socket(to);

	return sendto(udp->descriptor, data, length, 0, (const struct sockaddr *)&address,
		      sizeof(address)) < 0
		       ? uv_translate_sys_error(errno)
		       : 0;
}

void udp_gather(struct udp *udp, const struct flagship_pppp_host *to, const uint8_t *data,
		size_t length)
{
	const struct sockaddr_in address = to_socket(to);

	batch_add(&udp->buffers->out, &address, data, length);
	if (udp->buffers->out.count == BATCH_OUT_MAX) {
		udp_flush(udp);
	}
}

void udp_flush(struct udp *udp)
{
	if (udp->buffers->out.count > 0) {
		batch_send(&udp->buffers->out, udp->descriptor);
	}
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct udp *udp = handle->data;

	close_descriptor(udp);
	if (udp->on_closed) {
		udp->on_closed(udp->context);
	}
}

void udp_close(struct udp *udp, void (*on_closed)(void *context))
{
	udp->on_closed = on_closed;
	uv_close((uv_handle_t *)&udp->poll, on_poll_closed);
}

/* Nothing is sent: the system only looks which way it would go. */
struct flagship_pppp_host udp_find_own(const struct flagship_pppp_host *to, uint16_t port)
{
	struct sockaddr_in address = to_socket(to);
	socklen_t size = sizeof(address);
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool found = descriptor >= 0 &&
		     connect(descriptor, (const struct sockaddr *)&address, size) == 0 &&
		     getsockname(descriptor, (struct sockaddr *)&address, &size) == 0;

	if (descriptor >= 0) {
		close(descriptor);
	}
	if (!found) {
		return (struct flagship_pppp_host){.port = port};
	}
	struct flagship_pppp_host own = from_socket(&address);
	own.port = port;
	return own;
}
