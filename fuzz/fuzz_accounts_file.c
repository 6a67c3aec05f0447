/* SPDX-License-Identifier: MIT */
#include "store/accounts/text.h"

#include <flagship/error.h>

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_lines(const char *text, size_t length)
{
	size_t lines = 1;

	for (size_t i = 0; i < length; i++) {
		lines += text[i] == '\n';
	}
	return lines;
}

static void check_printer(const struct store_printer *printer)
{
	assert(flagship_serial_valid(printer->serial));
	assert(strnlen(printer->name, STORE_TEXT_MAX) < STORE_TEXT_MAX);
	assert(strspn(printer->key_hex, "0123456789abcdefABCDEF") == strlen(printer->key_hex));
	assert(printer->created_at >= 0 && printer->updated_at >= 0);
}

static void check_accounts(struct store_accounts *accounts)
{
	char text[STORE_TEXT_MAX];

	for (size_t i = 0; i < accounts->count; i++) {
		struct store_account *account = &accounts->accounts[i];

		assert(account->login.user_id[0] != '\0');
		assert(store_accounts_find(accounts, account->login.user_id) == account);
		store_account_mqtt_username(account, text);
		store_account_mqtt_password(account, text);
		store_account_broker(account, text);
		store_account_api(account, text);
		for (size_t j = 0; j < account->printer_count; j++) {
			check_printer(&account->printers[j]);
		}
	}
}

/* What was read, written and read again is the same. */
static void check_round_trip(const struct store_accounts *accounts)
{
	struct store_accounts again = {0};
	struct accounts_fault fault;
	size_t length;
	size_t again_length;
	char *text;
	char *again_text;

	assert(accounts_text_format(accounts, &text, &length) == 0);
	assert(strlen(text) == length);
	assert(accounts_text_parse(text, length, &again, &fault) == 0);
	assert(again.count == accounts->count);
	assert(accounts_text_format(&again, &again_text, &again_length) == 0);
	assert(again_length == length && memcmp(text, again_text, length) == 0);
	store_accounts_finish(&again);
	free(text);
	free(again_text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store_accounts accounts = {0};
	struct accounts_fault fault = {0};
	/* A block of just this size, so that every byte read beyond is noticed. */
	char *text = malloc(size > 0 ? size : 1);

	assert(text);
	memcpy(text, data, size);
	int error = accounts_text_parse(text, size, &accounts, &fault);
	if (error) {
		assert(error == FLAGSHIP_ERROR_STORE && fault.reason);
		assert(fault.line >= 1 && fault.line <= count_lines(text, size));
	} else {
		check_accounts(&accounts);
		check_round_trip(&accounts);
	}
	store_accounts_finish(&accounts);
	free(text);
	return 0;
}
