/* SPDX-License-Identifier: MIT */
/*
 * Any bytes, of any length up to LENGTH_MAX, are read as an init string into a list with room for
 * any number of hosts up to HOSTS. They end where the memory ends. Longer ones are told apart by
 * their length alone where they are longer than any list of hosts; what lies between goes through
 * the same loop.
 */
#include "any.h"

#include <flagship/codes.h>

#define LENGTH_MAX 40
#define HOSTS      3

int main(void)
{
	static char memory[LENGTH_MAX];
	static char hosts[HOSTS][FLAGSHIP_HOST_LENGTH_MAX + 1];
	size_t length = any_size(LENGTH_MAX);
	size_t capacity = any_size(HOSTS);

	any_bytes(memory, sizeof(memory));
	//@ split length;
	//@ split capacity;
	return flagship_init_string_decode(memory + sizeof(memory) - length, length, hosts,
					   capacity);
}
