/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_MOONRAKER_INTERNAL_H
#define GATEWAY_MOONRAKER_INTERNAL_H

#include "base/json/compose.h"
#include "base/memory/list.h"
#include "daemon/http/stream.h"
#include "daemon/pipe/pipe.h"
#include "gateway/klipper/gcode.h"
#include "gateway/klipper/rpc.h"
#include "gateway/klipper/status.h"
#include "gateway/moonraker/moonraker.h"
#include "gateway/webcam/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOONRAKER_VERSION   "v0.9.3-flagship"
#define MOONRAKER_KLIPPER   "v0.12.0-flagship"
#define MOONRAKER_LOG       "moonraker"
#define MOONRAKER_ROOT      "gcodes"
#define MOONRAKER_NAME_SIZE 64
#define MOONRAKER_MS_PER_S  1000.0
#define MOONRAKER_NO_QUEUE  "nothing can be printed from here: the gateway has no queue"
#define MOONRAKER_JOBS_MAX  64 /* that one call names */

/* Statuses of HTTP, which are also the codes of errors. */
#define MOONRAKER_OK           200
#define MOONRAKER_CREATED      201
#define MOONRAKER_BAD_REQUEST  400
#define MOONRAKER_UNAUTHORIZED 401
#define MOONRAKER_FORBIDDEN    403
#define MOONRAKER_NOT_FOUND    404
#define MOONRAKER_CONFLICT     409
#define MOONRAKER_TOO_MANY     429
#define MOONRAKER_BROKEN       500
#define MOONRAKER_NEVER        501 /* nothing here can: no page shows it in red, as 404 */
#define MOONRAKER_UNAVAILABLE  503
#define MOONRAKER_TIMEOUT      504

/* A line that was sent, or what came back. */
struct stored_line {
	char *text;
	double unix_s;
	bool response;
};

/* A printer that somebody asked about. */
struct moonraker_printer {
	struct list place;
	struct moonraker *moonraker;
	struct fleet_printer *printer; /* NULL: it was removed, and nobody comes any more */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	enum klippy klippy; /* as clients were told */
	struct list sockets;
	struct list groups;        /* those who wait for the same changes */
	struct status_image image; /* as they were told */
	bool dirty;
	bool queue_changed;
	int64_t queue_first; /* of its entries, and why it waits: as clients were told */
	char queue_reason[QUEUE_REASON_SIZE];
	int64_t told_ms;
	struct gcode_modes modes;
	char homed[4];
	char message[GCODE_TEXT_SIZE]; /* of M117 */
	struct stored_line *lines;     /* a ring; NULL before the first */
	size_t line_first;
	size_t line_count;
};

/* Clients that have subscribed to the same members: what changes is written once for all. */
struct moonraker_group {
	struct list place;
	status_set wanted;
	struct list sockets;
};

struct moonraker_socket {
	struct list place;  /* of its printer */
	struct list member; /* of its group */
	struct moonraker *moonraker;
	struct moonraker_printer *printer;
	struct moonraker_group *group; /* NULL: it has not subscribed */
	struct http_websocket *websocket;
	struct pipe_client *pipe; /* instead of a WebSocket */
	int64_t id;
	size_t calls;     /* not answered yet */
	size_t in_second; /* of this second */
	bool paused;
	unsigned int rights;
	struct access_identity *identity; /* who opened it */
	struct webcam_place place_of;     /* as it called the gateway */
	char client[MOONRAKER_NAME_SIZE]; /* as it calls itself */
	char version[MOONRAKER_NAME_SIZE];
	char type[MOONRAKER_NAME_SIZE];
};

/* Answers to a batch, as they come. */
struct moonraker_batch {
	struct moonraker_socket *socket; /* NULL: it is gone, or */
	struct http_request *request;
	struct moonraker *moonraker;
	size_t pending;
	char *text; /* answers, with commas */
	size_t length;
	bool broken;
};

/* Something that is asked, until it is answered. */
struct moonraker_call {
	struct list place; /* of the moonraker: while it is answered later */
	struct moonraker *moonraker;
	struct moonraker_printer *printer;
	struct moonraker_socket *socket; /* NULL: of HTTP, or gone */
	struct http_request *request;    /* NULL: of a socket, or gone */
	struct moonraker_batch *batch;
	unsigned int rights;
	bool rpc;          /* answered as JSON-RPC; else as Moonraker's HTTP calls are */
	bool wants_answer; /* false: a notification, or nobody is there any more */
	bool listed;
	struct flagship_json params; /* during the handler alone */
	int status;                  /* of HTTP, where it succeeds */
	char id[RPC_ID_MAX + 1];
	char client[MOONRAKER_NAME_SIZE];
	char id_text[MOONRAKER_NAME_SIZE]; /* of what is deleted, or of who logs in */
};

