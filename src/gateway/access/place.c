/* SPDX-License-Identifier: MIT */
#include "gateway/access/internal.h"
#include "gateway/access/networks.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BLANKS              " \t"
#define HOST_SIZE           256
#define ADDRESS_NUMBER_SIZE 64

/* --- where a request comes from --- */

/* The last of a list with commas between, which becomes shorter by it. False at its start. */
static bool take_last(char *list, char out[ACCESS_ADDRESS_SIZE])
{
	char *comma = strrchr(list, ',');
	char *word = comma ? comma + 1 : list;

	if (list[0] == '\0') {
		return false;
	}
	word += strspn(word, BLANKS);
	size_t length = strcspn(word, BLANKS);
	bool fits = length < ACCESS_ADDRESS_SIZE;

	memcpy(out, word, fits ? length : 0);
	out[fits ? length : 0] = '\0';
	*(comma ? comma : list) = '\0';
	return true;
}

/* The nearest one that is no trusted proxy itself: what stands before it, anybody may have written.
 */
static void read_forwarded(const struct access *access, const char *header,
			   char address[ACCESS_ADDRESS_SIZE])
{
	char list[1024];
	char word[ACCESS_ADDRESS_SIZE];

	if (!header || (size_t)snprintf(list, sizeof(list), "%s", header) >= sizeof(list)) {
		return;
	}
	while (take_last(list, word) && address_is_numeric(word)) {
		snprintf(address, ACCESS_ADDRESS_SIZE, "%s", word);
		if (!networks_have(access->proxies, word)) {
			return;
		}
	}
}

void access_place_of(const struct access *access, const struct http_request *request,
		     struct access_place *place)
{
	const char *peer = http_request_address(request);

	*place = (struct access_place){.key = *http_request_network(request),
				       .host = http_request_header(request, "host"),
				       .is_unix = http_request_is_unix(request),
				       .is_tls = http_request_is_tls(request)};
	snprintf(place->address, sizeof(place->address), "%s", peer);
	if (place->is_unix) {
		return;
	}
	if (!access->proxies || !networks_have(access->proxies, peer)) {
		place->is_loopback = address_is_loopback(peer);
		return;
	}
	const char *host = http_request_header_last(request, "x-forwarded-host");
	const char *scheme = http_request_header_last(request, "x-forwarded-proto");

	read_forwarded(access, http_request_header_last(request, "x-forwarded-for"),
		       place->address);
	place->key = address_of_text(place->address);
	place->host = host && host[0] != '\0' ? host : place->host;
	place->is_tls = scheme && strcasecmp(scheme, "https") == 0;
}

/* --- names --- */

/* "host", "host:port", "[::1]" and "[::1]:port" without the port and brackets. False where it is
 * none of them. */
static bool read_host(const char *authority, char out[HOST_SIZE])
{
	bool bracket = authority[0] == '[';
	const char *start = authority + bracket;
	const char *end = bracket ? strchr(start, ']') : start + strcspn(start, ":");

	if (!end || end == start || (size_t)(end - start) >= HOST_SIZE) {
		return false;
	}
	memcpy(out, start, (size_t)(end - start));
	out[end - start] = '\0';
	end += bracket;
	return *end == '\0' ||
	       (*end == ':' && end[1] != '\0' && end[1 + strspn(end + 1, "0123456789")] == '\0');
}

static bool is_own_name(const struct access *access, const char *host)
{
	size_t length = strlen(access->host);

	return length > 0 && strncasecmp(host, access->host, length) == 0 &&
	       (host[length] == '\0' || strcasecmp(host + length, ".local") == 0);
}

/* A page of another site can be led here by a name of its own, and never by an address: so all
 * addresses are good where other machines reach this one. */
static bool is_known_host(const struct access *access, const char *authority)
{
	char host[HOST_SIZE];

	if (!read_host(authority, host)) {
		return false;
	}
	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
	    strcmp(host, "::1") == 0 ||
	    (access->names && access_words_have(access->names, host, strlen(host))) ||
	    access_words_have(access->book.settings.names, host, strlen(host))) {
		return true;
	}
	return access->beyond && (address_is_numeric(host) || is_own_name(access, host));
}

static bool is_own_origin(const char *origin, const char *host)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t length = strlen(schemes[i]);

		if (strncmp(origin, schemes[i], length) == 0) {
			return strcasecmp(origin + length, host) == 0;
		}
	}
	return false;
}

const char *access_cors_origin(const struct access *access, const struct http_request *request)
{
	const char *origin = http_request_header(request, "origin");

	return origin && access_words_have(access->book.settings.cors_origins, origin,
					   strlen(origin))
		       ? origin
		       : NULL;
}

const char *access_origin_fault(const struct access *access, const struct http_request *request,
				bool other_program)
{
	const char *origin = http_request_header(request, "origin");
	const char *site = http_request_header(request, "sec-fetch-site");
	struct access_place place;

	access_place_of(access, request, &place);
	if (!place.is_unix && (!place.host || !is_known_host(access, place.host))) {
		return "this is asked by another name than this gateway has: flagship serve --name "
		       "adds one";
	}
	if (other_program && access_cors_origin(access, request)) {
		return NULL;
	}
	if (origin && (!place.host || !is_own_origin(origin, place.host))) {
		return "a page of another site asks";
	}
	/* A form or a picture of another site, of which some browsers send no origin. */
	if (!origin && site && strcasecmp(site, "cross-site") == 0 &&
	    http_request_method(request) != HTTP_GET && http_request_method(request) != HTTP_HEAD) {
		return "a page of another site asks";
	}
	return NULL;
}
