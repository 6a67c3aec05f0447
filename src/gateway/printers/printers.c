/* SPDX-License-Identifier: MIT */
#include "gateway/printers/printers.h"

#include "base/clock.h"
#include "gateway/printers/internal.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ANSWER_MS 2000 /* within it, what comes is likely the answer */
#define LATE_MS   1000 /* how long names that are being kept hold up an end: half of what it has */
#define FNV_START UINT32_C(2166136261)
#define FNV_PRIME UINT32_C(16777619)

/* --- what the fleet reports --- */

static void on_login_failed(const struct gateway_printers *printers,
			    const struct fleet_event *event)
{
	const struct held_login *login = fleet_login_context(event->login);

	log_event(printers->log, LOG_LEVEL_WARNING, PRINTERS_LOG_PART,
		  "the broker cannot be reached", LOG_TEXT("broker", login->endpoint),
		  LOG_TEXT("reason", event->session->detail),
		  LOG_NUMBER("retry_in_ms", event->session->retry_in_ms));
}

static void on_connected(const struct gateway_printers *printers, const struct fleet_event *event,
			 bool connected)
{
	struct held_login *login = fleet_login_context(event->login);

	login->connected = connected;
	log_event(printers->log, LOG_LEVEL_INFO, PRINTERS_LOG_PART,
		  connected ? "connected" : "the connection was lost",
		  LOG_TEXT("broker", login->endpoint));
}

static void on_refused(const struct gateway_printers *printers, const struct fleet_event *event)
{
	log_event(printers->log, LOG_LEVEL_WARNING, PRINTERS_LOG_PART,
		  "the account may not follow a printer",
		  LOG_TEXT("printer", fleet_printer_serial(event->printer)),
		  LOG_TEXT("topic", event->topic));
}

static void on_change_notice(const struct gateway_printers *printers,
			     const struct fleet_event *event)
{
	const struct held_login *login = fleet_login_context(event->login);

	if (printers->on_change_notice) {
		printers->on_change_notice(printers->context, login->user_id);
	}
}

static void on_event(void *context, const struct fleet_event *event)
{
	const struct gateway_printers *printers = context;

	switch (event->kind) {
	case FLEET_LOGIN_CONNECTED:
		on_connected(printers, event, true);
		break;
	case FLEET_LOGIN_LOST:
		on_connected(printers, event, false);
		break;
	case FLEET_LOGIN_FAILED:
		on_login_failed(printers, event);
		break;
	case FLEET_PRINTER_READY:
		ask_reset(held_of(event->printer));
		held_of(event->printer)->asked_ms = fleet_now_ms(printers->fleet);
		(void)fleet_ask_status(event->printer);
		break;
	case FLEET_PRINTER_REFUSED:
		on_refused(printers, event);
		break;
	case FLEET_PAYLOAD_REFUSED:
		log_bounded(printers->log, LOG_LEVEL_WARNING, PRINTERS_LOG_PART,
			    flagship_strerror(event->error));
		break;
	case FLEET_CHANGE_NOTICE:
		on_change_notice(printers, event);
		break;
	default:
		break;
	}
}

static void on_payload(void *context, struct fleet_printer *printer, enum flagship_topic_kind kind,
		       const struct channel_payload *payload)
{
	struct gateway_printers *printers = context;
	struct held_printer *held = held_of(printer);
	enum flagship_model model = fleet_printer_state(printer)->model;

	ask_reset(held);
	if (kind == FLAGSHIP_TOPIC_COMMAND_REPLY) {
		names_on_replies(printers, printer, payload);
	}
	if (held->profile_model != model && model != FLAGSHIP_MODEL_UNKNOWN) {
		held_set_profile(printers, held, model);
	}
}

/* It spoke by itself: what else there is to know, it tells when it is asked. Where its answer is
 * what was received, it needs no other question. */
