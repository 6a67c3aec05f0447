/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vectors.h"

#include <flagship/pppp_packet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define SLACK     4

static cJSON *read_pppp_vectors(const char *name)
{
	cJSON *json = vectors_read_json(VECTORS_DIR "/pppp.json");
	cJSON *list = cJSON_DetachItemFromObject(json, name);

	assert_true(cJSON_IsArray(list) && cJSON_GetArraySize(list) > 0);
	cJSON_Delete(json);
	return list;
}

static void fill_duid(const cJSON *fields, struct flagship_pppp_duid *duid)
{
	const cJSON *object = cJSON_GetObjectItem(fields, "duid");

	if (object) {
		strcpy(duid->prefix, vectors_string(object, "prefix"));
		duid->serial = (uint32_t)vectors_number(object, "serial");
		strcpy(duid->check, vectors_string(object, "check"));
	}
}

static void fill_host(const cJSON *fields, struct flagship_pppp_host *host)
{
	const cJSON *object = cJSON_GetObjectItem(fields, "host");
	unsigned int part[4];

	if (object) {
		host->port = (uint16_t)vectors_number(object, "port");
		assert_int_equal(sscanf(vectors_string(object, "addr"), "%u.%u.%u.%u", &part[0],
					&part[1], &part[2], &part[3]),
				 4);
		for (size_t i = 0; i < LENGTH(part); i++) {
			host->address[i] = (uint8_t)part[i];
		}
	}
}

static int type_of(const char *name)
{
	static const struct {
		const char *name;
		int type;
	} types[] = {
		{"LAN_SEARCH", FLAGSHIP_PPPP_TYPE_LAN_SEARCH},
		{"CLOSE", FLAGSHIP_PPPP_TYPE_CLOSE},
		{"ALIVE", FLAGSHIP_PPPP_TYPE_ALIVE},
		{"ALIVE_ACK", FLAGSHIP_PPPP_TYPE_ALIVE_ACK},
		{"HELLO", FLAGSHIP_PPPP_TYPE_HELLO},
		{"HELLO_ACK", FLAGSHIP_PPPP_TYPE_HELLO_ACK},
		{"PUNCH_PKT", FLAGSHIP_PPPP_TYPE_PUNCH_PKT},
		{"P2P_RDY", FLAGSHIP_PPPP_TYPE_P2P_RDY},
		{"P2P_RDY_ACK", FLAGSHIP_PPPP_TYPE_P2P_RDY_ACK},
		{"DRW", FLAGSHIP_PPPP_TYPE_DRW},
		{"DRW_ACK", FLAGSHIP_PPPP_TYPE_DRW_ACK},
		{"DEV_LGN_ACK_CRC", FLAGSHIP_PPPP_TYPE_DEV_LGN_ACK_CRC},
	};

	for (size_t i = 0; i < LENGTH(types); i++) {
		if (strcmp(types[i].name, name) == 0) {
			return types[i].type;
		}
	}
	fail_msg("no type for %s", name);
	return -1;
}

/* What a vector says, made anew from its fields; the bytes of data and numbers are the caller's. */
static struct bytes fill_packet(const cJSON *vector, struct flagship_pppp_packet *packet)
{
	const cJSON *fields = cJSON_GetObjectItem(vector, "fields");
	const cJSON *acks = cJSON_GetObjectItem(fields, "acks");
	struct bytes data = {NULL, 0};

	memset(packet, 0, sizeof(*packet));
	packet->type = (uint8_t)type_of(vectors_string(vector, "packet"));
	fill_duid(fields, &packet->duid);
	fill_host(fields, &packet->host);
	if (cJSON_GetObjectItem(fields, "chan")) {
		packet->channel = (uint8_t)vectors_number(fields, "chan");
	}
	if (acks) {
		const cJSON *index;
		data.data = malloc(2 * (size_t)cJSON_GetArraySize(acks));
		cJSON_ArrayForEach(index, acks)
		{
			data.data[data.length++] = (uint8_t)(index->valueint >> 8);
			data.data[data.length++] = (uint8_t)index->valueint;
			packet->index_count++;
		}
	} else if (packet->type == FLAGSHIP_PPPP_TYPE_DRW) {
		packet->index = (uint16_t)vectors_number(fields, "index");
		data = vectors_decode_hex(vectors_string(fields, "data"));
	} else if (packet->type == FLAGSHIP_PPPP_TYPE_DEV_LGN_ACK_CRC) {
		/* Four zero bytes in the cipher of logins. */
		static const uint8_t zero[4];
		data.length = sizeof(zero) + FLAGSHIP_PPPP_CURSE_OVERHEAD;
		data.data = malloc(data.length);
		flagship_pppp_curse_encode(zero, sizeof(zero), data.data);
	}
	packet->data = data.data;
	packet->data_length = data.length;
	return data;
}

