/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hex.h"
#include "simulator/printer/upload.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <string.h>

/* Each answer of a printer to an upload (protocol.md 5, Upload). */
#define FRAME_MAX 1024
#define NOTHING   (-1)

static const char content[] = ";TIME:61\n;LAYER_COUNT:7\nG28\n";
#define SIZE (sizeof(content) - 1)

static struct scene {
	struct fault_plan plan;
	struct upload upload;
	int result; /* of the last answer; NOTHING */
	bool is_busy;
	bool refuses;
	unsigned int begun;
	unsigned int crashes;
	struct uploaded_file file; /* that came last */
	char md5[UPLOAD_MD5_MAX];
} scene;

static void reply(void *context, uint8_t channel, const uint8_t *data, size_t length)
{
	(void)context;
	if (channel == 1) {
		assert_true(length > FLAGSHIP_AABB_HEADER_SIZE);
		scene.result = data[FLAGSHIP_AABB_HEADER_SIZE];
	} else {
		scene.result = 0;
	}
}

static bool busy(void *context)
{
	(void)context;
	return scene.is_busy;
}

static void begun(void *context, const char *name)
{
	(void)context;
	assert_string_equal(name, "a.gcode");
	scene.begun++;
}

static bool uploaded(void *context, const struct uploaded_file *file)
{
	(void)context;
	scene.file = *file;
	return !scene.refuses;
}

static void crashed(void *context)
{
	(void)context;
	scene.crashes++;
}

static int setup(void **state)
{
	static const struct upload_output output = {reply, busy, begun, uploaded, crashed, NULL};
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.result = NOTHING;
	upload_init(&scene.upload, &scene.plan, &output);
	assert_int_equal(EVP_Digest(content, SIZE, digest, &length, EVP_md5(), NULL), 1);
	hex_encode(digest, length, HEX_LOWER, scene.md5);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	upload_finish(&scene.upload);
	return 0;
}

/* Returns the answer. */
static int send(uint8_t kind, int64_t position, const void *data, size_t length)
{
	uint8_t frame[FRAME_MAX];
	const struct flagship_aabb header = {
		.kind = kind, .position = (uint32_t)position, .length = (uint32_t)length};
	uint16_t crc = flagship_aabb_write(&header, frame);

	scene.result = NOTHING;
	if (length > 0) {
		memcpy(frame + FLAGSHIP_AABB_HEADER_SIZE, data, length);
	}
	flagship_aabb_write_crc(flagship_crc16(crc, data, length),
				frame + FLAGSHIP_AABB_HEADER_SIZE + length);
	upload_take(&scene.upload, 1, frame, FLAGSHIP_AABB_OVERHEAD + length);
	return scene.result;
}

static int begin(const char *info)
{
	return send(FLAGSHIP_AABB_KIND_BEGIN, 0, info, strlen(info) + 1);
}

static int begin_file(void)
{
	char info[FRAME_MAX];

	snprintf(info, sizeof(info), "0,a.gcode,%zu,%s,me,1,2", SIZE, scene.md5);
	return begin(info);
}

static int send_from(size_t position, size_t length)
{
	return send(FLAGSHIP_AABB_KIND_DATA, (int64_t)position, content + position, length);
}

