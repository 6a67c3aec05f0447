/* SPDX-License-Identifier: MIT */
#include "daemon/run/bind.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLANK         " "
#define IPV4_LOOPBACK "127."
#define ALL_IPV4      "0.0.0.0"
#define ALL_IPV6      "::"
/* Reserved for documentation: the route alone is asked for. */
#define SOME_OTHER_HOST "192.0.2.1"
#define SOME_PORT       9

bool bind_read(const char *setting, struct bind *bind)
{
	const char *word = setting;

	*bind = (struct bind){0};
	while (*(word += strspn(word, BLANK)) != '\0') {
		size_t length = strcspn(word, BLANK);

		if (bind->count == BIND_MAX || length >= BIND_TEXT_SIZE) {
			return false;
		}
		memcpy(bind->addresses[bind->count++], word, length);
		word += length;
	}
	return bind->count > 0;
}

bool bind_is_ipv6(const char *address)
{
	return strchr(address, ':') != NULL;
}

static bool read_address(const char *text, struct sockaddr_storage *out, socklen_t *length)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (bind_is_ipv6(text)) {
		ipv6->sin6_family = AF_INET6;
		*length = sizeof(*ipv6);
		return inet_pton(AF_INET6, text, &ipv6->sin6_addr) == 1;
	}
	ipv4->sin_family = AF_INET;
	*length = sizeof(*ipv4);
	return inet_pton(AF_INET, text, &ipv4->sin_addr) == 1;
}

/* Of either family, however it is written. */
static bool is_same_place(const char *first, const char *second)
{
	struct sockaddr_storage addresses[2];
	socklen_t lengths[2];

	return read_address(first, &addresses[0], &lengths[0]) &&
	       read_address(second, &addresses[1], &lengths[1]) &&
	       memcmp(&addresses[0], &addresses[1], sizeof(addresses[0])) == 0;
}

bool bind_is_all(const char *address)
{
	return is_same_place(address, ALL_IPV4) || is_same_place(address, ALL_IPV6);
}

bool bind_is_loopback(const struct bind *bind)
{
	for (size_t i = 0; i < bind->count; i++) {
		if (strncmp(bind->addresses[i], IPV4_LOOPBACK, strlen(IPV4_LOOPBACK)) != 0 &&
		    !is_same_place(bind->addresses[i], "::1")) {
			return false;
		}
	}
	return true;
}

/* 0, or why nothing can listen there. */
static int try_address(const struct sockaddr_storage *address, socklen_t length)
{
	int descriptor = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0) {
		return errno;
	}
	/* On any port: whether the own one is free is the server's question. */
	int error = bind(descriptor, (const struct sockaddr *)address, length) == 0 ? 0 : errno;
	close(descriptor);
	return error;
}

static bool check_address(const char *text, struct problem *problem)
{
	struct sockaddr_storage address;
	socklen_t length;

	if (!read_address(text, &address, &length)) {
		snprintf(problem->text, sizeof(problem->text),
			 "'%s' is no address: --bind wants one of this machine in numbers, such as "
			 "192.168.1.5 or fd00::5, or 0.0.0.0 for all of IPv4, or :: for all of "
			 "IPv6",
			 text);
		return false;
	}
	int error = try_address(&address, length);
	if (error == EADDRNOTAVAIL) {
		snprintf(problem->text, sizeof(problem->text),
			 "%s is no address of this machine, so that nothing can listen there: ip "
			 "address shows those that are; flagship cloud init --bind sets another",
			 text);
	} else if (error) {
		snprintf(problem->text, sizeof(problem->text), "nothing can listen on %s: %s", text,
			 strerror(error));
	}
	return error == 0;
}

static bool check_pair(const char *first, const char *second, struct problem *problem)
{
	bool same_family = bind_is_ipv6(first) == bind_is_ipv6(second);

	if (is_same_place(first, second) ||
	    (same_family && (bind_is_all(first) || bind_is_all(second)))) {
		snprintf(problem->text, sizeof(problem->text),
			 "--bind %s and %s are the same, or the one holds the other: say one of "
			 "them",
			 first, second);
		return false;
	}
	return true;
}

bool bind_check(const struct bind *bind, struct problem *problem)
{
	problem->text[0] = '\0';
	for (size_t i = 0; i < bind->count; i++) {
		if (!check_address(bind->addresses[i], problem)) {
			return false;
		}
		for (size_t other = 0; other < i; other++) {
			if (!check_pair(bind->addresses[other], bind->addresses[i], problem)) {
				return false;
			}
		}
	}
	return true;
}

bool bind_own_address(char out[BIND_TEXT_SIZE])
{
	struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons(SOME_PORT)};
	struct sockaddr_in own;
	socklen_t length = sizeof(own);
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0) {
		return false;
	}
	inet_pton(AF_INET, SOME_OTHER_HOST, &other.sin_addr);
	bool found = connect(descriptor, (const struct sockaddr *)&other, sizeof(other)) == 0 &&
		     getsockname(descriptor, (struct sockaddr *)&own, &length) == 0 &&
		     inet_ntop(AF_INET, &own.sin_addr, out, BIND_TEXT_SIZE);
	close(descriptor);
	return found;
}
