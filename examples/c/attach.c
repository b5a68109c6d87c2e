// A program in partition memory, in C: attaches to an agent by the protocol of docs/attach-protocol.md.
//
//   gcc -O2 -Wall -o attach attach.c && ./attach SOCKET NAME PAGES new|incoming
//
// It obeys the agent, and lines on its standard input: "read PAGE", "write PAGE VALUE", "sum FIRST COUNT" (the exclusive or of
// the first word of each page). Needs Linux 6.7 or newer.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { PAGE = 4096, DEVICE_NEW = 0xAA00, USER_MODE_ONLY = 1 };
// The features of linux/userfaultfd.h, by number since older headers lack some: MISSING_SHMEM, THREAD_ID, WP_HUGETLBFS_SHMEM,
// WP_UNPOPULATED, WP_ASYNC.
enum { FEATURES = 1 << 5 | 1 << 8 | 1 << 12 | 1 << 13 | 1 << 15 };

static const char *state;         // "new", "incoming", "running", "quiesced" or "departed"
static char *table[2], *pointer;  // the partition table, the migration table, and the one that this program runs on
static unsigned char *record;     // a byte a page, whose bits the agent changes, too: each change of one is atomic
static size_t pages;
static int agent, pagemap;

enum { STALE = 4, USED = 16, WRITTEN = 32 };  // bits of a record: the migration table's entry is stale; what it had recorded

static void die(const char *what) { perror(what); exit(1); }

static int sealed(const char *name, size_t size) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || ftruncate(fd, size) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW)) die(name);
    return fd;
}

static void *map(int fd, size_t size) {
    void *at = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (at == MAP_FAILED) die("mmap");
    return at;
}

static int fault_descriptor(int *user_mode_only) {
    int fd = syscall(SYS_userfaultfd, O_CLOEXEC), device = fd < 0 ? open("/dev/userfaultfd", O_RDWR | O_CLOEXEC) : -1;
    if (device >= 0) fd = ioctl(device, DEVICE_NEW, O_CLOEXEC);
    *user_mode_only = fd < 0;
    if (fd < 0) fd = syscall(SYS_userfaultfd, O_CLOEXEC | USER_MODE_ONLY);
    struct uffdio_api api = {.api = UFFD_API, .features = FEATURES};
    if (fd < 0 || ioctl(fd, UFFDIO_API, &api)) die("userfaultfd (Linux 6.7 or newer, and permission)");
    return fd;
}

static void say(const char *line, const int *fds, int count) {
    union { char bytes[CMSG_SPACE(4 * sizeof(int))]; struct cmsghdr aligned; } control = {0};
    struct iovec iov = {(void *)line, strlen(line)};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (count) {
        msg.msg_control = control.bytes, msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
        *CMSG_FIRSTHDR(&msg) = (struct cmsghdr){CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), fds, count * sizeof(int));
    }
    if (sendmsg(agent, &msg, MSG_NOSIGNAL) < 0) die("sendmsg");
}

static unsigned long field(const char *line, const char *key) {  // key is " NAME="; no such field: 0
    const char *at = strstr(line, key);
    return at ? strtoul(at + strlen(key), 0, 0) : 0;
}

static void mark(size_t page, unsigned char bits) { __atomic_fetch_or(&record[page], bits, __ATOMIC_SEQ_CST); }

static void merge(size_t page) {  // Documentation/admin-guide/mm/pagemap.rst: bit 63 = there is an entry, 57 = nothing was written
    unsigned long entry = 0;
    off_t at = (off_t)(((unsigned long)table[1] / PAGE + page) * sizeof entry);
    if (pread(pagemap, &entry, sizeof entry, at) != sizeof entry) die("pagemap");
    if (entry >> 63) mark(page, entry >> 57 & 1 ? USED : USED | WRITTEN);
}

static unsigned long sweep(size_t first, size_t count) {
    unsigned long swept = 0;
    for (size_t i = first; i < first + count; i++) {
        if (!(__atomic_load_n(&record[i], __ATOMIC_SEQ_CST) & STALE)) continue;
        merge(i), madvise(table[1] + i * PAGE, PAGE, MADV_DONTNEED), swept++;
        __atomic_fetch_and(&record[i], (unsigned char)~STALE, __ATOMIC_SEQ_CST);
    }
    return swept;
}

