/* SPDX-License-Identifier: MIT */
/*
 * The names that Debian's libcrypto, cmocka, cJSON and zlib want of glibc and that musl lacks, so
 * that the unit tests built with musl can use those libraries. For scripts/test-portable alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <syslog.h>
#include <ucontext.h>

int __fprintf_chk(FILE *file, int flag, const char *format, ...);
int __printf_chk(int flag, const char *format, ...);
int __snprintf_chk(char *out, size_t size, int flag, size_t room, const char *format, ...);
int __sprintf_chk(char *out, int flag, size_t room, const char *format, ...);
int __vfprintf_chk(FILE *file, int flag, const char *format, va_list arguments);
int __vsnprintf_chk(char *out, size_t size, int flag, size_t room, const char *format,
		    va_list arguments);
void __syslog_chk(int priority, int flag, const char *format, ...);
void *__memcpy_chk(void *out, const void *in, size_t size, size_t room);
void *__memset_chk(void *out, int byte, size_t size, size_t room);
char *__strcat_chk(char *out, const char *in, size_t room);
long __fdelt_chk(long descriptor);
_Noreturn void __longjmp_chk(jmp_buf place, int value);

int __vfprintf_chk(FILE *file, int flag, const char *format, va_list arguments)
{
	(void)flag;
	return vfprintf(file, format, arguments);
}

int __vsnprintf_chk(char *out, size_t size, int flag, size_t room, const char *format,
		    va_list arguments)
{
	(void)flag;
	(void)room;
	return vsnprintf(out, size, format, arguments);
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list arguments;
	int length;

	(void)flag;
	va_start(arguments, format);
	length = vfprintf(file, format, arguments);
	va_end(arguments);
	return length;
}

int __printf_chk(int flag, const char *format, ...)
{
	va_list arguments;
	int length;

	(void)flag;
	va_start(arguments, format);
	length = vprintf(format, arguments);
	va_end(arguments);
	return length;
}

int __snprintf_chk(char *out, size_t size, int flag, size_t room, const char *format, ...)
{
	va_list arguments;
	int length;

	(void)flag;
	(void)room;
	va_start(arguments, format);
	length = vsnprintf(out, size, format, arguments);
	va_end(arguments);
	return length;
}

int __sprintf_chk(char *out, int flag, size_t room, const char *format, ...)
{
	va_list arguments;
	int length;

	(void)flag;
	(void)room;
	va_start(arguments, format);
	length = vsprintf(out, format, arguments);
	va_end(arguments);
	return length;
}

void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list arguments;

	(void)flag;
	va_start(arguments, format);
	vsyslog(priority, format, arguments);
	va_end(arguments);
}

void *__memcpy_chk(void *out, const void *in, size_t size, size_t room)
{
	(void)room;
	return memcpy(out, in, size);
}

void *__memset_chk(void *out, int byte, size_t size, size_t room)
{
	(void)room;
	return memset(out, byte, size);
}

char *__strcat_chk(char *out, const char *in, size_t room)
{
	(void)room;
	return strcat(out, in);
}

long __fdelt_chk(long descriptor)
{
	return descriptor / (8 * (long)sizeof(long));
}

_Noreturn void __longjmp_chk(jmp_buf place, int value)
{
	longjmp(place, value);
}

/* Of OpenSSL's asynchronous jobs, which nothing here starts. */
int getcontext(ucontext_t *context)
{
	(void)context;
	abort();
}

int setcontext(const ucontext_t *context)
{
	(void)context;
	abort();
}

void makecontext(ucontext_t *context, void (*function)(void), int count, ...)
{
	(void)context;
	(void)function;
	(void)count;
	abort();
}
