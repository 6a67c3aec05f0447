/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* accept4, RTLD_NEXT */
#include "cloud/broker/plugin/gate.h"

#include "base/clock.h"

#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BESIDE 32 /* descriptors that are left to the broker's files */

struct waiting {
	int descriptor;
	uint64_t cookie; /* tells the connection from later ones of the same descriptor */
	struct address_key address;
	int64_t since_s;
};

/* A function that comes before one of the C library has no other place to keep anything. */
static struct {
	bool in_place;
	bool open;
	bool paused; /* the broker shall first see who was closed */
	struct gate_options options;
	size_t logged_in;
	struct waiting waiting[GATE_WAITING_MAX]; /* the oldest first */
	size_t count;
	struct gate_counts counts;
	bool asked; /* for the descriptor of a client: */
	int answer;
} gate;

static uint64_t cookie_of(int descriptor)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	return getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

static void forget(size_t index)
{
	gate.count--;
	memmove(&gate.waiting[index], &gate.waiting[index + 1],
		(gate.count - index) * sizeof(gate.waiting[0]));
}

/* The broker closes without a report: what is gone is found when there is no room. */
static void sweep(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < gate.count; i++) {
		if (cookie_of(gate.waiting[i].descriptor) == gate.waiting[i].cookie) {
			gate.waiting[kept++] = gate.waiting[i];
		}
	}
	gate.count = kept;
}

/* The broker reads an end, and closes it as any other that its client closed. */
static void shut(size_t index)
{
	const struct waiting *waiting = &gate.waiting[index];

	if (cookie_of(waiting->descriptor) == waiting->cookie) {
		shutdown(waiting->descriptor, SHUT_RDWR);
		gate.counts.closed++;
		gate.paused = true;
	}
	forget(index);
}

static size_t count_of(const struct address_key *address)
{
	size_t count = 0;

	for (size_t i = 0; i < gate.count; i++) {
		count += address_same(&gate.waiting[i].address, address);
	}
	return count;
}

static bool has_room(const struct address_key *address)
{
	size_t count = count_of(address);

	return count < GATE_ALWAYS ||
	       count + gate.options.count_unproven(gate.options.context, address) <
		       gate.options.per_address;
}

static void make_room_of(const struct address_key *address)
{
	if (has_room(address)) {
		return;
	}
	sweep();
	if (has_room(address)) {
		return;
	}
	for (size_t i = 0; i < gate.count; i++) {
		if (address_same(&gate.waiting[i].address, address)) {
			shut(i);
			return;
		}
	}
}

static bool is_full(void)
{
	return gate.options.descriptors > 0 &&
	       gate.count + gate.logged_in + BESIDE >= gate.options.descriptors;
}

static bool make_room_of_all(void)
{
	if (is_full() || gate.count == GATE_WAITING_MAX) {
		sweep();
	}
	if (gate.count > 0 && (is_full() || gate.count == GATE_WAITING_MAX)) {
		shut(0);
	}
	return !is_full();
}

static void probe_peer(int descriptor)
{
	const int on = 1;
	const int after = GATE_PROBE_AFTER_S;
	const int every = GATE_PROBE_EVERY_S;
	const int probes = GATE_PROBES;

	(void)setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &after, sizeof(after));
	(void)setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	(void)setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}

static bool take(int descriptor, const struct sockaddr_storage *from)
{
	struct address_key address = address_of_socket(from);

	make_room_of(&address);
	if (!make_room_of_all()) {
		gate.counts.refused++;
		return false;
	}
	probe_peer(descriptor);
	gate.waiting[gate.count++] = (struct waiting){
		.descriptor = descriptor,
		.cookie = cookie_of(descriptor),
		.address = address,
		.since_s = clock_steady_s(),
	};
	return true;
}

/* In the place of the C library's. */
__attribute__((visibility("default"))) int accept(int listener, struct sockaddr *address,
						  socklen_t *length)
{
	struct sockaddr_storage from = {0};
	socklen_t from_length = sizeof(from);

	if (!gate.open || address || length) {
		return accept4(listener, address, length, 0);
	}
	if (gate.paused) {
		gate.paused = false;
		errno = EAGAIN;
		return -1;
	}
	int descriptor = accept4(listener, (struct sockaddr *)&from, &from_length, SOCK_CLOEXEC);

	if (descriptor >= 0 && !take(descriptor, &from)) {
		close(descriptor);
		errno = ECONNABORTED;
		return -1;
	}
	if (descriptor < 0 && (errno == EMFILE || errno == ENFILE)) {
		int error = errno;

		(void)make_room_of_all();
		gate.counts.refused++;
		errno = error;
	}
	return descriptor;
}

/* What mosquitto_client_certificate() calls, the one function that comes by a client's TLS. */
__attribute__((visibility("default"))) X509 *SSL_get1_peer_certificate(const SSL *connection)
{
	X509 *(*next)(const SSL *);

	if (gate.asked) {
		gate.answer = SSL_get_fd(connection);
		return NULL;
	}
	*(void **)&next = dlsym(RTLD_NEXT, "SSL_get1_peer_certificate");
	return next ? next(connection) : NULL;
}

int gate_descriptor(const struct mosquitto *client)
{
	gate.asked = true;
	gate.answer = -1;
	X509_free(mosquitto_client_certificate(client));
	gate.asked = false;
	return gate.answer;
}

void gate_open(const struct gate_options *options)
{
	gate.options = *options;
	gate.open = true;
}

bool gate_is_in_place(void)
{
	const void *first = dlsym(RTLD_DEFAULT, "accept");
	Dl_info its;
	Dl_info own;

	return first && dladdr(first, &its) != 0 && dladdr(&gate, &own) != 0 &&
	       its.dli_fbase == own.dli_fbase;
}

uint64_t gate_connection(int descriptor)
{
	return cookie_of(descriptor);
}

void gate_note_login(int descriptor)
{
	uint64_t cookie = cookie_of(descriptor);

	gate.logged_in++;
	for (size_t i = 0; i < gate.count; i++) {
		if (gate.waiting[i].descriptor == descriptor && gate.waiting[i].cookie == cookie) {
			forget(i);
			return;
		}
	}
}

void gate_note_end(void)
{
	gate.logged_in -= gate.logged_in > 0;
}

void gate_run(int64_t now_s)
{
	while (gate.count > 0 && now_s - gate.waiting[0].since_s >= GATE_LOGIN_S) {
		shut(0);
	}
	gate.paused = false;
}

static bool drains(int descriptor)
{
	struct pollfd stream = {.fd = descriptor, .events = POLLOUT};

	return descriptor < 0 || poll(&stream, 1, 0) != 0;
}

bool gate_takes(int descriptor, size_t bytes, size_t *owed)
{
	*owed += bytes;
	if (*owed > GATE_OWED_MAX) {
		if (!drains(descriptor)) {
			*owed -= bytes;
			return false;
		}
		*owed = bytes;
	}
	return true;
}

struct gate_counts gate_take_counts(void)
{
	struct gate_counts counts = gate.counts;

	gate.counts = (struct gate_counts){0};
	return counts;
}
