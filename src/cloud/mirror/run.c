/* SPDX-License-Identifier: MIT */
#include "cloud/mirror/run.h"

#include "base/clock.h"
#include "base/hex.h"

#include <flagship/account.h>
#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PASSWORD_BYTES 20

static void log_mirror(void *context, const char *line)
{
	struct log *log = context;

	log_bounded(log, LOG_LEVEL_INFO, "mirror", line);
}

bool mirror_run_forget(const struct cloud *cloud, struct problem *problem)
{
	struct registry_account account;
	char state[PATH_MAX];
	int result = registry_find_account(cloud->registry, CLOUD_MIRROR_EMAIL, &account);

	cloud_path(cloud, CLOUD_MIRROR, state);
	unlink(state);
	if (result > 0) {
		result = registry_remove_account(cloud->registry, account.user_id);
		registry_account_wipe(&account);
	}
	return result >= 0 ||
	       cloud_registry_failed(cloud, "the mirror's old login cannot be removed", problem);
}

bool mirror_run_login(const struct cloud *cloud, struct registry_account *account,
		      struct problem *problem)
{
	uint8_t bytes[PASSWORD_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		problem_set(problem, "%s", flagship_strerror(FLAGSHIP_ERROR_CRYPTO));
		return false;
	}
	*account = (struct registry_account){
		.email = CLOUD_MIRROR_EMAIL, .administrator = true, .created_at = clock_unix_s()};
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, account->mqtt_password);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return registry_add_account(cloud->registry, account) == 1 ||
	       cloud_registry_failed(cloud, "the mirror gets no login", problem);
}

bool mirror_run_start(uv_loop_t *loop, const struct cloud *cloud, struct registry_service *service,
		      const struct registry_account *account, struct log *log,
		      const struct mirror_upstream *upstream, struct mirror **mirror,
		      struct problem *problem)
{
	char local[REGISTRY_TEXT_MAX];
	char authority[PATH_MAX];
	char state[PATH_MAX];
	char username[REGISTRY_TEXT_MAX + sizeof(FLAGSHIP_USERNAME_PREFIX)];
	bool started = cloud_local_host(cloud, local, problem);

	if (started) {
		cloud_path(cloud, CLOUD_CA, authority);
		cloud_path(cloud, CLOUD_MIRROR, state);
		snprintf(username, sizeof(username), FLAGSHIP_USERNAME_PREFIX "%s",
			 account->user_id);
		const struct mirror_options options = {
			.upstream_host = upstream->host,
			.upstream_port = upstream->port,
			/* Not the name decides, since after a takeover it leads to us. */
			.upstream_trust =
				{
					.ca_file = upstream->ca_file,
					.pin_sha256 = upstream->ca_file
							      ? NULL
							      : FLAGSHIP_VENDOR_CERTIFICATE_SHA256,
				},
			.local_host = local,
			.local_port = cloud_port(cloud, CLOUD_SETTING_MQTT_PORT),
			.local_ca = authority,
			.local_username = username,
			.local_password = account->mqtt_password,
			.state_file = state,
			.log = log_mirror,
			.context = log,
		};
		int error = mirror_start(loop, service, &options, mirror);
		if (error) {
			problem_set(problem, "the mirror cannot start: %s",
				    flagship_strerror(error));
			started = false;
		}
		OPENSSL_cleanse(username, sizeof(username));
	}
	return started;
}

struct forgetting {
	struct database_job job;
	struct log *log;
};

static int forget(struct database *database, void *context)
{
	struct registry *registry = registry_of(database);
	struct registry_account account;
	int result = registry_find_account(registry, CLOUD_MIRROR_EMAIL, &account);

	(void)context;
	if (result > 0) {
		result = registry_remove_account(registry, account.user_id);
		registry_account_wipe(&account);
	}
	return result;
}

static void on_forgotten(void *context, int result, const char *problem)
{
	struct forgetting *forgetting = context;

	if (result < 0) {
		log_write(forgetting->log, LOG_LEVEL_ERROR, "mirror",
			  "the mirror's login cannot be removed: %s", problem);
	}
	free(forgetting);
}

void mirror_run_stop(struct registry_service *service, struct log *log, struct mirror *mirror)
{
	struct forgetting *forgetting = calloc(1, sizeof(*forgetting));

	/* What is left of it is removed by the next run. */
	if (forgetting) {
		forgetting->log = log;
		forgetting->job = (struct database_job){
			.work = forget, .done = on_forgotten, .context = forgetting};
		if (database_writer_submit(service->writer, &forgetting->job)) {
			free(forgetting);
		}
	}
	mirror_stop(mirror, NULL, NULL);
}
