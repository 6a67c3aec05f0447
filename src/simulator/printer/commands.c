/* SPDX-License-Identifier: MIT */
#include "simulator/printer/commands.h"

#include "simulator/gcode/machine.h"
#include "simulator/printer/job_commands.h"
#include "simulator/printer/reply_habits.h"
#include "simulator/printer/virtual_printer.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct virtual_printer;

typedef void write_part(const struct e1_parts *parts, struct json_writer *writer);

static void publish(struct virtual_printer *printer, int64_t type, write_part *write)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct e1_levels levels;
	struct json_writer writer;

	json_writer_init(&writer, out, sizeof(out));
	json_array_begin(&writer);
	if (type == FLAGSHIP_MESSAGE_INK) {
		e1_parts_level(&levels, print_job_progress(&printer->job));
		e1_parts_write_ink(&printer->machine.e1, &levels, &writer);
	} else {
		write(&printer->machine.e1, &writer);
	}
	json_array_end(&writer);
	virtual_printer_publish_json(printer, FLAGSHIP_TOPIC_QUERY_REPLY, &writer);
}

/*
 * Answers a bare 1100, 1118, 1153 or 1600 on the query topic (protocol.md 3.9; of 1100 and 1600
 * only clients' practice says so). False where it is none of them, or the printer is no E1.
 */
static bool e1_commands_answer(struct virtual_printer *printer, enum flagship_topic_kind kind,
			       const struct flagship_message *message)
{
	static const struct {
		int64_t type;
		write_part *write;
	} answers[] = {
		{FLAGSHIP_MESSAGE_INK, NULL},
		{FLAGSHIP_MESSAGE_E1_PLATES, e1_parts_write_plate},
		{FLAGSHIP_MESSAGE_E1_ACCESSORY, e1_parts_write_accessory},
		{FLAGSHIP_MESSAGE_AIR_PURIFIER, e1_parts_write_purifier},
	};

	if (!printer->model->has_ink || kind != FLAGSHIP_TOPIC_QUERY) {
		return false;
	}
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (answers[i].type == message->type) {
			publish(printer, message->type, answers[i].write);
			return true;
		}
	}
	return false;
}

/* 1600 as a command: returns what `reply` is to be. */
static int e1_commands_set_purifier(struct virtual_printer *printer,
				    const struct flagship_message *message)
{
	const struct flagship_air_purifier *wanted = &message->as.air_purifier;
	bool has_mode = wanted->present & FLAGSHIP_AIR_PURIFIER_HAS_MODE;
	bool has_delay = wanted->present & FLAGSHIP_AIR_PURIFIER_HAS_DELAY_S;

	if (!printer->model->has_ink) {
		return REPLY_IGNORED;
	}
	if ((!has_mode && !has_delay) || (has_mode && !e1_parts_is_mode(wanted->mode)) ||
	    (has_delay && !e1_parts_is_delay(wanted->delay_s))) {
		return REPLY_REFUSED;
	}
	if (has_mode) {
		printer->machine.e1.purifier_mode = wanted->mode;
	}
	if (has_delay) {
		printer->machine.e1.purifier_delay_s = wanted->delay_s;
	}
	return REPLY_TAKEN;
}

/* Whether a command is for parts that an E1 does not have: nozzle, bed, axes, filament. */
static bool e1_commands_lacks(int64_t type)
{
	switch (type) {
	case FLAGSHIP_MESSAGE_NOZZLE_TEMP:
	case FLAGSHIP_MESSAGE_HOTBED_TEMP:
	case FLAGSHIP_MESSAGE_FAN_SPEED:
	case FLAGSHIP_MESSAGE_PRINT_SPEED:
	case FLAGSHIP_MESSAGE_AUTO_LEVELING:
	case FLAGSHIP_MESSAGE_Z_AXIS_RECOUP:
	case FLAGSHIP_MESSAGE_ENTER_OR_QUIT_MATERIEL:
	case FLAGSHIP_MESSAGE_MOVE_ZERO:
	case FLAGSHIP_MESSAGE_GCODE_COMMAND:
		return true;
	default:
		return false;
	}
}

