/* SPDX-License-Identifier: MIT */
#include "cloud/mirror/run.h"
#include "cloud/api/api.h"
#include "cloud/broker/configuration.h"
#include "cloud/broker/process.h"
#include "cloud/broker/status.h"
#include "cloud/commands/cloud.h"
#include "cloud/commands/run_gateway.h"
#include "cloud/commands/run_options.h"
#include "cloud/commands/upkeep.h"
#include "cloud/registry/pairing_window.h"
#include "cloud/registry/service.h"
#include "daemon/log/log.h"
#include "daemon/run/daemon.h"
#include "daemon/run/process.h"

#include <errno.h>
#include <flagship/flagship.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MS_PER_S            1000
#define PER_ADDRESS_DEFAULT 200
#define END_MS              1500 /* for everything to end by itself */
#define LINE_MAX_BYTES      2048
#define PART                "cloud"
#define PLUGIN_LINE         "flagship: "

/* flagship cloud run: the broker as a child, and the API, until a signal ends them. */

struct running {
	struct cloud *cloud;
	struct bind bind;
	struct daemon daemon;
	struct log log;
	uv_timer_t look_timer;
	struct liveness liveness;
	struct daemon_part broker_part;
	struct daemon_part service_part;
	struct daemon_part api_part;
	struct daemon_part mirror_part;
	struct broker_process *broker;
	struct registry_service service;
	struct upkeep upkeep;
	struct activation activation; /* sockets of the service manager */
	bool service_runs;
	struct api *api;
	struct run_gateway gateway;
	struct mirror *mirror;
	struct registry_account mirror_login;
	const struct run_options *options;
	int lock;
	bool broker_was_ready;
};

static void stop_mirror(void *context)
{
	struct running *running = context;

	/* Its last steps may wait for a name server; what it needs of the registry is handed over.
	 */
	mirror_run_stop(&running->service, &running->log, running->mirror);
	running->mirror = NULL;
	daemon_part_ended(&running->daemon, &running->mirror_part);
}

static void stop_api(void *context)
{
	struct running *running = context;

	api_stop(running->api);
	daemon_part_ended(&running->daemon, &running->api_part);
}

static void on_service_stopped(void *context)
{
	struct running *running = context;

	running->service_runs = false;
	daemon_part_ended(&running->daemon, &running->service_part);
}

/* What was answered for is on the disk already, and the rest follows now. */
static void stop_service(void *context)
{
	struct running *running = context;

	upkeep_stop(&running->upkeep);
	registry_service_stop(&running->service, on_service_stopped, running);
}

/* on_broker_stopped follows. */
static void stop_broker(void *context)
{
	struct running *running = context;

	broker_process_stop(running->broker);
}

static bool start_mirror(struct running *running)
{
	const struct run_options *options = running->options;
	const struct mirror_upstream upstream = {
		.host = options->mirror_broker ? options->upstream.host : NULL,
		.port = options->upstream.port,
		.ca_file = options->mirror_ca,
	};
	struct problem problem;

	if (!mirror_run_start(&running->daemon.loop, running->cloud, &running->service,
			      &running->mirror_login, &running->log, &upstream, &running->mirror,
			      &problem)) {
		cli_error("%s", problem.text);
		return false;
	}
	running->mirror_part = (struct daemon_part){
		.name = "mirror", .stop = stop_mirror, .context = running};
	daemon_add(&running->daemon, &running->mirror_part);
	return true;
}

static void report_ready(void *context)
{
	struct running *running = context;
	bool with_serve = running->options->with_serve;
	char bind[REGISTRY_TEXT_MAX];

	cloud_setting(running->cloud, CLOUD_SETTING_BIND, bind);
	log_write(&running->log, LOG_LEVEL_INFO, PART,
		  "ready: broker on %s port %u, API on port %u, trusted with %s/" CLOUD_CA "%s",
		  bind, cloud_port(running->cloud, CLOUD_SETTING_MQTT_PORT), api_port(running->api),
		  running->cloud->dir, with_serve ? ", and the gateway" : "");
	daemon_ready(&running->daemon,
		     with_serve ? "broker, API and gateway run" : "broker and API run");
}

