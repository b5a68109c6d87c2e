/*
 * What a server of pages in memory pays for a gibibyte that it sends over loopback TCP: send(2) from a mapping, and sendfile(2) from
 * the file. The file is on tmpfs, in huge pages where the kernel has some; the receiver reads into a buffer of 4 MiB.
 *
 *   gcc -O2 -o /tmp/send_or_sendfile benchmarks/c/send_or_sendfile.c && /tmp/send_or_sendfile
 *
 * Prints of each way the medians of nine rounds, in turn: time, and processor time of sender and receiver, in ms.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIZE (1L << 30)
#define HUGE (2L << 20)
#define RUN (256L << 10)
#define BUFFER (4L << 20)
#define ROUNDS 9
#define MADV_COLLAPSE_ADVICE 25

struct taken {
    double wall, sender, receiver;
};

static void require(int is_so, const char *what) {
    if (is_so) return;
    perror(what);
    exit(1);
}

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static double cpu_ms(int who) {
    struct rusage used;
    getrusage(who, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

static char *map_huge(int file) {
    char *room = mmap(NULL, SIZE + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require(room != MAP_FAILED, "mmap");
    char *at = (char *)(((unsigned long)room + HUGE - 1) & -HUGE);
    require(mmap(at, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED, "mmap of the file");
    for (long i = 0; i < SIZE; i += HUGE) {
        at[i] = 1;
        /* Small pages where there is none to be had. */
        (void)madvise(at + i, HUGE, MADV_COLLAPSE_ADVICE);
    }
    for (long i = 0; i < SIZE; i += 8) *(long *)(at + i) = i * 0x9E3779B97F4A7C15L;
    return at;
}

static void receive(const struct sockaddr_in *address) {
    char *buffer = malloc(BUFFER);
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    require(buffer && connect(peer, (const struct sockaddr *)address, sizeof *address) == 0, "connect");
    for (long got = 0; got < SIZE;) {
        long count = recv(peer, buffer + got % BUFFER, RUN < BUFFER - got % BUFFER ? RUN : BUFFER - got % BUFFER, 0);
        require(count > 0, "recv");
        got += count;
    }
    require(write(peer, "x", 1) == 1, "write");
    _exit(0);
}

static struct taken run(int listener, const struct sockaddr_in *address, int file, const char *pages) {
    pid_t receiver = fork();
    require(receiver >= 0, "fork");
    if (receiver == 0) receive(address);
    int peer = accept(listener, NULL, NULL), yes = 1;
    require(peer >= 0 && setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0, "accept");
    double wall = now_ms(), sender = cpu_ms(RUSAGE_SELF), children = cpu_ms(RUSAGE_CHILDREN);
    for (long at = 0; at < SIZE;) {
        long left = RUN - at % RUN, sent;
        off_t offset = at;
        sent = pages ? send(peer, pages + at, left, 0) : sendfile(peer, file, &offset, left);
        require(sent > 0, "send");
        at += sent;
    }
    char done;
    require(read(peer, &done, 1) == 1, "read");
    struct taken taken = {now_ms() - wall, cpu_ms(RUSAGE_SELF) - sender, 0};
    close(peer);
    waitpid(receiver, NULL, 0);
    taken.receiver = cpu_ms(RUSAGE_CHILDREN) - children;
    return taken;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const struct taken *rounds, int field) {
    double values[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) values[i] = ((const double *)&rounds[i])[field];
    qsort(values, ROUNDS, sizeof *values, by_size);
    return values[ROUNDS / 2];
}

int main(void) {
    int file = memfd_create("pages", 0);
    require(file >= 0 && ftruncate(file, SIZE) == 0, "memfd_create");
    char *pages = map_huge(file);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    require(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0, "bind");
    require(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "getsockname");
    static struct taken taken[2][ROUNDS];
    for (int way = 0; way < 2; way++) run(listener, &address, file, way == 0 ? pages : NULL);
    for (int i = 0; i < ROUNDS; i++) {
        for (int way = 0; way < 2; way++) taken[way][i] = run(listener, &address, file, way == 0 ? pages : NULL);
    }
    for (int way = 0; way < 2; way++) {
        printf("%-8s  %4.0f ms; processor time: sender %4.0f, receiver %4.0f\n", way == 0 ? "send" : "sendfile",
               median(taken[way], 0), median(taken[way], 1), median(taken[way], 2));
    }
    return 0;
}
