/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include "cloud/rules/access.h"
#include "cloud/rules/cluster.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_BYTES 300
#define SECRET_MARK    "$SECRET"
#define USER_MARK      "$USER" /* anne's MQTT user name, in the body */
#define BODY_MAX       4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void append(char *out, size_t capacity, size_t *used, const char *text, size_t length)
{
	if (length > capacity - 1 - *used) {
		length = capacity - 1 - *used;
	}
	memcpy(out + *used, text, length);
	*used += length;
	out[*used] = '\0';
}

/* Copies `size` bytes, in which each mark stands for a text that no fuzzer would guess. */
static size_t expand(const char *data, size_t size, const char *mark, const char *text, char *out,
		     size_t capacity)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < size;) {
		if (size - i >= strlen(mark) && memcmp(data + i, mark, strlen(mark)) == 0) {
			append(out, capacity, &used, text, strlen(text));
			i += strlen(mark);
		} else {
			append(out, capacity, &used, data + i, 1);
			i++;
		}
	}
	return used;
}

/* No password of anne is in any seed, and no administrator is known. */
static void check_answer(const char *path, const struct cluster_answer *answer)
{
	assert(answer->status == 200 || answer->status == 404);
	assert(memchr(answer->text, '\0', sizeof(answer->text)));
	if (answer->status == 404) {
		assert(answer->text[0] == '\0');
		return;
	}
	if (strstr(path, "/emqx/")) {
		assert(strncmp(answer->text, "{\"result\":\"", 11) == 0);
		assert(!strstr(answer->text, "\"is_superuser\":true"));
	} else {
		assert(strcmp(answer->text, "allow") == 0 || strcmp(answer->text, "deny") == 0);
	}
	if (strstr(path, "/emqx/authn") || strstr(path, "/rabbitmq/user")) {
		assert(!strstr(answer->text, "allow"));
	}
}

/* The path after /cluster/, a newline, then the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct registry *registry;
	static char user[REGISTRY_TEXT_MAX + sizeof("eufy_")];
	static char secret[CLUSTER_SECRET_SIZE];
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t length = end ? (size_t)(end - data) : size;
	char path[PATH_MAX_BYTES] = CLUSTER_PREFIX;
	char *body = malloc(BODY_MAX);
	struct cluster_answer answer;

	assert(body);
	if (!registry) {
		char user_id[REGISTRY_TEXT_MAX];
		char token[REGISTRY_TOKEN_SIZE];

		registry = fuzz_registry(user_id, token);
		snprintf(user, sizeof(user), "eufy_%s", user_id);
		assert(cluster_secret(registry, secret) > 0);
	}
	size_t prefix = strlen(path);
	expand((const char *)data, length, SECRET_MARK, secret, path + prefix,
	       sizeof(path) - prefix);
	size_t used = expand(end ? (const char *)end + 1 : "", end ? size - length - 1 : 0,
			     USER_MARK, user, body, BODY_MAX);
	char *exact = malloc(used ? used : 1);

	assert(exact);
	memcpy(exact, body, used);
	cluster_call(registry, path, exact, used, &answer);
	check_answer(path, &answer);
	assert(answer.status == 404 || strncmp(path + prefix, secret, strlen(secret)) == 0);
	free(exact);
	free(body);
	return 0;
}
