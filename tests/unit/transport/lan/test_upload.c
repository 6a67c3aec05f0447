/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "fake_link.h"
#include "transport/lan/upload.h"

#include <string.h>

#define FILE_SIZE    (LAN_UPLOAD_PIECE + 100)
#define HANDSHAKE_MS 2000 /* until the old form is tried */
#define ANSWER_MS    20000
#define CANCEL_MS    2000

static struct scene {
	uv_loop_t loop;
	struct lan_upload *upload;
	struct lan_upload_handlers handlers;
	struct lan_upload_report report;
	int64_t progress;
	int64_t read; /* bytes of the file, from its start */
	unsigned int loaded;
	unsigned int ended;
	bool is_unreadable;
	bool has_no_random;
} scene;

int __real_RAND_bytes(unsigned char *out, int size);
int __wrap_RAND_bytes(unsigned char *out, int size);
int __wrap_RAND_bytes(unsigned char *out, int size)
{
	return scene.has_no_random ? 0 : __real_RAND_bytes(out, size);
}

static bool read_file(void *context, int64_t position, uint8_t *data, size_t length)
{
	(void)context;
	assert_true(position + (int64_t)length <= FILE_SIZE);
	assert_int_equal(position, scene.read); /* each piece once, in their order */
	scene.read += (int64_t)length;
	memset(data, 'G', length);
	return !scene.is_unreadable;
}

static void on_progress(void *context, int64_t sent)
{
	(void)context;
	scene.progress = sent;
}

static void on_loaded(void *context)
{
	(void)context;
	scene.loaded++;
}

static void on_end(void *context, const struct lan_upload_report *report)
{
	(void)context;
	scene.ended++;
	scene.report = *report;
}

static const struct lan_upload_options options = {
	.link = {.duid = "", .address = "127.0.0.1"},
	.name = "a.gcode",
	.size = FILE_SIZE,
	.md5 = "00112233445566778899aabbccddeeff",
	.user_name = "",
	.user_id = "",
	.start = true,
};

static int create(const struct lan_upload_options *wanted)
{
	return lan_upload_create(&scene.loop, wanted, &scene.handlers, NULL, &scene.upload);
}

static int setup(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.handlers = (struct lan_upload_handlers){read_file, on_progress, on_loaded, on_end};
	fake_link_begin();
	return uv_loop_init(&scene.loop);
}

static int teardown(void **state)
{
	(void)state;
	uv_run(&scene.loop, UV_RUN_NOWAIT);
	assert_int_equal(uv_loop_close(&scene.loop), 0);
	return 0;
}

/* Ends the session as it was asked to, and returns how the upload went. */
static enum lan_upload_outcome finish(void)
{
	assert_true(fake_link.closed);
	assert_int_equal(scene.ended, 0);
	fake_link_end(FLAGSHIP_PPPP_END_DONE);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(scene.ended, 1);
	return scene.report.outcome;
}

static void pass(int64_t ms)
{
	fake_clock_pass(ms);
	uv_run(&scene.loop, UV_RUN_NOWAIT);
}

static void answer(uint8_t kind, uint8_t result)
{
	fake_link_say_aabb(kind, &result, sizeof(result));
}

static void accept_handshake(void)
{
	static const uint8_t taken[4];

	fake_link_say_xzyh(0, taken, sizeof(taken));
}

/* Up to the frame that begins the file. */
static void begin(const struct lan_upload_options *wanted)
{
	assert_int_equal(create(wanted), 0);
	fake_link_open();
	assert_true(fake_link_wrote(0));
	accept_handshake();
	assert_true(fake_link_wrote(1));
}

/* Up to the moment when the whole file is there. */
static void send_pieces(void)
{
	answer(FLAGSHIP_AABB_KIND_BEGIN_REPLY, 0);
	assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_DATA, LAN_UPLOAD_PIECE));
	answer(FLAGSHIP_AABB_KIND_DATA_REPLY, 0);
	assert_int_equal(scene.progress, LAN_UPLOAD_PIECE);
	assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_DATA, 100));
	answer(FLAGSHIP_AABB_KIND_DATA_REPLY, 0);
}

static void prints_when_it_is_told_to(void **state)
{
	(void)state;
	begin(&options);
	lan_upload_finish(scene.upload); /* before its time */
	assert_false(fake_link_wrote(1));
	send_pieces();
	assert_int_equal(scene.loaded, 1);
	assert_false(fake_link_wrote(1));
	answer(FLAGSHIP_AABB_KIND_END_REPLY, 0); /* of nothing */
	lan_upload_finish(scene.upload);
	assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_END, 0));
	answer(FLAGSHIP_AABB_KIND_END_REPLY, 0);
	assert_int_equal(finish(), LAN_UPLOAD_DONE);
	assert_int_equal(scene.report.sent, FILE_SIZE);
	assert_string_equal(scene.report.detail, "");
}

