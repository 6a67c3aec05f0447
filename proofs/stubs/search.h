/* SPDX-License-Identifier: MIT */
/* Read before everything else: what is looked for may be anywhere in the bytes, or nowhere,
 * whatever they hold. So a state has not to remember which byte was what. */
#ifndef PROOFS_SEARCH_H
#define PROOFS_SEARCH_H

#include <string.h>

void *proof_memchr(const void *bytes, int byte, size_t size);
int proof_memcmp(const void *one, const void *other, size_t size);

#define memchr proof_memchr
#define memcmp proof_memcmp

#endif
