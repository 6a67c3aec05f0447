/* SPDX-License-Identifier: MIT */
#include "gateway/commands/run.h"

#include "cli/kit/cli.h"
#include "cli/kit/desktop.h"
#include "cli/output/print.h"
#include "daemon/reload/watch.h"
#include "daemon/run/activation.h"
#include "daemon/run/daemon.h"
#include "daemon/run/process.h"
#include "gateway/access/access.h"
#include "gateway/access/networks.h"
#include "gateway/attach/attach.h"
#include "gateway/commands/beginning.h"
#include "gateway/commands/copies/copies.h"
#include "gateway/commands/interfaces.h"
#include "gateway/commands/printed_file.h"
#include "gateway/commands/serving.h"
#include "gateway/events/events.h"
#include "gateway/files/files.h"
#include "gateway/history/history.h"
#include "gateway/octoprint/octoprint.h"
#include "gateway/openapi/openapi.h"
#include "gateway/page/page.h"
#include "gateway/printers/printers.h"
#include "gateway/printing/print_queue.h"
#include "gateway/prusalink/prusalink.h"
#include "gateway/rest/rest.h"
#include "gateway/scrape/scrape.h"
#include "gateway/users/users.h"
#include "gateway/web/web.h"
#include "store/accounts/authority.h"
#include "store/file/paths.h"

#include <flagship/flagship.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PART            "serve"
#define SOCKET_NAME     "serve"
#define COMMANDS_SOCKET "/api.sock" /* of flagship queue, in the folder of the gateway */
#define APIS_MAX        17
#define MIB_SHIFT       20
#define URL_SIZE        (BIND_TEXT_SIZE + 32)

static void on_audit(void *context, const char *line)
{
	struct serving *serving = context;

	static_assert(SERVICE_AUDIT_MAX <= LOG_MESSAGE_MAX, "a command's end is logged whole");
	log_event(&serving->log, LOG_LEVEL_INFO, "commands", line);
}

static void on_settled(void *context, uint64_t command)
{
	struct serving *serving = context;

	rest_on_settled(serving->rest, command);
}

static void on_configured(void *context)
{
	struct serving *serving = context;

	accounts_configured(serving->accounts);
}

static void on_change_notice(void *context, const char *user_id)
{
	struct serving *serving = context;

	accounts_notify(serving->accounts, user_id);
}

/* --- starting --- */

static int fail(const struct problem *problem)
{
	cli_error("%s", problem->text);
	return CLI_FAILED;
}

static int start_files(struct serving *serving)
{
	const struct files_options options = {
		.folder = serving->options->folder,
		.total_max = serving->options->files_max_mib << MIB_SHIFT,
		.kept_max = serving->options->printed_max_mib << MIB_SHIFT,
		.log = &serving->log,
	};
	struct problem problem;

	if (files_open(&serving->daemon.loop, &options, &serving->files, &problem)) {
		return fail(&problem);
	}
	serving->files_part = (struct daemon_part){
		.name = "files", .stop = serving_stop_files, .context = serving};
	daemon_add(&serving->daemon, &serving->files_part);
	return OPTIONS_RUN;
}

static int64_t count_dropped(void *context)
{
	const struct serving *serving = context;

	return history_dropped(serving->history);
}

static void count_others(void *context, struct scrape_others *others)
{
	const struct serving *serving = context;

	*others = (struct scrape_others){
		.port_connections = gateway_ports_connections(serving->interfaces.ports),
		.moonraker = moonraker_sockets(serving->interfaces.moonraker),
		.octoprint = octoprint_sockets(serving->octoprint),
	};
}

static int start_history(struct serving *serving)
{
	const struct history_options options = {
		.folder = serving->options->folder,
		.printers = serving->printers,
		.log = &serving->log,
		.retention = serving->options->retention,
		.find_file = printed_file_find,
		.context = serving,
	};
	struct problem problem;

	if (history_create(&serving->daemon.loop, &options, &serving->history)) {
		(void)problem_memory(&problem);
		return fail(&problem);
	}
	return OPTIONS_RUN;
}

