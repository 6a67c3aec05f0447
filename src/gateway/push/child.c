/* SPDX-License-Identifier: MIT */
#include "gateway/push/internal.h"

#include "base/base64.h"
#include "base/clock.h"
#include "store/file/json.h"
#include "webpush/vapid.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <string.h>

/*
 * flagship-webpush: is given a line for each message, {"id", "url", "authorization", "topic",
 * "urgency", "ttl", "body"}, as soon as it is its turn, and answers each with one, {"id", "status",
 * "retry_after", "refused", "detail"} (src/webpush/main.c). It ends when none is on its way.
 */

#define TIMEOUT_MS INT64_C(120000) /* without an answer */
#define SEALED_MAX (WEBPUSH_TEXT_MAX + WEBPUSH_OVERHEAD)
#define LINE_MAX_SIZE \
	(BASE64_URL_LENGTH(SEALED_MAX) + WEBPUSH_ENDPOINT_MAX + VAPID_HEADER_MAX + 512)
#define CONTACT_DEFAULT "https://github.com/flagship/flagship"
#define NO_ANSWER       0
#define STATUS_OK       200
#define STATUS_OK_END   300
#define STATUS_MISSING  404
#define STATUS_GONE     410
#define STATUS_TOO_MANY 429
#define STATUS_FAILED   500
#define NUMBER_MAX      9007199254740991.0 /* that a double has exactly */

static const char *setting_of(const struct push *push, const char *name)
{
	const struct settings *settings = gateway_printers_settings(push->options.printers);

	return settings ? settings_get(settings, "push", name) : "";
}

/* --- what it is given --- */

struct sealed {
	char authorization[VAPID_HEADER_MAX];
	uint8_t bytes[SEALED_MAX];
	size_t length;
};

static int seal_message(struct push *push, const struct push_subscription *subscription,
			const struct push_message *message, struct sealed *sealed,
			struct problem *problem)
{
	const char *contact = setting_of(push, "contact");
	struct webpush_endpoint endpoint;
	const uint8_t *scalar;
	int error = push_book_key(push->book, &scalar, problem);

	if (error) {
		return error;
	}
	if (webpush_endpoint_read(subscription->endpoint, &endpoint)) {
		error = FLAGSHIP_ERROR_ARGUMENT;
	}
	if (!error) {
		error = vapid_authorise(scalar, endpoint.audience,
					contact[0] != '\0' ? contact : CONTACT_DEFAULT,
					clock_unix_s(), sealed->authorization);
	}
	if (!error) {
		error = webpush_seal(&subscription->target, NULL, message->text, message->length,
				     sealed->bytes, sizeof(sealed->bytes), &sealed->length);
	}
	if (error) {
		problem_set(problem, "a message cannot be sealed for its device");
	}
	return error;
}

static int write_line(const struct push_subscription *subscription,
		      const struct push_message *message, const struct sealed *sealed,
		      char line[LINE_MAX_SIZE], size_t *length)
{
	char body[BASE64_URL_LENGTH(SEALED_MAX) + 1];
	struct json_writer writer;

	base64_url_encode(sealed->bytes, sealed->length, body);
	json_writer_init(&writer, line, LINE_MAX_SIZE - 1);
	json_object_begin(&writer);
	json_member_int(&writer, "id", message->number);
	json_member_string(&writer, "url", subscription->endpoint);
	json_member_string(&writer, "authorization", sealed->authorization);
	json_member_string(&writer, "topic", message->treatment.topic);
	json_member_string(&writer, "urgency", message->treatment.urgency);
	json_member_int(&writer, "ttl", message->treatment.ttl_s);
	json_member_string(&writer, "body", body);
	json_object_end(&writer);
	int error = json_writer_finish(&writer, length);
	if (!error) {
		line[(*length)++] = '\n';
	}
	return error;
}

/* Or what hinders that is what becomes of it. */
static void hand_over(struct push *push, struct push_message *message)
{
	const struct push_subscription *subscription = push_book_find(push->book, message->id);
	struct sealed sealed;
	struct problem problem = {"a message cannot be handed over"};
	char line[LINE_MAX_SIZE];
	size_t length = 0;
	/* Whoever is no user any more is told nothing, also of what was on its way to him. */
	bool may_tell = subscription && push_may_tell(push, subscription, "");
	int error = may_tell ? seal_message(push, subscription, message, &sealed, &problem)
			     : FLAGSHIP_ERROR_ARGUMENT;

	if (!error) {
		error = write_line(subscription, message, &sealed, line, &length);
	}
	OPENSSL_cleanse(&sealed, sizeof(sealed));
	if (!may_tell) {
		outbox_take_result(push, message,
				   &(struct push_result){.outcome = PUSH_GONE,
							 .detail = "its user was removed"});
		return;
	}
	if (error) {
		/* A full disk or want of memory passes; what the device gave does not change. */
		bool is_hopeless = error == FLAGSHIP_ERROR_ARGUMENT;

		outbox_take_result(push, message,
				   &(struct push_result){.outcome = is_hopeless ? PUSH_REFUSED
										: PUSH_UNREACHABLE,
							 .detail = problem.text});
		return;
	}
	outbox_hand_out(push, message);
	program_write(push->child, line, length);
	OPENSSL_cleanse(line, length);
}

