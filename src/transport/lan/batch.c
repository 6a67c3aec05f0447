/* SPDX-License-Identifier: MIT */
#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sendmmsg, recvmmsg */
#endif
#endif

#include "transport/lan/batch.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#ifdef __linux__
#include <netinet/udp.h>
#ifndef SOL_UDP
#define SOL_UDP IPPROTO_UDP
#endif
#ifndef UDP_SEGMENT /* headers older than the kernel */
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#endif

void batch_add(struct batch_out *out, const struct sockaddr_in *to, const uint8_t *data,
	       size_t length)
{
	assert(out->count < BATCH_OUT_MAX && length <= FLAGSHIP_PPPP_PACKET_MAX);
	out->entries[out->count++] = (struct batch_entry){*to, (uint16_t)length};
	memcpy(out->data + out->bytes, data, length);
	out->bytes += length;
}

#ifdef __linux__

#define CONTROL_SIZE CMSG_SPACE(sizeof(int))

/* Room for one number beside a message, aligned as the system wants it. */
union control {
	struct cmsghdr header;
	char bytes[CONTROL_SIZE];
};

void batch_init(struct batch_out *out, int descriptor)
{
	const int yes = 1;
	int none = 0;
	socklen_t size = sizeof(none);

	out->count = 0;
	out->bytes = 0;
	out->segments = getsockopt(descriptor, SOL_UDP, UDP_SEGMENT, &none, &size) == 0;
	(void)setsockopt(descriptor, SOL_UDP, UDP_GRO, &yes, sizeof(yes));
}

static bool same_host(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
	return a->sin_addr.s_addr == b->sin_addr.s_addr && a->sin_port == b->sin_port;
}

/* How many from this one on go to the same host and are as long, but for the last. */
static size_t run_length(const struct batch_out *out, size_t first)
{
	const struct batch_entry *entry = &out->entries[first];
	size_t end = first + 1;

	while (end < out->count && same_host(&out->entries[end].to, &entry->to) &&
	       out->entries[end - 1].length == entry->length &&
	       out->entries[end].length <= entry->length && out->entries[end].length > 0) {
		end++;
	}
	return end - first;
}

static void put_segment_size(struct msghdr *message, union control *control, uint16_t length)
{
	message->msg_control = control->bytes;
	message->msg_controllen = CMSG_SPACE(sizeof(length));
	control->header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(length)),
					   .cmsg_level = SOL_UDP,
					   .cmsg_type = UDP_SEGMENT};
	memcpy(CMSG_DATA(&control->header), &length, sizeof(length));
}

/* One message for each run; how many. */
static size_t fill_messages(struct batch_out *out, struct mmsghdr *messages, struct iovec *parts,
			    union control *controls)
{
	size_t count = 0;
	size_t offset = 0;

	for (size_t first = 0; first < out->count; count++) {
		size_t run = out->segments ? run_length(out, first) : 1;
		struct iovec *part = &parts[count];

		*part = (struct iovec){out->data + offset, 0};
		for (size_t i = 0; i < run; i++) {
			part->iov_len += out->entries[first + i].length;
		}
		messages[count] = (struct mmsghdr){
			.msg_hdr = {.msg_name = &out->entries[first].to,
				    .msg_namelen = sizeof(struct sockaddr_in),
				    .msg_iov = part,
				    .msg_iovlen = 1}};
		if (run > 1) {
			controls[count] = (union control){0};
			put_segment_size(&messages[count].msg_hdr, &controls[count],
					 out->entries[first].length);
		}
		offset += part->iov_len;
		first += run;
	}
	return count;
}

/* True where the device cannot cut: nothing of the rest was sent. */
static bool send_messages(int descriptor, struct mmsghdr *messages, size_t count)
{
	for (size_t sent = 0; sent < count;) {
		int done = sendmmsg(descriptor, messages + sent, (unsigned int)(count - sent), 0);
		bool cut = messages[sent].msg_hdr.msg_controllen > 0;
		if (done < 0 && cut && (errno == EIO || errno == EINVAL || errno == EMSGSIZE)) {
			return true;
		}
		sent += done > 0 ? (size_t)done : 1;
	}
	return false;
}

void batch_send(struct batch_out *out, int descriptor)
{
	struct mmsghdr messages[BATCH_OUT_MAX];
	struct iovec parts[BATCH_OUT_MAX];
	union control controls[BATCH_OUT_MAX];

	if (send_messages(descriptor, messages, fill_messages(out, messages, parts, controls))) {
		/* What went before it goes a second time, which does no harm. */
		out->segments = false;
		(void)send_messages(descriptor, messages,
				    fill_messages(out, messages, parts, controls));
	}
	out->count = 0;
	out->bytes = 0;
}

static size_t step_of(struct msghdr *message, size_t length)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header)) {
		int step = 0;
		if (header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_GRO) {
			memcpy(&step, CMSG_DATA(header), sizeof(step));
			return step > 0 ? (size_t)step : length;
		}
	}
	return length;
}

int batch_receive(struct batch_in *in, int descriptor)
{
	struct mmsghdr messages[BATCH_IN_MAX];
	struct iovec parts[BATCH_IN_MAX];
	union control controls[BATCH_IN_MAX];

	for (size_t i = 0; i < BATCH_IN_MAX; i++) {
		parts[i] = (struct iovec){in->data[i], BATCH_IN_LENGTH};
		messages[i] = (struct mmsghdr){
			.msg_hdr = {.msg_name = &in->received[i].from,
				    .msg_namelen = sizeof(in->received[i].from),
				    .msg_iov = &parts[i],
				    .msg_iovlen = 1,
				    /* cppcheck-suppress legacyUninitvar ; the system writes it */
				    .msg_control = controls[i].bytes,
				    .msg_controllen = sizeof(controls[i].bytes)}};
	}
	int count = recvmmsg(descriptor, messages, BATCH_IN_MAX, MSG_DONTWAIT, NULL);
	if (count < 0) {
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
	}
	for (int i = 0; i < count; i++) {
		struct batch_received *received = &in->received[i];
		received->data = in->data[i];
		received->length = messages[i].msg_len;
		received->step = step_of(&messages[i].msg_hdr, received->length);
	}
	return count;
}

#else

void batch_init(struct batch_out *out, int descriptor)
{
	(void)descriptor;
	out->segments = false;
	out->count = 0;
	out->bytes = 0;
}

void batch_send(struct batch_out *out, int descriptor)
{
	const uint8_t *data = out->data;

	for (size_t i = 0; i < out->count; i++) {
		const struct batch_entry *entry = &out->entries[i];
		(void)sendto(descriptor, data, entry->length, 0,
			     (const struct sockaddr *)&entry->to, sizeof(entry->to));
		data += entry->length;
	}
	out->count = 0;
	out->bytes = 0;
}

int batch_receive(struct batch_in *in, int descriptor)
{
	struct batch_received *received = &in->received[0];
	socklen_t size = sizeof(received->from);
	ssize_t length = recvfrom(descriptor, in->data[0], BATCH_IN_LENGTH, 0,
				  (struct sockaddr *)&received->from, &size);

	if (length < 0) {
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
	}
	received->data = in->data[0];
	received->length = (size_t)length;
	received->step = received->length;
	return 1;
}

#endif
