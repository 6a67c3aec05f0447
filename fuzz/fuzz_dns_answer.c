/* SPDX-License-Identifier: MIT */
#include "transport/dns_answer.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
	assert(strnlen(text, size) < size);
	for (; *text; text++) {
		assert(*text > ' ' && *text <= '~');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"make-mqtt.ankermake.com", "example.com", "a.b", ""};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct dns_answer answer = {0};

		if (!dns_answer_read(data, size, names[i], &answer)) {
			assert(answer.alias_count == 0 && answer.address_count == 0);
			continue;
		}
		assert(answer.alias_count <= DNS_ALIASES_MAX);
		assert(answer.address_count <= DNS_ADDRESSES_MAX);
		for (size_t alias = 0; alias < answer.alias_count; alias++) {
			check_text(answer.aliases[alias], DNS_NAME_SIZE);
		}
		for (size_t address = 0; address < answer.address_count; address++) {
			check_text(answer.addresses[address], DNS_ADDRESS_SIZE);
		}
	}
	return 0;
}
