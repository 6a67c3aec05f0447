/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include <string.h>

static const struct moonraker_method methods[] = {
	{"server.info", moonraker_server_info, WEB_VIEW, false},
	{"server.config", moonraker_server_config, WEB_VIEW, false},
	{"server.restart", moonraker_no_restart, WEB_OPERATE, false},
	{"server.connection.identify", moonraker_identify, WEB_VIEW, false},
	{"server.websocket.id", moonraker_socket_id, WEB_VIEW, false},
	{"server.gcode_store", moonraker_gcode_store, WEB_VIEW, false},
	{"server.webcams.list", moonraker_webcams, WEB_VIEW, false},
	{"server.database.list", moonraker_database_list, WEB_VIEW, false},
	{"server.database.get_item", moonraker_database_get, WEB_VIEW, false},
	{"server.database.post_item", moonraker_database_post, WEB_OPERATE, false},
	{"server.database.delete_item", moonraker_database_delete, WEB_OPERATE, false},
	{"server.job_queue.status", moonraker_job_queue_status, WEB_VIEW, false},
	{"server.job_queue.post_job", moonraker_job_queue_post, WEB_OPERATE, false},
	{"server.job_queue.delete_job", moonraker_job_queue_delete, WEB_OPERATE, false},
	{"server.job_queue.start", moonraker_job_queue_start, WEB_OPERATE, false},
	{"server.job_queue.pause", moonraker_job_queue_pause, WEB_OPERATE, false},
	{"server.job_queue.jump", moonraker_job_queue_jump, WEB_OPERATE, false},
	{"server.temperature_store", moonraker_temperature_store, WEB_VIEW, false},
	{"server.history.list", moonraker_history_list, WEB_VIEW, false},
	{"server.history.totals", moonraker_history_totals, WEB_VIEW, false},
	{"server.history.get_job", moonraker_history_job, WEB_VIEW, false},
	{"server.history.delete_job", moonraker_history_delete, WEB_OPERATE, false},
	{"server.files.roots", moonraker_files_roots, WEB_VIEW, false},
	{"server.files.list", moonraker_files_list, WEB_VIEW, false},
	{"server.files.metadata", moonraker_files_metadata, WEB_VIEW, false},
	{"server.files.thumbnails", moonraker_files_thumbnails, WEB_VIEW, false},
	{"server.files.get_directory", moonraker_files_get_directory, WEB_VIEW, false},
	{"server.files.post_directory", moonraker_files_post_directory, WEB_OPERATE, false},
	{"server.files.delete_directory", moonraker_files_delete_directory, WEB_OPERATE, false},
	{"server.files.move", moonraker_files_move, WEB_OPERATE, false},
	{"server.files.copy", moonraker_files_copy, WEB_OPERATE, false},
	{"server.files.delete_file", moonraker_files_delete, WEB_OPERATE, false},
	{"printer.info", moonraker_printer_info, WEB_VIEW, false},
	{"printer.objects.list", moonraker_objects_list, WEB_VIEW, true},
	{"printer.objects.query", moonraker_objects_query, WEB_VIEW, true},
	{"printer.objects.subscribe", moonraker_objects_subscribe, WEB_VIEW, true},
	{"printer.query_endpoints.status", moonraker_endpoints_status, WEB_VIEW, false},
	{"printer.gcode.script", moonraker_gcode_script, WEB_OPERATE, true},
	{"printer.gcode.help", moonraker_gcode_help, WEB_VIEW, true},
	{"printer.print.start", moonraker_print_start, WEB_OPERATE, true},
	{"printer.print.pause", moonraker_print_pause, WEB_OPERATE, true},
	{"printer.print.resume", moonraker_print_resume, WEB_OPERATE, true},
	{"printer.print.cancel", moonraker_print_cancel, WEB_OPERATE, true},
	{"printer.emergency_stop", moonraker_emergency_stop, WEB_OPERATE, false},
	{"printer.restart", moonraker_no_printer_restart, WEB_OPERATE, false},
	{"printer.firmware_restart", moonraker_no_printer_restart, WEB_OPERATE, false},
	{"machine.system_info", moonraker_system_info, WEB_VIEW, false},
	{"machine.proc_stats", moonraker_proc_stats, WEB_VIEW, false},
	{"machine.update.status", moonraker_update_status, WEB_VIEW, false},
	{"machine.shutdown", moonraker_no_machine, WEB_OPERATE, false},
	{"machine.reboot", moonraker_no_machine, WEB_OPERATE, false},
	{"access.info", moonraker_access_info, 0, false},
	{"access.login", moonraker_access_login, 0, false},
	{"access.logout", moonraker_access_logout, WEB_VIEW, false},
	{"access.refresh_jwt", moonraker_access_refresh, 0, false},
	{"access.get_user", moonraker_access_user, WEB_VIEW, false},
	{"access.users.list", moonraker_access_users, WEB_VIEW, false},
	{"access.oneshot_token", moonraker_access_oneshot, WEB_VIEW, false},
	{"access.get_api_key", moonraker_access_key, WEB_ADMIN, false},
};

const struct moonraker_method *moonraker_find_method(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].name, name) == 0) {
			return &methods[i];
		}
	}
	return NULL;
}
