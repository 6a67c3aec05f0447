/* SPDX-License-Identifier: MIT */
#include "cli/camera/quality.h"

#include "cli/gateway/answer.h"
#include "cli/gateway/ask.h"
#include "cli/kit/options.h"
#include "cli/output/message.h"
#include "cli/output/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SD_HEIGHT        480

#define HTTP_NOT_FOUND   404
#define HTTP_CONFLICT    409
#define HTTP_UNAVAILABLE 503
#define HTTP_NO_ANSWER   504

static const char *const names[] = {
	[CAMERA_QUALITY_SD] = "sd",
	[CAMERA_QUALITY_HD] = "hd",
};

int quality_read(const char *word, enum camera_quality *quality)
{
	for (size_t i = CAMERA_QUALITY_SD; i <= CAMERA_QUALITY_HD; i++) {
		if (strcmp(word, names[i]) == 0) {
			*quality = (enum camera_quality)i;
			return OPTIONS_RUN;
		}
	}
	cli_error("quality is sd or hd, not '%s'", word);
	return CLI_USAGE;
}

/* --- by the gateway --- */

static void write_quality(struct json_writer *writer, const void *context)
{
	const enum camera_quality *quality = context;

	json_object_begin(writer);
	json_member_string(writer, "quality", names[*quality]);
	json_object_end(writer);
}

static int ask_camera(struct ask *ask, const struct target *target, const char *label,
		      enum camera_quality quality, long *status, cJSON **answer)
{
	bool is_change = quality != CAMERA_QUALITY_ASKED;
	char *path = ask_printer_path(ask, target->serial,
				      is_change ? "/camera/quality" : "/camera");
	int result;

	*answer = NULL;
	if (!path) {
		result = answer_needs_memory();
	} else {
		const struct ask_question question = {
			.method = is_change ? "POST" : "GET",
			.path = path,
			.write = is_change ? write_quality : NULL,
			.context = &quality,
			.about = label,
			.status = status,
		};

		result = ask_gateway_for(ask, &question, answer);
	}
	free(path);
	return result;
}

/* As where the printer itself is asked. */
static int status_of(int result, long status)
{
	switch (status) {
	case HTTP_NOT_FOUND:
		return CLI_NOT_CONFIGURED;
	case HTTP_CONFLICT:
		return CLI_CANNOT_CONNECT;
	case HTTP_UNAVAILABLE:
	case HTTP_NO_ANSWER:
		return CLI_NO_ANSWER;
	default:
		return result;
	}
}

static int tell_answer(const char *label, enum camera_quality quality, const cJSON *answer)
{
	const char *name = answer_text(answer, "quality");

	if (quality != CAMERA_QUALITY_ASKED) {
		print_to(stderr,
			 "%s: %s pictures to all who look by the gateway, until it is told "
			 "otherwise, or ends\n",
			 label, quality == CAMERA_QUALITY_SD ? "small" : "large");
		return CLI_DONE;
	}
	if (name[0] == '\0') {
		cli_error("%s: the printer has no camera of its own here, and so no quality",
			  label);
		return CLI_NOT_CONFIGURED;
	}
	print_to(stdout, "%s\n", name);
	print_to(stderr, "%s: that is what the gateway asks its camera for\n", label);
	return CLI_DONE;
}

int quality_by_gateway(const struct targets *targets, enum camera_quality quality)
{
	const struct target *target = &targets->printers[0];
	char label[sizeof("printer ") + TARGET_LABEL_MAX] = "printer ";
	char folder[PATH_MAX];
	struct ask *ask;
	cJSON *answer;
	long status = 0;

	if (!ask_is_answered(targets->gateway, folder)) {
		return OPTIONS_RUN;
	}
	target_label(target, label + strlen(label));
	int result = ask_open(folder, &ask);
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = ask_camera(ask, target, label, quality, &status, &answer);
	result = result == OPTIONS_RUN ? tell_answer(label, quality, answer)
				       : status_of(result, status);
	cJSON_Delete(answer);
	ask_close(ask);
	return result;
}

/* --- by a session of our own --- */

bool quality_is_shown(enum camera_quality wanted, uint32_t height)
{
	return wanted == CAMERA_QUALITY_ASKED ||
	       (wanted == CAMERA_QUALITY_SD) == (height <= SD_HEIGHT);
}

void quality_tell(const char *label, enum camera_quality wanted, uint32_t width, uint32_t height)
{
	if (wanted == CAMERA_QUALITY_ASKED) {
		print_to(stdout, "%s\n",
			 names[height <= SD_HEIGHT ? CAMERA_QUALITY_SD : CAMERA_QUALITY_HD]);
		print_to(stderr,
			 "printer %s: its camera shows %" PRIu32 "×%" PRIu32
			 " where it is not told how large\n",
			 label, width, height);
		return;
	}
	print_to(stderr,
		 "printer %s: its camera showed %" PRIu32 "×%" PRIu32
		 ". That was for this session, which is over: "
		 "flagship asks in each of its own (hd, or --sd), and whether other programs find "
		 "it so is not known\n",
		 label, width, height);
}
