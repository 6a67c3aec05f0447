/* SPDX-License-Identifier: MIT */
#include "simulator/commands.h"

#include "simulator/gcode_files.h"
#include "simulator/gcode_machine.h"
#include "simulator/reply_habits.h"
#include "simulator/virtual_printer.h"

#include <stdio.h>
#include <string.h>

#define REPLY_TAKEN   0
#define REPLY_REFUSED 1
#define REPLY_NONE    (-1) /* the handler answered, or there is no answer */
#define CENTI         100.0
#define COMMAND_MAX   1024

struct command {
	int64_t type;
	uint32_t required; /* presence bits; without them it is refused */
	/* Returns what `reply` is to be, or REPLY_NONE. */
	int (*run)(struct virtual_printer *printer, const struct flagship_message *message);
};

static int set_nozzle(struct virtual_printer *printer, const struct flagship_message *message)
{
	thermal_set_target(&printer->machine.nozzle,
			   (double)message->as.nozzle_temp.value_centi_c / CENTI);
	return REPLY_TAKEN;
}

static int set_bed(struct virtual_printer *printer, const struct flagship_message *message)
{
	thermal_set_target(&printer->machine.bed,
			   (double)message->as.hotbed_temp.value_centi_c / CENTI);
	return REPLY_TAKEN;
}

static int set_speed(struct virtual_printer *printer, const struct flagship_message *message)
{
	machine_set_speed(&printer->machine, message->as.print_speed.speed_mm_s);
	return REPLY_TAKEN;
}

