/* SPDX-License-Identifier: MIT */
#include "cloud/gateway/handover.h"

#include "daemon/reload/watch.h"
#include "store/accounts/text.h"
#include "store/broker_url.h"
#include "store/database/database.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PART         "cloud"
#define SOURCE       "flagship cloud"
#define WAL_ENDING   "-wal"
#define READ_BUSY_MS 1000
#define AGAIN_MS     2000 /* after what could not be written */
#define FILE_MODE    (S_IRUSR | S_IWUSR)

struct handover {
	uv_loop_t *loop;
	struct log *log;
	struct registry *registry; /* of the thread, while there is work */
	struct watch *watch;
	uv_work_t work;
	uv_timer_t retry;
	bool busy;
	bool again; /* something changed meanwhile */
	bool stopping;
	int64_t version; /* of the registry, as written; -1: not yet */
	char path[PATH_MAX];
	char ca_file[STORE_TEXT_MAX];
	char broker[STORE_TEXT_MAX];
	char problem[PROBLEM_MAX]; /* of the last try; "": none */
	char reported[PROBLEM_MAX];
	void (*stopped)(void *context);
	void *context;
};

/* --- what it says --- */

struct listing {
	struct handover *handover;
	struct store_accounts accounts;
	struct store_account *account; /* whose printers are listed */
	int error;
};

#define KEEP(member)                   \
	(printer->member[0] == '\0' || \
	 store_account_keep(listing->account, &place->member, printer->member))

static bool add_printer(void *context, const struct registry_printer *printer)
{
	struct listing *listing = context;

	if (printer->key_hex[0] == '\0') {
		return true;
	}
	struct store_printer *place = store_account_add_printer(listing->account);

	if (!place || !KEEP(serial) || !KEEP(name) || !KEEP(key_hex) || !KEEP(station_id) ||
	    !KEEP(model_code) || !KEEP(p2p_did) || !KEEP(address)) {
		listing->error = FLAGSHIP_ERROR_MEMORY;
		return false;
	}
	place->model = printer->model;
	return true;
}

static void describe(const struct handover *handover, const struct registry_account *account,
		     struct store_account *out)
{
	*out = (struct store_account){0};
	snprintf(out->login.user_id, sizeof(out->login.user_id), "%s", account->user_id);
	snprintf(out->login.email, sizeof(out->login.email), "%s", account->email);
	snprintf(out->login.nick_name, sizeof(out->login.nick_name), "%s", account->nick_name);
	snprintf(out->login.country, sizeof(out->login.country), "%s", account->country);
	snprintf(out->broker, sizeof(out->broker), "%s", handover->broker);
	snprintf(out->ca_file, sizeof(out->ca_file), "%s", handover->ca_file);
	snprintf(out->mqtt_password, sizeof(out->mqtt_password), "%s",
		 account->mqtt_password[0] != '\0' ? account->mqtt_password : account->email);
	snprintf(out->source, sizeof(out->source), SOURCE);
}

static bool add_account(void *context, const struct registry_account *account)
{
	struct listing *listing = context;
	struct store_account described;

	/* That of a mirror is none of a person, and ends with the run. */
	if (strcmp(account->email, CLOUD_MIRROR_EMAIL) == 0) {
		return true;
	}
	describe(listing->handover, account, &described);
	listing->account = &described;
	int found = registry_each_printer(listing->handover->registry,
					  account->administrator ? NULL : account->user_id,
					  add_printer, listing);
	if (!listing->error && found < 0) {
		listing->error = found;
	}
	if (!listing->error) {
		listing->error = accounts_append(&listing->accounts, &described);
	}
	if (listing->error) {
		store_account_finish(&described);
	}
	return !listing->error;
}

/* --- writing, on a thread --- */

static void fail(struct handover *handover, const char *reason)
{
	snprintf(handover->problem, sizeof(handover->problem), "%s", reason);
}

static int write_text(struct handover *handover, const struct store_accounts *accounts)
{
	size_t length = 0;
	char *text = NULL;
	int error = accounts_text_format(accounts, &text, &length);

	if (error) {
		fail(handover, "out of memory");
		return error;
	}
	int reason = replace_file(handover->path, text, length, FILE_MODE);
	OPENSSL_cleanse(text, length);
	free(text);
	if (reason) {
		fail(handover, strerror(reason));
		return FLAGSHIP_ERROR_STORE;
	}
	return 0;
}

/* All of it as it was at one moment. */
static int list_accounts(struct handover *handover, struct listing *listing)
{
	struct registry *registry = handover->registry;
	struct database *database = registry_database(registry);

	*listing = (struct listing){.handover = handover};
	int result = database_begin_snapshot(database);
	if (result >= 0) {
		result = registry_each_account(registry, add_account, listing);
		database_rollback(database);
	}
	if (result < 0) {
		fail(handover, registry_problem(registry));
		return result;
	}
	if (listing->error) {
		fail(handover, listing->error == FLAGSHIP_ERROR_STORE ? registry_problem(registry)
								      : "out of memory");
	}
	return listing->error;
}

