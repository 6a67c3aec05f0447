/* SPDX-License-Identifier: MIT */
#include "transport/mqtt/options.h"

#include "base/hex.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define KEEPALIVE_DEFAULT_S     30
#define OPEN_TIMEOUT_DEFAULT_MS 10000
#define CLIENT_ID_RANDOM        8
#define CLIENT_ID_SIZE          (sizeof("flagship_") + 2 * CLIENT_ID_RANDOM)

/* False where there is no memory; NULL stays NULL. */
static bool copy_string(const char **copy, const char *string)
{
	*copy = string ? strdup(string) : NULL;
	return *copy || !string;
}

static void format_client_id(const uint8_t random[CLIENT_ID_RANDOM], char out[CLIENT_ID_SIZE])
{
	char *end = stpcpy(out, "flagship_");

	hex_encode(random, CLIENT_ID_RANDOM, HEX_LOWER, end);
}

int mqtt_options_copy(struct mqtt_session_options *copy, const struct mqtt_session_options *options,
		      uint64_t *seed)
{
	uint8_t random[CLIENT_ID_RANDOM];
	char client_id[CLIENT_ID_SIZE];

	*copy = (struct mqtt_session_options){
		.port = options->port ? options->port : FLAGSHIP_MQTT_PORT,
		.plain = options->plain,
		.mqtt5 = options->mqtt5,
		.keepalive_s = options->keepalive_s ? options->keepalive_s : KEEPALIVE_DEFAULT_S,
		.open_timeout_ms = options->open_timeout_ms ? options->open_timeout_ms
							    : OPEN_TIMEOUT_DEFAULT_MS,
		.retains = options->retains,
		.retry_final = options->retry_final,
		.shared_trust = options->shared_trust,
		.shared_resolver = options->shared_resolver,
	};
	if (RAND_bytes(random, sizeof(random)) != 1 ||
	    RAND_bytes((unsigned char *)seed, sizeof(*seed)) != 1) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	format_client_id(random, client_id);
	bool copied = copy_string(&copy->host, options->host) &&
		      copy_string(&copy->address, options->address) &&
		      copy_string(&copy->client_id,
				  options->client_id ? options->client_id : client_id) &&
		      copy_string(&copy->username, options->username) &&
		      copy_string(&copy->password, options->password);
	return copied ? 0 : FLAGSHIP_ERROR_MEMORY;
}

static void free_string(const char *string)
{
	free((char *)string);
}

void mqtt_options_finish(struct mqtt_session_options *copy)
{
	free_string(copy->host);
	free_string(copy->address);
	free_string(copy->client_id);
	free_string(copy->username);
	if (copy->password) {
		OPENSSL_cleanse((char *)copy->password, strlen(copy->password));
	}
	free_string(copy->password);
	*copy = (struct mqtt_session_options){0};
}
