/* SPDX-License-Identifier: MIT */
#include "cloud/commands/csv/values.h"

#include "base/hex.h"
#include "base/shown_text.h"

#include <flagship/codes.h>
#include <flagship/flagship.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define SERIAL_PREFIX  "FS"
#define SERIAL_BYTES   7
#define DSK_KEY_LENGTH 20
#define SOME_DUID      "EUPRAKM-012345-ABCDE"
#define SOME_MAC       "000000000000"

static bool is_reported(const char *text)
{
	return text && text[0] != '\0';
}

static bool refuse_value(struct problem *problem, const char *value, const char *wanted)
{
	problem_set(problem, "'%s' is no %s", value, wanted);
	return false;
}

static bool take_serial(const char *serial, struct registry_printer *printer,
			struct problem *problem)
{
	if (!flagship_serial_valid(serial)) {
		return refuse_value(problem, serial,
				    "serial number: those have up to 32 letters and digits");
	}
	snprintf(printer->serial, sizeof(printer->serial), "%s", serial);
	return true;
}

static bool take_model(const char *model, struct registry_printer *printer, struct problem *problem)
{
	enum flagship_model found = flagship_model_from_name(model);

	if (found == FLAGSHIP_MODEL_UNKNOWN) {
		return refuse_value(problem, model, "model: m5, m5c or e1");
	}
	printer->model = found;
	snprintf(printer->model_code, sizeof(printer->model_code), "%s",
		 flagship_model_code(found));
	return true;
}

/* What the library takes for a key is one. It is not shown. */
static bool take_key(const char *text, struct registry_printer *printer, struct problem *problem)
{
	struct flagship_key *key;
	size_t used = 0;

	if (flagship_key_create_hex(text, strlen(text), &key)) {
		problem_set(problem, "this is no key: 64 hex digits are wanted (32 for AES-128)");
		return false;
	}
	flagship_key_destroy(key);
	for (; *text && used < sizeof(printer->key_hex) - 1; text++) {
		if (isxdigit((unsigned char)*text)) {
			printer->key_hex[used++] = *text;
		}
	}
	printer->key_hex[used] = '\0';
	return true;
}

static bool take_duid(const char *duid, struct registry_printer *printer, struct problem *problem)
{
	char code[FLAGSHIP_CHECK_CODE_SIZE];

	if (flagship_check_code(duid, SOME_MAC, code)) {
		return refuse_value(problem, duid, "DUID: those look like " SOME_DUID);
	}
	snprintf(printer->p2p_did, sizeof(printer->p2p_did), "%s", duid);
	return true;
}

static bool take_mac(const char *mac, struct registry_printer *printer, struct problem *problem)
{
	char code[FLAGSHIP_CHECK_CODE_SIZE];

	if (flagship_check_code(SOME_DUID, mac, code)) {
		return refuse_value(problem, mac, "MAC address: those look like aa:bb:cc:dd:ee:ff");
	}
	snprintf(printer->wifi_mac, sizeof(printer->wifi_mac), "%s", mac);
	return true;
}

/* 20 characters as they stand, not hex; not shown either. */
static bool take_dsk_key(const char *key, struct registry_printer *printer, struct problem *problem)
{
	size_t length = strlen(key);

	for (size_t i = 0; i < length; i++) {
		if (!isgraph((unsigned char)key[i])) {
			length = 0;
		}
	}
	if (length != DSK_KEY_LENGTH) {
		problem_set(problem, "this is no DSK key: those have 20 characters");
		return false;
	}
	snprintf(printer->dsk_key, sizeof(printer->dsk_key), "%s", key);
	return true;
}

static bool take_address(const char *address, struct registry_printer *printer,
			 struct problem *problem)
{
	struct in6_addr parsed;

	if (inet_pton(AF_INET, address, &parsed) != 1 &&
	    inet_pton(AF_INET6, address, &parsed) != 1) {
		return refuse_value(problem, address, "address: those look like 192.168.1.77");
	}
	snprintf(printer->address, sizeof(printer->address), "%s", address);
	return true;
}

static bool take_name(const char *name, struct registry_printer *printer, struct problem *problem)
{
	if (strlen(name) >= sizeof(printer->name)) {
		problem_set(problem, "the name is too long");
		return false;
	}
	if (!shown_text_is_clean(name, strlen(name))) {
		problem_set(problem, "the name holds control characters: it has to be plain "
				     "text");
		return false;
	}
	snprintf(printer->name, sizeof(printer->name), "%s", name);
	return true;
}

bool printer_values_take(const struct printer_values *values, struct registry_printer *printer,
			 struct problem *problem)
{
	const struct {
		const char *text;
		bool (*take)(const char *text, struct registry_printer *printer,
			     struct problem *problem);
	} all[] = {
		{values->serial, take_serial}, {values->model, take_model},
		{values->name, take_name},     {values->key, take_key},
		{values->duid, take_duid},     {values->dsk_key, take_dsk_key},
		{values->mac, take_mac},       {values->address, take_address},
	};

	problem->text[0] = '\0';
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (is_reported(all[i].text) && !all[i].take(all[i].text, printer, problem)) {
			return false;
		}
	}
	return true;
}

bool printer_values_make_key(struct registry_printer *printer)
{
	uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256];
	bool made = RAND_bytes(bytes, sizeof(bytes)) == 1;

	if (made) {
		hex_encode(bytes, sizeof(bytes), HEX_LOWER, printer->key_hex);
	}
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return made;
}

bool printer_values_make_serial(struct registry_printer *printer)
{
	uint8_t bytes[SERIAL_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	strcpy(printer->serial, SERIAL_PREFIX);
	hex_encode(bytes, sizeof(bytes), HEX_UPPER, printer->serial + strlen(SERIAL_PREFIX));
	return true;
}
