/* SPDX-License-Identifier: MIT */
#include "cloud/api/internal.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLUSTER_SETTING "cluster_addresses"
#define SEPARATOR       ","

void api_clusters_load(struct api *api, struct registry *registry)
{
	char text[REGISTRY_TEXT_MAX];
	char *rest = text;
	char *word;

	if (registry_get(registry, CLUSTER_SETTING, text) != 1) {
		return;
	}
	while ((word = strtok_r(rest, SEPARATOR, &rest))) {
		struct address_key address = address_of_text(word);

		http_server_trust(api->server, &address);
	}
}

struct cluster_note {
	struct database_job job;
	char text[REGISTRY_TEXT_MAX];
};

static int write_note(struct database *database, void *context)
{
	const struct cluster_note *note = context;

	return registry_set(registry_of(database), CLUSTER_SETTING, note->text);
}

/* Where it cannot be kept, it is learned again after the next start. */
static void on_cluster_noted(void *context, int result, const char *problem)
{
	(void)result;
	(void)problem;
	free(context);
}

static void add_word(void *context, const struct address_key *address)
{
	struct cluster_note *note = context;
	size_t used = strlen(note->text);
	char word[API_ADDRESS_MAX];

	if (inet_ntop(AF_INET6, address->bytes, word, sizeof(word)) &&
	    used + strlen(word) + sizeof(SEPARATOR) <= sizeof(note->text)) {
		snprintf(note->text + used, sizeof(note->text) - used, "%s%s",
			 used > 0 ? SEPARATOR : "", word);
	}
}

static void store_clusters(struct api *api)
{
	struct cluster_note *note = calloc(1, sizeof(*note));

	if (!note) {
		return;
	}
	http_server_each_trusted(api->server, add_word, note);
	note->job = (struct database_job){
		.work = write_note, .done = on_cluster_noted, .context = note};
	if (database_writer_submit(api->service->writer, &note->job)) {
		free(note);
	}
}

void api_clusters_prove(struct api *api, struct http_request *request)
{
	if (http_request_trust(request)) {
		store_clusters(api);
	}
}