/* --- what it says --- */

/* What may go better later: no answer, too much at once, or trouble of the service's own. */
static bool may_pass(int64_t status)
{
	return status == NO_ANSWER || status == STATUS_TOO_MANY || status >= STATUS_FAILED;
}

static enum push_outcome outcome_of(int64_t status, bool refused)
{
	if (status >= STATUS_OK && status < STATUS_OK_END) {
		return PUSH_DELIVERED;
	}
	if (status == STATUS_MISSING || status == STATUS_GONE) {
		return PUSH_GONE;
	}
	return !refused && may_pass(status) ? PUSH_UNREACHABLE : PUSH_REFUSED;
}

static struct push_message *find_message(const struct push *push, int64_t number)
{
	for (struct list *at = push->out.next; at != &push->out; at = at->next) {
		struct push_message *message = LIST_OF(at, struct push_message, place);

		if (message->number == number) {
			return message;
		}
	}
	return NULL;
}

static int64_t read_number(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= NUMBER_MAX
		       ? (int64_t)item->valuedouble
		       : 0;
}

static void take_answer(struct push *push, struct push_message *message, const cJSON *answer)
{
	bool refused = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "refused"));
	const struct push_result result = {
		.status = read_number(answer, "status"),
		.retry_after_s = read_number(answer, "retry_after"),
		.detail = rest_body_text(answer, "detail"),
		.outcome = outcome_of(read_number(answer, "status"), refused),
	};

	outbox_take_result(push, message, &result);
}

/* Those that it did not answer. */
static void give_back(struct push *push, const char *why)
{
	const struct push_result result = {.outcome = PUSH_UNREACHABLE, .detail = why};

	while (!list_is_empty(&push->out)) {
		outbox_take_result(push, LIST_OF(push->out.next, struct push_message, place),
				   &result);
	}
}

static void lose_child(struct push *push, const char *why)
{
	push->child = NULL;
	push->child_ends = false;
	give_back(push, why);
	push_wake(push); /* for what waits for another one */
}

static void on_line(void *context, const char *line)
{
	struct push *push = context;
	cJSON *answer = store_json_parse(line, strlen(line));
	struct push_message *message = find_message(push, read_number(answer, "id"));

	if (message) {
		take_answer(push, message, answer);
		program_set_timeout(push->child, TIMEOUT_MS);
		child_send(push, (int64_t)uv_now(push->loop));
	} else {
		program_kill(push->child);
		lose_child(push, "what flagship-webpush says is not understood");
	}
	cJSON_Delete(answer);
}

static void on_end(void *context, const struct program_end *end)
{
	lose_child(context, end->reason[0] != '\0' ? end->reason : "flagship-webpush ended");
}

/* --- its run --- */

static bool start_child(struct push *push, struct problem *problem)
{
	const char *arguments[4] = {NULL};
	size_t count = 0;

	if (strcmp(setting_of(push, "loopback"), "true") == 0) {
		arguments[count++] = "--loopback";
	}
	if (setting_of(push, "ca")[0] != '\0') {
		arguments[count++] = "--ca";
		arguments[count++] = setting_of(push, "ca");
	}
	const struct program_options options = {
		.program = push->program,
		.arguments = arguments,
		.timeout_ms = TIMEOUT_MS,
		.only_lines = true,
		.on_line = on_line,
		.on_end = on_end,
		.context = push,
	};

	return !program_start(push->loop, &options, &push->child, problem);
}

static void put_all_off(struct push *push, int64_t now_ms)
{
	static const struct push_result result = {
		.outcome = PUSH_UNREACHABLE,
		.detail = "flagship-webpush, which speaks to push services, cannot be started",
	};
	struct list *next;

	for (struct list *at = push->messages.next; at != &push->messages; at = next) {
		struct push_message *message = LIST_OF(at, struct push_message, place);

		next = at->next;
		if (message->due_ms <= now_ms) {
			outbox_take_result(push, message, &result);
		}
	}
}

static void say_all(struct push *push, int64_t now_ms)
{
	struct push_message *message;

	while ((message = turn_next(push, now_ms))) {
		struct problem problem;

		if (!push->child && !start_child(push, &problem)) {
			log_bounded(push->options.log, LOG_LEVEL_ERROR, PUSH_LOG_PART,
				    problem.text);
			put_all_off(push, now_ms);
			return;
		}
		hand_over(push, message);
	}
}

void child_send(struct push *push, int64_t now_ms)
{
	/* What has come since it was told to end is for another one. */
	if (push->child_ends) {
		return;
	}
	say_all(push, now_ms);
	if (push->child && push->out_count == 0) {
		push->child_ends = true;
		program_end_input(push->child);
	}
}