static void prints_at_once_where_nobody_waits(void **state)
{
	(void)state;
	scene.handlers.on_loaded = NULL;
	scene.handlers.on_progress = NULL;
	begin(&options);
	answer(FLAGSHIP_AABB_KIND_BEGIN_REPLY, 0);
	answer(FLAGSHIP_AABB_KIND_DATA_REPLY, 0);
	fake_link_wrote(1);
	answer(FLAGSHIP_AABB_KIND_DATA_REPLY, 0);
	assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_END, 0));
	answer(FLAGSHIP_AABB_KIND_END_REPLY, FLAGSHIP_AABB_RESULT_CHECKSUM_ERROR);
	assert_int_equal(finish(), LAN_UPLOAD_REFUSED);
	assert_int_equal(scene.report.result, FLAGSHIP_AABB_RESULT_CHECKSUM_ERROR);
	assert_false(scene.report.busy);
}

static void only_sends_where_nothing_is_to_be_printed(void **state)
{
	struct lan_upload_options wanted = options;

	(void)state;
	wanted.start = false;
	begin(&wanted);
	send_pieces();
	assert_false(fake_link_wrote(1));
	assert_int_equal(scene.loaded, 0);
	assert_int_equal(finish(), LAN_UPLOAD_DONE);
}

static void tries_the_old_handshake(void **state)
{
	static const uint8_t refusal[] = {1, 0, 0, 0};
	static const uint8_t odd[] = {0, 0};

	for (int how = 0; how < 3; how++) {
		assert_int_equal(create(&options), 0);
		fake_link_open();
		assert_true(fake_link_wrote(0));
		if (how == 0) {
			fake_link_say_xzyh(0, refusal, sizeof(refusal));
		} else if (how == 1) {
			fake_link_say_xzyh(0, odd, sizeof(odd));
		} else {
			pass(HANDSHAKE_MS - 1);
			assert_false(fake_link_wrote(1));
			pass(1);
		}
		assert_true(fake_link_wrote(0));
		assert_true(fake_link_wrote(1)); /* the file begins at once */
		accept_handshake();              /* late */
		assert_false(fake_link_wrote(1));
		send_pieces();
		lan_upload_finish(scene.upload);
		answer(FLAGSHIP_AABB_KIND_END_REPLY, 0);
		assert_int_equal(finish(), LAN_UPLOAD_DONE);
		teardown(state);
		setup(state);
	}
}

static void says_what_the_printer_refuses(void **state)
{
	static const uint8_t results[] = {
		FLAGSHIP_AABB_RESULT_BUSY,        FLAGSHIP_AABB_RESULT_CHECKSUM_ERROR,
		FLAGSHIP_AABB_RESULT_FRAME_ERROR, FLAGSHIP_AABB_RESULT_UNKNOWN_ERROR,
		FLAGSHIP_AABB_RESULT_FILE_ERROR,  0x42,
	};

	for (size_t i = 0; i < sizeof(results); i++) {
		begin(&options);
		answer(FLAGSHIP_AABB_KIND_BEGIN_REPLY, results[i]);
		assert_int_equal(finish(), LAN_UPLOAD_REFUSED);
		assert_int_equal(scene.report.result, results[i]);
		assert_string_equal(scene.report.detail, lan_upload_explain(results[i]));
		assert_string_not_equal(scene.report.detail, "");
		assert_int_equal(scene.report.busy, results[i] == FLAGSHIP_AABB_RESULT_BUSY);
		teardown(state);
		setup(state);
	}
	assert_string_equal(lan_upload_explain(FLAGSHIP_AABB_RESULT_OK), "");
}

static void passes_over_what_is_no_answer(void **state)
{
	const uint8_t refusal = FLAGSHIP_AABB_RESULT_BUSY;
	uint8_t damaged[FLAGSHIP_AABB_OVERHEAD + 1] = {0};
	const struct flagship_aabb header = {.kind = FLAGSHIP_AABB_KIND_BEGIN_REPLY, .length = 1};

	(void)state;
	flagship_aabb_write(&header, damaged);
	damaged[FLAGSHIP_AABB_HEADER_SIZE] = refusal;
	begin(&options);
	answer(FLAGSHIP_AABB_KIND_END_REPLY, refusal);
	fake_link_say_aabb(FLAGSHIP_AABB_KIND_BEGIN_REPLY, "", 0);
	fake_link_say(1, damaged, sizeof(damaged));
	assert_false(fake_link.closed);
	/* The first byte of a longer answer counts. */
	fake_link_say_aabb(FLAGSHIP_AABB_KIND_BEGIN_REPLY, "\0more than it keeps", 19);
	assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_DATA, LAN_UPLOAD_PIECE));
	lan_upload_cancel(scene.upload);
	answer(FLAGSHIP_AABB_KIND_ABORT_REPLY, 0);
	assert_int_equal(finish(), LAN_UPLOAD_FAILED);
}

