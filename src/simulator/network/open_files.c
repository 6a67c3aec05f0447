/* SPDX-License-Identifier: MIT */
#include "simulator/network/open_files.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define FILES_BESIDE   64 /* of the loop, the libraries, standard streams */
#define FILES_OF_PLAIN 3  /* of a connection without TLS: transport/mqtt/gate.h */

/*
 * libmosquitto opens a pair of sockets with each connection, to wake up a thread of its own. There
 * is none here: everything runs on one loop. It goes on without the pair where it gets none, and a
 * fleet then needs a third of the open files. A program's own function comes before that of the C
 * library, for the libraries that it uses, too; where it does not, only more files are needed.
 */
int socketpair(int domain, int type, int protocol, int pair[2])
{
	(void)domain;
	(void)type;
	(void)protocol;
	(void)pair;
	errno = EMFILE;
	return -1;
}

int open_files_allow(size_t printers, bool plain)
{
	rlim_t needed = (rlim_t)printers * (plain ? FILES_OF_PLAIN : 1) + FILES_BESIDE;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) {
		return OPTIONS_RUN;
	}
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= needed) {
		return OPTIONS_RUN;
	}
	cli_error("%zu printers need %llu open files, and this process may have no more than %llu: "
		  "raise the hard limit (ulimit -Hn, or LimitNOFILE= of a service), or simulate "
		  "fewer in each process",
		  printers, (unsigned long long)needed, (unsigned long long)limit.rlim_max);
	return CLI_FAILED;
}