static void packets_equal(const struct flagship_pppp_packet *a,
			  const struct flagship_pppp_packet *b)
{
	assert_int_equal(a->type, b->type);
	assert_true(flagship_pppp_duid_equal(&a->duid, &b->duid));
	assert_true(flagship_pppp_host_equal(&a->host, &b->host));
	assert_int_equal(a->channel, b->channel);
	assert_int_equal(a->index, b->index);
	assert_int_equal(a->index_count, b->index_count);
	assert_int_equal(a->data_length, b->data_length);
	if (a->data_length > 0) {
		assert_memory_equal(a->data, b->data, a->data_length);
	}
}

static void the_vectors_are_written_and_read_byte_for_byte(void **state)
{
	cJSON *vectors = read_pppp_vectors("packets");
	const cJSON *vector;

	(void)state;
	cJSON_ArrayForEach(vector, vectors)
	{
		struct flagship_pppp_packet packet;
		struct flagship_pppp_packet read;
		struct bytes expected = vectors_decode_hex(vectors_string(vector, "bytes"));
		struct bytes data = fill_packet(vector, &packet);
		uint8_t out[FLAGSHIP_PPPP_PACKET_MAX];
		size_t written = 0;

		assert_int_equal(flagship_pppp_packet_write(&packet, out, sizeof(out), &written),
				 0);
		assert_int_equal(written, expected.length);
		assert_memory_equal(out, expected.data, written);
		assert_int_equal(flagship_pppp_packet_write(&packet, out, written - 1, &written),
				 FLAGSHIP_ERROR_BUFFER);
		assert_int_equal(flagship_pppp_packet_read(expected.data, expected.length, &read),
				 0);
		packets_equal(&packet, &read);
		free(data.data);
		free(expected.data);
	}
	cJSON_Delete(vectors);
}

static void a_wrong_length_is_an_error(void **state)
{
	cJSON *vectors = read_pppp_vectors("packets");
	const cJSON *vector;

	(void)state;
	cJSON_ArrayForEach(vector, vectors)
	{
		struct flagship_pppp_packet read;
		struct bytes whole = vectors_decode_hex(vectors_string(vector, "bytes"));
		uint8_t *longer = calloc(1, whole.length + SLACK);

		memcpy(longer, whole.data, whole.length);
		for (size_t length = 0; length < whole.length; length++) {
			assert_int_equal(flagship_pppp_packet_read(whole.data, length, &read),
					 length < FLAGSHIP_PPPP_HEADER_SIZE
						 ? FLAGSHIP_ERROR_TOO_SHORT
						 : FLAGSHIP_ERROR_SIZE);
		}
		assert_int_equal(flagship_pppp_packet_read(longer, whole.length + 1, &read),
				 FLAGSHIP_ERROR_SIZE);
		free(longer);
		free(whole.data);
	}
	cJSON_Delete(vectors);
}

struct refused {
	const char *hex;
	int error;
};

