/* SPDX-License-Identifier: MIT */
#include "cloud/mirror_run.h"

#include "cloud/log.h"
#include "protocol/hex.h"

#include <flagship/account.h>
#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIRROR_EMAIL   "mirror@flagship.invalid"
#define PASSWORD_BYTES 20
#define HOST_MAX       256

/* A mirror, and the strings that its options point to. */
struct mirror_run {
	struct mirror *mirror;
	struct mirror_options options;
	char host[HOST_MAX];
	char ca[PATH_MAX];
	char local[REGISTRY_TEXT_MAX];
	char authority[PATH_MAX];
	char username[REGISTRY_TEXT_MAX + sizeof("eufy_")];
	char password[REGISTRY_TEXT_MAX];
};

static void log_mirror(void *context, const char *line)
{
	(void)context;
	log_line("mirror", line);
}

void mirror_run_forget(const struct cloud *cloud)
{
	struct registry_account account;

	if (registry_find_account(cloud->registry, MIRROR_EMAIL, &account) == 1) {
		registry_remove_account(cloud->registry, account.user_id);
		registry_account_wipe(&account);
	}
}

/* Made anew for each run. */
static int make_login(const struct cloud *cloud, struct registry_account *account)
{
	uint8_t bytes[PASSWORD_BYTES];
	int added;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_CRYPTO));
		return CLI_FAILED;
	}
	*account = (struct registry_account){
		.email = MIRROR_EMAIL, .administrator = true, .created_at = cloud_now_s()};
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, account->mqtt_password);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	added = registry_add_account(cloud->registry, account);
	return added == 1 ? OPTIONS_RUN : cloud_fail(cloud, "the mirror gets no login");
}

static int parse_broker(const char *text, char host[HOST_MAX], uint16_t *port)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	size_t length = colon ? (size_t)(colon - text) : text ? strlen(text) : 0;
	int64_t number = FLAGSHIP_MQTT_PORT;

	if (text && (length == 0 || length >= HOST_MAX ||
		     (colon && (!options_read_integer(colon + 1, &number) || number < 1 ||
				number > UINT16_MAX)))) {
		cli_error("--mirror-broker wants HOST or HOST:PORT, not '%s'", text);
		return CLI_USAGE;
	}
	snprintf(host, HOST_MAX, "%.*s", (int)length, text ? text : "");
	*port = (uint16_t)number;
	return OPTIONS_RUN;
}

/* Where our own broker listens, as this machine reaches it. */
static void local_host(const struct cloud *cloud, char host[REGISTRY_TEXT_MAX])
{
	cloud_setting(cloud, CLOUD_SETTING_BIND, host);
	if (cloud_binds_to_all(host)) {
		snprintf(host, REGISTRY_TEXT_MAX, "localhost");
	}
}

static int fill(struct mirror_run *run, const struct cloud *cloud, const char *broker,
		const char *ca)
{
	struct registry_account account = {0};
	int result = parse_broker(broker, run->host, &run->options.upstream_port);

	if (result == OPTIONS_RUN) {
		result = make_login(cloud, &account);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	cloud_path(cloud, CLOUD_CA, run->authority);
	local_host(cloud, run->local);
	snprintf(run->ca, sizeof(run->ca), "%s", ca ? ca : "");
	snprintf(run->username, sizeof(run->username), "eufy_%s", account.user_id);
	snprintf(run->password, sizeof(run->password), "%s", account.mqtt_password);
	registry_account_wipe(&account);
	run->options.upstream_host = broker ? run->host : NULL;
	/* Not the name decides, since after a takeover it leads to us. */
	run->options.upstream_trust.ca_file = ca ? run->ca : NULL;
	run->options.upstream_trust.pin_sha256 = ca ? NULL : FLAGSHIP_VENDOR_CERTIFICATE_SHA256;
	run->options.local_host = run->local;
	run->options.local_port = cloud_port(cloud, CLOUD_SETTING_MQTT_PORT);
	run->options.local_ca = run->authority;
	run->options.local_username = run->username;
	run->options.local_password = run->password;
	run->options.log = log_mirror;
	return result;
}

static void free_run(void *context)
{
	OPENSSL_cleanse(context, sizeof(struct mirror_run));
	free(context);
}

int mirror_run_start(uv_loop_t *loop, const struct cloud *cloud, const char *broker, const char *ca,
		     struct mirror_run **out)
{
	struct mirror_run *run = calloc(1, sizeof(*run));
	int result = run ? fill(run, cloud, broker, ca) : CLI_FAILED;

	if (result == OPTIONS_RUN) {
		int error = mirror_start(loop, cloud->registry, &run->options, &run->mirror);

		if (error) {
			cli_error("the mirror cannot start: %s",
				  error == FLAGSHIP_ERROR_STORE ? registry_problem(cloud->registry)
								: flagship_strerror(error));
			result = CLI_FAILED;
		}
	}
	*out = result == OPTIONS_RUN ? run : NULL;
	if (run && result != OPTIONS_RUN && !run->mirror) {
		free_run(run);
	}
	return result;
}

void mirror_run_stop(const struct cloud *cloud, struct mirror_run *run)
{
	if (run) {
		mirror_run_forget(cloud);
		mirror_stop(run->mirror, free_run, run);
	}
}
