/* SPDX-License-Identifier: MIT */
#include "simulator/printer/faults.h"

#include "base/json/writer.h"

#include <flagship/message.h>

#include <stdlib.h>
#include <string.h>

#define RANDOM_STREAM_FAULT_REPLIES 5
#define RANDOM_STREAM_FAULT_FRAMES  6
#define REPLY_TAKEN                 0
#define REPLY_REFUSED               1
#define REPLY_JSON_MAX              256
#define DAMAGE_KINDS                3
#define BITS                        8
#define SUB_TYPE_JOB_STATE          1

/* What a G-code command is answered with that is not carried out. */
#define GCODE_NOTHING "+ringbuf:0,512,1\nok\n"

struct held_reply {
	struct held_reply *next;
	int64_t due_ms;
	enum flagship_topic_kind kind;
	size_t length;
	char json[];
};

void faults_init(struct faults *faults, const struct fault_plan *plan, uint64_t seed,
		 const struct faults_output *output)
{
	*faults = (struct faults){.plan = plan, .output = *output};
	faults->after = &faults->held;
	random_init(&faults->reply_random, seed, RANDOM_STREAM_FAULT_REPLIES);
	random_init(&faults->frame_random, seed, RANDOM_STREAM_FAULT_FRAMES);
}

static struct held_reply *take_first(struct faults *faults)
{
	struct held_reply *first = faults->held;

	faults->held = first->next;
	if (!faults->held) {
		faults->after = &faults->held;
	}
	return first;
}

void faults_finish(struct faults *faults)
{
	while (faults->held) {
		free(take_first(faults));
	}
}

static void pass_on(struct faults *faults, enum flagship_topic_kind kind, const char *json,
		    size_t length)
{
	faults->output.publish(faults->output.context, kind, json, length);
}

static void hold(struct faults *faults, enum flagship_topic_kind kind, const char *json,
		 size_t length)
{
	struct held_reply *reply = malloc(sizeof(*reply) + length + 1);

	if (!reply) {
		return;
	}
	*reply = (struct held_reply){
		.due_ms = faults->now_ms + faults->plan->late_replies_ms,
		.kind = kind,
		.length = length,
	};
	memcpy(reply->json, json, length);
	reply->json[length] = '\0';
	*faults->after = reply;
	faults->after = &reply->next;
}

static void note_schedule(struct faults *faults, const struct flagship_message *message)
{
	const struct flagship_json *json = &message->json;

	if ((message->as.print_schedule.present & FLAGSHIP_PRINT_SCHEDULE_HAS_TASK_ID) != 0 &&
	    json->length < sizeof(faults->schedule)) {
		memcpy(faults->schedule, json->data, json->length);
		faults->schedule[json->length] = '\0';
	}
}

static void note_state(struct faults *faults, const struct flagship_message *message)
{
	int64_t state = message->as.event_notify.value;

	if (message->as.event_notify.sub_type == SUB_TYPE_JOB_STATE &&
	    (state == FLAGSHIP_JOB_STATE_IDLE || state == FLAGSHIP_JOB_STATE_ENDED) &&
	    faults->schedule[0] != '\0' && faults->schedule_due_ms == 0) {
		faults->schedule_due_ms = faults->now_ms + faults->plan->late_updates_ms;
	}
}

/* What a job said last, and that it ended. */
static void note_job(struct faults *faults, const char *json, size_t length)
{
	struct flagship_payload payload;
	struct flagship_message message;

	flagship_payload_init(&payload, json, length);
	while (flagship_payload_next(&payload, &message) == 1) {
		if (message.type == FLAGSHIP_MESSAGE_PRINT_SCHEDULE &&
		    faults->schedule_due_ms == 0) {
			note_schedule(faults, &message);
		} else if (message.type == FLAGSHIP_MESSAGE_EVENT_NOTIFY) {
			note_state(faults, &message);
		}
	}
}

/* As if it printed still: the state without a word of progress, and the ended task. */
static void report_again(struct faults *faults)
{
	static const char state[] = "{\"commandType\":1000,\"subType\":1,\"value\":1}";

	pass_on(faults, FLAGSHIP_TOPIC_NOTICE, state, sizeof(state) - 1);
	pass_on(faults, FLAGSHIP_TOPIC_NOTICE, faults->schedule, strlen(faults->schedule));
	faults->schedule[0] = '\0';
	faults->schedule_due_ms = 0;
}

void faults_advance(struct faults *faults, int64_t now_ms)
{
	faults->now_ms = now_ms;
	if (faults->schedule_due_ms != 0 && faults->schedule_due_ms <= now_ms) {
		report_again(faults);
	}
	while (faults->held && faults->held->due_ms <= now_ms) {
		struct held_reply *reply = take_first(faults);
		pass_on(faults, reply->kind, reply->json, reply->length);
		free(reply);
	}
}