typedef void moonraker_handler(struct moonraker_call *call);

struct moonraker_method {
	const char *name;
	moonraker_handler *handle;
	unsigned int rights;
	bool ready; /* needs a printer that is there */
};

/* An HTTP call: which method it stands for. */
struct moonraker_endpoint {
	unsigned int methods;
	const char *path;
	const char *method;
	void (*handle)(struct http_request *request, void *context); /* instead of a method */
	unsigned int rights;                                         /* of handle */
	enum http_body body;
	uint64_t body_max;
};

struct moonraker {
	uv_loop_t *loop;
	struct moonraker_options options;
	struct fleet_listener listener;
	struct files_listener files_listener;
	struct history_listener history_listener;
	struct webcam_listener webcam_listener;
	struct queue_listener queue_listener;
	struct list printers;
	struct list calls;
	struct list scripts;
	struct moonraker_database *database;
	size_t socket_count;
	int64_t socket_ids;
	struct http_route *routes[2]; /* below a printer's path, and of its port */
	char *paths;
	size_t route_count;
	uv_timer_t changes; /* runs while something is to be told */
	bool changes_run;
	uv_timer_t second;
	struct status_system system;
	double measured_s; /* when it was read last, and what was used by then */
	double measured_cpu_s;
	double cpu_percent;
	int64_t memory_kib;
	bool stopped;
};

/* --- call.c --- */

