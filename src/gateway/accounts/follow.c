/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/accounts/internal.h"
#include "store/settings/settings.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* When the printers of each account are asked for again. */

#define MS_PER_S     INT64_C(1000)
#define JITTER       10             /* a tenth of the interval, either way */
#define LOOK_MS      INT64_C(60000) /* the machine may have slept */
#define BUSY_MS      INT64_C(2000)
#define NOTICE_MS    INT64_C(1000)  /* several come at once */
#define NOTICE_PAUSE INT64_C(60000) /* between two that are followed */
#define RETRY_MS     INT64_C(60000) /* after the first failure; twice as long after the next */
#define RETRIES_MAX  16
#define FNV_START    UINT64_C(14695981039346656037)
#define FNV_PRIME    UINT64_C(1099511628211)

static struct followed *find(const struct accounts *accounts, const char *user_id)
{
	for (struct list *at = accounts->followed.next; at != &accounts->followed; at = at->next) {
		struct followed *followed = LIST_OF(at, struct followed, place);

		if (strcmp(followed->user_id, user_id) == 0) {
			return followed;
		}
	}
	return NULL;
}

const struct followed *follow_find(const struct accounts *accounts, const char *user_id)
{
	return find(accounts, user_id);
}

static uint64_t number_of(const char *text)
{
	uint64_t hash = FNV_START;

	for (; *text != '\0'; text++) {
		hash = (hash ^ (uint8_t)*text) * FNV_PRIME;
	}
	return hash;
}

/* Between nine and eleven tenths of it, so that a thousand gateways do not come at once. */
static int64_t vary(int64_t interval_ms)
{
	uint32_t chance = 0;
	int64_t range_ms = interval_ms / JITTER;

	if (range_ms == 0 || RAND_bytes((unsigned char *)&chance, sizeof(chance)) != 1) {
		return interval_ms;
	}
	return interval_ms - range_ms + (int64_t)(chance % (uint64_t)(2 * range_ms));
}

static int64_t read_interval(const struct accounts *accounts)
{
	const struct settings *settings = gateway_printers_settings(accounts->printers);

	return settings ? settings_duration_ms(settings_get(settings, "api", "refresh")) : 0;
}

/* --- when --- */

static const struct store_account *stored_of(const struct accounts *accounts, const char *user_id)
{
	const struct store_accounts *all = gateway_printers_accounts(accounts->printers);

	for (size_t i = 0; i < all->count; i++) {
		if (!all->accounts[i].local &&
		    strcmp(all->accounts[i].login.user_id, user_id) == 0) {
			return &all->accounts[i];
		}
	}
	return NULL;
}

/* Counted from when it was asked last, be it by another program: a restart asks no sooner. */
static void schedule(const struct accounts *accounts, struct followed *followed)
{
	int64_t now_ms = clock_steady_ms();
	int64_t age_ms = (clock_unix_s() - followed->refreshed_at) * MS_PER_S;

	if (accounts->interval_ms == 0) {
		followed->due_ms = INT64_MAX;
		return;
	}
	if (age_ms < 0 || age_ms > accounts->interval_ms) {
		age_ms = accounts->interval_ms;
	}
	int64_t wait_ms = vary(accounts->interval_ms) - age_ms;
	followed->due_ms = now_ms + (wait_ms > NOTICE_MS ? wait_ms : NOTICE_MS);
}

static void on_refresh_due(uv_timer_t *timer);

static void set_timer(struct accounts *accounts)
{
	int64_t now_ms = clock_steady_ms();
	int64_t wait_ms = INT64_MAX;

	if (accounts->stopped) {
		return;
	}
	for (struct list *at = accounts->followed.next; at != &accounts->followed; at = at->next) {
		const struct followed *followed = LIST_OF(at, struct followed, place);

		if (followed->due_ms != INT64_MAX && followed->due_ms - now_ms < wait_ms) {
			wait_ms = followed->due_ms - now_ms;
		}
	}
	if (wait_ms == INT64_MAX) {
		uv_timer_stop(&accounts->timer);
		return;
	}
	if (accounts->job != ACCOUNTS_IDLE && wait_ms < BUSY_MS) {
		wait_ms = BUSY_MS;
	}
	uv_timer_start(&accounts->timer, on_refresh_due,
		       (uint64_t)(wait_ms > LOOK_MS ? LOOK_MS
				  : wait_ms > 0     ? wait_ms
						    : 0),
		       0);
}

static void on_refresh_due(uv_timer_t *timer)
{
	struct accounts *accounts = timer->data;
	struct followed *first = NULL;

	for (struct list *at = accounts->followed.next; at != &accounts->followed; at = at->next) {
		struct followed *followed = LIST_OF(at, struct followed, place);

		if (!first || followed->due_ms < first->due_ms) {
			first = followed;
		}
	}
	if (first && first->due_ms <= clock_steady_ms() && accounts->job == ACCOUNTS_IDLE) {
		const struct store_account *account = stored_of(accounts, first->user_id);

		if (account) {
			/* Its end says when next. */
			first->due_ms = clock_steady_ms() + 2 * accounts->timeout_ms;
			(void)accounts_begin_refresh(accounts, account);
		}
	}
	set_timer(accounts);
}

/* --- what there is --- */

