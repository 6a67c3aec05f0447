/* SPDX-License-Identifier: MIT */
#include "gateway/metrics/internal.h"

#include "printer/state/parts.h"

#define MILLI_DECIMALS 3

#define LENGTH(array)  (sizeof(array) / sizeof((array)[0]))

static const char *const client_names[METRICS_CLIENTS] = {
	[METRICS_CLIENT_HTTP] = "http",
	[METRICS_CLIENT_WEBSOCKET] = "websocket",
	[METRICS_CLIENT_EVENT_STREAM] = "event_stream",
	[METRICS_CLIENT_MOONRAKER] = "moonraker",
	[METRICS_CLIENT_OCTOPRINT] = "octoprint",
};

static const struct family build_family = {"flagship_build", NULL,
					   "The version of flagship that runs.", FAMILY_INFO};
static const struct family connections_family = {
	"flagship_connections", NULL, "Connections of clients to the gateway.", FAMILY_GAUGE};
static const struct family commands_family = {
	"flagship_commands", NULL, "Commands to printers by what became of them.", FAMILY_COUNTER};

/* A value of the gateway that stands alone. process_… are the names that all programs have. */
struct single {
	struct family family;
	size_t offset; /* of an int64_t in struct metrics_gateway */
	unsigned int decimals;
};

#define AT(member) offsetof(struct metrics_gateway, member)

static const struct single singles[] = {
	{{"flagship_uptime_seconds", "seconds", "Time since the gateway started.", FAMILY_GAUGE},
	 AT(uptime_ms),
	 MILLI_DECIMALS},
	{{"flagship_mqtt_sessions", NULL,
	  "MQTT sessions that the gateway keeps: one for each login and broker.", FAMILY_GAUGE},
	 AT(sessions),
	 0},
	{{"flagship_mqtt_sessions_connected", NULL, "MQTT sessions that are connected.",
	  FAMILY_GAUGE},
	 AT(sessions_connected),
	 0},
	{{"flagship_messages_received", NULL, "Messages that were received from brokers.",
	  FAMILY_COUNTER},
	 AT(messages_received),
	 0},
	{{"flagship_messages_rejected", NULL,
	  "Messages that were refused: damaged, of a wrong key, or no message of a printer.",
	  FAMILY_COUNTER},
	 AT(messages_rejected),
	 0},
	{{"flagship_history_dropped", NULL, "Records of the history that could not be kept.",
	  FAMILY_COUNTER},
	 AT(history_dropped),
	 0},
	{{"process_resident_memory_bytes", "bytes", "Resident memory of the gateway.",
	  FAMILY_GAUGE},
	 AT(resident_bytes),
	 0},
	{{"process_cpu_seconds", "seconds", "Processor time of the gateway, user and system.",
	  FAMILY_COUNTER},
	 AT(cpu_ms),
	 MILLI_DECIMALS},
	{{"process_open_fds", NULL, "Open file descriptors of the gateway.", FAMILY_GAUGE},
	 AT(open_files),
	 0},
	{{"process_max_fds", NULL, "File descriptors that the gateway may open.", FAMILY_GAUGE},
	 AT(open_files_max),
	 0},
};

void metrics_gateway_init(struct metrics_gateway *gateway)
{
	*gateway = (struct metrics_gateway){
		.uptime_ms = PRINTER_NEVER,
		.sessions = PRINTER_NEVER,
		.sessions_connected = PRINTER_NEVER,
		.messages_received = PRINTER_NEVER,
		.messages_rejected = PRINTER_NEVER,
		.history_dropped = PRINTER_NEVER,
		.resident_bytes = PRINTER_NEVER,
		.cpu_ms = PRINTER_NEVER,
		.open_files = PRINTER_NEVER,
		.open_files_max = PRINTER_NEVER,
	};
	for (size_t i = 0; i < METRICS_CLIENTS; i++) {
		gateway->connections[i] = PRINTER_NEVER;
	}
	for (size_t i = 0; i < METRICS_COMMAND_OUTCOMES; i++) {
		gateway->commands[i] = PRINTER_NEVER;
	}
}

static int64_t member_at(const struct metrics_gateway *gateway, size_t offset)
{
	return *(const int64_t *)(const void *)((const char *)gateway + offset);
}

void metrics_write_gateway(struct metrics_writer *writer, const struct metrics_gateway *gateway)
{
	const struct metric_label version = {"version", gateway->version};

	writer_begin_family(writer, &build_family);
	if (gateway->version) {
		writer_info(writer, &version, 1);
	}
	writer_begin_family(writer, &connections_family);
	for (size_t i = 0; i < METRICS_CLIENTS; i++) {
		writer_labelled(writer, "client", client_names[i],
				(struct metric_number){gateway->connections[i], 0});
	}
	writer_begin_family(writer, &commands_family);
	for (size_t i = 0; i < METRICS_COMMAND_OUTCOMES; i++) {
		writer_labelled(writer, "outcome", command_outcome_name((enum command_outcome)i),
				(struct metric_number){gateway->commands[i], 0});
	}
	for (size_t i = 0; i < LENGTH(singles); i++) {
		writer_begin_family(writer, &singles[i].family);
		writer_number(writer, (struct metric_number){member_at(gateway, singles[i].offset),
							     singles[i].decimals});
	}
}
