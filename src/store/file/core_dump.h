/* SPDX-License-Identifier: MIT */
#ifndef STORE_FILE_CORE_DUMP_H
#define STORE_FILE_CORE_DUMP_H

/*
 * From now on this process leaves no core dump, and other processes of the same user may not read
 * its memory: it holds keys. The first call of every program's main; a program that is executed
 * from it must call it anew.
 */
void core_dump_forbid(void);

#endif
