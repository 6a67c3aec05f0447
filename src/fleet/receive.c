/* SPDX-License-Identifier: MIT */
#include "fleet/fleet_internal.h"

void printer_refuse(struct fleet_printer *printer, int error, size_t length)
{
	printer->state.malformed++;
	if (channel_is_wrong_key(error)) {
		printer->counts.wrong_key++;
	} else {
		printer->counts.malformed++;
	}
	fleet_report(printer->fleet, &(struct fleet_event){.kind = FLEET_PAYLOAD_REFUSED,
							   .login = printer->login,
							   .printer = printer,
							   .error = error,
							   .length = length});
}

static void on_printer_event(const struct printer_event *event, void *context)
{
	fleet_report_printer_event(context, event);
}

/* The model never changes under a command, and its profile neither. */
static bool learn_model(struct fleet_printer *printer)
{
	enum flagship_model model = printer->channel.model;

	if (printer->state.model == model || command_is_under_way(printer->engine)) {
		return false;
	}
	printer->state.model = model;
	if (!printer->profile_is_given) {
		printer_profile_init(&printer->profile, model);
	}
	return true;
}

void printer_settle(struct fleet_printer *printer)
{
	if (printer->profile_waits && !command_is_under_way(printer->engine)) {
		printer->profile = printer->next_profile;
		printer->profile_waits = false;
	}
}

static void look_at_commands(struct fleet_printer *printer)
{
	if (printer->commanded) {
		printer->commanded = !command_is_idle(printer->engine);
	}
}

static void receive(struct fleet_printer *printer, enum flagship_topic_kind kind,
		    const struct channel_payload *payload, int64_t now_ms)
{
	for (size_t i = 0; i < payload->count && !printer_is_gone(printer); i++) {
		const struct flagship_message *message = &payload->messages[i];

		/* Nearly always: a notice is the answer to nothing. */
		if (printer->commanded || kind != FLAGSHIP_TOPIC_NOTICE || command_heeds(message)) {
			command_receive(printer->engine, kind, message, now_ms);
		}
	}
	look_at_commands(printer);
}

void printer_take(struct fleet_printer *printer, enum flagship_topic_kind kind,
		  const struct channel_payload *payload, uint64_t awaited, int64_t now_ms)
{
	uint32_t learned = learn_model(printer) ? PRINTER_PART_MODEL : 0;

	printer->counts.payloads++;
	job_await_states(&printer->state.job, awaited);
	uint32_t changed = printer_state_merge(&printer->state, payload->messages, payload->count,
					       now_ms, on_printer_event, printer);
	fleet_report_payload(printer, kind, payload);
	if (changed | learned) {
		fleet_report_changed(printer, changed | learned);
	}
	printer_settle(printer);
	receive(printer, kind, payload, now_ms);
	fleet_schedule(printer);
}

void printer_receive(struct fleet_printer *printer, enum flagship_topic_kind kind, uint8_t *data,
		     size_t length)
{
	struct channel_payload *payload = &printer->fleet->payload;

	int result = channel_open(&printer->channel, kind, data, length, payload);

	if (result < 0) {
		printer_refuse(printer, result, length);
		return;
	}
	if (channel_has_query(&printer->channel)) {
		printer_query_again(printer);
	}
	if (result > 0) {
		int64_t now_ms = loop_clock_now_ms(&printer->fleet->clock);
		uint64_t awaited = printer->commanded
					   ? command_awaited_states(printer->engine, kind, now_ms)
					   : 0;

		printer_take(printer, kind, payload, awaited, now_ms);
	}
}

void printer_learn(struct fleet_printer *printer, enum flagship_model model)
{
	if (!printer->channel.model_is_given && model != FLAGSHIP_MODEL_UNKNOWN) {
		printer->channel.model = model;
	}
}

void printer_receive_retained(struct fleet_printer *printer)
{
	printer->counts.retained++;
}

void printer_pass_time(struct fleet_printer *printer, int64_t now_ms)
{
	uint32_t changed = printer_state_check_online(&printer->state, now_ms, on_printer_event,
						      printer);

	if (changed) {
		fleet_report_changed(printer, changed);
	}
	printer_settle(printer);
	if (!printer_is_gone(printer)) {
		command_advance(printer->engine, now_ms);
		look_at_commands(printer);
	}
}