static bool is_reply(enum flagship_topic_kind kind)
{
	return kind == FLAGSHIP_TOPIC_COMMAND_REPLY || kind == FLAGSHIP_TOPIC_QUERY_REPLY;
}

static bool is_lost(struct faults *faults)
{
	double probability = faults->plan->drop_replies;

	if (probability <= 0 || random_unit(&faults->reply_random) >= probability) {
		return false;
	}
	faults->dropped++;
	return true;
}

/* A reply to a command begins with its type. Returns the length, or 0 where it does not fit. */
static size_t change_type(const char *json, size_t length, char *out, size_t capacity)
{
	static const char start[] = "{\"commandType\":";
	size_t head = sizeof(start) - 1;
	char *end;
	struct json_writer writer;
	size_t written;

	if (length < head || memcmp(json, start, head) != 0) {
		return 0;
	}
	long long type = strtoll(json + head, &end, 10);
	json_writer_init(&writer, out, capacity);
	json_object_begin(&writer);
	json_member_int(&writer, "commandType", type + 1);
	if (json_writer_finish(&writer, &written)) {
		return 0;
	}
	size_t rest = length - (size_t)(end - json);
	if (written + rest >= capacity) {
		return 0;
	}
	memcpy(out + written, end, rest);
	out[written + rest] = '\0';
	return written + rest;
}

void faults_publish(struct faults *faults, enum flagship_topic_kind kind, const char *json,
		    size_t length)
{
	const struct fault_plan *plan = faults->plan;
	char changed[VIRTUAL_PRINTER_JSON_MAX + 2];

	if (plan->silent || (is_reply(kind) && is_lost(faults))) {
		return;
	}
	if (plan->late_updates_ms > 0 && kind == FLAGSHIP_TOPIC_NOTICE) {
		note_job(faults, json, length);
	}
	if (plan->other_type_replies && kind == FLAGSHIP_TOPIC_COMMAND_REPLY) {
		size_t other = change_type(json, length, changed, sizeof(changed));
		json = other ? changed : json;
		length = other ? other : length;
	}
	if (is_reply(kind) && plan->late_replies_ms > 0) {
		hold(faults, kind, json, length);
		return;
	}
	pass_on(faults, kind, json, length);
}

/* Answers a command in the printer's place. */
static void answer(struct faults *faults, const struct flagship_message *message)
{
	char out[REPLY_JSON_MAX];
	struct json_writer writer;
	size_t length;
	bool refused = faults->plan->refuse;

	if (!message->info || !(message->info->directions & FLAGSHIP_DIRECTION_COMMAND)) {
		return;
	}
	json_writer_init(&writer, out, sizeof(out));
	json_object_begin(&writer);
	json_member_int(&writer, "commandType", message->type);
	json_member_int(&writer, "reply", refused ? REPLY_REFUSED : REPLY_TAKEN);
	if (message->type == FLAGSHIP_MESSAGE_GCODE_COMMAND && !refused) {
		json_member_int(&writer, "resCode", 0);
		json_member_int(&writer, "resLen", sizeof(GCODE_NOTHING) - 1);
		json_member_string(&writer, "resData", GCODE_NOTHING);
	}
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length) == 0) {
		faults_publish(faults, FLAGSHIP_TOPIC_COMMAND_REPLY, out, length);
	}
}

static int answer_all(struct faults *faults, const void *json, size_t length)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;
	int error = flagship_payload_read(json, length, messages, FLAGSHIP_PAYLOAD_OBJECTS_MAX,
					  &count);

	for (size_t i = 0; !error && i < count; i++) {
		answer(faults, &messages[i]);
	}
	return error;
}

int faults_receive(struct faults *faults, struct virtual_printer *printer,
		   enum flagship_topic_kind kind, const void *json, size_t length)
{
	const struct fault_plan *plan = faults->plan;

	if (plan->silent) {
		return 0;
	}
	if (kind == FLAGSHIP_TOPIC_COMMAND && (plan->ack_no_effect || plan->refuse)) {
		return answer_all(faults, json, length);
	}
	return virtual_printer_receive(printer, kind, json, length);
}

size_t faults_damage(struct faults *faults, uint8_t *frame, size_t length)
{
	struct random_source *random = &faults->frame_random;

	if (faults->plan->malformed <= 0 || length < 2 ||
	    random_unit(random) >= faults->plan->malformed) {
		return length;
	}
	faults->damaged++;
	uint32_t at = random_below(random, (uint32_t)length);
	switch (random_below(random, DAMAGE_KINDS)) {
	case 0: /* one bit flipped: the checksum tells */
		frame[at] ^= (uint8_t)(1u << random_below(random, BITS));
		return length;
	case 1: /* cut short */
		return at;
	default: /* two bytes changed alike: the checksum holds, the signature does not */
		frame[0] ^= UINT8_MAX;
		frame[1] ^= UINT8_MAX;
		return length;
	}
}