static void on_changed(void *context, struct fleet_printer *printer, uint32_t parts)
{
	const struct gateway_printers *printers = context;
	const struct printer_state *state = fleet_printer_state(printer);
	struct held_printer *held = held_of(printer);
	int64_t now_ms = fleet_now_ms(printers->fleet);

	if ((parts & PRINTER_PART_ONLINE) == 0 || !state->online || !fleet_printer_ready(printer) ||
	    (state_has_essentials(state) && now_ms - held->asked_ms < ANSWER_MS)) {
		return;
	}
	held->asked_ms = now_ms;
	(void)fleet_ask_status(printer);
}

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	names_on_done(context, printer, report);
}

/* The printers go last: whoever stops after this looks at them until they are told of its end. */
void printers_end(struct gateway_printers *printers)
{
	if (!printers->closing || printers->ended ||
	    (!printers->is_late && !list_is_empty(&printers->namings))) {
		return;
	}
	if (printers->fleet) {
		fleet_close(printers->fleet);
		return;
	}
	printers->ended = true;
	uv_close((uv_handle_t *)&printers->late_timer, NULL);
	printers->on_closed(printers->context);
}

/* What holds accounts.json is not to cost the history what it has yet to write. */
static void on_late(uv_timer_t *timer)
{
	struct gateway_printers *printers = timer->data;

	printers->is_late = true;
	printers_end(printers);
}

static void on_fleet_closed(void *context)
{
	struct gateway_printers *printers = context;

	printers->fleet = NULL;
	printers_end(printers);
}

static const struct fleet_handlers handlers = {
	.on_event = on_event,
	.on_payload = on_payload,
	.on_changed = on_changed,
	.on_done = on_done,
	.on_closed = on_fleet_closed,
};

/* --- the files --- */

static void on_files_changed(void *context)
{
	gateway_printers_reload(context);
}

/* A file is watched before it is read, so that nothing that is written meanwhile is missed. */
static int watch_cloud(struct gateway_printers *printers)
{
	const char *const path = printers->cloud.path;

	watch_stop(printers->cloud_watch);
	printers->cloud_watch = NULL;
	return path[0] != '\0' ? watch_start(printers->loop, &path, 1, on_files_changed, printers,
					     &printers->cloud_watch)
			       : 0;
}

static int add_local(void *context, const struct settings *settings,
		     struct store_accounts *accounts)
{
	struct gateway_printers *printers = context;

	/* The settings say where a cloud is, and may say something else now. */
	if (local_cloud_follow(&printers->cloud, settings) && watch_cloud(printers)) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	return local_cloud_add(&printers->cloud, printers->log, settings, accounts);
}

static int take_configuration(struct gateway_printers *printers, struct problem *problem)
{
	const struct configuration_source source = {
		.settings_path = printers->settings_path,
		.accounts_path = printers->accounts_path,
		.add_accounts = add_local,
		.context = printers,
	};
	struct configuration *newer;
	int error = configuration_read(&source, &newer, problem);

	if (error) {
		return error;
	}
	if (problem->text[0] != '\0') {
		log_event(printers->log, LOG_LEVEL_WARNING, PRINTERS_LOG_PART, problem->text);
	}
	error = held_apply(printers, newer);
	configuration_release(newer);
	if (!error && printers->on_configured) {
		printers->on_configured(printers->context);
	}
	return error ? problem_memory(problem) : 0;
}

static int watch_files(struct gateway_printers *printers)
{
	const char *const paths[] = {printers->settings_path, printers->accounts_path};

	return watch_start(printers->loop, paths, sizeof(paths) / sizeof(paths[0]),
			   on_files_changed, printers, &printers->watch);
}

void gateway_printers_reload(struct gateway_printers *printers)
{
	struct problem problem = {0};

	if (printers->closing) {
		return;
	}
	if (take_configuration(printers, &problem)) {
		log_event(printers->log, LOG_LEVEL_ERROR, PRINTERS_LOG_PART,
			  "settings and accounts stay as they were",
			  LOG_TEXT("reason", problem.text));
		return;
	}
	log_event(printers->log, LOG_LEVEL_INFO, PRINTERS_LOG_PART,
		  "settings and accounts were read again",
		  LOG_NUMBER("printers", (int64_t)printers->count));
}