#define CENTI_REAL  100.0
#define COMMAND_MAX 1024

struct command {
	int64_t type;
	uint32_t required; /* presence bits; without them it is refused */
	/* Returns what `reply` is to be, or REPLY_NONE. */
	int (*run)(struct virtual_printer *printer, const struct flagship_message *message);
};

static int command_nozzle(struct virtual_printer *printer, const struct flagship_message *message)
{
	thermal_set_target(&printer->machine.nozzle,
			   (double)message->as.nozzle_temp.value_centi_c / CENTI_REAL);
	return REPLY_TAKEN;
}

static int command_bed(struct virtual_printer *printer, const struct flagship_message *message)
{
	thermal_set_target(&printer->machine.bed,
			   (double)message->as.hotbed_temp.value_centi_c / CENTI_REAL);
	return REPLY_TAKEN;
}

static int set_speed(struct virtual_printer *printer, const struct flagship_message *message)
{
	machine_set_speed(&printer->machine, message->as.print_speed.speed_mm_s);
	return REPLY_TAKEN;
}

static int command_fan(struct virtual_printer *printer, const struct flagship_message *message)
{
	printer->machine.fan_percent = message->as.fan_speed.percent;
	return REPLY_TAKEN;
}

static int set_z_offset(struct virtual_printer *printer, const struct flagship_message *message)
{
	machine_set_z_offset(&printer->machine, message->as.z_axis_recoup.z_offset_centi_mm);
	return REPLY_TAKEN;
}

static bool is_busy(const struct virtual_printer *printer)
{
	return print_job_is_active(&printer->job);
}

static int level(struct virtual_printer *printer, const struct flagship_message *message)
{
	if (message->as.auto_leveling.value != 0 || is_busy(printer) ||
	    !activity_level(&printer->activity, &printer->machine)) {
		return REPLY_REFUSED;
	}
	return REPLY_TAKEN;
}

static int move_filament(struct virtual_printer *printer, const struct flagship_message *message)
{
	const struct flagship_enter_or_quit_materiel *feed = &message->as.enter_or_quit_materiel;
	bool has_temperature = feed->present & FLAGSHIP_ENTER_OR_QUIT_MATERIEL_HAS_TEMPERATURE;
	double temperature_c = has_temperature ? (double)feed->temperature : 0;

	if (is_busy(printer) || !activity_move_filament(&printer->activity, &printer->machine,
							feed->value, temperature_c)) {
		return REPLY_REFUSED;
	}
	return REPLY_TAKEN;
}

static int command_home(struct virtual_printer *printer, const struct flagship_message *message)
{
	if (is_busy(printer) || !activity_home(&printer->activity, message->as.move_zero.value)) {
		return REPLY_REFUSED;
	}
	return REPLY_TAKEN;
}

static int set_name(struct virtual_printer *printer, const struct flagship_message *message)
{
	if (!(message->as.present & FLAGSHIP_DEVICE_NAME_SET_HAS_DEVICE_NAME)) {
		printer->has_crashed = true;
		virtual_printer_note(printer, "crashed, like the real one: 1034 came without "
					      "devName");
		if (printer->output.crashed) {
			printer->output.crashed(printer->output.context);
		}
		return REPLY_NONE;
	}
	flagship_text_copy(message->as.device_name_set.device_name, printer->name,
			   sizeof(printer->name));
	return REPLY_TAKEN;
}

