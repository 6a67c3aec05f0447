/* SPDX-License-Identifier: MIT */
/*
 * Opens frames with libflagship alone and prints the objects inside.
 *
 *	cc decode.c -o decode $(pkg-config --cflags --libs flagship)
 *	./decode KEY FRAME...        key and frames in hex
 *	./decode KEY < frames.txt    one frame a line
 *
 * A printer's MQTT message is such a frame: a header, encrypted JSON, and a checksum.
 */
#include <flagship/flagship.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_SIZE_MAX 65535

/* "4d41c1" to bytes. Returns how many, or 0 where the text is not hex. */
static size_t read_hex(const char *text, unsigned char *bytes, size_t capacity)
{
	size_t digits = strcspn(text, "\r\n");

	if (digits % 2 != 0 || digits / 2 > capacity ||
	    strspn(text, "0123456789abcdefABCDEF") < digits) {
		return 0;
	}
	for (size_t i = 0; i < digits / 2; i++) {
		char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};

		bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return digits / 2;
}

static int print_objects(const void *plaintext, size_t length)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;
	/* All of the payload or nothing: a damaged end does not leave half of it printed. */
	int error = flagship_payload_read(plaintext, length, messages, FLAGSHIP_PAYLOAD_OBJECTS_MAX,
					  &count);

	for (size_t i = 0; error == 0 && i < count; i++) {
		const struct flagship_message *message = &messages[i];

		printf("%-18s %.*s\n", message->info != NULL ? message->info->name : "(unknown)",
		       (int)message->json.length, message->json.data);
		/* A known type comes with its fields as C values, each with a bit if it was there.
		 */
		if (message->type == FLAGSHIP_MESSAGE_NOZZLE_TEMP &&
		    (message->as.nozzle_temp.present & FLAGSHIP_NOZZLE_TEMP_HAS_CURRENT_CENTI_C)) {
			printf("%-18s the nozzle is at %.2f degrees\n", "",
			       (double)message->as.nozzle_temp.current_centi_c / 100);
		}
	}
	return error;
}

static int decode(struct flagship_key *key, const char *hex)
{
	static unsigned char bytes[FRAME_SIZE_MAX];
	struct flagship_frame frame;
	/* Decrypts in place: frame.payload then points into bytes. */
	int error = flagship_frame_open(key, bytes, read_hex(hex, bytes, sizeof(bytes)), &frame);

	if (error == 0) {
		error = print_objects(frame.payload, frame.payload_length);
	}
	if (error != 0) {
		fprintf(stderr, "decode: %s\n", flagship_strerror(error));
	}
	return error;
}

int main(int argc, char **argv)
{
	static char line[2 * FRAME_SIZE_MAX + 3];
	struct flagship_key *key = NULL;
	int failed = 0;

	if (argc < 2 || flagship_key_create_hex(argv[1], strlen(argv[1]), &key) != 0) {
		fprintf(stderr,
			"usage: decode KEY [FRAME...]: in hex, a key of 64 (or 32) digits\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		failed |= decode(key, argv[i]) != 0;
	}
	while (argc == 2 && fgets(line, sizeof(line), stdin) != NULL) {
		failed |= decode(key, line) != 0;
	}
	flagship_key_destroy(key); /* wipes it, too */
	return failed;
}
