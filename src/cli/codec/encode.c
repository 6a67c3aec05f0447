/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "base/uuid.h"
#include "cli/codec/type_name.h"
#include "cli/kit/cli.h"
#include "cli/target/key_options.h"

#include <flagship/flagship.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENCODE_INPUT_MAX ((size_t)1024 * 1024)

/* More than the longest header, a block of padding and the checksum take. */
#define ENCODE_OVERHEAD_MAX 128

struct encode_options {
	bool binary;
	bool gcm;
	int device_type;
	int signature;
	int packet_type;
	int64_t packet_number;
	int64_t time;
	const char *guid;
	const char *opaque;
};

static const char *const device_type_choices[] = {"1", "2", "3", "6", NULL};
static const uint8_t device_types[] = {FLAGSHIP_DEVICE_TYPE_M5C, FLAGSHIP_DEVICE_TYPE_M5,
				       FLAGSHIP_DEVICE_TYPE_V7111, FLAGSHIP_DEVICE_TYPE_E1};

static const char *const signature_choices[] = {"ma", "mb", NULL};
static const enum flagship_signature signatures[] = {FLAGSHIP_SIGNATURE_MA, FLAGSHIP_SIGNATURE_MB};

#define ENCODE_DEVICE_TYPE_DEFAULT \
	1 /* of device_type_choices: what clients send to every printer */

static const struct options_option encode_table[] = {
	{.name = "device-type",
	 .kind = OPTIONS_CHOICE,
	 .choices = device_type_choices,
	 .help = "what the header says of the sender: 2 M5 (the default, what every client sends) "
		 "and 3 V7111 have time and GUID; 1 M5C and 6 E1 have the short header",
	 .offset = offsetof(struct encode_options, device_type)},
	{.name = "format",
	 .kind = OPTIONS_CHOICE,
	 .choices = device_type_choices,
	 .help = "the older name of --device-type",
	 .offset = offsetof(struct encode_options, device_type)},
	{.name = "guid",
	 .kind = OPTIONS_TEXT,
	 .value = "GUID",
	 .help = "the device GUID of types 2 and 3, 36 characters; by default a random one",
	 .offset = offsetof(struct encode_options, guid)},
	{.name = "time",
	 .kind = OPTIONS_INTEGER,
	 .value = "SECONDS",
	 .minimum = 0,
	 .maximum = UINT32_MAX,
	 .help = "the time of types 2 and 3 in Unix seconds; by default 0, as clients send it",
	 .offset = offsetof(struct encode_options, time)},
	{.name = "opaque",
	 .kind = OPTIONS_TEXT,
	 .value = "HEX",
	 .help = "bytes 12 to 23 of types 1 and 6; by default zero",
	 .offset = offsetof(struct encode_options, opaque)},
	{.name = "packet-number",
	 .kind = OPTIONS_INTEGER,
	 .value = "N",
	 .minimum = 0,
	 .maximum = UINT16_MAX,
	 .help = "by default 0, as clients send it; printers send 1",
	 .offset = offsetof(struct encode_options, packet_number)},
	{.name = "packet-type",
	 .kind = OPTIONS_CHOICE,
	 .choices = packet_type_choices,
	 .help = "by default single; the pieces of a longer message are begin, append, finish",
	 .offset = offsetof(struct encode_options, packet_type)},
	{.name = "signature",
	 .kind = OPTIONS_CHOICE,
	 .choices = signature_choices,
	 .help = "by default ma; mb for frames over 65,535 bytes",
	 .offset = offsetof(struct encode_options, signature)},
	{.name = "gcm",
	 .kind = OPTIONS_FLAG,
	 .help = "the AES-GCM payload seen with some E1 accounts instead of a frame",
	 .offset = offsetof(struct encode_options, gcm)},
	{.name = "binary",
	 .kind = OPTIONS_FLAG,
	 .help = "print the bytes instead of hex",
	 .offset = offsetof(struct encode_options, binary)},
};

