/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_BACKUP_HEADER_H
#define GATEWAY_BACKUP_HEADER_H

#include <stdint.h>

/* Where what stands in a header of tar (POSIX.1-2017, pax: ustar Interchange Format). */
#define HEADER_NAME_SIZE   100
#define HEADER_MODE_AT     100
#define HEADER_OWNER_AT    108
#define HEADER_GROUP_AT    116
#define HEADER_ID_SIZE     8
#define HEADER_SIZE_AT     124
#define HEADER_TIME_AT     136
#define HEADER_NUMBER_SIZE 12
#define HEADER_SUM_AT      148
#define HEADER_SUM_SIZE    8
#define HEADER_TYPE_AT     156
#define HEADER_MAGIC_AT    257
#define HEADER_MAGIC       "ustar\00000"
#define HEADER_MAGIC_SIZE  8
#define HEADER_PREFIX_AT   345

#define HEADER_FILE        '0'
#define HEADER_PAX         'x'
#define HEADER_PATH_KEY    "path"
#define HEADER_SIZE_KEY    "size"

/* Of a block, with blanks in place of the sum itself. */
uint32_t header_sum(const uint8_t *block);

#endif
