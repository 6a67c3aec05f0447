/* SPDX-License-Identifier: MIT */
#include "simulator/printer/e1_commands.h"

#include "simulator/printer/job_commands.h"
#include "simulator/printer/virtual_printer.h"

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

bool e1_commands_answer(struct virtual_printer *printer, enum flagship_topic_kind kind,
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

int e1_commands_set_purifier(struct virtual_printer *printer,
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

bool e1_commands_lacks(int64_t type)
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