/* Errors: MEMORY. */
static int start_interfaces(struct serving *serving)
{
	uv_loop_t *loop = &serving->daemon.loop;
	const struct octoprint_options octoprint = {
		.printers = serving->printers,
		.files = serving->files,
		.history = serving->history,
		.access = serving->access,
		.queue = serving->print.queue,
		.webcams = serving->webcams,
	};
	const struct scrape_sources scrape = {
		.printers = serving->printers,
		.events = serving->events,
		.server = &serving->server,
		.history_dropped = count_dropped,
		.count_others = count_others,
		.context = serving,
	};

	return octoprint_create(loop, &octoprint, &serving->octoprint) ||
			       scrape_create(&scrape, &serving->scrape) ||
			       openapi_create(&serving->web, &serving->openapi) ||
			       page_create(serving->access, serving->events, serving->print.queue,
					   serving->preferences, &serving->page)
		       ? FLAGSHIP_ERROR_MEMORY
		       : 0;
}

static int start_moonraker(struct serving *serving)
{
	struct problem problem;
	const struct moonraker_options moonraker = {
		.printers = serving->printers,
		.files = serving->files,
		.history = serving->history,
		.queue = serving->print.queue,
		.webcams = serving->webcams,
		.access = serving->access,
		.log = &serving->log,
		.folder = serving->options->folder,
	};
	if (interfaces_create(&serving->interfaces, &serving->daemon.loop, &moonraker, &problem)) {
		return fail(&problem);
	}
	return OPTIONS_RUN;
}

/* Errors: MEMORY. */
static int start_rest(struct serving *serving)
{
	const struct print_queue_sources sources = {
		.folder = serving->options->folder,
		.log = &serving->log,
		.printers = serving->printers,
		.cameras = serving->cameras,
		.files = serving->files,
		.events = serving->events,
	};
	int error = print_queue_start(&serving->print, &serving->daemon, &sources);
	const struct rest_sources rest = {
		.printers = serving->printers,
		.events = serving->events,
		.files = serving->files,
		.history = serving->history,
		.queue = serving->print.queue,
	};

	return error ? error : rest_create(&rest, &serving->rest);
}

static void tidy_authorities(struct serving *serving, const char *accounts, const char *settings)
{
	size_t count = store_authority_sweep(accounts, settings);

	if (count > 0) {
		log_event(&serving->log, LOG_LEVEL_INFO, "accounts",
			  "removed CA certificates that no account names",
			  LOG_NUMBER("count", (int64_t)count));
	}
}

static int start_printers(struct serving *serving)
{
	char settings[PATH_MAX];
	char accounts[PATH_MAX];
	struct problem problem;

	if (!store_settings_path(settings) || !store_accounts_path(accounts)) {
		cli_error("there is no home folder with accounts in it: set HOME");
		return CLI_NOT_CONFIGURED;
	}
	tidy_authorities(serving, accounts, settings);
	const struct gateway_printers_options options = {
		.settings_path = settings,
		.accounts_path = accounts,
		.cloud = serving->options->cloud,
		.log = &serving->log,
		.on_audit = on_audit,
		.on_settled = on_settled,
		.name_in_cloud = serving_name_in_cloud,
		.on_configured = on_configured,
		.on_change_notice = on_change_notice,
		.on_closed = serving_printers_closed,
		.context = serving,
	};
	int error = gateway_printers_create(&serving->daemon.loop, &options, &serving->printers,
					    &problem);
	if (error) {
		return fail(&problem);
	}
	/* What is added last ends first: the history is notified of the printers' end. */
	serving->history_part = (struct daemon_part){
		.name = "history", .stop = serving_stop_history, .context = serving};
	daemon_add(&serving->daemon, &serving->history_part);
	serving->printers_part = (struct daemon_part){
		.name = "printers", .stop = serving_stop_printers, .context = serving};
	daemon_add(&serving->daemon, &serving->printers_part);
	int result = start_history(serving);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (serving_open_books(serving, &problem)) {
		return fail(&problem);
	}
	if (serving_start_accounts(serving) || serving_start_cloud(serving) ||
	    serving_start_backup(serving) || serving_start_cameras(serving) ||
	    start_rest(serving) || start_interfaces(serving)) {
		(void)problem_memory(&problem);
		return fail(&problem);
	}
	result = start_moonraker(serving);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (serving_start_push(serving, &problem)) {
		return fail(&problem);
	}
	return gateway_printers_open(serving->printers, &problem) ? fail(&problem) : OPTIONS_RUN;
}