static void repeats_what_is_not_answered(void **state)
{
	(void)state;
	begin(&options);
	for (int i = 0; i < 2; i++) {
		pass(ANSWER_MS - 1);
		assert_false(fake_link_wrote(1));
		pass(1);
		assert_true(fake_link_wrote(1));
	}
	pass(ANSWER_MS);
	assert_false(fake_link_wrote(1));
	assert_int_equal(finish(), LAN_UPLOAD_UNANSWERED);
	assert_true(scene.report.busy); /* somebody else may have the session */
}

static void gives_up_in_the_middle_of_the_file(void **state)
{
	struct lan_upload_options wanted = options;

	(void)state;
	wanted.answer_ms = 50;
	begin(&wanted);
	answer(FLAGSHIP_AABB_KIND_BEGIN_REPLY, 0);
	fake_link_wrote(1);
	for (int i = 0; i < 2; i++) {
		pass(wanted.answer_ms);
		assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_DATA, LAN_UPLOAD_PIECE));
	}
	pass(wanted.answer_ms);
	assert_int_equal(finish(), LAN_UPLOAD_UNANSWERED);
	assert_false(scene.report.busy);
	assert_non_null(strstr(scene.report.detail, "middle of the file"));
}

static void never_repeats_the_order_to_print(void **state)
{
	(void)state;
	begin(&options);
	send_pieces();
	lan_upload_finish(scene.upload);
	assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_END, 0));
	pass(ANSWER_MS);
	assert_false(fake_link_wrote(1));
	assert_int_equal(finish(), LAN_UPLOAD_UNANSWERED);
	assert_non_null(strstr(scene.report.detail, "it may print it"));
}

static void waits_for_room(void **state)
{
	(void)state;
	begin(&options);
	fake_link.room = 0;
	answer(FLAGSHIP_AABB_KIND_BEGIN_REPLY, 0);
	assert_false(fake_link_wrote(1));
	pass(ANSWER_MS - 1);
	fake_link_take(LAN_UPLOAD_PIECE);
	answer(FLAGSHIP_AABB_KIND_DATA_REPLY, 0); /* of a piece that is not whole yet */
	assert_int_equal(scene.progress, 0);
	/* It goes on, so that there is as much time again. */
	pass(ANSWER_MS - 1);
	fake_link_take(SIZE_MAX);
	assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_DATA, LAN_UPLOAD_PIECE));
	/* The frame that is half on its way is not cut by an abort. */
	fake_link.room = 0;
	answer(FLAGSHIP_AABB_KIND_DATA_REPLY, 0);
	lan_upload_cancel(scene.upload);
	assert_false(fake_link_wrote(1));
	fake_link_take(SIZE_MAX); /* too late */
	assert_false(fake_link_wrote(1));
	assert_int_equal(finish(), LAN_UPLOAD_FAILED);
}

static void fails_where_the_file_cannot_be_read(void **state)
{
	(void)state;
	begin(&options);
	scene.is_unreadable = true;
	answer(FLAGSHIP_AABB_KIND_BEGIN_REPLY, 0);
	assert_false(fake_link_wrote(1));
	assert_int_equal(finish(), LAN_UPLOAD_FAILED);
	assert_non_null(strstr(scene.report.detail, "cannot be read"));
}

static void reads_a_piece_while_the_printer_takes_another(void **state)
{
	(void)state;
	begin(&options);
	answer(FLAGSHIP_AABB_KIND_BEGIN_REPLY, 0);
	assert_int_equal(scene.read, LAN_UPLOAD_PIECE);
	fake_link_take(SIZE_MAX);
	assert_int_equal(scene.read, FILE_SIZE);
	fake_link_take(SIZE_MAX);
	/* What is not answered comes again as it was, not the one that is made. */
	pass(ANSWER_MS);
	assert_int_equal(fake_link.length[1], 2 * (LAN_UPLOAD_PIECE + FLAGSHIP_AABB_OVERHEAD));
	assert_memory_equal(fake_link.written[1],
			    fake_link.written[1] + LAN_UPLOAD_PIECE + FLAGSHIP_AABB_OVERHEAD,
			    LAN_UPLOAD_PIECE + FLAGSHIP_AABB_OVERHEAD);
	(void)fake_link_wrote(1);
	answer(FLAGSHIP_AABB_KIND_DATA_REPLY, 0);
	assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_DATA, 100));
	fake_link_take(SIZE_MAX);
	answer(FLAGSHIP_AABB_KIND_DATA_REPLY, 0);
	assert_int_equal(scene.loaded, 1);
	fake_link_end(FLAGSHIP_PPPP_END_SILENT);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(scene.report.sent, FILE_SIZE);
}

