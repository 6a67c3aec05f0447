/* SPDX-License-Identifier: MIT */
#include "gateway/files/receive.h"
#include "gateway/moonraker/internal.h"

#include <string.h>

/* Paths of HTTP, each with the method that it stands for. */

#define READ  HTTP_GET
#define WRITE HTTP_POST
#define BOTH  (HTTP_GET | HTTP_POST)

#define CALL(method_set, path_text, method_name)                                      \
	{                                                                             \
		.methods = (method_set), .path = (path_text), .method = (method_name) \
	}

const struct moonraker_endpoint moonraker_endpoints[] = {
	{.methods = HTTP_GET,
	 .path = "/websocket",
	 .handle = moonraker_open_socket,
	 .rights = WEB_VIEW},
	{.methods = HTTP_POST, .path = "/server/jsonrpc", .rights = WEB_VIEW},
	CALL(READ, "/server/info", "server.info"),
	CALL(READ, "/server/config", "server.config"),
	CALL(WRITE, "/server/restart", "server.restart"),
	CALL(READ, "/server/temperature_store", "server.temperature_store"),
	CALL(READ, "/server/gcode_store", "server.gcode_store"),
	CALL(READ, "/server/webcams/list", "server.webcams.list"),
	CALL(READ, "/server/history/list", "server.history.list"),
	CALL(READ, "/server/history/totals", "server.history.totals"),
	CALL(READ, "/server/history/job", "server.history.get_job"),
	CALL(HTTP_DELETE, "/server/history/job", "server.history.delete_job"),
	CALL(READ, "/server/job_queue/status", "server.job_queue.status"),
	CALL(WRITE, "/server/job_queue/job", "server.job_queue.post_job"),
	CALL(HTTP_DELETE, "/server/job_queue/job", "server.job_queue.delete_job"),
	CALL(WRITE, "/server/job_queue/start", "server.job_queue.start"),
	CALL(WRITE, "/server/job_queue/pause", "server.job_queue.pause"),
	CALL(WRITE, "/server/job_queue/jump", "server.job_queue.jump"),
	CALL(READ, "/server/database/list", "server.database.list"),
	CALL(READ, "/server/database/item", "server.database.get_item"),
	CALL(WRITE, "/server/database/item", "server.database.post_item"),
	CALL(HTTP_DELETE, "/server/database/item", "server.database.delete_item"),
	CALL(READ, "/server/files/roots", "server.files.roots"),
	CALL(READ, "/server/files/list", "server.files.list"),
	CALL(READ, "/server/files/metadata", "server.files.metadata"),
	CALL(READ, "/server/files/thumbnails", "server.files.thumbnails"),
	CALL(READ, "/server/files/directory", "server.files.get_directory"),
	CALL(WRITE, "/server/files/directory", "server.files.post_directory"),
	CALL(HTTP_DELETE, "/server/files/directory", "server.files.delete_directory"),
	CALL(WRITE, "/server/files/move", "server.files.move"),
	CALL(WRITE, "/server/files/copy", "server.files.copy"),
	{.methods = HTTP_POST,
	 .path = "/server/files/upload",
	 .handle = moonraker_upload,
	 .rights = WEB_OPERATE,
	 .body = HTTP_BODY_STREAM,
	 .body_max = FILES_BODY_MAX},
	{.methods = HTTP_GET,
	 .path = "/server/files/config/.theme/default.json",
	 .handle = moonraker_page_settings,
	 .rights = WEB_VIEW},
	{.methods = HTTP_GET,
	 .path = "/server/files/config/.theme/maintenance.json",
	 .handle = moonraker_page_maintenance,
	 .rights = WEB_VIEW},
	{.methods = HTTP_GET,
	 .path = "/server/files/" MOONRAKER_ROOT "/{path...}",
	 .handle = moonraker_download,
	 .rights = WEB_VIEW},
	CALL(HTTP_DELETE, "/server/files/" MOONRAKER_ROOT "/{path...}", "server.files.delete_file"),
	CALL(READ, "/printer/info", "printer.info"),
	CALL(READ, "/printer/objects/list", "printer.objects.list"),
	CALL(BOTH, "/printer/objects/query", "printer.objects.query"),
	CALL(BOTH, "/printer/objects/subscribe", "printer.objects.subscribe"),
	CALL(READ, "/printer/query_endpoints/status", "printer.query_endpoints.status"),
	CALL(BOTH, "/printer/gcode/script", "printer.gcode.script"),
	CALL(READ, "/printer/gcode/help", "printer.gcode.help"),
	CALL(WRITE, "/printer/print/start", "printer.print.start"),
	CALL(WRITE, "/printer/print/pause", "printer.print.pause"),
	CALL(WRITE, "/printer/print/resume", "printer.print.resume"),
	CALL(WRITE, "/printer/print/cancel", "printer.print.cancel"),
	CALL(WRITE, "/printer/emergency_stop", "printer.emergency_stop"),
	CALL(WRITE, "/printer/restart", "printer.restart"),
	CALL(WRITE, "/printer/firmware_restart", "printer.firmware_restart"),
	CALL(READ, "/machine/system_info", "machine.system_info"),
	CALL(READ, "/machine/proc_stats", "machine.proc_stats"),
	CALL(READ, "/machine/update/status", "machine.update.status"),
	CALL(WRITE, "/machine/shutdown", "machine.shutdown"),
	CALL(WRITE, "/machine/reboot", "machine.reboot"),
	CALL(READ, "/access/info", "access.info"),
	CALL(WRITE, "/access/login", "access.login"),
	CALL(WRITE, "/access/logout", "access.logout"),
	CALL(WRITE, "/access/refresh_jwt", "access.refresh_jwt"),
	CALL(READ, "/access/user", "access.get_user"),
	CALL(READ, "/access/users/list", "access.users.list"),
	CALL(READ, "/access/oneshot_token", "access.oneshot_token"),
	CALL(READ, "/access/api_key", "access.get_api_key"),
};

const size_t moonraker_endpoint_count = sizeof(moonraker_endpoints) /
					sizeof(moonraker_endpoints[0]);