static int listen_on(struct serving *serving, const struct http_listener *listener)
{
	struct problem problem;
	uint16_t *port = listener->unix_path ? NULL : &serving->port;

	return http_server_listen(serving->server, listener, port, &problem) ? fail(&problem)
									     : OPTIONS_RUN;
}

static bool activation_is_local(const struct serving *serving)
{
	bool is_unix;

	for (size_t i = 0; i < serving->activation.count; i++) {
		if (!socket_is_local(serving->activation.sockets[i].descriptor, &is_unix)) {
			return false;
		}
	}
	return true;
}

static int listen_on_descriptor(struct serving *serving, int descriptor)
{
	const struct serve_options *options = serving->options;
	struct http_listener listener = {.descriptor = descriptor};
	bool is_unix;

	if (!socket_is_local(descriptor, &is_unix) && !options->tls_certificate &&
	    !options->proxies) {
		cli_error("the socket of the service manager is reached by other machines: give "
			  "--tls-cert and --tls-key, or --behind-proxy");
		return CLI_USAGE;
	}
	if (!is_unix) {
		listener.certificate_file = options->tls_certificate;
		listener.key_file = options->tls_key;
	}
	return listen_on(serving, &listener);
}

/* For flagship queue. Without it all others are served. */
static void listen_for_commands(struct serving *serving)
{
	char path[PATH_MAX + sizeof(COMMANDS_SOCKET)];
	struct problem problem;

	snprintf(path, sizeof(path), "%s" COMMANDS_SOCKET, serving->options->folder);
	if (http_server_listen(serving->server, &(struct http_listener){.unix_path = path}, NULL,
			       &problem)) {
		log_write(&serving->log, LOG_LEVEL_WARNING, PART,
			  "flagship queue does not work: %s", problem.text);
	}
}

static int listen_everywhere(struct serving *serving)
{
	const struct serve_options *options = serving->options;
	int result = OPTIONS_RUN;
	bool given = false;
	int descriptor;

	while (result == OPTIONS_RUN &&
	       (descriptor = activation_take(&serving->activation, SOCKET_NAME)) >= 0) {
		given = true;
		result = listen_on_descriptor(serving, descriptor);
	}
	for (size_t i = 0; !given && result == OPTIONS_RUN && i < options->bind.count; i++) {
		const struct http_listener listener = {
			.address = options->bind.addresses[i],
			.port = serving->port ? serving->port : (uint16_t)options->port,
			.certificate_file = options->tls_certificate,
			.key_file = options->tls_key,
		};

		result = listen_on(serving, &listener);
	}
	if (result == OPTIONS_RUN && options->unix_path) {
		result = listen_on(serving,
				   &(struct http_listener){.unix_path = options->unix_path});
	}
	if (result == OPTIONS_RUN) {
		listen_for_commands(serving);
	}
	return result;
}

/* --- who may ask --- */