static void on_broker_running(void *context)
{
	struct running *running = context;
	int result = OPTIONS_RUN;

	if (running->broker_was_ready) {
		return;
	}
	running->broker_was_ready = true;
	if (running->options->with_serve) {
		result = run_gateway_start(&running->gateway);
	} else {
		report_ready(running);
	}
	if (result != OPTIONS_RUN || (running->options->mirror && !start_mirror(running))) {
		daemon_stop(&running->daemon, CLI_FAILED);
	}
}

/* mosquitto names the user of a connection, and an account's user id is half of its login. */
static void on_broker_line(void *context, const char *line)
{
	struct running *running = context;
	char safe[LINE_MAX_BYTES];

	snprintf(safe, sizeof(safe), "%s", line);
	log_mask(safe);
	/* What the plugin writes is bounded there. */
	if (strncmp(safe, PLUGIN_LINE, strlen(PLUGIN_LINE)) == 0) {
		log_event(&running->log, LOG_LEVEL_INFO, "broker", safe);
	} else {
		log_bounded(&running->log, LOG_LEVEL_INFO, "broker", safe);
	}
}

static void on_broker_died(void *context, const char *reason, unsigned int restart_ms)
{
	struct running *running = context;

	if (running->daemon.stopping) {
		/* Ctrl-C reached it before its turn. */
		broker_process_stop(running->broker);
		return;
	}
	if (!running->broker_was_ready) {
		cli_error("the broker does not start (%s): is its port %u taken? Its own words "
			  "stand above",
			  reason, cloud_port(running->cloud, CLOUD_SETTING_MQTT_PORT));
		daemon_stop(&running->daemon, CLI_FAILED);
		return;
	}
	log_write(&running->log, LOG_LEVEL_WARNING, PART,
		  "the broker died (%s); starting it again in %.1f s", reason, restart_ms / 1000.0);
}

static void on_broker_stopped(void *context)
{
	struct running *running = context;

	running->broker = NULL;
	daemon_part_ended(&running->daemon, &running->broker_part);
}

static void on_api_line(void *context, const char *line)
{
	struct running *running = context;

	log_bounded(&running->log, LOG_LEVEL_INFO, "api", line);
}