static void takes_a_file(void **state)
{
	(void)state;
	assert_int_equal(begin_file(), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(scene.begun, 1);
	assert_int_equal(send_from(0, 10), FLAGSHIP_AABB_RESULT_OK);
	/* The answer to that was lost. */
	assert_int_equal(send_from(0, 10), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send_from(10, SIZE - 10), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send(FLAGSHIP_AABB_KIND_END, 0, NULL, 0), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(scene.file.size, SIZE);
	assert_int_equal(scene.file.print_s, 61);
	assert_int_equal(scene.file.layers, 7);
	/* It is whole: there is nothing to end. */
	assert_int_equal(send(FLAGSHIP_AABB_KIND_END, 0, NULL, 0),
			 FLAGSHIP_AABB_RESULT_FRAME_ERROR);
	assert_int_equal(scene.upload.frames.damaged, 0);
}

static void refuses_what_cannot_begin(void **state)
{
	static const char *const bad[] = {"",
					  "0",
					  "0,,9,x,me,1,2",
					  "0,../a.gcode,9,x,me,1,2",
					  "0,a.gcode,0,x,me,1,2",
					  "0,a.gcode,-1,x,me,1,2",
					  "0,a.gcode,many,x,me,1,2"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(begin(bad[i]), FLAGSHIP_AABB_RESULT_FILE_ERROR);
	}
	scene.is_busy = true;
	assert_int_equal(begin_file(), FLAGSHIP_AABB_RESULT_BUSY);
	assert_int_equal(scene.begun, 0);
	assert_int_equal(send_from(0, 1), FLAGSHIP_AABB_RESULT_FRAME_ERROR);
}

static void refuses_pieces_that_do_not_fit(void **state)
{
	static const uint8_t many[SIZE + 1];
	uint8_t damaged[FLAGSHIP_AABB_OVERHEAD] = {0};
	const struct flagship_aabb header = {.kind = FLAGSHIP_AABB_KIND_END};

	(void)state;
	assert_int_equal(begin_file(), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send_from(10, 1), FLAGSHIP_AABB_RESULT_FRAME_ERROR);
	assert_int_equal(send(FLAGSHIP_AABB_KIND_DATA, 0, many, sizeof(many)),
			 FLAGSHIP_AABB_RESULT_FRAME_ERROR);
	assert_int_equal(send(FLAGSHIP_AABB_KIND_END, 0, NULL, 0),
			 FLAGSHIP_AABB_RESULT_FRAME_ERROR);
	assert_int_equal(send(UINT8_C(0x55), 0, NULL, 0), FLAGSHIP_AABB_RESULT_FRAME_ERROR);
	uint16_t crc = flagship_aabb_write(&header, damaged);
	flagship_aabb_write_crc(crc ^ 1, damaged + FLAGSHIP_AABB_HEADER_SIZE);
	scene.result = NOTHING;
	upload_take(&scene.upload, 1, damaged, sizeof(damaged));
	assert_int_equal(scene.result, FLAGSHIP_AABB_RESULT_FRAME_ERROR);
	assert_int_equal(scene.upload.frames.damaged, 1);
}

static void refuses_another_file_than_was_announced(void **state)
{
	(void)state;
	scene.md5[0] ^= 1;
	assert_int_equal(begin_file(), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send_from(0, SIZE), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send(FLAGSHIP_AABB_KIND_END, 0, NULL, 0),
			 FLAGSHIP_AABB_RESULT_CHECKSUM_ERROR);
	assert_null(scene.file.name);
	scene.md5[0] ^= 1;
	scene.refuses = true;
	assert_int_equal(begin_file(), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send_from(0, SIZE), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send(FLAGSHIP_AABB_KIND_END, 0, NULL, 0), FLAGSHIP_AABB_RESULT_BUSY);
}

static void forgets_a_file_that_is_given_up(void **state)
{
	(void)state;
	assert_int_equal(begin_file(), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send(FLAGSHIP_AABB_KIND_ABORT, 0, NULL, 0), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send_from(0, 1), FLAGSHIP_AABB_RESULT_FRAME_ERROR);
	assert_int_equal(send(FLAGSHIP_AABB_KIND_ABORT, 0, NULL, 0), FLAGSHIP_AABB_RESULT_OK);
}

static void has_the_faults_that_it_is_told(void **state)
{
	(void)state;
	scene.plan.lan_crash = true;
	assert_int_equal(begin_file(), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send_from(0, 1), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send_from(1, SIZE - 1), NOTHING);
	assert_int_equal(scene.crashes, 1);
	scene.plan = (struct fault_plan){.lan_result = FLAGSHIP_AABB_RESULT_FILE_ERROR};
	assert_int_equal(begin_file(), FLAGSHIP_AABB_RESULT_OK);
	assert_int_equal(send(FLAGSHIP_AABB_KIND_END, 0, NULL, 0), FLAGSHIP_AABB_RESULT_FILE_ERROR);
}

static void reads_header_lines(void **state)
{
	static const struct {
		const char *text;
		int64_t number;
	} cases[] = {
		{";TIME:5", 5},
		{"G28\n;TIME:5\n", 5},
		{"", 0},
		{"G28 ;TIME:5\n", 0},
		{";TIME:-5\n", 0},
		{";TIME:many\n", 0},
		{";TIME:99999999999999999999\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(upload_header_number(cases[i].text, ";TIME:"), cases[i].number);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_a_file),
		TEST(refuses_what_cannot_begin),
		TEST(refuses_pieces_that_do_not_fit),
		TEST(refuses_another_file_than_was_announced),
		TEST(forgets_a_file_that_is_given_up),
		TEST(has_the_faults_that_it_is_told),
		TEST(reads_header_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
