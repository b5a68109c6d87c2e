// What this machine can at best move between two memories: the floors that scripts/bench.sh holds migrations against.
//
//   gcc -O2 -o migration_floor migration_floor.c -lpthread && ./migration_floor [MiB]
//
// Prints one line of JSON, GB/s each: "memcpy" (in order), "scattered-4k" (pages in a random order), "tcp-loopback" (one stream,
// a sender and a receiver thread), "out-and-in" (one thread copies to a third memory, as a source pages out, while another follows and
// copies on from there, as a target pages in; in huge pages, and past the cache on x86-64: nothing that pages through a shared device
// can take less, with or without checksums). All pages have been touched before the clock starts.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25  // asm-generic/mman-common.h, Linux 6.1
#endif

enum { PAGE_BYTES = 4096, RUN_BYTES = 256 << 10, STREAM_BYTES = 1 << 20 };

static size_t size_bytes;
static char *from, *to, *space;
static atomic_size_t out_bytes;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static char *shared_memory(int value) {
    int file = memfd_create("migration-floor", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, (off_t)size_bytes) != 0) fail("memfd_create");
    char *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) fail("mmap");
    memset(memory, value, size_bytes);
    return memory;
}

static double in_order(void) {
    double begin = seconds();
    for (size_t at = 0; at < size_bytes; at += RUN_BYTES) memcpy(to + at, from + at, RUN_BYTES);
    return seconds() - begin;
}

static double scattered(void) {
    size_t count = size_bytes / PAGE_BYTES;
    uint32_t *order = malloc(count * sizeof *order);
    if (order == NULL) fail("malloc");
    for (size_t i = 0; i < count; i++) order[i] = (uint32_t)i;
    uint64_t word = 88172645463325252u;
    for (size_t i = count - 1; i > 0; i--) {  // Fisher and Yates, with xorshift64
        word ^= word << 13, word ^= word >> 7, word ^= word << 17;
        size_t other = word % (i + 1);
        uint32_t kept = order[i];
        order[i] = order[other], order[other] = kept;
    }
    double begin = seconds();
    for (size_t i = 0; i < count; i++) {
        size_t at = (size_t)order[i] * PAGE_BYTES;
        memcpy(to + at, from + at, PAGE_BYTES);
    }
    double took = seconds() - begin;
    free(order);
    return took;
}

static void *receive_all(void *argument) {
    int connection = accept(*(int *)argument, NULL, NULL);
    if (connection < 0) fail("accept");
    for (size_t at = 0; at < size_bytes;) {
        ssize_t count = read(connection, to + at, size_bytes - at < STREAM_BYTES ? size_bytes - at : STREAM_BYTES);
        if (count <= 0) fail("read");
        at += (size_t)count;
    }
    if (write(connection, "", 1) != 1) fail("write");
    close(connection);
    return NULL;
}

static double over_tcp(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), connection = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 1) != 0) fail("listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    pthread_t receiver;
    pthread_create(&receiver, NULL, receive_all, &listener);
    if (connect(connection, (struct sockaddr *)&address, length) != 0) fail("connect");
    double begin = seconds();
    for (size_t at = 0; at < size_bytes;) {
        ssize_t count = write(connection, from + at, size_bytes - at < STREAM_BYTES ? size_bytes - at : STREAM_BYTES);
        if (count <= 0) fail("write");
        at += (size_t)count;
    }
    char done;
    if (read(connection, &done, 1) != 1) fail("read");
    double took = seconds() - begin;
    pthread_join(receiver, NULL);
    close(connection);
    close(listener);
    return took;
}

static void copy_run(char *target, const char *source) {
#ifdef __SSE2__
    for (size_t at = 0; at < RUN_BYTES; at += 4 * sizeof(__m128i)) {
        const __m128i *line = (const __m128i *)(source + at);
        __m128i first = _mm_load_si128(line), second = _mm_load_si128(line + 1);
        __m128i third = _mm_load_si128(line + 2), fourth = _mm_load_si128(line + 3);
        __m128i *into = (__m128i *)(target + at);
        _mm_stream_si128(into, first), _mm_stream_si128(into + 1, second);
        _mm_stream_si128(into + 2, third), _mm_stream_si128(into + 3, fourth);
    }
    _mm_sfence();
#else
    memcpy(target, source, RUN_BYTES);
#endif
}

static void *page_in(void *nothing) {
    for (size_t at = 0; at < size_bytes; at += RUN_BYTES) {
        while (atomic_load_explicit(&out_bytes, memory_order_acquire) < at + RUN_BYTES) usleep(20);
        copy_run(to + at, space + at);
    }
    return nothing;
}

static double out_and_in(void) {
    // Where the kernel has no huge pages, small ones do.
    char *memories[] = {from, to, space};
    for (int i = 0; i < 3; i++) madvise(memories[i], size_bytes, MADV_COLLAPSE);
    for (int i = 0; i < 3; i++)
        for (size_t at = 0; at < size_bytes; at += PAGE_BYTES) (void)*(volatile char *)(memories[i] + at);
    double begin = seconds();
    pthread_t reader;
    pthread_create(&reader, NULL, page_in, NULL);
    for (size_t at = 0; at < size_bytes; at += RUN_BYTES) {
        copy_run(space + at, from + at);
        atomic_store_explicit(&out_bytes, at + RUN_BYTES, memory_order_release);
    }
    pthread_join(reader, NULL);
    return seconds() - begin;
}

int main(int argc, char **argv) {
    size_bytes = (size_t)(argc > 1 ? atol(argv[1]) : 1024) << 20;
    from = shared_memory(1);
    to = shared_memory(2);
    space = shared_memory(3);
    double bytes = (double)size_bytes / 1e9;
    over_tcp();  // the memory of the kernel's socket buffers is slow the first time it is touched, too
    double copied = in_order(), apart = scattered(), sent = over_tcp(), paged = out_and_in();
    printf("{\"memcpy\":%.2f,\"scattered-4k\":%.2f,\"tcp-loopback\":%.2f,\"out-and-in\":%.2f}\n", bytes / copied, bytes / apart,
           bytes / sent, bytes / paged);
    return 0;
}
