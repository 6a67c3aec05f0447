/* SPDX-License-Identifier: MIT */
#include "cloud/mirror/run.h"

#include "base/hex.h"
#include "daemon/log/bounded.h"
#include "store/broker_url.h"

#include <flagship/account.h>
#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define MIRROR_EMAIL   "mirror@flagship.invalid"
#define PASSWORD_BYTES 20
#define HOST_MAX       256

static void log_mirror(void *context, const char *line)
{
	(void)context;
	log_bounded("mirror", line);
}

int mirror_run_forget(const struct cloud *cloud)
{
	struct registry_account account;
	int result = registry_find_account(cloud->registry, MIRROR_EMAIL, &account);

	if (result > 0) {
		result = registry_remove_account(cloud->registry, account.user_id);
		registry_account_wipe(&account);
	}
	return result < 0 ? cloud_fail(cloud, "the mirror's old login cannot be removed")
			  : OPTIONS_RUN;
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
	char told[BROKER_URL_TOLD_MAX];

	if (text && (length == 0 || length >= HOST_MAX ||
		     (colon && (!options_read_integer(colon + 1, &number) || number < 1 ||
				number > UINT16_MAX)))) {
		cli_error("--mirror-broker wants HOST or HOST:PORT, not '%s'",
			  broker_url_tell(text, told));
		return CLI_USAGE;
	}
	snprintf(host, HOST_MAX, "%.*s", (int)length, text ? text : "");
	*port = (uint16_t)number;
	return OPTIONS_RUN;
}

/* Where our own broker listens, as this machine reaches it. */
static int local_host(const struct cloud *cloud, char host[REGISTRY_TEXT_MAX])
{
	struct bind bind;
	int result = cloud_read_bind(cloud, &bind);

	if (result != OPTIONS_RUN) {
		return result;
	}
	const char *address = bind.addresses[0];
	const char *loopback = bind_is_ipv6(address) ? "::1" : "127.0.0.1";

	snprintf(host, REGISTRY_TEXT_MAX, "%s", bind_is_all(address) ? loopback : address);
	return OPTIONS_RUN;
}

static int start(uv_loop_t *loop, const struct cloud *cloud, const struct mirror_options *options,
		 struct mirror **mirror)
{
	int error = mirror_start(loop, cloud->registry, options, mirror);

	if (error) {
		cli_error("the mirror cannot start: %s", error == FLAGSHIP_ERROR_STORE
								 ? registry_problem(cloud->registry)
								 : flagship_strerror(error));
	}
	return error ? CLI_FAILED : OPTIONS_RUN;
}

int mirror_run_start(uv_loop_t *loop, const struct cloud *cloud, const char *broker, const char *ca,
		     struct mirror **mirror)
{
	struct registry_account account = {0};
	char host[HOST_MAX];
	char local[REGISTRY_TEXT_MAX];
	char authority[PATH_MAX];
	char username[REGISTRY_TEXT_MAX + sizeof("eufy_")];
	struct mirror_options options = {.log = log_mirror};
	int result = parse_broker(broker, host, &options.upstream_port);

	if (result == OPTIONS_RUN) {
		result = local_host(cloud, local);
	}
	if (result == OPTIONS_RUN) {
		result = make_login(cloud, &account);
	}
	if (result == OPTIONS_RUN) {
		cloud_path(cloud, CLOUD_CA, authority);
		snprintf(username, sizeof(username), "eufy_%s", account.user_id);
		options.upstream_host = broker ? host : NULL;
		/* Not the name decides, since after a takeover it leads to us. */
		options.upstream_trust.ca_file = ca;
		options.upstream_trust.pin_sha256 = ca ? NULL : FLAGSHIP_VENDOR_CERTIFICATE_SHA256;
		options.local_host = local;
		options.local_port = cloud_port(cloud, CLOUD_SETTING_MQTT_PORT);
		options.local_ca = authority;
		options.local_username = username;
		options.local_password = account.mqtt_password;
		result = start(loop, cloud, &options, mirror);
		OPENSSL_cleanse(username, sizeof(username));
	}
	registry_account_wipe(&account);
	return result;
}

void mirror_run_stop(const struct cloud *cloud, struct mirror *mirror)
{
	if (mirror) {
		(void)mirror_run_forget(cloud);
	}
	mirror_stop(mirror, NULL, NULL);
}