static void publish_gcode_text(struct virtual_printer *printer, const char *text, size_t length)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;

	json_writer_init(&writer, out, sizeof(out));
	json_object_begin(&writer);
	json_member_int(&writer, "commandType", FLAGSHIP_MESSAGE_GCODE_COMMAND);
	json_member_int(&writer, "reply", REPLY_TAKEN);
	json_member_int(&writer, "resCode", 0);
	json_member_int(&writer, "resLen", (int64_t)length);
	json_key(&writer, "resData");
	json_string_n(&writer, text, length);
	json_object_end(&writer);
	virtual_printer_publish_json(printer, FLAGSHIP_TOPIC_COMMAND_REPLY, &writer);
}

static void publish_pieces(struct virtual_printer *printer, const char *word,
			   const struct reply_text *reply)
{
	bool left_over;
	size_t piece = reply_habits_piece(printer->model->habits, word, &left_over);
	size_t sent = 0;

	do {
		size_t length = reply->length - sent;

		length = piece > 0 && length > piece ? piece : length;
		publish_gcode_text(printer, reply->data + sent, length);
		sent += length;
	} while (sent < reply->length && !left_over);
	snprintf(printer->left_over, sizeof(printer->left_over), "%s", reply->data + sent);
}

/* What the answer before has left over stands before this one. */
static void publish_gcode_reply(struct virtual_printer *printer, const char *word,
				const struct reply_text *reply)
{
	struct reply_text all;

	if (printer->left_over[0] == '\0') {
		publish_pieces(printer, word, reply);
		return;
	}
	reply_text_init(&all);
	reply_text_add(&all, "%s%s", printer->left_over, reply->data);
	printer->left_over[0] = '\0';
	publish_gcode_text(printer, all.data, all.length < REPLY_LIMIT ? all.length : REPLY_LIMIT);
}

void commands_run_gcode(struct virtual_printer *printer, const struct flagship_message *message)
{
	char line[COMMAND_MAX];
	char word[GCODE_WORD_MAX];
	struct reply_text answer;
	struct reply_text reply;

	flagship_text_copy(message->as.gcode_command.command, line, sizeof(line));
	gcode_machine_run(&printer->machine, line, &answer, word);
	job_commands_stop_where_asked_twice(printer);
	enum flagship_gcode_class class = flagship_gcode_class_of(line, strlen(line),
								  printer->model->id);
	/* What is queued counts itself; what is answered on arrival is not in the ring. */
	bool in_ring = class != FLAGSHIP_GCODE_AT_ONCE && class != FLAGSHIP_GCODE_INTERCEPTED;
	uint32_t queued = printer->machine.moves + (in_ring ? 1 : 0);
	reply_habits_apply(printer->model->habits, class, word, &answer, queued,
			   &printer->reply_random, &reply);
	publish_gcode_reply(printer, word, &reply);
}

static int run_gcode(struct virtual_printer *printer, const struct flagship_message *message)
{
	commands_run_gcode(printer, message);
	return REPLY_NONE;
}

static int answer_query(struct virtual_printer *printer, const struct flagship_message *message)
{
	(void)message;
	virtual_printer_publish_burst(printer);
	return REPLY_NONE;
}

