/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include "cloud/broker/certificate.h"
#include "folder.h"

#include <string.h>
#include <unistd.h>

struct registry *fuzz_registry(char user_id[REGISTRY_TEXT_MAX], char token[REGISTRY_TOKEN_SIZE])
{
	struct registry_account account = {.email = "anne@example.org", .country = "US"};
	struct registry_printer printer = {
		.serial = FUZZ_SERIAL,
		.model = FLAGSHIP_MODEL_M5,
		.key_hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
		.p2p_did = "EUPRAKM-012345-ABCDE",
		.wifi_mac = "aabbccddeeff",
	};
	struct registry *registry;
	struct problem problem;
	char path[PATH_MAX];
	char file[PATH_MAX + 16];

	fuzz_folder(path);
	snprintf(file, sizeof(file), "%s/registry", path);
	assert(registry_open(file, REGISTRY_CREATE, 0, &registry, &problem) == 0);
	assert(registry_add_account(registry, &account) == 1);
	assert(registry_put_printer(registry, &printer) == 1);
	assert(registry_share(registry, account.user_id, FUZZ_SERIAL) == 1);
	assert(registry_issue_token(registry, account.user_id, "", 0, INT64_MAX, token) == 1);
	memcpy(user_id, account.user_id, REGISTRY_TEXT_MAX);
	/* Open as it is, it needs no names any more. */
	unlink(file);
	return registry;
}

const char *fuzz_service_key(void)
{
	static char file[PATH_MAX + 16];
	char path[PATH_MAX];

	if (file[0] == '\0') {
		fuzz_folder(path);
		snprintf(file, sizeof(file), "%s/key", path);
		assert(certificate_make_key(file, CERTIFICATE_ECDSA) == 0);
	}
	return file;
}