/* --- life --- */

static int prepare(struct gateway_printers *printers,
		   const struct gateway_printers_options *options)
{
	const struct service_options service = {.on_audit = options->on_audit,
						.on_settled = options->on_settled,
						.context = options->context};

	printers->settings_path = strdup(options->settings_path);
	printers->accounts_path = strdup(options->accounts_path);
	int error = printers->settings_path && printers->accounts_path ? 0 : FLAGSHIP_ERROR_MEMORY;
	if (!error) {
		error = local_cloud_init(&printers->cloud, options->cloud);
	}
	if (!error) {
		error = fleet_create(printers->loop, &printers->fleet);
	}
	if (!error) {
		error = service_create(printers->fleet, &service, &printers->commands);
		if (error) {
			/* Nobody else knows of it: it is gone with the loop's next turn. */
			fleet_close(printers->fleet);
			printers->fleet = NULL;
		}
	}
	if (!error) {
		printers->listener.handlers = &handlers;
		printers->listener.context = printers;
		fleet_subscribe(printers->fleet, &printers->listener);
	}
	return error;
}

int gateway_printers_create(uv_loop_t *loop, const struct gateway_printers_options *options,
			    struct gateway_printers **out, struct problem *problem)
{
	struct gateway_printers *printers = calloc(1, sizeof(*printers));

	*out = printers;
	if (!printers) {
		return problem_memory(problem);
	}
	printers->loop = loop;
	printers->log = options->log;
	printers->on_configured = options->on_configured;
	printers->on_change_notice = options->on_change_notice;
	printers->on_closed = options->on_closed;
	printers->name_in_cloud = options->name_in_cloud;
	printers->context = options->context;
	list_init(&printers->logins);
	list_init(&printers->printers);
	list_init(&printers->namings);
	list_init(&printers->expected_names);
	for (size_t i = 0; i < PRINTERS_BUCKETS; i++) {
		list_init(&printers->buckets[i]);
	}
	return prepare(printers, options) ? problem_memory(problem) : 0;
}

int gateway_printers_open(struct gateway_printers *printers, struct problem *problem)
{
	if (watch_files(printers)) {
		return problem_memory(problem);
	}
	int error = take_configuration(printers, problem);
	if (!error && fleet_start(printers->fleet)) {
		error = problem_memory(problem);
	}
	if (!error) {
		ask_start(printers);
	}
	return error;
}

void gateway_printers_close(struct gateway_printers *printers)
{
	if (printers->closing) {
		return;
	}
	printers->closing = true;
	watch_stop(printers->watch);
	watch_stop(printers->cloud_watch);
	if (printers->ask_timer_runs) {
		uv_close((uv_handle_t *)&printers->ask_timer, NULL);
	}
	uv_timer_init(printers->loop, &printers->late_timer);
	printers->late_timer.data = printers;
	uv_timer_start(&printers->late_timer, on_late, LATE_MS, 0);
	printers_end(printers);
}

void gateway_printers_destroy(struct gateway_printers *printers)
{
	if (!printers) {
		return;
	}
	service_destroy(printers->commands);
	names_finish(printers);
	held_finish(printers);
	free(printers->settings_path);
	free(printers->accounts_path);
	local_cloud_finish(&printers->cloud);
	free(printers);
}

/* --- what there is --- */

struct fleet *gateway_printers_fleet(struct gateway_printers *printers)
{
	return printers->fleet;
}

struct service *gateway_printers_commands(struct gateway_printers *printers)
{
	return printers->commands;
}

size_t held_bucket(const char *serial)
{
	uint32_t hash = FNV_START;

	for (; *serial != '\0'; serial++) {
		hash = (hash ^ (uint8_t)*serial) * FNV_PRIME;
	}
	return hash % PRINTERS_BUCKETS;
}

struct held_printer *held_find(const struct gateway_printers *printers, const char *serial)
{
	const struct list *bucket = &printers->buckets[held_bucket(serial)];