static int start_service(struct running *running)
{
	char path[PATH_MAX];
	struct problem problem;

	cloud_path(running->cloud, CLOUD_REGISTRY, path);
	if (registry_service_start(&running->daemon.loop, path, &running->service, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	running->service_runs = true;
	upkeep_start(&running->upkeep, &running->daemon.loop, &running->service);
	running->service_part = (struct daemon_part){
		.name = "registry", .stop = stop_service, .context = running};
	daemon_add(&running->daemon, &running->service_part);
	return OPTIONS_RUN;
}

static int start_api(struct running *running)
{
	enum certificate_kind kind = broker_certificate_kind(running->cloud);
	char certificate[PATH_MAX];
	char key[PATH_MAX];
	char service_key[PATH_MAX];
	struct problem problem;

	cloud_path(running->cloud, broker_certificate_file(kind), certificate);
	cloud_path(running->cloud, broker_key_file(kind), key);
	cloud_path(running->cloud, CLOUD_SERVICE_KEY, service_key);
	const struct api_options options = {
		.registry = running->cloud->registry,
		.service = &running->service,
		.bind = &running->bind,
		.port = cloud_port(running->cloud, CLOUD_SETTING_API_PORT),
		.activation = &running->activation,
		.certificate_file = certificate,
		.key_file = key,
		.service_key_file = service_key,
		.log = on_api_line,
		.context = running,
	};
	int error = api_start(&running->daemon.loop, &options, &running->api, &problem);

	/* It is to be stopped after an error too. */
	running->api_part = (struct daemon_part){
		.name = "API", .stop = stop_api, .context = running};
	daemon_add(&running->daemon, &running->api_part);
	if (error) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static void reload(void *context)
{
	struct running *running = context;
	struct problem problem;

	run_gateway_reload(&running->gateway);
	if (!running->api) {
		return;
	}
	if (api_reload(running->api, &problem)) {
		log_write(&running->log, LOG_LEVEL_ERROR, PART,
			  "API and broker keep their certificate: %s", problem.text);
		return;
	}
	/* It is the same: what the API took, the broker takes. */
	if (running->broker) {
		broker_process_reload(running->broker);
	}
	log_write(&running->log, LOG_LEVEL_INFO, PART,
		  "the certificate was read again, for API and broker; sessions go on");
}

static int start_broker(struct running *running)
{
	static const struct broker_process_handlers handlers = {
		.on_running = on_broker_running,
		.on_line = on_broker_line,
		.on_died = on_broker_died,
		.on_stopped = on_broker_stopped,
	};
	char configuration[PATH_MAX];
	char plugin[PATH_MAX];
	const char *problem;
	int result = cloud_find_plugin(plugin);

	if (result != OPTIONS_RUN) {
		return result;
	}
	cloud_path(running->cloud, CLOUD_CONFIGURATION, configuration);
	running->broker = broker_process_start(&running->daemon.loop, configuration, plugin,
					       running->lock, &handlers, running, &problem);
	if (!running->broker) {
		cli_error("%s", problem);
		return CLI_FAILED;
	}
	running->broker_part = (struct daemon_part){
		.name = "broker", .stop = stop_broker, .context = running, .outlasts = true};
	daemon_add(&running->daemon, &running->broker_part);
	return OPTIONS_RUN;
}

/* Without libuv's last steps, which wait for its threads. */
static void leave(struct cloud *cloud, struct running *running)
{
	int status = running->daemon.status;

	/* Its threads may still look at it. */
	if (!running->service_runs) {
		api_destroy(running->api);
	}
	cloud_close(cloud);
	fflush(NULL);
	_exit(status);
}

static int check_run_bind(struct running *running)
{
	struct problem problem;
	int result = cloud_find_bind(running->cloud, &running->bind);

	if (result == OPTIONS_RUN && !bind_check(&running->bind, &problem)) {
		cli_error("%s", problem.text);
		result = CLI_FAILED;
	}
	return result;
}

/* A broker that hangs takes no login any more, and does not die. */
static void on_look(uv_timer_t *timer)
{
	struct running *running = timer->data;
	int64_t child = broker_process_pid(running->broker);
	char path[PATH_MAX];
	uint64_t ticks;
	int64_t pid;

	cloud_path(running->cloud, CLOUD_STATUS, path);
	if (!broker_status_read_ticks(path, &pid, &ticks)) {
		liveness_lose(&running->liveness);
	} else if (liveness_look(&running->liveness, child, pid, ticks)) {
		log_write(&running->log, LOG_LEVEL_WARNING, PART,
			  "the broker hangs: no sign of life for %d s; ending it",
			  LIVENESS_LOOKS_MAX * LIVENESS_LOOK_MS / MS_PER_S);
		broker_process_kill(running->broker);
	}
}

static int make_mirror_login(struct running *running)
{
	struct problem problem;

	if (!mirror_run_login(running->cloud, &running->mirror_login, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static int start_parts(struct running *running)
{
	int result = check_run_bind(running);

	if (result == OPTIONS_RUN && running->options->mirror) {
		result = make_mirror_login(running);
	}
	if (result == OPTIONS_RUN) {
		result = start_service(running);
	}
	if (result == OPTIONS_RUN) {
		result = start_api(running);
	}
	if (result == OPTIONS_RUN) {
		result = run_gateway_hand_over(&running->gateway);
	}
	if (result == OPTIONS_RUN) {
		result = start_broker(running);
	}
	return result;
}

static int run_loop(struct cloud *cloud, const struct run_options *options, int lock)
{
	struct running running = {.cloud = cloud, .options = options, .lock = lock};

	running.gateway = (struct run_gateway){.daemon = &running.daemon,
					       .log = &running.log,
					       .cloud = cloud,
					       .options = options,
					       .on_first_ready = report_ready,
					       .context = &running};
	const struct daemon_options daemon = {.log = &running.log,
					      .name = PART,
					      .stop_ms = END_MS,
					      .reload = reload,
					      .context = &running};
	enum log_format format = options->log_format == RUN_LOG_FORMAT_AUTO
					 ? log_format_of(STDERR_FILENO)
					 : (enum log_format)options->log_format;
	bool broken_off;

	log_init(&running.log, STDERR_FILENO, format, &options->levels);
	if (daemon_init(&running.daemon, &daemon)) {
		cli_error("cannot make an event loop");
		return CLI_FAILED;
	}
	uv_timer_init(&running.daemon.loop, &running.look_timer);
	running.look_timer.data = &running;
	uv_timer_start(&running.look_timer, on_look, LIVENESS_LOOK_MS, LIVENESS_LOOK_MS);
	uv_unref((uv_handle_t *)&running.look_timer);
	(void)activation_open(&running.activation);
	int result = start_parts(&running);
	activation_close(&running.activation);
	if (result != OPTIONS_RUN) {
		daemon_stop(&running.daemon, result);
	}
	result = daemon_run(&running.daemon, &broken_off);
	if (broken_off) {
		leave(cloud, &running);
	}
	uv_close((uv_handle_t *)&running.look_timer, NULL);
	daemon_finish(&running.daemon);
	api_destroy(running.api);
	registry_account_wipe(&running.mirror_login);
	return result;
}

static int open_pairing(const struct cloud *cloud, int64_t pairing_ms)
{
	if (pairing_ms == 0) {
		return OPTIONS_RUN;
	}
	return pairing_window_open(cloud->registry, "", pairing_ms / MS_PER_S) < 0
		       ? cloud_fail(cloud, "the pairing window cannot be opened")
		       : OPTIONS_RUN;
}

/* With less it would start, and be shut to everybody. */
static int check_descriptors(unsigned int limit)
{
	if (limit >= DESCRIPTORS_MIN) {
		return OPTIONS_RUN;
	}
	cli_error("this program may have %u files and connections open, and the cloud needs %u: "
		  "raise "
		  "the limit (ulimit -n, or LimitNOFILE= of its unit)",
		  limit, DESCRIPTORS_MIN);
	return CLI_FAILED;
}

static int report_lock(const struct cloud *cloud, int error)
{
	if (error == EWOULDBLOCK) {
		cli_error("the cloud in %s runs already", cloud->dir);
	} else {
		cli_error("the cloud in %s cannot be locked: %s", cloud->dir, strerror(error));
	}
	return CLI_FAILED;
}

static int forget_mirror(const struct cloud *cloud)
{
	struct problem problem;

	if (!mirror_run_forget(cloud, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static int run_locked(struct cloud *cloud, const struct run_options *options)
{
	int lock = cloud_lock(cloud);

	if (lock < 0) {
		return report_lock(cloud, errno);
	}
	/* The broker inherits it. */
	const struct broker_bounds bounds = {
		.descriptors = descriptors_raise(),
		.per_address = options->per_address > 0 ? (unsigned int)options->per_address
							: PER_ADDRESS_DEFAULT,
	};

	int result = check_descriptors(bounds.descriptors);
	/* The plugin may lie elsewhere since init, after an update. */
	if (result == OPTIONS_RUN) {
		result = cloud_configure_broker(cloud, &bounds, cloud->dir);
	}
	if (result == OPTIONS_RUN) {
		result = forget_mirror(cloud);
	}
	if (result == OPTIONS_RUN) {
		result = open_pairing(cloud, options->pairing_ms);
	}
	if (result == OPTIONS_RUN) {
		(void)registry_end_stale_pairings(cloud->registry, cloud_now_s());
		result = run_loop(cloud, options, lock);
	}
	close(lock);
	return result;
}

static int run_cloud(const struct cli_command *command, int argc, char **argv)
{
	struct run_options options;
	struct cloud cloud = {0};

	run_options_init(&options);
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});
	if (result == OPTIONS_RUN) {
		result = run_options_check(&options);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = run_locked(&cloud, &options);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_run_command = {
	.name = "cloud run",
	.section = "Setting up",
	.summary = "run broker and API in the foreground",
	.arguments = "",
	.arguments_max = 0,
	.description = "Starts mosquitto with the plugin and the HTTPS API, and keeps both "
		       "running. SIGTERM\nor Ctrl-C ends them. flagship serve on this machine "
		       "finds this cloud's printers by itself;\n--with-serve runs it, too.",
	.groups = (const struct options_group *const[]){&run_options_group, &cloud_options_group,
							NULL},
	.run = run_cloud,
};