/* Each is the end of the call. */
void moonraker_answer(struct moonraker_call *call, json_write *write, const void *context);
void moonraker_answer_ok(struct moonraker_call *call); /* "ok" */
void moonraker_fail(struct moonraker_call *call, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* It is answered later: until then it is known, and whoever asks may go. */
void moonraker_keep(struct moonraker_call *call);
/* The socket or the request is gone. */
void moonraker_forget_socket(struct moonraker *moonraker, const struct moonraker_socket *socket);

/* A message of JSON-RPC, by a socket or in a request. */
void moonraker_take_message(struct moonraker *moonraker, struct moonraker_printer *printer,
			    struct moonraker_socket *socket, struct http_request *request,
			    unsigned int rights, const char *text, size_t length);
/* One call of HTTP. */
void moonraker_take_call(struct moonraker *moonraker, struct moonraker_printer *printer,
			 struct http_request *request, unsigned int rights, const char *method,
			 struct flagship_json params);
const char *moonraker_printer_name(const struct moonraker_printer *printer);

/* --- methods.c: the table --- */

const struct moonraker_method *moonraker_find_method(const char *name);

/* --- endpoints.c --- */

extern const struct moonraker_endpoint moonraker_endpoints[];
extern const size_t moonraker_endpoint_count;
web_refuse moonraker_refuse;

/* --- routes.c --- */

/* Makes both tables of routes. False for want of memory. */
bool moonraker_make_routes(struct moonraker *moonraker) __attribute__((warn_unused_result));
/* That of the request; NULL where that was answered. */
struct moonraker_printer *moonraker_printer_of(struct moonraker *moonraker,
					       struct http_request *request);

/* --- printers.c --- */

struct moonraker_printer *moonraker_adopt(struct moonraker *moonraker,
					  struct fleet_printer *printer);
void moonraker_drop_printer(struct moonraker_printer *printer);
const struct printer_state *moonraker_state(const struct moonraker_printer *printer);
enum klippy moonraker_klippy(const struct moonraker_printer *printer);
/* As it is now, in memory of the caller. */
bool moonraker_fill_image(struct moonraker_printer *printer, struct status_image *image)
	__attribute__((warn_unused_result));
double moonraker_event_time(const struct moonraker *moonraker);

/* --- lines.c: what was sent as G-code, and what came back --- */

void moonraker_store_line(struct moonraker_printer *printer, const char *text, size_t length,
			  bool response);
/* To the store and to all clients. */
void moonraker_respond_gcode(struct moonraker_printer *printer, const char *text, size_t length);
void moonraker_drop_lines(struct moonraker_printer *printer);

/* --- socket.c --- */

void moonraker_open_socket(struct http_request *request, void *context);
/* What goes out, for any number of clients of either kind: zeroed, then given its text. */
struct moonraker_text {
	char *text;
	size_t length;
	struct http_message *message; /* of WebSockets; NULL: none needed it yet */
};
void moonraker_send(const struct moonraker_socket *socket, struct moonraker_text *text);
void moonraker_pause_socket(const struct moonraker_socket *socket, bool paused);
/* {"jsonrpc":"2.0","method":…,"params":[…]}; write NULL: without params. Of all printers where
 * printer is NULL. */
void moonraker_notify(struct moonraker *moonraker, struct moonraker_printer *printer,
		      const char *method, json_write *write, const void *context);
/* The same, for one socket. */
void moonraker_notify_socket(struct moonraker_socket *socket, const char *method, json_write *write,
			     const void *context);
void moonraker_subscribe(struct moonraker_socket *socket, status_set wanted);
struct moonraker_socket *moonraker_find_socket(const struct moonraker_printer *printer, int64_t id);
/* Something of it changed: clients are told soon. */
void moonraker_touch(struct moonraker_printer *printer);
void moonraker_touch_queue(struct moonraker_printer *printer);
void moonraker_tell_changes(uv_timer_t *timer);
void moonraker_close_sockets(struct moonraker_printer *printer, const char *reason);

/* --- script.c: G-code and commands, one after the other --- */

/* Answers the call at its end. */
void moonraker_run_script(struct moonraker_call *call, const char *text, size_t length);
void moonraker_run_command(struct moonraker_call *call, const struct command_request *request);
void moonraker_run_start(struct moonraker_call *call, const char *name);
void moonraker_run_emergency(struct moonraker_call *call);
void moonraker_on_done(void *context, struct fleet_printer *printer,
		       const struct command_report *report);
void moonraker_on_reply(void *context, struct fleet_printer *printer, uint64_t command,
			const struct flagship_message *message);
void moonraker_end_scripts(struct moonraker *moonraker);
bool moonraker_has_script(const struct moonraker_printer *printer);

/* --- machine.c --- */

void moonraker_read_system(struct status_system *system);
void moonraker_notify_machine(struct moonraker *moonraker);

/* --- the handlers of methods --- */

moonraker_handler moonraker_server_info, moonraker_server_config, moonraker_identify,
	moonraker_socket_id, moonraker_gcode_store, moonraker_webcams, moonraker_no_restart;
moonraker_handler moonraker_database_list, moonraker_database_get, moonraker_database_post,
	moonraker_database_delete;
moonraker_handler moonraker_files_roots, moonraker_files_list, moonraker_files_metadata,
	moonraker_files_thumbnails, moonraker_files_get_directory, moonraker_files_post_directory,
	moonraker_files_delete_directory, moonraker_files_move, moonraker_files_copy,
	moonraker_files_delete;
moonraker_handler moonraker_history_list, moonraker_history_totals, moonraker_history_job,
	moonraker_history_delete, moonraker_temperature_store;
moonraker_handler moonraker_access_info, moonraker_access_login, moonraker_access_oneshot,
	moonraker_access_key, moonraker_access_logout, moonraker_access_refresh,
	moonraker_access_user, moonraker_access_users;

moonraker_handler moonraker_job_queue_status, moonraker_job_queue_post, moonraker_job_queue_delete,
	moonraker_job_queue_start, moonraker_job_queue_pause, moonraker_job_queue_jump;

/* --- job_queue.c --- */

void moonraker_tell_queue(struct moonraker_printer *printer);
void moonraker_on_queue(void *context, const struct queue_entry *entry, bool gone);

/* --- page_settings.c: what a page looks like at its first start --- */

extern const char moonraker_first_items[]; /* of the database: an object by namespace */

void moonraker_page_settings(struct http_request *request, void *context);
void moonraker_page_maintenance(struct http_request *request, void *context);

/* --- files, history.c, server.c: what is no method --- */

void moonraker_download(struct http_request *request, void *context);
void moonraker_upload(struct http_request *request, void *context);
void moonraker_on_history(void *context, enum history_action action, const struct history_job *job);
void moonraker_on_webcam(void *context, const char *serial);
void moonraker_on_file(void *context, const struct files_change *change);

/* --- database.c --- */

int moonraker_open_database(struct moonraker *moonraker, struct problem *problem)
	__attribute__((warn_unused_result));
/* Writes what has changed. */
void moonraker_save_database(struct moonraker *moonraker);
/* As the gateway ends: here and now, or once a thread is done with what it writes. */
void moonraker_save_last(struct moonraker *moonraker);
void moonraker_close_database(struct moonraker *moonraker);
moonraker_handler moonraker_system_info, moonraker_proc_stats, moonraker_update_status,
	moonraker_no_machine;
moonraker_handler moonraker_printer_info, moonraker_objects_list, moonraker_objects_query,
	moonraker_objects_subscribe, moonraker_gcode_script, moonraker_gcode_help,
	moonraker_print_start, moonraker_print_pause, moonraker_print_resume,
	moonraker_print_cancel, moonraker_emergency_stop, moonraker_no_printer_restart,
	moonraker_endpoints_status;

#endif
