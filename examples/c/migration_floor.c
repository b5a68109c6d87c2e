// What this machine can at best move between two memories: the floors that scripts/bench.sh holds migrations against.
//
//   gcc -O2 -o migration_floor migration_floor.c -lpthread && ./migration_floor [MiB]
//
// Prints one line of JSON, GB/s each: "memcpy" (in order), "scattered-4k" (pages in a random order), "tcp-loopback" (one stream,
// a sender and a receiver thread). All pages have been touched before the clock starts.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096, RUN_BYTES = 256 << 10 };

static size_t size_bytes;
static char *from, *to;

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
        ssize_t count = read(connection, to + at, size_bytes - at < RUN_BYTES ? size_bytes - at : RUN_BYTES);
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
        ssize_t count = write(connection, from + at, size_bytes - at < RUN_BYTES ? size_bytes - at : RUN_BYTES);
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

int main(int argc, char **argv) {
    size_bytes = (size_t)(argc > 1 ? atol(argv[1]) : 1024) << 20;
    from = shared_memory(1);
    to = shared_memory(2);
    double bytes = (double)size_bytes / 1e9;
    double copied = in_order(), apart = scattered(), sent = over_tcp();
    printf("{\"memcpy\":%.2f,\"scattered-4k\":%.2f,\"tcp-loopback\":%.2f}\n", bytes / copied, bytes / apart, bytes / sent);
    return 0;
}