static void what_no_packet_can_be_is_refused(void **state)
{
	static const struct refused cases[] = {
		{"f0300000", FLAGSHIP_ERROR_MAGIC},
		{"f130000100", FLAGSHIP_ERROR_SIZE},
		{"f1e0000100", FLAGSHIP_ERROR_SIZE},
		{"f141000100", FLAGSHIP_ERROR_SIZE},
		{"f1d00003d10100", FLAGSHIP_ERROR_TOO_SHORT},
		{"f1d00004d0010000", FLAGSHIP_ERROR_MAGIC},
		{"f1d00004d1080000", FLAGSHIP_ERROR_RANGE},
		{"f1d10004d1080000", FLAGSHIP_ERROR_RANGE},
		{"f1d10006d10100020001", FLAGSHIP_ERROR_SIZE},
		{"f1d10005d101000000", FLAGSHIP_ERROR_SIZE},
		{"f1d10007d1010001000100", FLAGSHIP_ERROR_SIZE},
		/* A duid of no letters, of small letters, of a letter behind a NUL (which is fine).
		 */
		{"f14100140000000000000000000085ca4447454141000000", FLAGSHIP_ERROR_DUID},
		{"f14100146565000000000000000085ca4447454141000000", FLAGSHIP_ERROR_DUID},
		{"f141001445555052414b4d00000085ca0000000000000000", FLAGSHIP_ERROR_DUID},
		{"f141001445550052414b4d00000085ca4447454141000000", 0},
		/* A type that nobody knows passes with its body. */
		{"f1770003010203", 0},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct flagship_pppp_packet packet;
		struct bytes bytes = vectors_decode_hex(cases[i].hex);

		assert_int_equal(flagship_pppp_packet_read(bytes.data, bytes.length, &packet),
				 cases[i].error);
		free(bytes.data);
	}
}

static void a_packet_that_is_too_large_is_not_written(void **state)
{
	static const uint8_t data[FLAGSHIP_PPPP_PACKET_MAX + 1];
	uint8_t out[2 * FLAGSHIP_PPPP_PACKET_MAX];
	struct flagship_pppp_packet packet = {.type = FLAGSHIP_PPPP_TYPE_DRW,
					      .data = data,
					      .data_length = FLAGSHIP_PPPP_DATA_MAX + 1};
	size_t written;

	(void)state;
	assert_int_equal(flagship_pppp_packet_write(&packet, out, sizeof(out), &written),
			 FLAGSHIP_ERROR_TOO_LARGE);
	packet.channel = FLAGSHIP_PPPP_CHANNELS;
	assert_int_equal(flagship_pppp_packet_write(&packet, out, sizeof(out), &written),
			 FLAGSHIP_ERROR_RANGE);
	packet = (struct flagship_pppp_packet){.type = FLAGSHIP_PPPP_TYPE_DRW_ACK,
					       .index_count = 1,
					       .data = data,
					       .data_length = 4};
	assert_int_equal(flagship_pppp_packet_write(&packet, out, sizeof(out), &written),
			 FLAGSHIP_ERROR_TOO_LARGE);
	packet = (struct flagship_pppp_packet){.type = FLAGSHIP_PPPP_TYPE_P2P_REQ,
					       .data = data,
					       .data_length = FLAGSHIP_PPPP_PACKET_MAX};
	assert_int_equal(flagship_pppp_packet_write(&packet, out, sizeof(out), &written),
			 FLAGSHIP_ERROR_TOO_LARGE);
}

static void the_largest_datagrams_are_read(void **state)
{
	uint8_t out[FLAGSHIP_PPPP_PACKET_MAX + 1] = {0xf1, FLAGSHIP_PPPP_TYPE_DRW, 0x04, 0x04,
						     0xd1};
	struct flagship_pppp_packet packet;

	(void)state;
	assert_int_equal(flagship_pppp_packet_read(out, FLAGSHIP_PPPP_PACKET_MAX, &packet), 0);
	assert_int_equal(packet.data_length, FLAGSHIP_PPPP_DATA_MAX);
	out[3]++;
	assert_int_equal(flagship_pppp_packet_read(out, sizeof(out), &packet), FLAGSHIP_ERROR_SIZE);
}