static void take(struct accounts *accounts, const struct store_account *account)
{
	struct followed *followed = find(accounts, account->login.user_id);
	uint64_t token = number_of(account->login.auth_token);

	if (!followed) {
		followed = calloc(1, sizeof(*followed));
		if (!followed) {
			return;
		}
		snprintf(followed->user_id, sizeof(followed->user_id), "%s",
			 account->login.user_id);
		followed->refreshed_at = -1;
		list_insert(&accounts->followed, &followed->place);
	}
	followed->found = true;
	if (followed->token == token && followed->refreshed_at == account->refreshed_at) {
		return;
	}
	if (followed->token != token) {
		/* Else the end of the refresh, which may come later than its file, says so. */
		followed->failures = 0;
	}
	followed->token = token;
	followed->refreshed_at = account->refreshed_at;
	followed->expired = false;
	followed->reason[0] = '\0';
	gateway_printers_set_expired(accounts->printers, account, false);
	schedule(accounts, followed);
}

static void drop_missing(struct accounts *accounts)
{
	struct list *next;

	for (struct list *at = accounts->followed.next; at != &accounts->followed; at = next) {
		struct followed *followed = LIST_OF(at, struct followed, place);

		next = at->next;
		if (!followed->found) {
			list_remove(at);
			free(followed);
		} else {
			followed->found = false;
		}
	}
}

void accounts_configured(struct accounts *accounts)
{
	if (!accounts || accounts->stopped) {
		return;
	}
	const struct store_accounts *all = gateway_printers_accounts(accounts->printers);
	int64_t interval_ms = read_interval(accounts);
	bool other = interval_ms != accounts->interval_ms;

	accounts->interval_ms = interval_ms;
	for (size_t i = 0; i < all->count; i++) {
		/* Without a token nobody can be asked; a cloud on this machine says itself what it
		 * has. */
		if (!all->accounts[i].local && all->accounts[i].login.auth_token[0] != '\0') {
			take(accounts, &all->accounts[i]);
		}
	}
	drop_missing(accounts);
	for (struct list *at = accounts->followed.next; other && at != &accounts->followed;
	     at = at->next) {
		/* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		schedule(accounts, LIST_OF(at, struct followed, place));
	}
	set_timer(accounts);
}

/* Whoever may publish to the topic may send thousands. */
void accounts_notify(struct accounts *accounts, const char *user_id)
{
	struct followed *followed = accounts ? find(accounts, user_id) : NULL;
	int64_t now_ms = clock_steady_ms();

	if (!followed || followed->expired || accounts->stopped) {
		return;
	}
	int64_t due_ms = now_ms + NOTICE_MS;
	if (followed->noticed_ms > 0 && followed->noticed_ms + NOTICE_PAUSE > due_ms) {
		due_ms = followed->noticed_ms + NOTICE_PAUSE;
	}
	if (due_ms < followed->due_ms) {
		followed->due_ms = due_ms;
		followed->noticed_ms = due_ms;
		set_timer(accounts);
	}
}

/* Logged once, and once when it goes well again: it may stay so for months. */
void follow_refreshed(struct accounts *accounts, const char *user_id, const char *reason,
		      bool expired)
{
	const struct store_account *account = stored_of(accounts, user_id);
	struct followed *followed = find(accounts, user_id);

	if (!followed) {
		set_timer(accounts);
		return;
	}
	if (!reason) {
		if (followed->failures > 0) {
			log_event(accounts->log, LOG_LEVEL_INFO, ACCOUNTS_LOG_PART,
				  "the printers of an account can be asked for again",
				  LOG_TEXT("account", accounts->subject));
		}
		followed->failures = 0;
		followed->reason[0] = '\0';
		followed->due_ms = accounts->interval_ms == 0
					   ? INT64_MAX
					   : clock_steady_ms() + vary(accounts->interval_ms);
		set_timer(accounts);
		return;
	}
	if (followed->failures == 0 || followed->expired != expired) {
		log_event(
			accounts->log, LOG_LEVEL_WARNING, ACCOUNTS_LOG_PART,
			"the printers of an account cannot be asked for: those that are known stay",
			LOG_TEXT("account", accounts->subject), LOG_TEXT("reason", reason));
	}
	followed->expired = expired;
	if (account) {
		gateway_printers_set_expired(accounts->printers, account, expired);
	}
	snprintf(followed->reason, sizeof(followed->reason), "%s", reason);
	int64_t pause_ms = RETRY_MS << followed->failures;
	followed->failures += followed->failures < RETRIES_MAX;
	followed->due_ms = accounts->interval_ms == 0
				   ? INT64_MAX
				   : clock_steady_ms() +
					     vary(pause_ms < accounts->interval_ms && !expired
							  ? pause_ms
							  : accounts->interval_ms);
	set_timer(accounts);
}

/* --- life --- */

void follow_open(struct accounts *accounts)
{
	uv_timer_init(accounts->loop, &accounts->timer);
	uv_unref((uv_handle_t *)&accounts->timer);
	accounts->timer.data = accounts;
}

void follow_close(struct accounts *accounts)
{
	uv_close((uv_handle_t *)&accounts->timer, NULL);
}

void follow_finish(struct accounts *accounts)
{
	while (!list_is_empty(&accounts->followed)) {
		struct followed *followed = LIST_OF(accounts->followed.next, struct followed,
						    place);

		list_remove(&followed->place);
		free(followed);
	}
}
