/* SPDX-License-Identifier: MIT */
#include "webpush/endpoint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What browsers name as their push service: a URL; and an address that a name led to. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct webpush_endpoint endpoint;
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	char *url = malloc(size + 1);

	assert(url);
	memcpy(url, data, size);
	url[size] = '\0';
	if (!webpush_endpoint_read(url, &endpoint)) {
		/* What is signed names the place that is asked. */
		assert(strncmp(url, "https://", strlen("https://")) == 0);
		assert(strstr(endpoint.audience, endpoint.host) &&
		       !strpbrk(endpoint.audience, "\"\\@#"));
		assert(endpoint.port > 0 && endpoint.host[0] != '\0');
	}
	free(url);
	memcpy(&address, data, size < sizeof(address) ? size : sizeof(address));
	assert(webpush_reach_of((const struct sockaddr *)&address) <= WEBPUSH_PRIVATE);
	return 0;
}
