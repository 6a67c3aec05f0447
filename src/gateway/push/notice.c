/* SPDX-License-Identifier: MIT */
#include "gateway/push/notice.h"

#include "base/base64.h"
#include "base/json/writer.h"
#include "printer/job/job.h"

#include <openssl/sha.h>

#include <stdio.h>
#include <string.h>

#define TTL_LONG_S  INT64_C(86400)
#define TTL_SHORT_S INT64_C(3600) /* of what is soon other than it was */
#define TTL_TEST_S  INT64_C(60)
#define TOPIC_BYTES 24 /* of a hash: 32 characters */
#define URL_SIZE    128

static const struct {
	const char *name;
	enum push_kind kind;
	const char *urgency;
	int64_t ttl_s;
} types[PUSH_TYPES] = {
	[PUSH_TYPE_FILAMENT] = {"filament", PUSH_PAUSED, "high", TTL_LONG_S},
	[PUSH_TYPE_ERROR] = {"error", PUSH_FAILED, "high", TTL_LONG_S},
	[PUSH_TYPE_STOPPED] = {"stopped", PUSH_FAILED, "high", TTL_LONG_S},
	[PUSH_TYPE_PLATE] = {"plate", PUSH_PLATE, "normal", TTL_LONG_S},
	[PUSH_TYPE_FINISHED] = {"finished", PUSH_FINISHED, "normal", TTL_LONG_S},
	[PUSH_TYPE_PAUSED] = {"paused", PUSH_PAUSED, "high", TTL_LONG_S},
	[PUSH_TYPE_OFFLINE] = {"offline", PUSH_OFFLINE, "normal", TTL_SHORT_S},
	[PUSH_TYPE_SEVERAL] = {"several", PUSH_KINDS, "normal", TTL_LONG_S},
	[PUSH_TYPE_TEST] = {"test", PUSH_KINDS, "high", TTL_TEST_S},
};

enum push_type push_type_of(const struct printer_event *event)
{
	switch (event->kind) {
	case PRINTER_EVENT_OFFLINE:
		return PUSH_TYPE_OFFLINE;
	case PRINTER_EVENT_JOB_PAUSED:
		return PUSH_TYPE_PAUSED;
	case PRINTER_EVENT_JOB_FINISHED:
		return PUSH_TYPE_FINISHED;
	case PRINTER_EVENT_JOB_STOPPED:
		return PUSH_TYPE_STOPPED;
	case PRINTER_EVENT_ERROR:
		return PUSH_TYPE_ERROR;
	case PRINTER_EVENT_ALERT:
		return event->alert->source == PRINTER_ALERT_BOARD &&
				       event->alert->number == PRINTER_ALERT_FILAMENT
			       ? PUSH_TYPE_FILAMENT
			       : PUSH_TYPE_ERROR;
	default:
		return PUSH_TYPES;
	}
}

enum push_kind push_type_kind(enum push_type type)
{
	return types[type].kind;
}

enum push_type push_type_for(unsigned int happened, unsigned int kinds)
{
	for (unsigned int type = 0; type < PUSH_TYPE_EVENTS; type++) {
		if (happened & 1U << type && kinds & 1U << types[type].kind) {
			return (enum push_type)type;
		}
	}
	return PUSH_TYPES;
}

/* Not the serial number itself: a push service reads it. */
static void write_topic(const char *serial, char topic[PUSH_TOPIC_SIZE])
{
	uint8_t hash[SHA256_DIGEST_LENGTH] = {0};

	(void)SHA256((const unsigned char *)serial, strlen(serial), hash);
	base64_url_encode(hash, TOPIC_BYTES, topic);
}

void push_treatment_of(enum push_type type, const char *serial, struct push_treatment *treatment)
{
	treatment->urgency = types[type].urgency;
	treatment->ttl_s = types[type].ttl_s;
	write_topic(serial[0] != '\0' ? serial : types[type].name, treatment->topic);
}

/* --- objects --- */

static void begin_notice(struct json_writer *writer, enum push_type type, const char *language,
			 const char *tag)
{
	json_object_begin(writer);
	json_member_string(writer, "type", types[type].name);
	json_member_string(writer, "language", language);
	/* In the browser, too, the next one of a printer is shown in place of the last. */
	json_member_string(writer, "tag", tag[0] != '\0' ? tag : types[type].name);
}

int push_notice_write(const struct push_notice *notice, enum push_type type, const char *language,
		      char out[PUSH_NOTICE_MAX], size_t *length)
{
	struct json_writer writer;
	char url[URL_SIZE] = "/";

	if (notice->serial[0] != '\0') {
		snprintf(url, sizeof(url), "/p/%s", notice->serial);
	}
	json_writer_init(&writer, out, PUSH_NOTICE_MAX);
	begin_notice(&writer, type, language, notice->serial);
	json_member_known(&writer, "printer", notice->printer);
	json_member_known(&writer, "job", notice->job);
	json_member_known(&writer, "reason", type == PUSH_TYPE_ERROR ? notice->reason : "");
	if (type == PUSH_TYPE_ERROR && notice->reason_code[0] != '\0') {
		json_member_string(&writer, "reason_code", notice->reason_code);
	}
	json_member_string(&writer, "url", url);
	json_object_end(&writer);
	return json_writer_finish(&writer, length);
}

int push_notice_write_several(const struct push_burst *burst, const char *language,
			      char out[PUSH_NOTICE_MAX], size_t *length)
{
	struct json_writer writer;

	json_writer_init(&writer, out, PUSH_NOTICE_MAX);
	begin_notice(&writer, PUSH_TYPE_SEVERAL, language, "");
	json_member_int(&writer, "printers", burst->printer_count);
	json_key(&writer, "counts");
	json_object_begin(&writer);
	for (unsigned int kind = 0; kind < PUSH_KINDS; kind++) {
		if (burst->of_kind[kind] > 0) {
			json_member_int(&writer, push_kind_name((enum push_kind)kind),
					burst->of_kind[kind]);
		}
	}
	json_object_end(&writer);
	json_member_string(&writer, "url", "/");
	json_object_end(&writer);
	return json_writer_finish(&writer, length);
}
