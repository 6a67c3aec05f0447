/* SPDX-License-Identifier: MIT */
#include "vendor/import/import.h"

#include <flagship/error.h>

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define HEX_SHORT 32
#define HEX_LONG  64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool ends_inside(const char *text)
{
	return strnlen(text, STORE_TEXT_MAX) < STORE_TEXT_MAX;
}

static void check_printer(const struct store_printer *printer)
{
	size_t key = strlen(printer->key_hex);

	assert(flagship_serial_valid(printer->serial));
	assert(key == 0 || key == HEX_SHORT || key == HEX_LONG);
	assert(strspn(printer->key_hex, "0123456789abcdefABCDEF") == key);
	assert(ends_inside(printer->name) && ends_inside(printer->model_code));
	assert(ends_inside(printer->dsk_key) && ends_inside(printer->p2p_did));
	assert(ends_inside(printer->wifi_mac) && ends_inside(printer->address));
	assert(printer->model == flagship_model_from_name(printer->model_code));
	assert(printer->created_at >= 0 && printer->updated_at >= 0);
}

static void check_error(int error)
{
	assert(error == 0 || error == FLAGSHIP_ERROR_JSON || error == FLAGSHIP_ERROR_TOO_DEEP);
}

static void check_account(struct store_account *account)
{
	for (size_t i = 0; i < account->printer_count; i++) {
		check_printer(&account->printers[i]);
		for (size_t other = 0; other < i; other++) {
			assert(strcmp(account->printers[i].serial,
				      account->printers[other].serial) != 0);
		}
	}
	store_account_finish(account);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct flagship_json json = {text, (uint32_t)size};
	struct store_account account = {0};
	size_t skipped;

	check_error(import_printer_file(text, size, &account, &skipped));
	check_error(import_printer_list(json, &account, &skipped));
	check_error(import_dsk_keys(json, &account));
	check_error(import_profile(json, &account.login));
	import_local_cloud(json, "host", &account);
	assert(ends_inside(account.broker) && ends_inside(account.mqtt_username));
	assert(!account.broker[0] || strncmp(account.broker, "mqtts://host:", 13) == 0);
	check_account(&account);
	account = (struct store_account){0};
	int error = import_ankerctl(text, size, &account, &skipped);
	check_error(error);
	assert(error || (account.login.user_id[0] && import_is_ankerctl(text, size)));
	check_account(&account);
	struct flagship_account login = {0};
	error = import_web_view(data, size, &login);
	assert(error == 0 || error == FLAGSHIP_ERROR_LOGIN_CACHE ||
	       error == FLAGSHIP_ERROR_TOO_DEEP);
	assert(error ? !login.user_id[0] : login.user_id[0] && login.auth_token[0]);
	flagship_account_wipe(&login);
	return 0;
}
