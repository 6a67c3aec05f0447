/* SPDX-License-Identifier: MIT */

/*
 * What the message path costs, as ratios to a bare OpenSSL call on the same ciphertext with its
 * context reused. Every line: BENCH <name> <number> <unit>.
 */
#include <flagship/flagship.h>

#include "allocations.h"
#include "measure.h"
#include "printer/state/state.h"

#include <openssl/evp.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_LINE     64
#define FRAME_SIZE_MAX 1024
#define NS_PER_S       1e9
#define COUNTED        1000
#define GUID           "651c863a-6bfe-103b-9b47-5b549343f75a"

/* An M5's temperatures: 193 bytes as a frame. */
static const char m5_notice[] = "[{\"commandType\":1003,\"currentTemp\":5263,\"targetTemp\":18000},"
				"{\"commandType\":1004,\"currentTemp\":3990,\"targetTemp\":6000}]";

/* What an M5C says every three seconds of a print: five objects, 432 bytes. */
static const char m5c_job_notice[] =
	"[{\"commandType\":1001,\"time\":389004,\"totalTime\":628,\"progress\":6915,\"aiFlag\":0,"
	"\"modelType\":5,\"startLeftTime\":1,\"filamentUsed\":0,\"filamentUnit\":\"mm\","
	"\"name\":\"calibration_cube_0.2mm_PLA.gcode\",\"img\":\"\",\"modelId\":\"1234\","
	"\"realSpeed\":300,\"task_id\":\"6f1c2a90-77aa\"},"
	"{\"commandType\":1003,\"currentTemp\":22000},"
	"{\"commandType\":1004,\"currentTemp\":5990,\"targetTemp\":6000},"
	"{\"commandType\":1006,\"value\":60},"
	"{\"commandType\":1000,\"subType\":1,\"value\":1}]";

static const uint8_t key_bytes[FLAGSHIP_KEY_SIZE_AES256] = "thirty-two bytes of no real key.";
static const uint8_t iv[] = "3DPrintAnkerMake";

struct bench {
	struct flagship_key *key;
	EVP_CIPHER_CTX *bare;
	const char *plaintext;
	size_t plaintext_length;
	/* As memory is that a library of MQTT gives out; wherever the stack would put them, the
	 * bare call took a tenth more or less. */
	alignas(CACHE_LINE) uint8_t frame[FRAME_SIZE_MAX];
	alignas(CACHE_LINE) uint8_t scratch[FRAME_SIZE_MAX];
	size_t frame_size;
	size_t header_size;
	struct flagship_frame header;
	struct printer_state state;
	int64_t now_ms;
};

static void must(int condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "bench: %s failed\n", what);
		exit(1);
	}
}

static void bench_init(struct bench *bench, const char *plaintext,
		       enum flagship_device_type device_type, enum flagship_model model)
{
	bench->plaintext = plaintext;
	bench->plaintext_length = strlen(plaintext);
	flagship_frame_init(&bench->header, GUID);
	bench->header.device_type = (uint8_t)device_type;
	must(flagship_key_create(key_bytes, sizeof(key_bytes), &bench->key) == 0, "key");
	must(flagship_frame_seal(bench->key, &bench->header, plaintext, bench->plaintext_length,
				 bench->frame, sizeof(bench->frame), &bench->frame_size) == 0,
	     "seal");
	bench->header_size = FLAGSHIP_PREFIX_SHORT_SIZE + FLAGSHIP_COMMON_SIZE +
			     (device_type == FLAGSHIP_DEVICE_TYPE_M5 ? FLAGSHIP_DETAILS_LONG_SIZE
								     : FLAGSHIP_DETAILS_SHORT_SIZE);
	printer_state_init(&bench->state, "AK0000000000001", NULL, model);
	bench->now_ms = 0;
}

static void bench_bare(struct bench *bench, int encrypt)
{
	bench->bare = EVP_CIPHER_CTX_new();
	must(bench->bare &&
		     EVP_CipherInit_ex(bench->bare, EVP_aes_256_cbc(), NULL, key_bytes, iv,
				       encrypt) == 1 &&
		     EVP_CIPHER_CTX_set_padding(bench->bare, 0) == 1,
	     "bare context");
}

static void bench_finish(struct bench *bench)
{
	flagship_key_destroy(bench->key);
	EVP_CIPHER_CTX_free(bench->bare);
}

/* The cheapest call that decrypts: no padding to look at, no last block held back. */
static void bare_decrypt(void *context)
{
	struct bench *bench = context;
	uint8_t *ciphertext = bench->scratch + bench->header_size;
	int length = (int)(bench->frame_size - bench->header_size - FLAGSHIP_FRAME_CHECKSUM_SIZE);

	memcpy(bench->scratch, bench->frame, bench->frame_size);
	EVP_DecryptInit_ex(bench->bare, NULL, NULL, NULL, iv);
	must(EVP_DecryptUpdate(bench->bare, ciphertext, &length, ciphertext, length) == 1,
	     "bare decryption");
}

