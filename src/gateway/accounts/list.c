/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/accounts/internal.h"
#include "gateway/sentences/sentences.h"

#include <flagship/account.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define ID_SHOWN        8
#define LOCAL_PREFIX    "local-"
#define HIDDEN          "(hidden)"
#define LISTED_MS_PER_S 1000

/* --- which --- */

static size_t count_beginning(const struct store_accounts *all, const char *id, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++) {
		count += !all->accounts[i].local &&
			 strncmp(all->accounts[i].login.user_id, id, length) == 0;
	}
	return count;
}

void accounts_write_id(const struct accounts *accounts, const struct store_account *account,
		       char out[ACCOUNTS_ID_MAX])
{
	const struct store_accounts *all = gateway_printers_accounts(accounts->printers);
	const char *user_id = account->login.user_id;
	size_t length = ID_SHOWN;

	if (account->local) {
		/* accounts.json may have one of the same user id. */
		snprintf(out, ACCOUNTS_ID_MAX, LOCAL_PREFIX "%.*s", (int)length, user_id);
		return;
	}
	while (length < strlen(user_id) && count_beginning(all, user_id, length) > 1) {
		length++;
	}
	snprintf(out, ACCOUNTS_ID_MAX, "%.*s", (int)length, user_id);
}

const struct store_account *accounts_find(const struct accounts *accounts, const char *id)
{
	const struct store_accounts *all = gateway_printers_accounts(accounts->printers);
	const struct store_account *found = NULL;

	for (size_t i = 0; i < all->count; i++) {
		char shown[ACCOUNTS_ID_MAX];

		accounts_write_id(accounts, &all->accounts[i], shown);
		bool is_longer = strncmp(id, shown, strlen(shown)) == 0 &&
				 strncmp(all->accounts[i].login.user_id, id, strlen(id)) == 0;
		if (strcmp(id, shown) == 0 || (is_longer && !all->accounts[i].local)) {
			found = &all->accounts[i];
		}
	}
	return found;
}

/* --- one --- */

/* null of 0. */
static void time_member(struct json_writer *writer, const char *name, int64_t unix_s)
{
	json_key(writer, name);
	if (unix_s > 0) {
		rest_write_time(writer, unix_s);
	} else {
		json_null(writer);
	}
}

/* The address is the MQTT password, too. */
static void email_member(struct json_writer *writer, const char *email)
{
	const char *at = strrchr(email, '@');
	char shown[STORE_TEXT_MAX] = "";

	if (email[0] != '\0') {
		snprintf(shown, sizeof(shown), HIDDEN);
	}
	if (at && at != email && (unsigned char)email[0] <= '~') {
		snprintf(shown, sizeof(shown), "%c***%s", email[0], at);
	}
	json_member_known(writer, "email", shown);
}

static const char *describe_token(const struct store_account *account,
				  const struct followed *followed)
{
	int64_t expires_at = account->login.token_expires_at;

	if (account->login.auth_token[0] == '\0') {
		return "none";
	}
	if ((followed && followed->expired) || (expires_at > 0 && expires_at <= clock_unix_s())) {
		return "expired";
	}
	return "valid";
}

bool list_brings_again(const struct accounts *accounts, const char *serial)
{
	const struct store_accounts *all = gateway_printers_accounts(accounts->printers);

	for (size_t i = 0; i < all->count; i++) {
		const struct store_account *account = &all->accounts[i];
		const struct followed *followed = follow_find(accounts, account->login.user_id);

		if (!account->local && store_account_find_printer(account, serial) &&
		    strcmp(describe_token(account, followed), "valid") == 0) {
			return true;
		}
	}
	return false;
}

void accounts_write_account(struct json_writer *writer, const struct accounts *accounts,
			    const struct store_account *account)
{
	const struct followed *followed = account->local
						  ? NULL
						  : follow_find(accounts, account->login.user_id);
	char text[STORE_TEXT_MAX];
	int64_t now_ms = clock_steady_ms();
	bool is_due = followed && followed->due_ms != INT64_MAX;

	json_object_begin(writer);
	accounts_write_id(accounts, account, text);
	json_member_known(writer, "id", text);
	json_member_known(writer, "name", account->login.nick_name);
	email_member(writer, account->login.email);
	json_member_known(writer, "region", flagship_region_name(account->login.region));
	store_account_api(account, text);
	json_member_known(writer, "api", text);
	json_member_known(writer, "source", account->source);
	json_member_known(writer, "login", describe_token(account, followed));
	time_member(writer, "login_expires_at", account->login.token_expires_at);
	json_member_bool(writer, "connected",
			 gateway_printers_connected(accounts->printers, account));
	json_member_bool(writer, "local", account->local);
	json_member_int(writer, "printers", (int64_t)account->printer_count);
	time_member(writer, "refreshed_at", account->refreshed_at);
	time_member(writer, "next_refresh_at",
		    is_due ? clock_unix_s() + (followed->due_ms - now_ms) / LISTED_MS_PER_S : 0);
	sentence_member_known(writer, "refresh_problem", followed ? followed->reason : "");
	json_object_end(writer);
}

struct shown_accounts {
	const struct accounts *accounts;
	const struct store_account *only;
};

static void write_one(struct json_writer *writer, const void *context)
{
	const struct shown_accounts *shown = context;

	accounts_write_account(writer, shown->accounts, shown->only);
}

void accounts_respond_account(struct http_request *request, int status,
			      const struct accounts *accounts, const struct store_account *account)
{
	const struct shown_accounts shown = {accounts, account};

	rest_respond(request, status, write_one, &shown);
}

static void write_all(struct json_writer *writer, const void *context)
{
	const struct accounts *accounts = context;
	const struct store_accounts *all = gateway_printers_accounts(accounts->printers);

	json_array_begin(writer);
	for (size_t i = 0; i < all->count; i++) {
		accounts_write_account(writer, accounts, &all->accounts[i]);
	}
	json_array_end(writer);
}

void accounts_get_all(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_all, context);
}