static void obey(const char *line) {  // a state that comes with resume is left unread: this program keeps none
    size_t first = field(line, " first-page="), count = field(line, " page-count=");
    int known = first <= pages && count <= pages - first;
    unsigned long swept = 0;
    if (known && !strncmp(line, "resume ", 7)) {
        pointer = table[strstr(line, " pointer=migration") != 0], state = "running";
    } else if (!strncmp(line, "quiesce ", 8)) state = "quiesced";
    else if (!strncmp(line, "depart ", 7)) state = "departed";
    else if (!strncmp(line, "await-arrival ", 14)) {
        madvise(table[0], pages * PAGE, MADV_REMOVE), state = "incoming";
        for (size_t i = 0; i < pages; i++) __atomic_store_n(&record[i], 0, __ATOMIC_SEQ_CST);
    } else if (known && !strncmp(line, "drop-entries ", 13))
        madvise(table[strstr(line, " table=migration") != 0] + first * PAGE, count * PAGE, MADV_DONTNEED);
    else if (known && !strncmp(line, "populate ", 9)) {  // of pages that are all there; a hole would be allocated
        madvise(table[0] + first * PAGE, count * PAGE, strstr(line, "=write") ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
    } else if (!strncmp(line, "switch ", 7)) {
        if (pointer == table[1]) {
            pointer = table[0];
            for (size_t i = 0; i < pages; i++) mark(i, STALE);
        }
    } else if (known && !strncmp(line, "sweep ", 6)) swept = sweep(first, count);
    else known = 0;
    char answer[200];
    snprintf(answer, sizeof answer, known ? "done id=%lu swept=%lu by-calls=0 state-bytes=0\n"
        : "failed id=%lu reason=not+known+here\n", field(line, " id="), swept);
    say(answer, 0, 0);
}

static void command(const char *line) {
    unsigned long page = 0, value = 0, sum = 0;
    if (sscanf(line, "sum %lu %lu", &page, &value) == 2) {
        while (value--) sum ^= *(volatile unsigned long *)(pointer + page++ * PAGE);
    } else if (sscanf(line, "write %lu %lu", &page, &sum) == 2) *(volatile unsigned long *)(pointer + page * PAGE) = sum;
    else if (sscanf(line, "read %lu", &page) == 1) sum = *(volatile unsigned long *)(pointer + page * PAGE);
    printf("%lu\n", sum), fflush(stdout);
}

static void each_line(int fd, char *buffer, size_t *held, void (*take)(const char *)) {
    ssize_t got = read(fd, buffer + *held, PAGE - *held - 1);  // descriptors that come along are dropped
    if (got <= 0) exit(0);
    buffer[*held += got] = 0;
    for (char *end; (end = strchr(buffer, '\n'));) {
        *end = 0, take(buffer), *held -= end + 1 - buffer;
        memmove(buffer, end + 1, *held + 1);
    }
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "usage: %s SOCKET NAME PAGES new|incoming\n", argv[0]), 2;
    static char from_agent[PAGE], from_user[PAGE], line[1000];
    size_t held_agent = 0, held_user = 0, records = 0;
    int user_mode_only;
    pages = strtoul(argv[3], 0, 0), records = (pages + 3) / 4 * 4, state = argv[4];
    pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    int fds[] = {sealed("memory", pages * PAGE), fault_descriptor(&user_mode_only), pagemap, sealed("records", records)};
    table[0] = pointer = map(fds[0], pages * PAGE), table[1] = map(fds[0], pages * PAGE), record = map(fds[3], records);
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    strncpy(to.sun_path, argv[1], sizeof to.sun_path - 1);
    agent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(agent, (void *)&to, sizeof to)) die(argv[1]);
    snprintf(line, sizeof line, "attach version=1 name=%s size-bytes=%zu page-size-bytes=%d state=%s pid=%d partition-table=%p "
        "migration-table=%p pointer=partition user-mode-only=%s descriptors=4\n", argv[2], pages * PAGE, PAGE, state, getpid(),
        (void *)table[0], (void *)table[1], user_mode_only ? "true" : "false");
    say(line, fds, 4);
    ssize_t got = read(agent, line, sizeof line - 1);
    line[got > 0 ? got : 0] = 0;
    if (strncmp(line, "attached ", 9)) return fprintf(stderr, "%s", line), 1;
    char *rest = strchr(line, '\n') + 1;  // a first request may have come with the answer
    memcpy(from_agent, rest, held_agent = strlen(rest));
    puts("attached"), fflush(stdout);
    struct pollfd ready[] = {{agent, POLLIN, 0}, {0, POLLIN, 0}};
    while (poll(ready, 2, -1) >= 0) {
        if (ready[0].revents) each_line(agent, from_agent, &held_agent, obey);
        else if (ready[1].revents) each_line(0, from_user, &held_user, command);
    }
    return 1;
}
