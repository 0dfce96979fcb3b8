/*
 * SHA-256 by the processor's own instructions, for dev.runsc.snapshot.internal.ChunkHash.
 *
 * The JDK has it too, but only in code that its second compiler has made: a command that lives for a
 * quarter of a second would hash at a twentieth of the speed. The algorithm is FIPS 180-4, the
 * instructions are described in the Intel manual, volume 2, SHA256RNDS2, SHA256MSG1, SHA256MSG2.
 */
#include <cpuid.h>
#include <immintrin.h>
#include <jni.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BLOCK 64

static const uint32_t ROUND[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/*
 * Takes in whole blocks. The instructions want the eight words of the state as two registers that
 * hold, from the lowest word up, f e b a and h g d c.
 */
__attribute__((target("sha,sse4.1"))) static void take_in(
    __m128i *feba, __m128i *hgdc, const uint8_t *data, size_t blocks) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i first = *feba;
    __m128i second = *hgdc;
    for (; blocks > 0; blocks--, data += BLOCK) {
        __m128i first_before = first;
        __m128i second_before = second;
        /* The last sixteen words of the message schedule, four to a register. */
        __m128i w[4];
#pragma GCC unroll 16
        for (int group = 0; group < 16; group++) {
            int at = group % 4;
            if (group < 4) {
                __m128i bytes = _mm_loadu_si128((const __m128i *)(data + 16 * group));
                w[at] = _mm_shuffle_epi8(bytes, big_endian);
            } else {
                __m128i last = w[(at + 3) % 4];
                __m128i middle = _mm_alignr_epi8(last, w[(at + 2) % 4], 4);
                __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[at], w[(at + 1) % 4]), middle);
                w[at] = _mm_sha256msg2_epu32(sum, last);
            }
            __m128i words =
                _mm_add_epi32(w[at], _mm_load_si128((const __m128i *)(ROUND + 4 * group)));
            second = _mm_sha256rnds2_epu32(second, first, words);
            first = _mm_sha256rnds2_epu32(first, second, _mm_shuffle_epi32(words, 0x0e));
        }
        first = _mm_add_epi32(first, first_before);
        second = _mm_add_epi32(second, second_before);
    }
    *feba = first;
    *hgdc = second;
}

__attribute__((target("sha,sse4.1"))) static void sha256(
    const uint8_t *data, size_t length, uint8_t digest[32]) {
    /* a 6a09e667, b bb67ae85, c 3c6ef372, d a54ff53a, e 510e527f, f 9b05688c, g 1f83d9ab, h 5be0cd19 */
    __m128i feba = _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c);
    __m128i hgdc = _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
    size_t whole = length / BLOCK;
    take_in(&feba, &hgdc, data, whole);

    /* The rest, one bit, zeros, and the length in bits: one block or two. */
    uint8_t end[2 * BLOCK] = {0};
    size_t rest = length % BLOCK;
    memcpy(end, data + whole * BLOCK, rest);
    end[rest] = 0x80;
    size_t blocks = rest < BLOCK - 8 ? 1 : 2;
    uint64_t bits = (uint64_t)length * 8;
    for (int i = 0; i < 8; i++) {
        end[blocks * BLOCK - 1 - i] = (uint8_t)(bits >> 8 * i);
    }
    take_in(&feba, &hgdc, end, blocks);

    uint32_t words[8];
    uint32_t low[4];
    uint32_t high[4];
    _mm_storeu_si128((__m128i *)low, feba);
    _mm_storeu_si128((__m128i *)high, hgdc);
    words[0] = low[3];
    words[1] = low[2];
    words[2] = high[3];
    words[3] = high[2];
    words[4] = low[1];
    words[5] = low[0];
    words[6] = high[1];
    words[7] = high[0];
    for (int i = 0; i < 8; i++) {
        uint32_t swapped = __builtin_bswap32(words[i]);
        memcpy(digest + 4 * i, &swapped, 4);
    }
}

/* True on processors that have the instructions. */
JNIEXPORT jboolean JNICALL Java_dev_runsc_snapshot_internal_NativeHash_isSupported(
    JNIEnv *env, jclass type) {
    (void)env;
    (void)type;
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_SSE4_1) == 0) {
        return JNI_FALSE;
    }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
}

/* Hashes bytes of an array; the caller has checked the bounds. */
JNIEXPORT void JNICALL Java_dev_runsc_snapshot_internal_NativeHash_hashArray(
    JNIEnv *env, jclass type, jbyteArray data, jint offset, jint length, jbyteArray result) {
    (void)type;
    uint8_t digest[32];
    uint8_t *bytes = (*env)->GetPrimitiveArrayCritical(env, data, NULL);
    if (bytes == NULL) {
        return; /* out of memory: the exception is pending */
    }
    sha256(bytes + offset, (size_t)length, digest);
    (*env)->ReleasePrimitiveArrayCritical(env, data, bytes, JNI_ABORT);
    (*env)->SetByteArrayRegion(env, result, 0, sizeof digest, (const jbyte *)digest);
}

/* Hashes bytes of a direct buffer; the caller has checked the bounds. */
JNIEXPORT void JNICALL Java_dev_runsc_snapshot_internal_NativeHash_hashBuffer(
    JNIEnv *env, jclass type, jobject buffer, jint offset, jint length, jbyteArray result) {
    (void)type;
    uint8_t digest[32];
    const uint8_t *bytes = (*env)->GetDirectBufferAddress(env, buffer);
    if (bytes == NULL) {
        return; /* not direct; the result stays zero, which is no name of anything */
    }
    sha256(bytes + offset, (size_t)length, digest);
    (*env)->SetByteArrayRegion(env, result, 0, sizeof digest, (const jbyte *)digest);
}