	for (struct list *at = bucket->next; at != bucket; at = at->next) {
		struct held_printer *held = LIST_OF(at, struct held_printer, bucket);

		if (strcmp(held->serial, serial) == 0) {
			return held;
		}
	}
	return NULL;
}

struct fleet_printer *gateway_printers_find(const struct gateway_printers *printers,
					    const char *word, bool *several)
{
	const struct held_printer *held = held_find(printers, word);
	struct fleet_printer *found = held ? held->printer : NULL;
	struct fleet_printer *printer = NULL;

	*several = false;
	while (!held && (printer = gateway_printers_next(printers, printer))) {
		if (strcasecmp(fleet_printer_state(printer)->name, word) == 0) {
			*several = *several || found;
			found = printer;
		}
	}
	return *several ? NULL : found;
}

struct fleet_printer *gateway_printers_next(const struct gateway_printers *printers,
					    const struct fleet_printer *printer)
{
	return printers->fleet ? fleet_next_printer(printers->fleet, printer) : NULL;
}

size_t gateway_printers_count(const struct gateway_printers *printers)
{
	return printers->count;
}

static const char *text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

void gateway_printers_fill_request(const struct fleet_printer *printer,
				   struct command_request *request)
{
	const struct held_login *login = held_of(printer)->login;

	request->user_id = text_or_null(login->user_id);
	request->user_name = text_or_null(login->user_name);
}

const struct store_accounts *gateway_printers_accounts(const struct gateway_printers *printers)
{
	static const struct store_accounts none = {0};

	return printers->configuration ? configuration_accounts(printers->configuration) : &none;
}

const char *gateway_printers_cloud_file(const struct gateway_printers *printers)
{
	return printers->cloud.path;
}

const struct settings *gateway_printers_settings(const struct gateway_printers *printers)
{
	return printers->configuration ? configuration_settings(printers->configuration) : NULL;
}

const struct store_account *gateway_printers_account(const struct gateway_printers *printers,
						     const struct fleet_printer *printer)
{
	const struct store_accounts *all = gateway_printers_accounts(printers);
	const struct held_login *login = held_of(printer)->login;

	for (size_t i = 0; i < all->count; i++) {
		if (held_find_login(printers, &all->accounts[i]) == login) {
			return &all->accounts[i];
		}
	}
	return NULL;
}

const struct store_printer *gateway_printers_stored(const struct gateway_printers *printers,
						    const char *serial)
{
	bool several;
	const struct fleet_printer *printer = gateway_printers_find(printers, serial, &several);
	const struct store_account *account = printer ? gateway_printers_account(printers, printer)
						      : NULL;

	return account ? store_account_find_printer(account, serial) : NULL;
}

bool gateway_printers_connected(const struct gateway_printers *printers,
				const struct store_account *account)
{
	const struct held_login *login = held_find_login(printers, account);

	return login && login->connected;
}

bool gateway_printers_cloud_has(const struct gateway_printers *printers, const char *serial)
{
	return local_cloud_has(&printers->cloud, serial);
}

bool gateway_printers_cloud_folder(const struct gateway_printers *printers, char out[PATH_MAX])
{
	return local_cloud_folder(&printers->cloud, out);
}

void gateway_printers_set_expired(struct gateway_printers *printers,
				  const struct store_account *account, bool expired)
{
	struct held_login *login = held_find_login(printers, account);

	if (login) {
		login->refused = expired;
	}
}

static bool is_expired(const struct held_login *login, int64_t now_s)
{
	return login->refused || (login->token_expires_at > 0 && login->token_expires_at <= now_s);
}

struct gateway_sessions gateway_printers_sessions(const struct gateway_printers *printers)
{
	struct gateway_sessions sessions = {0};
	int64_t now_s = clock_unix_s();

	for (struct list *at = printers->logins.next; at != &printers->logins; at = at->next) {
		const struct held_login *login = LIST_OF(at, struct held_login, place);

		sessions.count++;
		sessions.connected += login->connected;
		sessions.expired += is_expired(login, now_s);
	}
	return sessions;
}
