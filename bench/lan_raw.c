/* SPDX-License-Identifier: MIT */

/*
 * lan_raw [MIB]: what UDP carries over loopback without a protocol, in datagrams as long as those
 * of an upload, 64 of them by one sendmmsg or recvmmsg: MB a second of data that arrived. The
 * sender waits for the receiver now and then, since what overruns it is lost and arrives nowhere.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sendmmsg, recvmmsg */
#endif

#include <flagship/pppp_packet.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH       64
#define WINDOW      512 /* datagrams on their way: half of what the receiver's buffer takes */
#define BUFFER      (4 * 1024 * 1024)
#define MIB_DEFAULT 100
#define MIB         (1024.0 * 1024.0)
#define MEGA        1e6
#define NS_PER_S    1e9
#define QUIET_MS    1000

static void must(bool condition, const char *what)
{
	if (!condition) {
		perror(what);
		exit(1);
	}
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / NS_PER_S;
}

struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	uint8_t data[BATCH][FLAGSHIP_PPPP_PACKET_MAX];
};

static void prepare(struct batch *batch)
{
	for (size_t i = 0; i < BATCH; i++) {
		batch->parts[i] = (struct iovec){batch->data[i], FLAGSHIP_PPPP_PACKET_MAX};
		batch->messages[i] = (struct mmsghdr){
			.msg_hdr = {.msg_iov = &batch->parts[i], .msg_iovlen = 1}};
	}
}

/* The receiver tells through the pipe how many batches' worth it has. */
static void send_all(int descriptor, int told, size_t count)
{
	static struct batch batch;
	size_t sent = 0;
	size_t known = 0;

	prepare(&batch);
	while (sent < count) {
		uint64_t arrived;
		while (sent >= known + WINDOW &&
		       read(told, &arrived, sizeof(arrived)) == (ssize_t)sizeof(arrived)) {
			known = arrived;
		}
		int done = sendmmsg(descriptor, batch.messages, BATCH, 0);
		must(done > 0, "sendmmsg");
		sent += (size_t)done;
	}
}

static size_t receive_all(int descriptor, int tell, size_t total, double *ended_s)
{
	static struct batch batch;
	struct pollfd waits = {.fd = descriptor, .events = POLLIN};
	size_t count = 0;
	uint64_t told = 0;

	prepare(&batch);
	while (poll(&waits, 1, count > 0 ? QUIET_MS : -1) > 0) {
		int done = recvmmsg(descriptor, batch.messages, BATCH, MSG_DONTWAIT, NULL);
		count += done > 0 ? (size_t)done : 0;
		*ended_s = now_s();
		if (count == total) {
			break;
		}
		if (count >= told + WINDOW / 2) {
			told = count;
			must(write(tell, &told, sizeof(told)) == (ssize_t)sizeof(told), "write");
		}
	}
	return count;
}

int main(int argc, char **argv)
{
	const double mib = argc > 1 ? strtod(argv[1], NULL) : MIB_DEFAULT;
	const size_t count = (size_t)(mib * MIB / FLAGSHIP_PPPP_DATA_MAX);
	const int buffer = BUFFER;
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(own);
	int in = socket(AF_INET, SOCK_DGRAM, 0);
	int out = socket(AF_INET, SOCK_DGRAM, 0);
	int pipes[2];
	double ended_s = 0;

	(void)setsockopt(in, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	must(bind(in, (const struct sockaddr *)&own, sizeof(own)) == 0, "bind");
	must(getsockname(in, (struct sockaddr *)&own, &size) == 0, "getsockname");
	must(connect(out, (const struct sockaddr *)&own, sizeof(own)) == 0, "connect");
	must(pipe(pipes) == 0, "pipe");

	double begun_s = now_s();
	pid_t sender = fork();
	if (sender == 0) {
		close(pipes[1]);
		send_all(out, pipes[0], count);
		_exit(0);
	}
	must(sender > 0, "fork");
	size_t arrived = receive_all(in, pipes[1], count, &ended_s);
	close(pipes[1]);
	must(waitpid(sender, NULL, 0) == sender, "waitpid");
	printf("%.3f\n", (double)arrived * FLAGSHIP_PPPP_DATA_MAX / (ended_s - begun_s) / MEGA);
	return 0;
}