static const struct options_group encode_group = OPTIONS_GROUP("Options", encode_table);

/* The caller frees *text. */
static int encode_read_standard_input(char **text, size_t *length)
{
	char *buffer = malloc(ENCODE_INPUT_MAX + 1);
	size_t used = 0;
	ssize_t got;

	if (!buffer) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	do {
		got = read(STDIN_FILENO, buffer + used, ENCODE_INPUT_MAX + 1 - used);
		used += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && used <= ENCODE_INPUT_MAX) || (got < 0 && errno == EINTR));
	if (got < 0 || used > ENCODE_INPUT_MAX) {
		cli_error("standard input: %s",
			  got < 0 ? strerror(errno) : "more than 1 MiB is too much for a message");
		free(buffer);
		return CLI_FAILED;
	}
	if (used > 0 && buffer[used - 1] == '\n') {
		used--;
		used -= used > 0 && buffer[used - 1] == '\r';
	}
	*text = buffer;
	*length = used;
	return OPTIONS_RUN;
}

static int encode_check_json(const char *text, size_t length)
{
	struct flagship_payload payload;
	struct flagship_message message;
	int result;

	flagship_payload_init(&payload, text, length);
	do {
		result = flagship_payload_next(&payload, &message);
	} while (result > 0);
	if (result == 0) {
		return OPTIONS_RUN;
	}
	/* The library thinks of the wrong key first, which is not what can be wrong here. */
	cli_error("%s (byte %zu)",
		  result == FLAGSHIP_ERROR_JSON ? "this is no valid JSON"
						: flagship_strerror(result),
		  flagship_payload_error_offset(&payload));
	return CLI_FAILED;
}

static int encode_take_guid(const struct encode_options *options,
			    char guid[FLAGSHIP_GUID_LENGTH + 1])
{
	if (!options->guid) {
		if (!guid_make(guid)) {
			cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_CRYPTO));
			return CLI_FAILED;
		}
		return OPTIONS_RUN;
	}
	if (strlen(options->guid) != FLAGSHIP_GUID_LENGTH) {
		cli_error("--guid takes %d characters, not %zu", FLAGSHIP_GUID_LENGTH,
			  strlen(options->guid));
		return CLI_USAGE;
	}
	memcpy(guid, options->guid, FLAGSHIP_GUID_LENGTH + 1);
	return OPTIONS_RUN;
}

static int encode_take_opaque(const struct encode_options *options, struct flagship_frame *frame)
{
	uint8_t bytes[2 * sizeof(frame->opaque)];
	size_t length;
	size_t bad;

	if (!options->opaque) {
		return OPTIONS_RUN;
	}
	if (strlen(options->opaque) > 2 * sizeof(bytes) ||
	    hex_read(options->opaque, strlen(options->opaque), bytes, &length, &bad) != 0 ||
	    length != sizeof(frame->opaque)) {
		cli_error("--opaque takes %zu bytes in hex", sizeof(frame->opaque));
		return CLI_USAGE;
	}
	memcpy(frame->opaque, bytes, sizeof(frame->opaque));
	return OPTIONS_RUN;
}

static bool encode_has_long_header(uint8_t device_type)
{
	return device_type == FLAGSHIP_DEVICE_TYPE_M5 || device_type == FLAGSHIP_DEVICE_TYPE_V7111;
}

static int encode_prepare(const struct encode_options *options, struct flagship_frame *frame)
{
	char guid[FLAGSHIP_GUID_LENGTH + 1] = "";
	const char *type = device_type_choices[options->device_type];
	bool long_header = encode_has_long_header(device_types[options->device_type]);
	int result = long_header ? encode_take_guid(options, guid) : OPTIONS_RUN;

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (!long_header && (options->guid || options->time != 0)) {
		cli_warn("device type %s has no GUID and no time", type);
	}
	if (long_header && options->opaque) {
		cli_warn("device type %s has no opaque bytes", type);
	}
	flagship_frame_init(frame, guid);
	frame->signature = signatures[options->signature];
	frame->device_type = device_types[options->device_type];
	frame->packet_type = packet_type_at(options->packet_type);
	frame->packet_number = (uint16_t)options->packet_number;
	frame->time = (uint32_t)options->time;
	return encode_take_opaque(options, frame);
}

