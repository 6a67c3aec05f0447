/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* The system's look-ups are this test's: how often a name is asked for is what it is about. */
#define WAITING 100

static unsigned int lookups;
static uv_getaddrinfo_t *under_way;
static uv_getaddrinfo_cb under_way_done;
static uint64_t now_ms;

int __wrap_uv_getaddrinfo(uv_loop_t *loop, uv_getaddrinfo_t *request, uv_getaddrinfo_cb done,
			  const char *node, const char *service, const struct addrinfo *hints);
void __wrap_uv_freeaddrinfo(struct addrinfo *info);
uint64_t __wrap_uv_now(const uv_loop_t *loop);
int __wrap_uv_cancel(uv_req_t *request);

int __wrap_uv_getaddrinfo(uv_loop_t *loop, uv_getaddrinfo_t *request, uv_getaddrinfo_cb done,
			  const char *node, const char *service, const struct addrinfo *hints)
{
	(void)service;
	(void)hints;
	if (node[0] == '-') {
		return UV_EINVAL;
	}
	assert_null(under_way);
	lookups++;
	request->loop = loop;
	under_way = request;
	under_way_done = done;
	return 0;
}

void __wrap_uv_freeaddrinfo(struct addrinfo *info)
{
	(void)info;
}

uint64_t __wrap_uv_now(const uv_loop_t *loop)
{
	(void)loop;
	return now_ms;
}

int __wrap_uv_cancel(uv_req_t *request)
{
	assert_ptr_equal(request, under_way);
	return UV_EBUSY;
}

static void finish_lookup(int status)
{
	static struct sockaddr_in second = {.sin_family = AF_INET};
	static struct sockaddr_in first = {.sin_family = AF_INET};
	static struct addrinfo after = {.ai_addr = (struct sockaddr *)&second,
					.ai_addrlen = sizeof(second)};
	static struct addrinfo info = {.ai_addr = (struct sockaddr *)&first,
				       .ai_addrlen = sizeof(first),
				       .ai_next = &after};
	uv_getaddrinfo_t *request = under_way;

	first.sin_addr.s_addr = htonl(0x0a000001);
	second.sin_addr.s_addr = htonl(0x0a000002);
	under_way = NULL;
	under_way_done(request, status, status == 0 ? &info : NULL);
}

struct waiter {
	struct resolver_request request;
	unsigned int calls;
	int status;
	struct resolver_request *cancels;
};

static void on_resolved(void *context, struct resolver_answer *answer, int status)
{
	struct waiter *waiter = context;

	waiter->calls++;
	waiter->status = status;
	if (answer) {
		assert_int_equal(answer->count, 2);
		assert_string_equal(answer->addresses[0], "10.0.0.1");
		assert_string_equal(answer->addresses[1], "10.0.0.2");
	}
	if (waiter->cancels) {
		resolver_cancel(waiter->cancels);
	}
	resolver_give_back(answer);
}

static int ask(struct resolver *resolver, const char *host, struct waiter *waiter)
{
	struct resolver_answer *answer;
	int status;

	waiter->request.on_resolved = on_resolved;
	waiter->request.context = waiter;
	status = resolver_ask(resolver, host, &waiter->request, &answer);
	assert_int_equal(answer != NULL, status == 1);
	resolver_give_back(answer);
	return status;
}

static void many_wait_for_one_lookup(void **state)
{
	static struct waiter waiters[WAITING];
	uv_loop_t loop;
	struct resolver *resolver = resolver_create(&loop);

	(void)state;
	lookups = 0;
	memset(waiters, 0, sizeof(waiters));
	for (size_t i = 0; i < WAITING; i++) {
		assert_int_equal(ask(resolver, "broker.example", &waiters[i]), 0);
	}
	assert_int_equal(lookups, 1);
	resolver_cancel(&waiters[3].request);
	waiters[5].cancels = &waiters[6].request;
	finish_lookup(0);
	for (size_t i = 0; i < WAITING; i++) {
		assert_int_equal(waiters[i].calls, i != 3 && i != 6);
	}
	/* And it serves those who come later, for a while. */
	assert_int_equal(ask(resolver, "broker.example", &waiters[0]), 1);
	now_ms += RESOLVER_TTL_MS;
	assert_int_equal(ask(resolver, "broker.example", &waiters[0]), 0);
	assert_int_equal(lookups, 2);
	finish_lookup(0);
	resolver_destroy(resolver);
}

static void what_failed_is_asked_again(void **state)
{
	struct waiter waiter = {0};
	uv_loop_t loop;
	struct resolver *resolver = resolver_create(&loop);

	(void)state;
	lookups = 0;
	assert_int_equal(ask(resolver, "no.example", &waiter), 0);
	finish_lookup(UV_EAI_NONAME);
	assert_int_equal(waiter.status, UV_EAI_NONAME);
	assert_int_equal(ask(resolver, "no.example", &waiter), 0);
	assert_int_equal(lookups, 2);
	finish_lookup(0);
	assert_int_equal(waiter.calls, 2);
	assert_int_equal(ask(resolver, "-", &waiter), UV_EINVAL);
	resolver_destroy(resolver);
}

static void addresses_that_nobody_answers_at_are_doubted(void **state)
{
	struct waiter waiter = {0};
	uv_loop_t loop;
	struct resolver *resolver = resolver_create(&loop);
	struct resolver_answer *answer;

	(void)state;
	lookups = 0;
	assert_int_equal(ask(resolver, "broker.example", &waiter), 0);
	finish_lookup(0);
	assert_int_equal(resolver_ask(resolver, "broker.example", &waiter.request, &answer), 1);
	/* Thousands whose connections fail at once do not ask thousands of times. */
	resolver_doubt(resolver, "broker.example", answer);
	assert_int_equal(ask(resolver, "broker.example", &waiter), 1);
	now_ms += 2000;
	resolver_doubt(resolver, "broker.example", answer);
	assert_int_equal(ask(resolver, "broker.example", &waiter), 0);
	finish_lookup(0);
	/* The one that is doubted is not the one that is there by now. */
	now_ms += 2000;
	resolver_doubt(resolver, "broker.example", answer);
	assert_int_equal(ask(resolver, "broker.example", &waiter), 1);
	assert_int_equal(lookups, 2);
	resolver_give_back(answer);
	resolver_destroy(resolver);
}

static void it_goes_while_it_asks(void **state)
{
	struct waiter waiter = {0};
	uv_loop_t loop;
	struct resolver *resolver = resolver_create(&loop);

	(void)state;
	assert_int_equal(ask(resolver, "broker.example", &waiter), 0);
	resolver_cancel(&waiter.request);
	resolver_destroy(resolver);
	finish_lookup(0);
	assert_int_equal(waiter.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_wait_for_one_lookup),
		cmocka_unit_test(what_failed_is_asked_again),
		cmocka_unit_test(addresses_that_nobody_answers_at_are_doubted),
		cmocka_unit_test(it_goes_while_it_asks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("resolver", tests, NULL, NULL);
}