static int start_access(struct serving *serving)
{
	const struct serve_options *options = serving->options;
	bool beyond = options->beyond || !activation_is_local(serving);
	struct problem problem;
	const struct access_options access = {
		.folder = options->folder,
		.log = &serving->log,
		.open_without_users = !beyond,
		.proxies = options->proxies,
		.names = options->name_words,
		.beyond = beyond,
	};

	return access_create(&serving->daemon.loop, &access, &serving->access, &problem)
		       ? fail(&problem)
		       : OPTIONS_RUN;
}

static void on_certificates_changed(void *context)
{
	struct serving *serving = context;
	struct problem problem;

	gateway_ports_reload(serving->interfaces.ports);
	if (http_server_reload(serving->server, &problem)) {
		log_write(&serving->log, LOG_LEVEL_ERROR, PART,
			  "%s: connections go by the certificate of before", problem.text);
	} else {
		log_write(&serving->log, LOG_LEVEL_INFO, PART, "certificates are read anew");
	}
}

static int watch_certificates(struct serving *serving)
{
	const char *const paths[] = {serving->options->tls_certificate, serving->options->tls_key};
	struct problem problem;

	if (!paths[0] ||
	    watch_start(&serving->daemon.loop, paths, sizeof(paths) / sizeof(paths[0]),
			on_certificates_changed, serving, &serving->certificates) == 0) {
		return OPTIONS_RUN;
	}
	(void)problem_memory(&problem);
	return fail(&problem);
}

static void add_server_part(struct serving *serving)
{
	serving->server_part = (struct daemon_part){
		.name = "HTTP", .stop = serving_stop_server, .context = serving};
	daemon_add(&serving->daemon, &serving->server_part);
}

static int start_server(struct serving *serving)
{
	struct web_api apis[APIS_MAX];
	size_t count = 0;
	struct http_options options;
	struct problem problem;

	rest_fill_api(serving->rest, &apis[count++]);
	openapi_fill_api(serving->openapi, &apis[count++]);
	scrape_fill_api(serving->scrape, &apis[count++]);
	octoprint_fill_api(serving->octoprint, &apis[count++]);
	prusalink_fill_api(serving->octoprint, &apis[count++]);
	page_fill_api(serving->page, &apis[count++]);
	preferences_fill_api(serving->preferences, &apis[count++]);
	users_fill_api(serving->access, &apis[count++]);
	accounts_fill_api(serving->accounts, &apis[count++]);
	gateway_cloud_fill_api(serving->cloud, &apis[count++]);
	backup_fill_api(serving->backup, &apis[count++]);
	push_fill_api(serving->push, &apis[count++]);
	cameras_fill_api(serving->cameras, &apis[count++]);
	cameras_fill_webcam_api(serving->cameras, false, &apis[count++]);
	timelapse_fill_api(serving->timelapse, &apis[count++]);
	moonraker_fill_api(serving->interfaces.moonraker, false, &apis[count++]);
	const struct web_options web = {
		.log = &serving->log, .access = serving->access, .printers = serving->printers};
	if (web_create(apis, count, &web, &serving->web)) {
		(void)problem_memory(&problem);
		return fail(&problem);
	}
	web_fill_options(serving->web, &options);
	if (http_server_create(&serving->daemon.loop, &options, &serving->server, &problem)) {
		return fail(&problem);
	}
	add_server_part(serving);
	access_add_server(serving->access, serving->server);
	int result = watch_certificates(serving);
	if (result == OPTIONS_RUN) {
		result = listen_everywhere(serving);
	}
	serving->interfaces.octoprint = serving->octoprint;
	serving->interfaces.cameras = serving->cameras;
	if (result == OPTIONS_RUN &&
	    interfaces_open_ports(&serving->interfaces, &serving->daemon.loop, serving->printers,
				  serving->options, &web, &problem)) {
		return fail(&problem);
	}
	if (result == OPTIONS_RUN && setup_link_offer(serving->access, serving->options,
						      serving->port, &serving->log, &problem)) {
		return fail(&problem);
	}
	return result;
}