static const struct command commands[] = {
	{FLAGSHIP_MESSAGE_NOZZLE_TEMP, FLAGSHIP_NOZZLE_TEMP_HAS_VALUE_CENTI_C, command_nozzle},
	{FLAGSHIP_MESSAGE_HOTBED_TEMP, FLAGSHIP_HOTBED_TEMP_HAS_VALUE_CENTI_C, command_bed},
	{FLAGSHIP_MESSAGE_FAN_SPEED, FLAGSHIP_FAN_SPEED_HAS_PERCENT, command_fan},
	{FLAGSHIP_MESSAGE_PRINT_SPEED, FLAGSHIP_PRINT_SPEED_HAS_SPEED_MM_S, set_speed},
	{FLAGSHIP_MESSAGE_AUTO_LEVELING, FLAGSHIP_AUTO_LEVELING_HAS_VALUE, level},
	{FLAGSHIP_MESSAGE_PRINT_CONTROL, FLAGSHIP_PRINT_CONTROL_HAS_VALUE, job_commands_control},
	{FLAGSHIP_MESSAGE_FILE_LIST_REQUEST, FLAGSHIP_FILE_LIST_REQUEST_HAS_VALUE,
	 job_commands_list},
	{FLAGSHIP_MESSAGE_GCODE_FILE_REQUEST, FLAGSHIP_GCODE_FILE_REQUEST_HAS_FILE_PATH,
	 job_commands_select},
	{FLAGSHIP_MESSAGE_Z_AXIS_RECOUP, FLAGSHIP_Z_AXIS_RECOUP_HAS_Z_OFFSET_CENTI_MM,
	 set_z_offset},
	{FLAGSHIP_MESSAGE_ENTER_OR_QUIT_MATERIEL, FLAGSHIP_ENTER_OR_QUIT_MATERIEL_HAS_VALUE,
	 move_filament},
	{FLAGSHIP_MESSAGE_MOVE_ZERO, FLAGSHIP_MOVE_ZERO_HAS_VALUE, command_home},
	{FLAGSHIP_MESSAGE_APP_QUERY_STATUS, 0, answer_query},
	{FLAGSHIP_MESSAGE_DELETE_GCODE_FILE, FLAGSHIP_DELETE_GCODE_FILE_HAS_FILE_PATH,
	 job_commands_delete},
	{FLAGSHIP_MESSAGE_DEVICE_NAME_SET, 0, set_name},
	{FLAGSHIP_MESSAGE_GCODE_COMMAND, FLAGSHIP_GCODE_COMMAND_HAS_COMMAND, run_gcode},
	{FLAGSHIP_MESSAGE_AIR_PURIFIER, 0, e1_commands_set_purifier},
};

static const struct command *find_command(int64_t type)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].type == type) {
			return &commands[i];
		}
	}
	return NULL;
}

static bool is_on_its_topic(enum flagship_topic_kind kind, const struct flagship_message *message)
{
	/* Either way, as clients send it. */
	if (message->type == FLAGSHIP_MESSAGE_APP_QUERY_STATUS) {
		return true;
	}
	unsigned int direction = kind == FLAGSHIP_TOPIC_QUERY ? FLAGSHIP_DIRECTION_QUERY
							      : FLAGSHIP_DIRECTION_COMMAND;

	return message->info && (message->info->directions & direction);
}

static void publish_reply(struct virtual_printer *printer, int64_t type, int reply)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;

	json_writer_init(&writer, out, sizeof(out));
	json_object_begin(&writer);
	json_member_int(&writer, "commandType", type);
	json_member_int(&writer, "reply", reply);
	json_object_end(&writer);
	virtual_printer_publish_json(printer, FLAGSHIP_TOPIC_COMMAND_REPLY, &writer);
}

void commands_handle(struct virtual_printer *printer, enum flagship_topic_kind kind,
		     const struct flagship_message *message)
{
	const struct command *command = find_command(message->type);

	if (e1_commands_answer(printer, kind, message)) {
		return;
	}
	if (!command || !is_on_its_topic(kind, message)) {
		virtual_printer_note(printer, "not answered: %lld", (long long)message->type);
		return;
	}
	virtual_printer_note(printer, "took %.*s", (int)message->json.length, message->json.data);
	int reply = REPLY_REFUSED;
	bool lacks = printer->model->has_ink && e1_commands_lacks(message->type);
	if (!lacks && (message->as.present & command->required) == command->required) {
		reply = command->run(printer, message);
	}
	if (reply == REPLY_IGNORED) {
		return;
	}
	if (reply > REPLY_TAKEN) {
		tally_refused(&printer->tally, message->type);
	} else {
		tally_executed(&printer->tally, message->type);
	}
	if (reply != REPLY_NONE) {
		publish_reply(printer, message->type, reply);
	}
	if (!printer->has_crashed && message->type != FLAGSHIP_MESSAGE_APP_QUERY_STATUS) {
		virtual_printer_publish_changes(printer);
	}
}
