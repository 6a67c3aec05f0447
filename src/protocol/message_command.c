/* SPDX-License-Identifier: MIT */
#include <flagship/error.h>
#include <flagship/message.h>

#include <string.h>

#define PRINT_MODE_FAST 1 /* what the vendor's desktop app always sends */

static int build_command(const struct flagship_message *message, char *out, size_t capacity,
			 size_t *length)
{
	return flagship_message_build(message, FLAGSHIP_DIRECTION_COMMAND, out, capacity, length);
}

int flagship_build_query_status(char *out, size_t capacity, size_t *length)
{
	struct flagship_message message;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_APP_QUERY_STATUS);
	message.as.app_query_status.present = FLAGSHIP_APP_QUERY_STATUS_HAS_VALUE;
	return flagship_message_build(&message, FLAGSHIP_DIRECTION_QUERY, out, capacity, length);
}

int flagship_build_nozzle_target(int64_t centi_c, char *out, size_t capacity, size_t *length)
{
	struct flagship_message message;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_NOZZLE_TEMP);
	message.as.nozzle_temp.present = FLAGSHIP_NOZZLE_TEMP_HAS_VALUE_CENTI_C;
	message.as.nozzle_temp.value_centi_c = centi_c;
	return build_command(&message, out, capacity, length);
}

int flagship_build_bed_target(int64_t centi_c, char *out, size_t capacity, size_t *length)
{
	struct flagship_message message;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_HOTBED_TEMP);
	message.as.hotbed_temp.present = FLAGSHIP_HOTBED_TEMP_HAS_VALUE_CENTI_C;
	message.as.hotbed_temp.value_centi_c = centi_c;
	return build_command(&message, out, capacity, length);
}

int flagship_build_print_speed(int64_t mm_s, char *out, size_t capacity, size_t *length)
{
	struct flagship_message message;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_PRINT_SPEED);
	message.as.print_speed.present = FLAGSHIP_PRINT_SPEED_HAS_SPEED_MM_S;
	message.as.print_speed.speed_mm_s = mm_s;
	return build_command(&message, out, capacity, length);
}

int flagship_build_gcode(const char *command, char *out, size_t capacity, size_t *length)
{
	struct flagship_message message;

	*length = 0;
	if (command[0] == '\0' || strpbrk(command, "\r\n")) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	flagship_message_init(&message, FLAGSHIP_MESSAGE_GCODE_COMMAND);
	message.as.gcode_command.present = FLAGSHIP_GCODE_COMMAND_HAS_COMMAND |
					   FLAGSHIP_GCODE_COMMAND_HAS_COMMAND_LENGTH;
	message.as.gcode_command.command = flagship_text_from(command);
	message.as.gcode_command.command_length = message.as.gcode_command.command.length;
	return build_command(&message, out, capacity, length);
}

int flagship_build_device_name(const char *name, char *out, size_t capacity, size_t *length)
{
	struct flagship_message message;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_DEVICE_NAME_SET);
	message.as.device_name_set.present = FLAGSHIP_DEVICE_NAME_SET_HAS_DEVICE_NAME;
	message.as.device_name_set.device_name = flagship_text_from(name);
	return build_command(&message, out, capacity, length);
}

int flagship_build_print_control(int64_t value, const char *file_path, const char *user_id,
				 const char *user_name, char *out, size_t capacity, size_t *length)
{
	struct flagship_message message;
	struct flagship_print_control *control = &message.as.print_control;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_PRINT_CONTROL);
	control->present = FLAGSHIP_PRINT_CONTROL_HAS_VALUE |
			   FLAGSHIP_PRINT_CONTROL_HAS_PRINT_MODE |
			   FLAGSHIP_PRINT_CONTROL_HAS_USER_NAME |
			   FLAGSHIP_PRINT_CONTROL_HAS_FILE_PATH |
			   FLAGSHIP_PRINT_CONTROL_HAS_USER_ID;
	control->value = value;
	control->print_mode = PRINT_MODE_FAST;
	control->user_name = flagship_text_from(user_name);
	control->file_path = flagship_text_from(file_path);
	control->user_id = flagship_text_from(user_id);
	return build_command(&message, out, capacity, length);
}

int flagship_build_print_control_observed(int64_t value, const char *user_name,
					  const char *file_path, char *out, size_t capacity,
					  size_t *length)
{
	struct flagship_message message;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_PRINT_CONTROL);
	message.as.print_control.present = FLAGSHIP_PRINT_CONTROL_HAS_VALUE;
	message.as.print_control.value = value;
	if (user_name) {
		message.as.print_control.present |= FLAGSHIP_PRINT_CONTROL_HAS_USER_NAME;
		message.as.print_control.user_name = flagship_text_from(user_name);
	}
	if (file_path) {
		message.as.print_control.present |= FLAGSHIP_PRINT_CONTROL_HAS_FILE_PATH;
		message.as.print_control.file_path = flagship_text_from(file_path);
	}
	return build_command(&message, out, capacity, length);
}
