/* SPDX-License-Identifier: MIT */
#include "gateway/ports/ports.h"

#include "base/memory/list.h"
#include "gateway/ports/assign.h"

#include <flagship/error.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_PART  "ports"
#define FILE_NAME "ports.json"
#define FOLDER    "moonraker"
#define ENDING    ".sock"

/* Of a printer that is held. */
struct printer_port {
	struct list place;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1]; /* is the listeners' context */
	uint16_t number;                             /* 0: it has none */
	struct pipe_server *pipe;                    /* NULL: it has none */
	bool open;
	bool reported; /* that it cannot be had */
	bool pipe_reported;
};

struct gateway_ports {
	struct gateway_printers *printers;
	struct log *log;
	struct http_server *server;
	struct bind bind;
	char *certificate_file;
	char *key_file;
	char path[PATH_MAX];
	char folder[PATH_MAX]; /* of unix sockets */
	struct pipe_options pipe;
	uv_loop_t *loop;
	uint16_t base;
	struct port_table table;
	struct list ports;
	struct fleet_listener listener;
	uv_timer_t timer;
	bool timer_open;
	bool full_reported;
	bool stopped;
};

/* --- sockets --- */

static void close_port(struct gateway_ports *ports, struct printer_port *port)
{
	if (port->open) {
		http_server_unlisten(ports->server, port->serial);
	}
	port->open = false;
	port->reported = false;
	pipe_server_close(port->pipe);
	port->pipe = NULL;
	port->pipe_reported = false;
}

static int create_pipe(const struct gateway_ports *ports, struct printer_port *port)
{
	struct pipe_options options = ports->pipe;
	char path[PATH_MAX + FLAGSHIP_SERIAL_LENGTH_MAX + sizeof(ENDING)];

	if (mkdir(ports->folder, S_IRWXU) != 0 && errno != EEXIST) {
		return -errno;
	}
	snprintf(path, sizeof(path), "%s/%s" ENDING, ports->folder, port->serial);
	options.path = path;
	options.name = port->serial;
	return pipe_server_create(ports->loop, &options, &port->pipe);
}

/* What cannot be had is done without. */
static void open_pipe(const struct gateway_ports *ports, struct printer_port *port)
{
	int error = port->pipe ? 0 : create_pipe(ports, port);

	if (error && !port->pipe_reported) {
		log_event(ports->log, LOG_LEVEL_WARNING, LOG_PART,
			  "a printer has no unix socket for Moonraker's clients: it is tried again",
			  LOG_TEXT("printer", port->serial), LOG_TEXT("folder", ports->folder),
			  LOG_TEXT("reason", strerror(-error)));
	}
	port->pipe_reported = error != 0;
}