static void duids_have_a_text_form(void **state)
{
	static const struct {
		const char *text;
		const char *again; /* NULL where the text is none */
	} cases[] = {
		{"EUPRAKM-012345-ABCDE", "EUPRAKM-012345-ABCDE"},
		{"EUPRAKM-34250-DGEAA", "EUPRAKM-034250-DGEAA"},
		{"ABCDEFGH-4294967295-A1B2C3", "ABCDEFGH-4294967295-A1B2C3"},
		{"A-0-B", "A-000000-B"},
		{"", NULL},
		{"EUPRAKM", NULL},
		{"EUPRAKM-", NULL},
		{"EUPRAKM-1", NULL},
		{"EUPRAKM-1-", NULL},
		{"EUPRAKM-1-ABC-", NULL},
		{"EUPRAKM-1-ABCDEFG", NULL},
		{"EUPRAKMXY-1-ABC", NULL},
		{"EUPRAKM-4294967296-ABC", NULL},
		{"EUPRAKM-00000000001-ABC", NULL},
		{"EUPRAKM--ABC", NULL},
		{"euprakm-1-ABC", NULL},
		{"EUPRAKM-1-abc", NULL},
		{" EUPRAKM-1-ABC", NULL},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct flagship_pppp_duid duid;
		char text[FLAGSHIP_PPPP_DUID_TEXT_SIZE];
		int error = flagship_pppp_duid_parse(cases[i].text, &duid);

		assert_int_equal(error, cases[i].again ? 0 : FLAGSHIP_ERROR_DUID);
		flagship_pppp_duid_format(&duid, text);
		assert_string_equal(text, cases[i].again ? cases[i].again : "");
	}
	struct flagship_pppp_duid nobody;
	assert_int_equal(flagship_pppp_duid_parse(NULL, &nobody), FLAGSHIP_ERROR_DUID);
}

static void the_ciphers_agree_with_the_vectors(void **state)
{
	cJSON *vectors = read_pppp_vectors("ciphers");
	const cJSON *vector;

	(void)state;
	cJSON_ArrayForEach(vector, vectors)
	{
		struct bytes plain = vectors_decode_hex(vectors_string(vector, "plain"));
		struct bytes expected = vectors_decode_hex(vectors_string(vector, "bytes"));
		uint8_t *out = malloc(expected.length);
		size_t length = expected.length;

		if (strcmp(vectors_string(vector, "cipher"), "simple") == 0) {
			assert_int_equal(expected.length, plain.length);
			flagship_pppp_simple_encode(plain.data, plain.length, out);
			assert_memory_equal(out, expected.data, expected.length);
			flagship_pppp_simple_decode(out, length, out);
		} else {
			assert_int_equal(expected.length,
					 plain.length + FLAGSHIP_PPPP_CURSE_OVERHEAD);
			flagship_pppp_curse_encode(plain.data, plain.length, out);
			assert_memory_equal(out, expected.data, expected.length);
			assert_int_equal(
				flagship_pppp_curse_decode(out, expected.length, out, &length), 0);
		}
		assert_int_equal(length, plain.length);
		assert_memory_equal(out, plain.data, length);
		free(out);
		free(plain.data);
		free(expected.data);
	}
	cJSON_Delete(vectors);
}

static void the_ciphers_take_all_bytes(void **state)
{
	uint8_t plain[256];
	uint8_t sealed[sizeof(plain) + FLAGSHIP_PPPP_CURSE_OVERHEAD];
	uint8_t opened[sizeof(plain)];
	size_t length;

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++) {
		plain[i] = (uint8_t)i;
	}
	flagship_pppp_curse_encode(plain, sizeof(plain), sealed);
	assert_int_equal(flagship_pppp_curse_decode(sealed, sizeof(sealed), opened, &length), 0);
	assert_memory_equal(opened, plain, sizeof(plain));
	sealed[sizeof(sealed) - 1] ^= 1;
	assert_int_equal(flagship_pppp_curse_decode(sealed, sizeof(sealed), opened, &length),
			 FLAGSHIP_ERROR_AUTHENTICATION);
	assert_int_equal(flagship_pppp_curse_decode(sealed, FLAGSHIP_PPPP_CURSE_OVERHEAD - 1,
						    opened, &length),
			 FLAGSHIP_ERROR_TOO_SHORT);
	flagship_pppp_simple_encode(plain, sizeof(plain), sealed);
	flagship_pppp_simple_decode(sealed, sizeof(plain), opened);
	assert_memory_equal(opened, plain, sizeof(plain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_are_written_and_read_byte_for_byte),
		cmocka_unit_test(a_wrong_length_is_an_error),
		cmocka_unit_test(what_no_packet_can_be_is_refused),
		cmocka_unit_test(a_packet_that_is_too_large_is_not_written),
		cmocka_unit_test(the_largest_datagrams_are_read),
		cmocka_unit_test(duids_have_a_text_form),
		cmocka_unit_test(the_ciphers_agree_with_the_vectors),
		cmocka_unit_test(the_ciphers_take_all_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