static int set_fan(struct virtual_printer *printer, const struct flagship_message *message)
{
	int64_t percent = message->as.fan_speed.percent;

	if (!printer->model->heats) {
		return REPLY_REFUSED;
	}
	printer->machine.fan_percent = percent;
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

static int home(struct virtual_printer *printer, const struct flagship_message *message)
{
	int64_t axis = message->as.move_zero.value;
	const struct machine *machine = &printer->machine;

	if (is_busy(printer) || !activity_home(&printer->activity, axis)) {
		return REPLY_REFUSED;
	}
	if (!printer->model->homes_all && axis == MACHINE_Z &&
	    (!machine->homed[MACHINE_X] || !machine->homed[MACHINE_Y])) {
		virtual_printer_note(printer, "a real M5C would have driven its nozzle into the "
					      "plate: Z was homed before X and Y");
	}
	return REPLY_TAKEN;
}

/* Whether a control command has the fields beside its value that the model wants to see. */
static bool names_the_job(const struct virtual_printer *printer,
			  const struct flagship_print_control *control)
{
	uint32_t both = FLAGSHIP_PRINT_CONTROL_HAS_USER_NAME | FLAGSHIP_PRINT_CONTROL_HAS_FILE_PATH;

	if (!printer->model->control.named) {
		return true;
	}
	return (control->present & both) == both && control->user_name.length > 0 &&
	       flagship_text_equals(control->file_path, printer->job.name);
}

static bool names_nothing(const struct virtual_printer *printer,
			  const struct flagship_print_control *control)
{
	return !printer->model->control.named ||
	       control->present == FLAGSHIP_PRINT_CONTROL_HAS_VALUE;
}

/* M5C: 1008 and M2024 stop a job together, in either order; neither does alone. */
static void stop_where_asked_twice(struct virtual_printer *printer)
{
	if (printer->job.stop_asked && printer->machine.abort_requested) {
		(void)print_job_stop(&printer->job, &printer->machine);
	}
}

static void stop(struct virtual_printer *printer)
{
	if (!printer->model->control.stop_needs_m2024) {
		(void)print_job_stop(&printer->job, &printer->machine);
		return;
	}
	printer->job.stop_asked = is_busy(printer);
	stop_where_asked_twice(printer);
}

/* The last job again, or with filePath that file. */
static int start(struct virtual_printer *printer, const struct flagship_print_control *control)
{
	const struct printable_file *file = NULL;

	if (control->present & FLAGSHIP_PRINT_CONTROL_HAS_FILE_PATH) {
		file = files_find(&printer->files, control->file_path);
		if (!file) {
			return REPLY_REFUSED;
		}
	}
	(void)virtual_printer_start_job(printer, file);
	return REPLY_TAKEN;
}

/* Acknowledged whatever comes of it, as by the real printer: the only proof is the state. */
static int control(struct virtual_printer *printer, const struct flagship_message *message)
{
	const struct control_values *values = &printer->model->control;
	const struct flagship_print_control *fields = &message->as.print_control;
	int64_t value = fields->value;

	if (value == values->pause && names_the_job(printer, fields)) {
		(void)print_job_pause(&printer->job);
	} else if (value == values->resume && names_the_job(printer, fields)) {
		(void)print_job_resume(&printer->job);
	} else if (value == values->stop && names_nothing(printer, fields)) {
		stop(printer);
	} else if (value == values->again) {
		return start(printer, fields);
	}
	return REPLY_TAKEN;
}

static int delete_file(struct virtual_printer *printer, const struct flagship_message *message)
{
	struct flagship_text path = message->as.delete_gcode_file.file_path;
	const struct printable_file *file = files_find(&printer->files, path);

	if (!file || (is_busy(printer) && strcmp(file->name, printer->job.name) == 0)) {
		return REPLY_REFUSED;
	}
	if (printer->selected == file) {
		printer->selected = NULL;
	}
	return files_delete(&printer->files, path) ? REPLY_TAKEN : REPLY_REFUSED;
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
	json_key(&writer, "commandType");
	json_int(&writer, FLAGSHIP_MESSAGE_GCODE_COMMAND);
	json_key(&writer, "reply");
	json_int(&writer, REPLY_TAKEN);
	json_key(&writer, "resCode");
	json_int(&writer, 0);
	json_key(&writer, "resLen");
	json_int(&writer, (int64_t)length);
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

static int run_gcode(struct virtual_printer *printer, const struct flagship_message *message)
{
	char line[COMMAND_MAX];
	char word[GCODE_WORD_MAX];
	struct reply_text answer;
	struct reply_text reply;

	flagship_text_copy(message->as.gcode_command.command, line, sizeof(line));
	if (!gcode_files_run(printer, line, &answer, word)) {
		gcode_machine_run(&printer->machine, line, &answer, word);
	}
	stop_where_asked_twice(printer);
	uint32_t queued = printer->machine.moves + (printer->model->counts_itself ? 1 : 0);
	reply_habits_apply(printer->model->habits, word, &answer, queued, &printer->reply_random,
			   &reply);
	publish_gcode_reply(printer, word, &reply);
	return REPLY_NONE;
}

static int answer_query(struct virtual_printer *printer, const struct flagship_message *message)
{
	(void)message;
	virtual_printer_publish_burst(printer);
	return REPLY_NONE;
}

/* Nobody has seen the real answer: the shape is ours. */
static int list_files(struct virtual_printer *printer, const struct flagship_message *message)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;
	int64_t place = message->as.file_list_request.value;

	json_writer_init(&writer, out, sizeof(out));
	json_object_begin(&writer);
	json_key(&writer, "commandType");
	json_int(&writer, FLAGSHIP_MESSAGE_FILE_LIST_REQUEST);
	json_key(&writer, "reply");
	json_int(&writer, REPLY_TAKEN);
	json_key(&writer, "value");
	json_int(&writer, place);
	json_key(&writer, "fileLists");
	files_write(&printer->files, place == FILES_ON_BOARD ? FILES_ON_BOARD : FILES_USB, &writer);
	json_object_end(&writer);
	virtual_printer_publish_json(printer, FLAGSHIP_TOPIC_QUERY_REPLY, &writer);
	return REPLY_NONE;
}

static const struct command commands[] = {
	{FLAGSHIP_MESSAGE_NOZZLE_TEMP, FLAGSHIP_NOZZLE_TEMP_HAS_VALUE_CENTI_C, set_nozzle},
	{FLAGSHIP_MESSAGE_HOTBED_TEMP, FLAGSHIP_HOTBED_TEMP_HAS_VALUE_CENTI_C, set_bed},
	{FLAGSHIP_MESSAGE_FAN_SPEED, FLAGSHIP_FAN_SPEED_HAS_PERCENT, set_fan},
	{FLAGSHIP_MESSAGE_PRINT_SPEED, FLAGSHIP_PRINT_SPEED_HAS_SPEED_MM_S, set_speed},
	{FLAGSHIP_MESSAGE_AUTO_LEVELING, FLAGSHIP_AUTO_LEVELING_HAS_VALUE, level},
	{FLAGSHIP_MESSAGE_PRINT_CONTROL, FLAGSHIP_PRINT_CONTROL_HAS_VALUE, control},
	{FLAGSHIP_MESSAGE_FILE_LIST_REQUEST, FLAGSHIP_FILE_LIST_REQUEST_HAS_VALUE, list_files},
	{FLAGSHIP_MESSAGE_Z_AXIS_RECOUP, FLAGSHIP_Z_AXIS_RECOUP_HAS_Z_OFFSET_CENTI_MM,
	 set_z_offset},
	{FLAGSHIP_MESSAGE_ENTER_OR_QUIT_MATERIEL, FLAGSHIP_ENTER_OR_QUIT_MATERIEL_HAS_VALUE,
	 move_filament},
	{FLAGSHIP_MESSAGE_MOVE_ZERO, FLAGSHIP_MOVE_ZERO_HAS_VALUE, home},
	{FLAGSHIP_MESSAGE_APP_QUERY_STATUS, 0, answer_query},
	{FLAGSHIP_MESSAGE_DELETE_GCODE_FILE, FLAGSHIP_DELETE_GCODE_FILE_HAS_FILE_PATH, delete_file},
	{FLAGSHIP_MESSAGE_DEVICE_NAME_SET, 0, set_name},
	{FLAGSHIP_MESSAGE_GCODE_COMMAND, FLAGSHIP_GCODE_COMMAND_HAS_COMMAND, run_gcode},
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
	json_key(&writer, "commandType");
	json_int(&writer, type);
	json_key(&writer, "reply");
	json_int(&writer, reply);
	json_object_end(&writer);
	virtual_printer_publish_json(printer, FLAGSHIP_TOPIC_COMMAND_REPLY, &writer);
}

void commands_handle(struct virtual_printer *printer, enum flagship_topic_kind kind,
		     const struct flagship_message *message)
{
	const struct command *command = find_command(message->type);

	if (!command || !is_on_its_topic(kind, message)) {
		virtual_printer_note(printer, "not answered: %lld", (long long)message->type);
		return;
	}
	virtual_printer_note(printer, "took %.*s", (int)message->json.length, message->json.data);
	int reply = REPLY_REFUSED;
	if ((message->as.present & command->required) == command->required) {
		reply = command->run(printer, message);
	}
	if (reply == REPLY_REFUSED) {
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
