/* Lets the n-th call that changes a file below a folder fail. Loaded before libc (LD_PRELOAD). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char below[4096];
static int kind, left, error_number, seen;

enum { ANY, WRITE, FSYNC, RENAME, CLOSE };

/* Arms the fault: the nth call of a kind fails with an error number; n = 0 only counts. */
void fault_arm(const char *folder, int what, int nth, int number) {
    snprintf(below, sizeof below, "%s", folder);
    kind = what; left = nth; error_number = number; seen = 0;
}

int fault_seen(void) { return seen; }

static int fails(int what, const char *path) {
    if (!below[0] || strncmp(path, below, strlen(below)) || (kind != ANY && kind != what)) return 0;
    seen++;
    if (left > 0 && --left == 0) { errno = error_number; return 1; }
    return 0;
}

static int fails_fd(int what, int fd) {
    char name[64], path[4096];
    if (!below[0]) return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return fails(what, path);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name)) dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *b, size_t n) { REAL(write); return fails_fd(WRITE, fd) ? -1 : real(fd, b, n); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { REAL(pwrite); return fails_fd(WRITE, fd) ? -1 : real(fd, b, n, o); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { REAL(pwrite64); return fails_fd(WRITE, fd) ? -1 : real(fd, b, n, o); }
int fsync(int fd) { REAL(fsync); return fails_fd(FSYNC, fd) ? -1 : real(fd); }
int fdatasync(int fd) { REAL(fdatasync); return fails_fd(FSYNC, fd) ? -1 : real(fd); }
int rename(const char *a, const char *b) { REAL(rename); return fails(RENAME, a) ? -1 : real(a, b); }
int close(int fd) {
    REAL(close);
    int bad = fails_fd(CLOSE, fd);
    int result = real(fd);
    if (bad) { errno = error_number; return -1; }
    return result;
}