/* Of a gateway that was killed. Whoever holds the lock of its folder may remove them. */
static void sweep_pipes(const char *folder)
{
	DIR *opened = opendir(folder);

	for (const struct dirent *entry; opened && (entry = readdir(opened));) {
		size_t length = strlen(entry->d_name);
		size_t ending = sizeof(ENDING) - 1;
		struct stat status;

		if (length > ending && strcmp(entry->d_name + length - ending, ENDING) == 0 &&
		    fstatat(dirfd(opened), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISSOCK(status.st_mode)) {
			(void)unlinkat(dirfd(opened), entry->d_name, 0);
		}
	}
	if (opened) {
		closedir(opened);
	}
}

static void report_taken(const struct gateway_ports *ports, struct printer_port *port,
			 const struct problem *problem)
{
	if (!port->reported) {
		log_event(ports->log, LOG_LEVEL_WARNING, LOG_PART,
			  "a printer has no port for Moonraker, OctoPrint and PrusaLink: it is "
			  "tried again until the port is free",
			  LOG_TEXT("printer", port->serial), LOG_NUMBER("port", port->number),
			  LOG_TEXT("reason", problem->text));
	}
	port->reported = true;
}

/* On all addresses, or on none. */
static void open_port(struct gateway_ports *ports, struct printer_port *port)
{
	struct problem problem = {""};

	if (port->number == 0 || ports->stopped) {
		return;
	}
	open_pipe(ports, port);
	if (port->open) {
		return;
	}
	for (size_t i = 0; i < ports->bind.count; i++) {
		const struct http_listener listener = {
			.address = ports->bind.addresses[i],
			.port = port->number,
			.certificate_file = ports->certificate_file,
			.key_file = ports->key_file,
			.context = port->serial,
		};

		if (http_server_listen(ports->server, &listener, NULL, &problem)) {
			http_server_unlisten(ports->server, port->serial);
			report_taken(ports, port, &problem);
			return;
		}
	}
	port->open = true;
	log_event(ports->log, port->reported ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, LOG_PART,
		  "a printer's port is open", LOG_TEXT("printer", port->serial),
		  LOG_NUMBER("port", port->number));
	port->reported = false;
}

static void on_timer(uv_timer_t *timer)
{
	struct gateway_ports *ports = timer->data;

	for (struct list *at = ports->ports.next; at != &ports->ports; at = at->next) {
		open_port(ports, LIST_OF(at, struct printer_port, place));
	}
}

/* --- printers --- */

static void save(struct gateway_ports *ports)
{
	struct problem problem;

	if (ports->table.changed && ports_save(ports->path, &ports->table, &problem)) {
		log_bounded(ports->log, LOG_LEVEL_WARNING, LOG_PART, problem.text);
	}
}

static uint16_t number_of(struct gateway_ports *ports, const char *serial)
{
	const struct port_entry *entry = ports_adopt(&ports->table, serial);

	if (!entry && !ports->full_reported) {
		ports->full_reported = true;
		log_write(ports->log, LOG_LEVEL_WARNING, LOG_PART,
			  "%d printers have ports of their own; others are reached by the paths "
			  "/moonraker/{printer} and /octoprint/{printer} alone",
			  PORTS_OPEN_MAX);
	}
	return entry ? ports_number(entry, ports->base) : 0;
}

static struct printer_port *find_port(const struct gateway_ports *ports, const char *serial)
{
	for (struct list *at = ports->ports.next; at != &ports->ports; at = at->next) {
		struct printer_port *port = LIST_OF(at, struct printer_port, place);

		if (strcmp(port->serial, serial) == 0) {
			return port;
		}
	}
	return NULL;
}

static void add_printer(struct gateway_ports *ports, const char *serial)
{
	uint16_t number = find_port(ports, serial) ? 0 : number_of(ports, serial);
	struct printer_port *port = number > 0 ? calloc(1, sizeof(*port)) : NULL;

	if (!port) {
		return;
	}
	snprintf(port->serial, sizeof(port->serial), "%s", serial);
	port->number = number;
	list_insert(&ports->ports, &port->place);
	open_port(ports, port);
}

static void drop_port(struct gateway_ports *ports, struct printer_port *port)
{
	close_port(ports, port);
	list_remove(&port->place);
	free(port);
}

static void remove_printer(struct gateway_ports *ports, const char *serial)
{
	struct printer_port *port = find_port(ports, serial);
	struct port_entry *entry = ports_find(&ports->table, serial);

	if (entry) {
		entry->exists = false;
	}
	if (port) {
		drop_port(ports, port);
	}
}

static void on_event(void *context, const struct fleet_event *event)
{
	struct gateway_ports *ports = context;

	if (ports->stopped) {
		return;
	}
	if (event->kind == FLEET_PRINTER_ADDED) {
		add_printer(ports, fleet_printer_serial(event->printer));
		save(ports);
	} else if (event->kind == FLEET_PRINTER_REMOVED) {
		remove_printer(ports, fleet_printer_serial(event->printer));
	}
}

static const struct fleet_handlers handlers = {.on_event = on_event};

static void add_all(struct gateway_ports *ports)
{
	struct fleet_printer *printer = NULL;

	while ((printer = gateway_printers_next(ports->printers, printer))) {
		add_printer(ports, fleet_printer_serial(printer));
	}
	save(ports);
}

void gateway_ports_reload(struct gateway_ports *ports)
{
	struct port_table newer = {0};
	struct problem problem;

	if (!ports || ports->stopped) {
		return;
	}
	if (ports_load(ports->path, &newer, &problem)) {
		log_write(ports->log, LOG_LEVEL_WARNING, LOG_PART, "%s", problem.text);
		ports_finish(&newer);
	} else {
		ports_finish(&ports->table);
		ports->table = newer;
	}
	if (http_server_reload(ports->server, &problem)) {
		log_write(ports->log, LOG_LEVEL_WARNING, LOG_PART, "%s", problem.text);
	}
	ports->full_reported = false;
	/* First all that move go: two may have changed places. */
	for (struct list *at = ports->ports.next; at != &ports->ports; at = at->next) {
		struct printer_port *port = LIST_OF(at, struct printer_port, place);
		uint16_t number = number_of(ports, port->serial);

		if (number != port->number) {
			close_port(ports, port);
			port->number = number;
		}
	}
	on_timer(&ports->timer);
	add_all(ports);
}

/* --- start and end --- */

static bool copy_text(const char *text, char **copy)
{
	*copy = text ? strdup(text) : NULL;
	return !text || *copy;
}

static int fill(struct gateway_ports *ports, const struct gateway_ports_options *options,
		struct problem *problem)
{
	int length = snprintf(ports->path, sizeof(ports->path), "%s/" FILE_NAME, options->folder);

	if (length < 1 || (size_t)length >= sizeof(ports->path)) {
		problem_set(problem, "the path of " FILE_NAME " would be too long");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	snprintf(ports->folder, sizeof(ports->folder), "%.*s/" FOLDER,
		 (int)(length - (int)strlen("/" FILE_NAME)), ports->path);
	sweep_pipes(ports->folder);
	ports->pipe = *options->pipe;
	if (!copy_text(options->certificate_file, &ports->certificate_file) ||
	    !copy_text(options->key_file, &ports->key_file)) {
		return problem_memory(problem);
	}
	ports->printers = options->printers;
	ports->log = options->log;
	ports->bind = *options->bind;
	ports->base = options->base;
	return ports_load(ports->path, &ports->table, problem);
}

int gateway_ports_create(uv_loop_t *loop, const struct gateway_ports_options *options,
			 struct gateway_ports **out, struct problem *problem)
{
	struct gateway_ports *ports = calloc(1, sizeof(*ports));

	*out = ports;
	if (!ports) {
		return problem_memory(problem);
	}
	list_init(&ports->ports);
	ports->loop = loop;
	int error = fill(ports, options, problem);
	if (!error) {
		error = http_server_create(loop, options->http, &ports->server, problem);
	}
	if (error) {
		return error;
	}
	access_add_server(options->access, ports->server);
	uv_timer_init(loop, &ports->timer);
	ports->timer.data = ports;
	ports->timer_open = true;
	uv_timer_start(&ports->timer, on_timer, GATEWAY_PORTS_RETRY_MS, GATEWAY_PORTS_RETRY_MS);
	ports->listener.handlers = &handlers;
	ports->listener.context = ports;
	fleet_subscribe(gateway_printers_fleet(ports->printers), &ports->listener);
	add_all(ports);
	return 0;
}

size_t gateway_ports_connections(const struct gateway_ports *ports)
{
	return ports && ports->server ? http_server_connections(ports->server) : 0;
}

void gateway_ports_stop(struct gateway_ports *ports)
{
	if (!ports || ports->stopped) {
		return;
	}
	ports->stopped = true;
	fleet_unsubscribe(&ports->listener);
	if (ports->timer_open) {
		uv_close((uv_handle_t *)&ports->timer, NULL);
	}
	http_server_stop(ports->server);
	for (struct list *at = ports->ports.next; at != &ports->ports; at = at->next) {
		struct printer_port *port = LIST_OF(at, struct printer_port, place);

		pipe_server_close(port->pipe);
		port->pipe = NULL;
	}
}

void gateway_ports_destroy(struct gateway_ports *ports)
{
	if (!ports) {
		return;
	}
	http_server_destroy(ports->server);
	while (!list_is_empty(&ports->ports)) {
		struct printer_port *port = LIST_OF(ports->ports.next, struct printer_port, place);

		list_remove(&port->place);
		free(port);
	}
	ports_finish(&ports->table);
	free(ports->certificate_file);
	free(ports->key_file);
	free(ports);
}
