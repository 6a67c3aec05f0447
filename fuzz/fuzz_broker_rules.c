/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include "cloud/broker/plugin/proof/proof.h"
#include "cloud/rules/access.h"

#include <flagship/flagship.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_QUARANTINE "/flagship/quarantine/" FUZZ_SERIAL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is allowed is a topic of the right printer, in the right direction. */
static void check_allowed(const struct access_login *login, enum access_operation operation,
			  const char *topic, size_t length)
{
	struct flagship_topic parsed;

	if (strcmp(FUZZ_QUARANTINE, ACCESS_QUARANTINE FUZZ_SERIAL) == 0 &&
	    length == strlen(FUZZ_QUARANTINE) && memcmp(topic, FUZZ_QUARANTINE, length) == 0) {
		assert(login->role == ACCESS_ACCOUNT && operation != ACCESS_PUBLISH);
		return;
	}
	assert(flagship_topic_parse(topic, length, &parsed) == 0);
	assert(!memchr(topic, '#', length) && !memchr(topic, '+', length));
	if (parsed.kind == FLAGSHIP_TOPIC_USER_CHANGE_NOTICE) {
		assert(login->role == ACCESS_ACCOUNT && operation != ACCESS_PUBLISH);
		assert(strcmp(parsed.owner, login->user_id) == 0);
		return;
	}
	bool to_printers = parsed.kind == FLAGSHIP_TOPIC_COMMAND ||
			   parsed.kind == FLAGSHIP_TOPIC_QUERY;
	bool reserved = parsed.kind == FLAGSHIP_TOPIC_SMART_COMMAND ||
			parsed.kind == FLAGSHIP_TOPIC_SERVER_COMMAND;
	if (login->role == ACCESS_ACCOUNT) {
		assert(!reserved && (operation != ACCESS_PUBLISH || to_printers));
	} else {
		assert((operation == ACCESS_PUBLISH) != (to_printers || reserved));
		assert(login->role != ACCESS_UNPROVEN || operation != ACCESS_RECEIVE);
	}
	assert(login->role != ACCESS_ACCOUNT || strcmp(parsed.owner, FUZZ_SERIAL) == 0);
	assert(login->role != ACCESS_PRINTER || strcmp(parsed.owner, FUZZ_SERIAL) == 0);
	assert(login->role == ACCESS_ACCOUNT || strcmp(parsed.owner, login->serial) == 0);
}

static void check_rules(struct registry *registry, const char *user_id, const char *topic,
			size_t length)
{
	static const enum access_role roles[] = {ACCESS_NOBODY, ACCESS_ACCOUNT, ACCESS_PRINTER,
						 ACCESS_UNPROVEN};
	static const enum access_operation operations[] = {ACCESS_PUBLISH, ACCESS_SUBSCRIBE,
							   ACCESS_RECEIVE};

	for (size_t r = 0; r < sizeof(roles) / sizeof(roles[0]); r++) {
		for (size_t o = 0; o < sizeof(operations) / sizeof(operations[0]); o++) {
			struct access_login login = {.role = roles[r]};

			if (login.role == ACCESS_ACCOUNT) {
				memcpy(login.user_id, user_id, sizeof(login.user_id));
			} else if (login.role == ACCESS_PRINTER) {
				strcpy(login.serial, FUZZ_SERIAL);
			}
			if (!access_check(registry, &login, operations[o], topic, length, false)) {
				check_allowed(&login, operations[o], topic, length);
			}
		}
	}
}

/* The topic up to a NUL, then the payload. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct registry *registry;
	static char user_id[REGISTRY_TEXT_MAX];
	static char token[REGISTRY_TOKEN_SIZE];
	const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
	size_t topic_length = end ? (size_t)(end - data) : size;
	size_t rest = end ? size - topic_length - 1 : 0;
	uint8_t *payload = malloc(rest ? rest : 1);

	if (!registry) {
		registry = fuzz_registry(user_id, token);
	}
	assert(payload);
	if (rest > 0) {
		memcpy(payload, end + 1, rest);
	}
	check_rules(registry, user_id, (const char *)data, topic_length);
	bool well_formed = access_payload_well_formed(payload, rest);
	assert(rest == 0 || memcmp(payload, end + 1, rest) == 0);
	if (proof_check(registry, NULL, FUZZ_SERIAL, payload, rest) >= PROOF_OPENS) {
		assert(well_formed);
	}
	(void)access_topic_wants_payload((const char *)data, topic_length);
	free(payload);
	return 0;
}
