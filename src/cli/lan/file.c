/* SPDX-License-Identifier: MIT */
#include "cli/lan/file.h"

#include "base/hex.h"
#include "cli/kit/options.h"
#include "cli/output/message.h"

#include <openssl/evp.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE 65536
#define MD5_BYTES 16

static bool hash_file(struct print_file *file)
{
	uint8_t md5[MD5_BYTES];
	uint8_t data[READ_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context && EVP_DigestInit_ex(context, EVP_md5(), NULL) == 1;

	for (int64_t position = 0; good && position < file->size;) {
		int64_t left = file->size - position;
		size_t length = left < READ_SIZE ? (size_t)left : READ_SIZE;
		good = print_file_read(file, position, data, length) &&
		       EVP_DigestUpdate(context, data, length) == 1;
		position += (int64_t)length;
	}
	good = good && EVP_DigestFinal_ex(context, md5, NULL) == 1;
	EVP_MD_CTX_free(context);
	if (good) {
		hex_encode(md5, sizeof(md5), HEX_LOWER, file->md5);
	}
	return good;
}

static int choose_name(struct print_file *file, const char *path, const char *name)
{
	lan_upload_name(name ? name : path, file->name);
	if (file->name[0] == '\0') {
		cli_error("the file needs a name on the printer: --name NAME");
		return CLI_USAGE;
	}
	if (name && strcmp(name, file->name) != 0) {
		cli_error("--name: a printer takes letters, digits and . _ - in the name of a "
			  "file, at "
			  "most %d of them; %s would do",
			  LAN_UPLOAD_NAME_MAX - 1, file->name);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

int print_file_open(struct print_file *file, const char *path, const char *name)
{
	struct stat status;

	*file = (struct print_file){.descriptor = -1};
	int result = choose_name(file, path, name);
	if (result != OPTIONS_RUN) {
		return result;
	}
	file->descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (file->descriptor < 0 || fstat(file->descriptor, &status) != 0) {
		cli_error("cannot read %s: %s", path, strerror(errno));
		return CLI_FAILED;
	}
	file->size = (int64_t)status.st_size;
	if (!S_ISREG(status.st_mode) || file->size == 0 || file->size > LAN_UPLOAD_SIZE_MAX) {
		cli_error("%s cannot be printed: it is %s", path,
			  !S_ISREG(status.st_mode) ? "no file"
			  : file->size == 0        ? "empty"
						   : "larger than 4 GiB");
		return CLI_FAILED;
	}
	if (!hash_file(file)) {
		cli_error("cannot read %s", path);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

bool print_file_read(struct print_file *file, int64_t position, uint8_t *data, size_t length)
{
	while (length > 0) {
		ssize_t count = pread(file->descriptor, data, length, (off_t)position);
		if (count < 0 && errno == EINTR) {
			continue;
		}
		if (count <= 0) {
			return false;
		}
		data += count;
		position += count;
		length -= (size_t)count;
	}
	return true;
}

void print_file_close(struct print_file *file)
{
	if (file->descriptor >= 0) {
		close(file->descriptor);
		file->descriptor = -1;
	}
}