static void write_file(struct handover *handover)
{
	struct listing listing;
	int64_t version = registry_version(handover->registry);

	handover->problem[0] = '\0';
	if (version == handover->version) {
		return;
	}
	int error = list_accounts(handover, &listing);
	if (!error) {
		error = write_text(handover, &listing.accounts);
	}
	store_accounts_finish(&listing.accounts);
	handover->version = error ? -1 : version;
}

static void on_work(uv_work_t *work)
{
	write_file(work->data);
}

/* --- on the loop --- */

static void look(struct handover *handover);

static void report(struct handover *handover)
{
	if (strcmp(handover->reported, handover->problem) == 0) {
		return;
	}
	memcpy(handover->reported, handover->problem, sizeof(handover->reported));
	if (handover->problem[0] != '\0') {
		log_event(handover->log, LOG_LEVEL_WARNING, PART,
			  "a gateway on this machine does not learn what changed",
			  LOG_TEXT("file", handover->path), LOG_TEXT("reason", handover->problem));
	}
}

static void on_retry_closed(uv_handle_t *retry)
{
	struct handover *handover = retry->data;
	void (*stopped)(void *context) = handover->stopped;
	void *context = handover->context;

	registry_close(handover->registry);
	free(handover);
	if (stopped) {
		stopped(context);
	}
}

static void end(struct handover *handover)
{
	uv_close((uv_handle_t *)&handover->retry, on_retry_closed);
}

static void on_retry(uv_timer_t *retry)
{
	look(retry->data);
}

/* What failed may go by itself, and nothing else may change for weeks. */
static void try_again(struct handover *handover)
{
	if (handover->problem[0] != '\0') {
		uv_timer_start(&handover->retry, on_retry, AGAIN_MS, 0);
	}
}

static void on_worked(uv_work_t *work, int status)
{
	struct handover *handover = work->data;

	(void)status;
	handover->busy = false;
	report(handover);
	if (handover->stopping) {
		end(handover);
	} else if (handover->again) {
		look(handover);
	} else {
		try_again(handover);
	}
}

static void look(struct handover *handover)
{
	handover->again = handover->busy;
	if (!handover->busy) {
		handover->busy = uv_queue_work(handover->loop, &handover->work, on_work,
					       on_worked) == 0;
	}
}

static void on_changed(void *context)
{
	look(context);
}

static int watch_registry(struct handover *handover, const struct cloud *cloud)
{
	char database[PATH_MAX];
	char log[PATH_MAX];
	const char *paths[] = {database, log};

	cloud_path(cloud, CLOUD_REGISTRY, database);
	cloud_path(cloud, CLOUD_REGISTRY WAL_ENDING, log);
	return watch_start(handover->loop, paths, sizeof(paths) / sizeof(paths[0]), on_changed,
			   handover, &handover->watch);
}

static int prepare(struct handover *handover, const struct cloud *cloud, struct problem *problem)
{
	char registry[PATH_MAX];
	char ca_file[PATH_MAX];
	char host[REGISTRY_TEXT_MAX];

	cloud_path(cloud, CLOUD_GATEWAY, handover->path);
	cloud_path(cloud, CLOUD_CA, ca_file);
	cloud_path(cloud, CLOUD_REGISTRY, registry);
	if (!cloud_local_host(cloud, host, problem)) {
		return FLAGSHIP_ERROR_STORE;
	}
	if (!broker_url_write(host, cloud_port(cloud, CLOUD_SETTING_MQTT_PORT), handover->broker,
			      sizeof(handover->broker)) ||
	    strlen(ca_file) >= sizeof(handover->ca_file)) {
		problem_set(problem,
			    "the name of the folder %s is too long for a gateway to be handed what "
			    "it needs",
			    cloud->dir);
		return FLAGSHIP_ERROR_STORE;
	}
	memcpy(handover->ca_file, ca_file, strlen(ca_file) + 1);
	return registry_open(registry, REGISTRY_READ, READ_BUSY_MS, &handover->registry, problem);
}

int handover_start(uv_loop_t *loop, const struct cloud *cloud, struct log *log,
		   struct handover **out, struct problem *problem)
{
	struct handover *handover = calloc(1, sizeof(*handover));

	*out = NULL;
	if (!handover) {
		return problem_memory(problem);
	}
	handover->loop = loop;
	handover->log = log;
	handover->version = -1;
	handover->work.data = handover;
	int error = prepare(handover, cloud, problem);
	if (!error && watch_registry(handover, cloud)) {
		error = problem_memory(problem);
	}
	if (error) {
		registry_close(handover->registry);
		free(handover);
		return error;
	}
	uv_timer_init(loop, &handover->retry);
	uv_unref((uv_handle_t *)&handover->retry);
	handover->retry.data = handover;
	write_file(handover);
	report(handover);
	try_again(handover);
	*out = handover;
	return 0;
}

void handover_stop(struct handover *handover, void (*stopped)(void *context), void *context)
{
	if (!handover) {
		stopped(context);
		return;
	}
	handover->stopped = stopped;
	handover->context = context;
	handover->stopping = true;
	watch_stop(handover->watch);
	if (!handover->busy) {
		end(handover);
	}
}
