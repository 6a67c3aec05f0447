/* SPDX-License-Identifier: MIT */
#include "cli/codec/decode_record.h"
#include "cli/codec/frame_input.h"
#include "cli/kit/cli.h"
#include "cli/target/key_options.h"

#include <flagship/flagship.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct decode_options {
	bool gcm;
};

struct decoder {
	struct flagship_key *key;
	bool gcm;
	bool failed; /* any frame was bad */
	struct flagship_reassembler reassembler;
};

static const struct options_option decode_table[] = {
	{.name = "gcm",
	 .kind = OPTIONS_FLAG,
	 .help = "the input is the AES-GCM payload seen with some E1 accounts",
	 .offset = offsetof(struct decode_options, gcm)},
};

static const struct options_group decode_group = OPTIONS_GROUP("Options", decode_table);

/* 0 and the offset of nothing, or an error and the byte of the text that it is about. */
static int decode_check_json(const uint8_t *text, size_t length, size_t *offset)
{
	struct flagship_payload payload;
	struct flagship_message message;
	int result;

	flagship_payload_init(&payload, text, length);
	do {
		result = flagship_payload_next(&payload, &message);
	} while (result > 0);
	*offset = result < 0 ? flagship_payload_error_offset(&payload) : 0;
	return result;
}

/* A whole message that ends with this frame, of several. */
static bool decode_assemble(struct decoder *decoder, struct decode_record *record)
{
	const uint8_t *message;
	size_t length;
	size_t offset;

	if (flagship_reassembler_push(&decoder->reassembler, record->frame.packet_type,
				      record->frame.payload, record->frame.payload_length, &message,
				      &length) != 1 ||
	    decode_check_json(message, length, &offset) != 0) {
		return false;
	}
	record->payload = message;
	record->payload_length = length;
	return true;
}

/* Finds what the plaintext is: 0, or the error of a single that is no payload. */
static int decode_payload(struct decoder *decoder, struct decode_record *record)
{
	const struct flagship_frame *frame = &record->frame;
	bool single = frame->packet_type == FLAGSHIP_PACKET_TYPE_SINGLE;

	if (!single && decode_assemble(decoder, record)) {
		return 0;
	}
	int error = decode_check_json(frame->payload, frame->payload_length, &record->error_offset);
	if (!error) {
		record->payload = frame->payload;
		record->payload_length = frame->payload_length;
		return 0;
	}
	if (!single) {
		record->part = frame->payload;
		record->part_length = frame->payload_length;
		return 0;
	}
	return error;
}

static int decode_envelope(struct decoder *decoder, struct decode_record *record, uint8_t *data,
			   size_t length)
{
	int error = decoder->key ? flagship_frame_open(decoder->key, data, length, &record->frame)
				 : flagship_frame_parse(data, length, &record->frame);

	decode_record_survey(record, data, length, error);
	record->error_offset = record->frame.error_offset;
	if (error || !decoder->key) {
		return error;
	}
	error = decode_payload(decoder, record);
	record->error_offset += (size_t)(record->frame.payload - data);
	return error;
}

static int decode_gcm(struct decoder *decoder, struct decode_record *record, uint8_t *data,
		      size_t length)
{
	uint8_t *plaintext;
	size_t plaintext_length;

	record->gcm = true;
	record->size = length;
	if (!decoder->key) {
		return length < FLAGSHIP_GCM_OVERHEAD ? FLAGSHIP_ERROR_TOO_SHORT : 0;
	}
	int error = flagship_gcm_open(decoder->key, data, length, &plaintext, &plaintext_length);
	if (error) {
		record->checksum = error == FLAGSHIP_ERROR_AUTHENTICATION ? "bad" : NULL;
		record->error_offset = error == FLAGSHIP_ERROR_AUTHENTICATION
					       ? FLAGSHIP_GCM_PAYLOAD_TAG_OFFSET
					       : 0;
		return error;
	}
	record->checksum = "ok";
	error = decode_check_json(plaintext, plaintext_length, &record->error_offset);
	record->error_offset += (size_t)(plaintext - data);
	if (!error) {
		record->payload = plaintext;
		record->payload_length = plaintext_length;
	}
	return error;
}