/* Likewise, of a plaintext that is padded already. */
static void bare_encrypt(void *context)
{
	struct bench *bench = context;
	int length = (int)(bench->frame_size - bench->header_size - FLAGSHIP_FRAME_CHECKSUM_SIZE);

	EVP_EncryptInit_ex(bench->bare, NULL, NULL, NULL, iv);
	must(EVP_EncryptUpdate(bench->bare, bench->scratch, &length, bench->frame, length) == 1,
	     "bare encryption");
}

static void open_frame(void *context)
{
	struct bench *bench = context;
	struct flagship_frame frame;

	memcpy(bench->scratch, bench->frame, bench->frame_size);
	must(flagship_frame_open(bench->key, bench->scratch, bench->frame_size, &frame) == 0,
	     "open");
}

static void frame_to_state(void *context)
{
	struct bench *bench = context;
	struct flagship_frame frame;
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;

	memcpy(bench->scratch, bench->frame, bench->frame_size);
	must(flagship_frame_open(bench->key, bench->scratch, bench->frame_size, &frame) == 0,
	     "open");
	bench->now_ms++;
	must(flagship_payload_read(frame.payload, frame.payload_length, messages,
				   FLAGSHIP_PAYLOAD_OBJECTS_MAX, &count) == 0,
	     "state");
	printer_state_merge(&bench->state, messages, count, bench->now_ms, NULL, NULL);
}

static void seal_frame(void *context)
{
	struct bench *bench = context;
	size_t written;

	must(flagship_frame_seal(bench->key, &bench->header, bench->plaintext,
				 bench->plaintext_length, bench->scratch, sizeof(bench->scratch),
				 &written) == 0,
	     "seal");
}

static size_t allocations_of(void (*work)(void *), struct bench *bench)
{
	size_t before = allocations_count();

	for (int i = 0; i < COUNTED; i++) {
		work(bench);
	}
	return allocations_count() - before;
}

static double ratio(struct bench *bench, void (*work)(void *), void (*bare)(void *), double *ns)
{
	return measure_ratio((struct measured){work, bench}, (struct measured){bare, bench}, ns);
}

static void report(const char *name, double number, const char *unit)
{
	printf("BENCH %s %.3f %s\n", name, number, unit);
	fflush(stdout);
}

static void bench_m5_notice(size_t *allocations)
{
	struct bench bench;
	double ns;

	bench_init(&bench, m5_notice, FLAGSHIP_DEVICE_TYPE_M5, FLAGSHIP_MODEL_M5);
	must(bench.frame_size == 193, "size of the M5's notice");
	bench_bare(&bench, 0);
	report("frame_open_ratio", ratio(&bench, open_frame, bare_decrypt, NULL), "ratio");
	report("notice_to_state_ratio", ratio(&bench, frame_to_state, bare_decrypt, &ns), "ratio");
	report("notice_to_state_ns", ns, "ns");
	report("frames_per_second", NS_PER_S / ns, "frames/s");
	*allocations += allocations_of(frame_to_state, &bench);
	bench_finish(&bench);
}

static void bench_m5c_job_notice(size_t *allocations)
{
	struct bench bench;
	double ns;

	bench_init(&bench, m5c_job_notice, FLAGSHIP_DEVICE_TYPE_M5C, FLAGSHIP_MODEL_M5C);
	must(bench.plaintext_length == 432, "size of the M5C's job notice");
	bench_bare(&bench, 0);
	report("job_notice_to_state_ratio", ratio(&bench, frame_to_state, bare_decrypt, &ns),
	       "ratio");
	report("job_notice_to_state_ns", ns, "ns");
	*allocations += allocations_of(frame_to_state, &bench);
	bench_finish(&bench);
}

static void bench_seal(size_t *allocations)
{
	struct bench bench;

	bench_init(&bench, m5_notice, FLAGSHIP_DEVICE_TYPE_M5, FLAGSHIP_MODEL_M5);
	bench_bare(&bench, 1);
	report("seal_ratio", ratio(&bench, seal_frame, bare_encrypt, NULL), "ratio");
	*allocations += allocations_of(seal_frame, &bench);
	bench_finish(&bench);
}

int main(void)
{
	size_t allocations = 0;

	bench_m5_notice(&allocations);
	bench_m5c_job_notice(&allocations);
	bench_seal(&allocations);
	report("allocations_per_message", (double)allocations / (3 * COUNTED), "allocations");
	return 0;
}
