/* SPDX-License-Identifier: MIT */
#include "store/accounts/fields.h"

#include <flagship/key.h>

#include <string.h>

#define TEXT(type, member, name)                                                                \
	{                                                                                       \
		name, sizeof(name) - 1, offsetof(type, member), sizeof(((type *)NULL)->member), \
			false                                                                   \
	}
#define KEPT(member, name, capacity)                                                           \
	{                                                                                      \
		name, sizeof(name) - 1, offsetof(struct store_printer, member), capacity, true \
	}
#define TIME(type, member, name)                                         \
	{                                                                \
		name, sizeof(name) - 1, offsetof(type, member), 0, false \
	}
#define FIELDS(table)                                       \
	{                                                   \
		(table), sizeof(table) / sizeof((table)[0]) \
	}

static const struct accounts_field account_table[] = {
	TEXT(struct store_account, login.user_id, "user_id"),
	TEXT(struct store_account, login.email, "email"),
	TEXT(struct store_account, login.auth_token, "auth_token"),
	TIME(struct store_account, login.token_expires_at, "token_expires_at"),
	TEXT(struct store_account, login.country, "country"),
	TEXT(struct store_account, login.domain, "domain"),
	TEXT(struct store_account, login.nick_name, "nick_name"),
	TEXT(struct store_account, api, "api"),
	TEXT(struct store_account, broker, "broker"),
	TEXT(struct store_account, ca_file, "ca_file"),
	TEXT(struct store_account, pin, "pin"),
	TEXT(struct store_account, mqtt_username, "mqtt_username"),
	TEXT(struct store_account, mqtt_password, "mqtt_password"),
	TEXT(struct store_account, source, "source"),
	TIME(struct store_account, refreshed_at, "refreshed_at"),
};

static const struct accounts_field printer_table[] = {
	KEPT(serial, "serial", FLAGSHIP_SERIAL_LENGTH_MAX + 1),
	KEPT(station_id, "station_id", STORE_TEXT_MAX),
	KEPT(name, "name", STORE_TEXT_MAX),
	KEPT(model_code, "model_code", STORE_TEXT_MAX),
	KEPT(key_hex, "key", STORE_KEY_HEX_SIZE),
	KEPT(dsk_key, "dsk_key", STORE_TEXT_MAX),
	KEPT(p2p_did, "p2p_did", STORE_TEXT_MAX),
	KEPT(p2p_conn, "p2p_conn", STORE_TEXT_MAX),
	KEPT(app_conn, "app_conn", STORE_TEXT_MAX),
	KEPT(wifi_mac, "wifi_mac", STORE_TEXT_MAX),
	KEPT(address, "address", STORE_TEXT_MAX),
	KEPT(firmware, "firmware", STORE_TEXT_MAX),
	KEPT(p2p_license, "p2p_license", STORE_TEXT_MAX),
	KEPT(member_type, "member_type", STORE_TEXT_MAX),
	KEPT(may_query, "may_query", STORE_RIGHT_MAX),
	KEPT(may_command, "may_command", STORE_RIGHT_MAX),
	KEPT(may_camera, "may_camera", STORE_RIGHT_MAX),
	TIME(struct store_printer, created_at, "created_at"),
	TIME(struct store_printer, updated_at, "updated_at"),
};

const struct accounts_fields accounts_account_fields = FIELDS(account_table);
const struct accounts_fields accounts_printer_fields = FIELDS(printer_table);

/* Of the 128 characters of ASCII, the hex digits, as bits: a key is looked at for every printer. */
static const uint64_t hex_digits[] = {UINT64_C(0x03ff) << '0',
				      UINT64_C(0x3f) << ('A' - 64) | UINT64_C(0x3f) << ('a' - 64)};

static bool is_hex_digit(char c)
{
	const unsigned int code = (unsigned char)c;

	return code < 128 && (hex_digits[code / 64] >> code % 64 & 1);
}

bool accounts_key_valid(const char *hex)
{
	size_t length = 0;

	while (is_hex_digit(hex[length])) {
		length++;
	}
	return hex[length] == '\0' && (length == 0 || length == 2 * FLAGSHIP_KEY_SIZE_AES128 ||
				       length == 2 * FLAGSHIP_KEY_SIZE_AES256);
}
