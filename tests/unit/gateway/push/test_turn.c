/* SPDX-License-Identifier: MIT */
#include "gateway/push/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DEVICES 40
#define LATE_MS INT64_C(60000)

struct scene {
	uv_loop_t loop;
	struct log log;
	struct push push;
	char folder[32];
};

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct problem problem;

	assert_non_null(scene);
	snprintf(scene->folder, sizeof(scene->folder), "/tmp/flagship-turn-XXXXXX");
	assert_non_null(mkdtemp(scene->folder));
	assert_int_equal(uv_loop_init(&scene->loop), 0);
	log_init(&scene->log, STDERR_FILENO, LOG_FORMAT_TEXT, &(struct log_levels){0});
	scene->push = (struct push){.loop = &scene->loop, .pace = {.is_awake = true}};
	scene->push.options.log = &scene->log;
	list_init(&scene->push.messages);
	list_init(&scene->push.out);
	assert_int_equal(push_book_open(scene->folder, &scene->push.book, &problem), 0);
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	outbox_forget(&scene->push);
	push_book_close(scene->push.book);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
	assert_int_equal(rmdir(scene->folder), 0);
	free(scene);
	return 0;
}

/* Something happens to a printer, and a device of this user's is told of it. */
static void add(struct scene *scene, const char *service, unsigned int device, const char *user,
		const char *serial)
{
	static const char text[] = "{}";
	struct push_subscription subscription = {.kinds = 0};
	struct push_treatment treatment;

	snprintf(subscription.endpoint, sizeof(subscription.endpoint), "https://%s/%u", service,
		 device);
	snprintf(subscription.user, sizeof(subscription.user), "%s", user);
	assert_true(push_id_of(subscription.endpoint, subscription.id));
	push_treatment_of(PUSH_TYPE_FINISHED, serial, &treatment);
	assert_true(outbox_add(&scene->push, &subscription, &treatment, text, sizeof(text), NULL));
}

static int64_t now_of(const struct scene *scene)
{
	return (int64_t)uv_now(&scene->loop);
}

static unsigned int send_all(struct scene *scene, int64_t now_ms)
{
	struct push_message *message;
	unsigned int count = 0;

	while ((message = turn_next(&scene->push, now_ms))) {
		outbox_hand_out(&scene->push, message);
		count++;
	}
	return count;
}

static struct push_message *first_of(struct list *list)
{
	assert_false(list_is_empty(list));
	return LIST_OF(list->next, struct push_message, place);
}

static void end_first(struct scene *scene, enum push_outcome outcome)
{
	outbox_take_result(&scene->push, first_of(&scene->push.out),
			   &(struct push_result){.outcome = outcome, .detail = ""});
}

static void slow_service_holds_up_its_own_alone(void **state)
{
	struct scene *scene = *state;
	char user[16];

	for (unsigned int i = 0; i < DEVICES; i++) {
		snprintf(user, sizeof(user), "user %u", i);
		add(scene, "slow.example", i, user, "A");
	}
	assert_int_equal(send_all(scene, now_of(scene)), TURN_SERVICE_SHARE);
	add(scene, "quick.example", 1, "user 1", "A");
	add(scene, "slow.example:8443", 2, "user 2", "A");
	assert_int_equal(send_all(scene, now_of(scene)), 2);
	end_first(scene, PUSH_DELIVERED);
	assert_int_equal(send_all(scene, now_of(scene)), 1);
	end_first(scene, PUSH_UNREACHABLE);
	assert_int_equal(send_all(scene, now_of(scene)), 1);
	assert_int_equal(scene->push.message_count, DEVICES + 1);
}

static void user_of_many_services_leaves_room(void **state)
{
	struct scene *scene = *state;
	char service[32];

	for (unsigned int i = 0; i < DEVICES; i++) {
		snprintf(service, sizeof(service), "slow-%u.example", i);
		add(scene, service, i, "one", "A");
	}
	add(scene, "quick.example", 1, "other", "A");
	assert_int_equal(send_all(scene, now_of(scene)), TURN_USER_SHARE + 1);
}

static void no_more_than_so_many_are_on_their_way(void **state)
{
	struct scene *scene = *state;
	char service[32];

	for (unsigned int i = 0; i < DEVICES; i++) {
		snprintf(service, sizeof(service), "push-%u.example", i);
		add(scene, service, i, service, "A");
	}
	assert_int_equal(send_all(scene, now_of(scene)), TURN_OUT_MAX);
}

static void device_is_told_one_thing_after_the_other(void **state)
{
	struct scene *scene = *state;

	add(scene, "push.example", 1, "one", "A");
	add(scene, "push.example", 1, "one", "B");
	add(scene, "push.example", 1, "one", "C");
	for (int64_t number = 1; number <= 3; number++) {
		assert_int_equal(send_all(scene, now_of(scene)), 1);
		assert_int_equal(first_of(&scene->push.out)->number, number);
		end_first(scene, PUSH_DELIVERED);
	}
	assert_int_equal(scene->push.message_count, 0);
	assert_int_equal(scene->push.out_count, 0);
}

static void what_failed_is_tried_again_before_what_came_later(void **state)
{
	struct scene *scene = *state;

	add(scene, "push.example", 1, "one", "A");
	assert_int_equal(send_all(scene, now_of(scene)), 1);
	add(scene, "push.example", 1, "one", "B");
	end_first(scene, PUSH_UNREACHABLE);
	assert_int_equal(send_all(scene, now_of(scene) + LATE_MS), 1);
	assert_int_equal(first_of(&scene->push.out)->number, 1);
}

/* What is told late must not take the place of what is told since. */
static void what_failed_is_dropped_where_it_is_outdated(void **state)
{
	struct scene *scene = *state;

	add(scene, "push.example", 1, "one", "A");
	assert_int_equal(send_all(scene, now_of(scene)), 1);
	add(scene, "push.example", 1, "one", "A");
	end_first(scene, PUSH_UNREACHABLE);
	assert_int_equal(scene->push.message_count, 1);
	assert_int_equal(first_of(&scene->push.messages)->number, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(slow_service_holds_up_its_own_alone, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(user_of_many_services_leaves_room, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(no_more_than_so_many_are_on_their_way, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(device_is_told_one_thing_after_the_other, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_failed_is_tried_again_before_what_came_later,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_failed_is_dropped_where_it_is_outdated, set_up,
						tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
