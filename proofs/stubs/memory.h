/* SPDX-License-Identifier: MIT */
/* Read before everything else: memory comes from the driver of the proof, in place of the C
 * library. */
#ifndef PROOFS_MEMORY_H
#define PROOFS_MEMORY_H

#include <stdlib.h>

void *proof_malloc(size_t size);
void proof_free(void *memory);

#define malloc proof_malloc
#define free   proof_free

#endif