static void decode_complain(struct decoder *decoder, const struct decode_record *record)
{
	const char *file = record->file ? record->file : "standard input";

	decoder->failed = true;
	if (record->number == 0) {
		cli_error("%s: %s", file, record->error);
	} else if (record->line > 0) {
		cli_error("%s: line %zu: %s (at %zu)", file, record->line, record->error,
			  record->error_offset);
	} else {
		cli_error("%s: frame %zu: %s (byte %zu)", file, record->number, record->error,
			  record->error_offset);
	}
}

static void decode_report(struct decoder *decoder, const struct decode_record *record)
{
	if (record->error) {
		decode_complain(decoder, record);
	}
	if (decode_record_print(record, stdout) != 0) {
		decoder->failed = true;
	}
}

static void decode_input(struct decoder *decoder, int descriptor, const char *file)
{
	struct frame_input input;
	enum frame_input_result result;
	uint8_t *data;
	size_t length;

	frame_input_init(&input, descriptor, decoder->gcm);
	while ((result = frame_input_next(&input, &data, &length)) != FRAME_INPUT_END) {
		struct decode_record record = {
			.file = file, .number = input.number, .line = input.line};

		if (result == FRAME_INPUT_BAD) {
			record.error = input.problem;
			record.error_offset = input.offset;
		} else {
			int error = (decoder->gcm ? decode_gcm : decode_envelope)(decoder, &record,
										  data, length);

			record.error = error != 0 ? flagship_strerror(error) : NULL;
		}
		decode_report(decoder, &record);
		fflush(stdout);
	}
	if (input.number == 0 && !input.problem) {
		decode_report(decoder,
			      &(struct decode_record){.file = file, .error = "no frame in it"});
	}
	frame_input_finish(&input);
}

static void decode_file(struct decoder *decoder, const char *name)
{
	if (strcmp(name, "-") == 0) {
		decode_input(decoder, STDIN_FILENO, NULL);
		return;
	}
	int descriptor = open(name, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0) {
		struct decode_record record = {.file = name, .error = strerror(errno)};

		decode_report(decoder, &record);
		return;
	}
	decode_input(decoder, descriptor, name);
	close(descriptor);
}

static int decode_run(const struct cli_command *command, int argc, char **argv)
{
	struct decode_options options = {0};
	struct key_options key = {0};
	struct decoder decoder = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &key});

	if (result == OPTIONS_RUN) {
		result = key_options_load(&key, &decoder.key);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	decoder.gcm = options.gcm;
	flagship_reassembler_init(&decoder.reassembler, 0);
	for (int i = 0; i < argc; i++) {
		decode_file(&decoder, argv[i]);
	}
	if (argc == 0) {
		decode_file(&decoder, "-");
	}
	flagship_reassembler_finish(&decoder.reassembler);
	flagship_key_destroy(decoder.key);
	return decoder.failed ? CLI_FAILED : CLI_DONE;
}

const struct cli_command decode_command = {
	.name = "decode",
	.section = "Frames and messages",
	.summary = "show what is in encrypted frames",
	.arguments = "[FILE...|-]",
	.arguments_max = SIZE_MAX,
	.description =
		"Prints one JSON object for each frame of the files, or of standard input. A file\n"
		"holds either binary frames one after the other, or hex, one frame a line; "
		"spaces,\n"
		"colons and 0x are allowed there. Without a key the payload is null. A bad frame\n"
		"gives an object with the error and the byte it is about, and exit status 1.",
	.groups = (const struct options_group *const[]){&decode_group, &key_options_group, NULL},
	.run = decode_run,
};
