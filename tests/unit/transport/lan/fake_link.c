/* SPDX-License-Identifier: MIT */
#include "fake_link.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <string.h>

#define FRAME_SIZE 4096

struct fake_link fake_link;

static struct lan_link *the_link(void)
{
	return (struct lan_link *)&fake_link;
}

int __wrap_lan_link_create(uv_loop_t *loop, const struct lan_link_options *options,
			   const struct lan_link_handlers *handlers, void *context,
			   struct lan_link **link);
int __wrap_lan_link_create(uv_loop_t *loop, const struct lan_link_options *options,
			   const struct lan_link_handlers *handlers, void *context,
			   struct lan_link **link)
{
	const struct flagship_pppp_options made = {.role = FLAGSHIP_PPPP_ROLE_CLIENT};

	(void)loop;
	(void)options;
	if (fake_link.refusal) {
		return fake_link.refusal;
	}
	fake_link.handlers = handlers;
	fake_link.context = context;
	fake_link.session = flagship_pppp_session_create(&made);
	assert_non_null(fake_link.session);
	*link = the_link();
	return 0;
}

size_t __wrap_lan_link_write(struct lan_link *link, uint8_t channel, const uint8_t *data,
			     size_t length);
size_t __wrap_lan_link_write(struct lan_link *link, uint8_t channel, const uint8_t *data,
			     size_t length)
{
	size_t taken = length < fake_link.room ? length : fake_link.room;

	assert_ptr_equal(link, the_link());
	assert_in_range(channel, 0, FAKE_LINK_CHANNELS - 1);
	assert_in_range(fake_link.length[channel] + taken, 0, FAKE_LINK_SIZE);
	memcpy(fake_link.written[channel] + fake_link.length[channel], data, taken);
	fake_link.length[channel] += taken;
	fake_link.room -= taken;
	return taken;
}

void __wrap_lan_link_close(struct lan_link *link);
void __wrap_lan_link_close(struct lan_link *link)
{
	assert_ptr_equal(link, the_link());
	fake_link.closed = true;
}

struct flagship_pppp_session *__wrap_lan_link_session(struct lan_link *link);
struct flagship_pppp_session *__wrap_lan_link_session(struct lan_link *link)
{
	assert_ptr_equal(link, the_link());
	return fake_link.session;
}

void fake_link_begin(void)
{
	memset(&fake_link, 0, sizeof(fake_link));
	fake_link.room = SIZE_MAX;
}

void fake_link_open(void)
{
	fake_link.handlers->on_open(fake_link.context);
}

void fake_link_say(uint8_t channel, const uint8_t *data, size_t length)
{
	const struct flagship_pppp_piece_in piece = {.data = data, .length = length};

	fake_link.handlers->on_data(fake_link.context, channel, &piece);
}

void fake_link_say_xzyh(uint8_t channel, const void *data, size_t length)
{
	uint8_t frame[FRAME_SIZE];
	const struct flagship_xzyh header = {.length = (uint32_t)length};

	flagship_xzyh_write(&header, frame);
	memcpy(frame + FLAGSHIP_XZYH_HEADER_SIZE, data, length);
	fake_link_say(channel, frame, FLAGSHIP_XZYH_HEADER_SIZE + length);
}

void fake_link_say_aabb(uint8_t kind, const void *data, size_t length)
{
	uint8_t frame[FRAME_SIZE];
	const struct flagship_aabb header = {.kind = kind, .length = (uint32_t)length};
	uint16_t crc = flagship_aabb_write(&header, frame);

	memcpy(frame + FLAGSHIP_AABB_HEADER_SIZE, data, length);
	flagship_aabb_write_crc(flagship_crc16(crc, data, length),
				frame + FLAGSHIP_AABB_HEADER_SIZE + length);
	fake_link_say(1, frame, FLAGSHIP_AABB_OVERHEAD + length);
}

void fake_link_take(size_t room)
{
	fake_link.room = room;
	fake_link.handlers->on_room(fake_link.context);
}

void fake_link_end(enum flagship_pppp_end end)
{
	flagship_pppp_session_destroy(fake_link.session);
	fake_link.session = NULL;
	fake_link.handlers->on_end(fake_link.context, end);
}

bool fake_link_wrote(uint8_t channel)
{
	bool wrote = fake_link.length[channel] > 0;

	fake_link.length[channel] = 0;
	return wrote;
}

bool fake_link_wrote_kind(uint8_t kind, size_t length)
{
	struct flagship_aabb_reader reader;
	const uint8_t *data = fake_link.written[1];
	size_t left = fake_link.length[1];
	struct flagship_pppp_piece piece;

	flagship_aabb_reader_init(&reader, FAKE_LINK_SIZE);
	bool fits = left == length + FLAGSHIP_AABB_OVERHEAD &&
		    flagship_aabb_reader_push(&reader, &data, &left, &piece) ==
			    FLAGSHIP_PPPP_FOUND_BEGIN &&
		    reader.header.kind == kind && reader.header.length == length;
	fake_link.length[1] = 0;
	return fits;
}