static int encode_seal(const struct encode_options *options, struct flagship_key *key,
		       const char *text, size_t length, uint8_t *out, size_t capacity,
		       size_t *written)
{
	struct flagship_frame frame;
	int error;
	int result;

	if (options->gcm) {
		error = flagship_gcm_seal(key, text, length, out, capacity, written);
	} else {
		result = encode_prepare(options, &frame);
		if (result != OPTIONS_RUN) {
			return result;
		}
		error = flagship_frame_seal(key, &frame, text, length, out, capacity, written);
	}
	if (error == FLAGSHIP_ERROR_TOO_LARGE) {
		cli_error("the message is too large for a frame with this signature; --signature "
			  "mb takes more");
	} else if (error) {
		cli_error("%s", flagship_strerror(error));
	}
	return error == 0 ? OPTIONS_RUN : CLI_FAILED;
}

static void print_hex(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char digits[2 + 1];

		hex_encode(bytes + i, 1, HEX_LOWER, digits);
		fputs(digits, stdout);
	}
	fputc('\n', stdout);
}

static int encode_print(const struct encode_options *options, struct flagship_key *key,
			const char *text, size_t length)
{
	size_t capacity = length + ENCODE_OVERHEAD_MAX;
	uint8_t *out = malloc(capacity);
	size_t written;

	if (!out) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	int result = encode_seal(options, key, text, length, out, capacity, &written);
	if (result == OPTIONS_RUN) {
		if (options->binary) {
			fwrite(out, 1, written, stdout);
		} else {
			print_hex(out, written);
		}
		result = CLI_DONE;
	}
	free(out);
	return result;
}

static int encode_message(const struct encode_options *options, struct flagship_key *key,
			  const char *argument)
{
	char *read_text = NULL;
	const char *text = argument;
	size_t length = strlen(argument);
	int result = OPTIONS_RUN;

	if (strcmp(argument, "-") == 0) {
		result = encode_read_standard_input(&read_text, &length);
		text = read_text;
	}
	/* A piece of a longer message need not be JSON by itself. */
	if (result == OPTIONS_RUN &&
	    (options->gcm || packet_type_at(options->packet_type) == FLAGSHIP_PACKET_TYPE_SINGLE)) {
		result = encode_check_json(text, length);
	}
	if (result == OPTIONS_RUN) {
		result = encode_print(options, key, text, length);
	}
	free(read_text);
	return result;
}

static int encode_run(const struct cli_command *command, int argc, char **argv)
{
	struct encode_options options = {.device_type = ENCODE_DEVICE_TYPE_DEFAULT};
	struct key_options key_options = {0};
	struct flagship_key *key = NULL;
	int result = options_parse(command, &argc, argv, (void *[]){&options, &key_options});

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (argc == 0) {
		cli_error(
			"encode needs the message: its JSON, or - to read it from standard input");
		return CLI_USAGE;
	}
	result = key_options_require(&key_options, &key);
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = encode_message(&options, key, argv[0]);
	flagship_key_destroy(key);
	return result;
}

const struct cli_command encode_command = {
	.name = "encode",
	.section = "Frames and messages",
	.summary = "make an encrypted frame",
	.arguments = "JSON|-",
	.arguments_max = 1,
	.description =
		"Encrypts a message (a JSON object or an array of them; - reads it from standard\n"
		"input) and prints the frame as hex on one line. What flagship decode prints of\n"
		"it is the message again.",
	.groups = (const struct options_group *const[]){&encode_group, &key_options_group, NULL},
	.run = encode_run,
};