static void fails_where_the_next_piece_cannot_be_read(void **state)
{
	(void)state;
	begin(&options);
	answer(FLAGSHIP_AABB_KIND_BEGIN_REPLY, 0);
	assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_DATA, LAN_UPLOAD_PIECE));
	scene.is_unreadable = true;
	fake_link_take(SIZE_MAX);
	assert_false(fake_link.closed); /* the printer has not answered the one before yet */
	answer(FLAGSHIP_AABB_KIND_DATA_REPLY, 0);
	assert_false(fake_link_wrote(1));
	assert_int_equal(finish(), LAN_UPLOAD_FAILED);
	assert_int_equal(scene.report.sent, LAN_UPLOAD_PIECE);
	assert_non_null(strstr(scene.report.detail, "cannot be read"));
}

static void is_interrupted(void **state)
{
	(void)state;
	/* Before there is anything to abort. */
	assert_int_equal(create(&options), 0);
	lan_upload_cancel(scene.upload);
	lan_upload_cancel(scene.upload);
	assert_int_equal(finish(), LAN_UPLOAD_FAILED);
	assert_non_null(strstr(scene.report.detail, "interrupted"));
	teardown(state);
	/* A printer that says nothing to it is not waited for long. */
	setup(state);
	begin(&options);
	lan_upload_cancel(scene.upload);
	assert_true(fake_link_wrote_kind(FLAGSHIP_AABB_KIND_ABORT, 0));
	pass(CANCEL_MS - 1);
	assert_false(fake_link.closed);
	pass(1);
	assert_int_equal(finish(), LAN_UPLOAD_FAILED);
	assert_non_null(strstr(scene.report.detail, "interrupted"));
}

static void tells_how_the_session_ended(void **state)
{
	(void)state;
	assert_int_equal(create(&options), 0);
	fake_link_end(FLAGSHIP_PPPP_END_REFUSED);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(scene.report.outcome, LAN_UPLOAD_FAILED);
	assert_true(scene.report.busy);
	assert_string_equal(scene.report.detail, lan_link_explain(FLAGSHIP_PPPP_END_REFUSED));
	teardown(state);
	setup(state);
	begin(&options);
	answer(FLAGSHIP_AABB_KIND_BEGIN_REPLY, 0);
	fake_link_end(FLAGSHIP_PPPP_END_SILENT);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(scene.report.outcome, LAN_UPLOAD_UNANSWERED);
	assert_false(scene.report.busy);
}

static void needs_a_link_and_random_numbers(void **state)
{
	(void)state;
	fake_link.refusal = UV_EADDRINUSE;
	assert_int_equal(create(&options), UV_EADDRINUSE);
	fake_link.refusal = 0;
	scene.has_no_random = true;
	assert_int_equal(create(&options), UV_EIO);
	scene.has_no_random = false;
	assert_int_equal(create(&options), 0);
	/* Those of the handshake are no secret. */
	scene.has_no_random = true;
	fake_link_open();
	assert_true(fake_link_wrote(0));
	lan_upload_cancel(scene.upload);
	assert_int_equal(finish(), LAN_UPLOAD_FAILED);
}

static void makes_names_that_a_printer_takes(void **state)
{
	static const struct {
		const char *path;
		const char *name;
	} cases[] = {
		{"/a/b/Part-1_x.gcode", "Part-1_x.gcode"},
		{"AZaz09@[`{:,", "AZaz09______"},
		{"\xc3\xa4 (2).gcode", "____2_.gcode"},
		{"folder/", ""},
	};
	char long_path[2 * LAN_UPLOAD_NAME_MAX];
	char name[LAN_UPLOAD_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		lan_upload_name(cases[i].path, name);
		assert_string_equal(name, cases[i].name);
	}
	memset(long_path, 'a', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	lan_upload_name(long_path, name);
	assert_int_equal(strlen(name), LAN_UPLOAD_NAME_MAX - 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prints_when_it_is_told_to),
		TEST(prints_at_once_where_nobody_waits),
		TEST(only_sends_where_nothing_is_to_be_printed),
		TEST(tries_the_old_handshake),
		TEST(says_what_the_printer_refuses),
		TEST(passes_over_what_is_no_answer),
		TEST(repeats_what_is_not_answered),
		TEST(gives_up_in_the_middle_of_the_file),
		TEST(never_repeats_the_order_to_print),
		TEST(waits_for_room),
		TEST(fails_where_the_file_cannot_be_read),
		TEST(reads_a_piece_while_the_printer_takes_another),
		TEST(fails_where_the_next_piece_cannot_be_read),
		TEST(is_interrupted),
		TEST(tells_how_the_session_ended),
		TEST(needs_a_link_and_random_numbers),
		TEST(makes_names_that_a_printer_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
