// The fastest that a page fault can be served from user space on this machine: a child touches pages that are missing, one after
// the other, and its parent does nothing but read each report and copy the page in. A pager is measured as a ratio to it.
//
//   gcc -O2 -o fault_floor fault_floor.c && ./fault_floor [FAULTS]
//
// Prints one line of JSON: {"faults":N,"p50-us":..,"p99-us":..}; the first quarter of the faults is not counted.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, STRIDE = 7919 };

static void require(int holds, const char *what) {
    if (!holds) { perror(what); exit(1); }
}

static long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000L + now.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

// The descriptor travels with the address of the memory that it watches.
static void transfer(int socket, int *fd, char **base, int sending) {
    union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr head; } control = {0};
    struct iovec data = {base, sizeof *base};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    control.head = (struct cmsghdr){CMSG_LEN(sizeof *fd), SOL_SOCKET, SCM_RIGHTS};
    if (sending) memcpy(CMSG_DATA(&control.head), fd, sizeof *fd);
    require((sending ? sendmsg(socket, &message, 0) : recvmsg(socket, &message, 0)) > 0, "socket");
    if (!sending) memcpy(fd, CMSG_DATA(&control.head), sizeof *fd);
}

static void touch_all(int socket, long faults) {
    size_t size = (size_t)faults * PAGE;
    int memory = memfd_create("floor", MFD_CLOEXEC), uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
    require(memory >= 0 && !ftruncate(memory, size) && uffd >= 0, "memfd or userfaultfd");
    char *base = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    struct uffdio_api api = {.api = UFFD_API, .features = UFFD_FEATURE_MISSING_SHMEM};
    struct uffdio_register range = {{(unsigned long)base, size}, UFFDIO_REGISTER_MODE_MISSING, 0};
    require(!ioctl(uffd, UFFDIO_API, &api) && !ioctl(uffd, UFFDIO_REGISTER, &range), "UFFDIO_REGISTER");
    transfer(socket, &uffd, &base, 1);
    char ready;
    require(read(socket, &ready, 1) == 1, "read");
    long *took = malloc(faults * sizeof *took);
    for (long i = 0; i < faults; i++) {
        volatile char *page = base + (size_t)(i * STRIDE % faults) * PAGE;
        long start = now_ns();
        require(*page == 3, "the content");
        took[i] = now_ns() - start;
    }
    long counted = faults - faults / 4;
    qsort(took + faults / 4, counted, sizeof *took, ascending);
    took += faults / 4;
    printf("{\"faults\":%ld,\"p50-us\":%.1f,\"p99-us\":%.1f}\n", counted, took[counted / 2] / 1e3, took[counted * 99 / 100] / 1e3);
    fflush(stdout);
}

int main(int argc, char **argv) {
    long faults = argc > 1 ? atol(argv[1]) : 40009;
    int pair[2], uffd = -1;
    if (faults < 4 || faults % STRIDE == 0) return fprintf(stderr, "not a number of faults for this\n"), 2;
    require(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
    if (!fork()) {
        touch_all(pair[0], faults);
        _exit(0);
    }
    char *base = 0, *content = malloc((size_t)faults * PAGE);
    memset(content, 3, (size_t)faults * PAGE);
    transfer(pair[1], &uffd, &base, 0);
    require(write(pair[1], "", 1) == 1, "write");
    for (long served = 0; served < faults; served++) {
        struct uffd_msg report;
        require(read(uffd, &report, sizeof report) == sizeof report, "read");
        unsigned long offset = (report.arg.pagefault.address & -(unsigned long)PAGE) - (unsigned long)base;
        struct uffdio_copy copy = {(unsigned long)base + offset, (unsigned long)content + offset, PAGE, 0, 0};
        require(!ioctl(uffd, UFFDIO_COPY, &copy), "UFFDIO_COPY");
    }
    wait(0);
    return 0;
}
