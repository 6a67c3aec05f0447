/* SPDX-License-Identifier: MIT */
#ifndef PROOFS_ANY_H
#define PROOFS_ANY_H

#include <__fc_builtin.h>
#include <stddef.h>
#include <stdint.h>

/* Any bytes: Eva goes on with all that there can be at once. */
static inline void any_bytes(void *out, size_t size)
{
	Frama_C_make_unknown(out, size);
}

/* Any number from 0 to `most`. */
static inline size_t any_size(size_t most)
{
	return Frama_C_unsigned_long_interval(0, most);
}

#endif