static void reload(void *context)
{
	struct serving *serving = context;

	if (serving->printers) {
		gateway_printers_reload(serving->printers);
	}
	if (serving->access) {
		access_reload(serving->access);
	}
	if (serving->server && serving->options->tls_certificate) {
		on_certificates_changed(serving);
	} else {
		gateway_ports_reload(serving->interfaces.ports);
	}
}

static void open_page(struct serving *serving)
{
	const char *address = serving->options->bind.addresses[0];
	char url[URL_SIZE];

	if (bind_is_all(address)) {
		address = "localhost";
	}
	snprintf(url, sizeof(url), bind_is_ipv6(address) ? "%s://[%s]:%u/" : "%s://%s:%u/",
		 serving->options->tls_certificate ? "https" : "http", address, serving->port);
	if (!desktop_begin(url)) {
		log_write(&serving->log, LOG_LEVEL_WARNING, PART,
			  "--open: there is no desktop that could open the page; it is at %s", url);
	}
}

static void report_ready(struct serving *serving)
{
	log_write(&serving->log, LOG_LEVEL_INFO, PART,
		  bind_is_ipv6(serving->options->bind.addresses[0])
			  ? "ready: %zu printers, %s://[%s]:%u/api/v1/printers"
			  : "ready: %zu printers, %s://%s:%u/api/v1/printers",
		  gateway_printers_count(serving->printers),
		  serving->options->tls_certificate ? "https" : "http",
		  serving->options->bind.addresses[0], serving->port);
	daemon_ready(&serving->daemon, "printers are held, and the API answers");
	if (serving->options->open) {
		open_page(serving);
	}
}

static int run_loop(const struct serve_options *options, bool *anew)
{
	struct serving serving = {.options = options};
	const struct daemon_options daemon = {.log = &serving.log,
					      .name = PART,
					      .stop_ms = options->end_ms,
					      .reload = reload,
					      .context = &serving};
	enum log_format format = options->log_format == SERVE_LOG_FORMAT_AUTO
					 ? log_format_of(STDERR_FILENO)
					 : (enum log_format)options->log_format;
	bool broken_off;

	log_init(&serving.log, STDERR_FILENO, format, &options->levels);
	if (daemon_init(&serving.daemon, &daemon)) {
		cli_error("cannot make an event loop");
		return CLI_FAILED;
	}
	serving.is_given_sockets = activation_open(&serving.activation);
	int result = start_access(&serving);
	result = result == OPTIONS_RUN ? start_files(&serving) : result;
	result = result == OPTIONS_RUN ? start_printers(&serving) : result;
	if (result == OPTIONS_RUN) {
		serving.attach = attach_server_start(
			&serving.daemon, &(struct attach_options){.folder = options->folder,
								  .printers = serving.printers,
								  .access = serving.access,
								  .cameras = serving.cameras,
								  .history = serving.history,
								  .log = &serving.log});
		result = start_server(&serving);
	}
	activation_close(&serving.activation);
	if (result == OPTIONS_RUN) {
		report_ready(&serving);
	} else {
		/* What there is of it ends in order, and does not keep the loop for the deadline.
		 */
		if (!serving.server_part.stop) {
			add_server_part(&serving);
		}
		daemon_stop(&serving.daemon, result);
	}
	result = daemon_run(&serving.daemon, &broken_off);
	*anew = serving.begins_anew;
	if (broken_off && !*anew) {
		fflush(NULL);
		_exit(result);
	}
	if (!broken_off) {
		serving_finish(&serving);
	}
	return result;
}

int serve_run(const struct serve_options *options, bool *anew)
{
	int lock;
	int result = folder_lock_take(options->folder, &lock);

	*anew = false;
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = copies_take_over(options->folder);
	if (result == OPTIONS_RUN) {
		(void)descriptors_raise();
		result = run_loop(options, anew);
	}
	close(lock);
	return result;
}
