/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_CODES_H
#define FLAGSHIP_CODES_H

#include <flagship/error.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLAGSHIP_CHECK_CODE_SIZE       (32 + 1)
#define FLAGSHIP_SECURITY_CODE_SIZE    (32 + 1)
#define FLAGSHIP_SECURITY_SEED_SIZE    (32 + 1)
#define FLAGSHIP_SECURITY_BASE_SIZE    (32 + 1)
#define FLAGSHIP_SECURITY_DIGITS       8
#define FLAGSHIP_SECURITY_TS_SIZE      (10 + 1)
#define FLAGSHIP_INIT_STRING_HOSTS_MAX 16
#define FLAGSHIP_HOST_LENGTH_MAX       253

/*
 * Codes of the hub API (protocol.md 4, Codes). duid: text form, as EUPRAKM-012345-ABCDE (1 to 8
 * capitals, 6 to 10 digits, 4 to 6 capitals or digits); mac: 12 hex digits, or six pairs with
 * colons between them, either case, which is kept. All outputs NUL-terminated; after an error they
 * are as they were. Errors: ARGUMENT, CRYPTO.
 */
FLAGSHIP_CHECKED int flagship_check_code(const char *duid, const char *mac,
					 char out[FLAGSHIP_CHECK_CODE_SIZE]);
/* The duid must end in a hex digit. *mac_sum: of the last four digits of mac, 0 to 60. */
FLAGSHIP_CHECKED int flagship_security_base_code(const char *duid, const char *mac,
						 char out[FLAGSHIP_SECURITY_BASE_SIZE],
						 unsigned int *mac_sum);
/* mac_sum: 0 to 60. digits: the eight decimal digits that also stand in sec_ts. */
FLAGSHIP_CHECKED int flagship_security_seed(unsigned int mac_sum, const char *digits,
					    char out[FLAGSHIP_SECURITY_SEED_SIZE]);
/* base_code: 1 to 32 printable characters, no space; seed: 32 hex digits, upper case. */
FLAGSHIP_CHECKED int flagship_security_code(const char *base_code, const char *seed,
					    char out[FLAGSHIP_SECURITY_CODE_SIZE]);
/* All of it: sec_code and sec_ts ("01" and the digits). digits NULL: random ones. */
FLAGSHIP_CHECKED int flagship_security_codes(const char *duid, const char *mac, const char *digits,
					     char code[FLAGSHIP_SECURITY_CODE_SIZE],
					     char timestamp[FLAGSHIP_SECURITY_TS_SIZE]);

/*
 * Hosts hidden in app_conn and p2p_conn (protocol.md 4, Init strings): names and IPv4 addresses,
 * each ended by a comma. Returns how many, at least 1, or an error, after which hosts is as it was:
 * INIT_STRING (letters, length, or what comes out), BUFFER (more than capacity).
 * FLAGSHIP_INIT_STRING_HOSTS_MAX of them suffice for what printers are known to have.
 */
FLAGSHIP_CHECKED int flagship_init_string_decode(const char *encoded, size_t length,
						 char hosts[][FLAGSHIP_HOST_LENGTH_MAX + 1],
						 size_t capacity);

/* The inverse, NUL-terminated. Errors, after which out is as it was: INIT_STRING (no host, too
 * many, or what is none), BUFFER (it wants two letters for each character, the commas among them).
 */
FLAGSHIP_CHECKED int flagship_init_string_encode(const char hosts[][FLAGSHIP_HOST_LENGTH_MAX + 1],
						 size_t count, char *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
