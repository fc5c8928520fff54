#include "guarded_memory.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FORBIDDEN ((size_t)1 << 20)
#define PAGE ((size_t)4096)
#define ALIGNMENT ((size_t)64)
#define BLOCKS_MAX 4096

typedef struct {
  uint8_t *start;  // of the block; NULL: this entry is free
  size_t bytes;
  uint8_t *inside;  // what can be accessed, guard bytes included
  size_t inside_bytes;
  char name[64];
} block;

static block blocks[BLOCKS_MAX];
static size_t block_count;  // entries behind this were never used
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int report_descriptor = -1;

static size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

// Differs from byte to byte, so that a copy of guard bytes is damage too.
static uint8_t guard_byte(const uint8_t *place) { return (uint8_t)(0xa5 ^ ((uintptr_t)place * 29)); }

static block *find(const void *start) {
  for (size_t i = 0; i < block_count; i++) {
    if (blocks[i].start == start) return &blocks[i];
  }
  return NULL;
}

static block *find_free(void) {
  block *b = find(NULL);
  return b || block_count == BLOCKS_MAX ? b : &blocks[block_count++];
}

static void write_guards(block *b) {
  for (uint8_t *p = b->inside; p < b->start; p++) *p = guard_byte(p);
  for (uint8_t *p = b->start + b->bytes; p < b->inside + b->inside_bytes; p++) *p = guard_byte(p);
}

void *guarded_allocate(size_t bytes, int tight, const char *name) {
  if (bytes > (size_t)1 << 46) {
    errno = ENOMEM;
    return NULL;
  }
  size_t rounded = round_up(bytes, ALIGNMENT);
  size_t inside_bytes = round_up(rounded + PAGE + (tight ? 0 : PAGE), PAGE);
  uint8_t *mapping =
    mmap(NULL, inside_bytes + 2 * FORBIDDEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) return NULL;
  uint8_t *inside = mapping + FORBIDDEN;
  if (mprotect(inside, inside_bytes, PROT_READ | PROT_WRITE) != 0) {
    munmap(mapping, inside_bytes + 2 * FORBIDDEN);
    return NULL;
  }
  pthread_mutex_lock(&lock);
  block *b = find_free();
  if (b) {
    b->bytes = bytes;
    b->inside = inside;
    b->inside_bytes = inside_bytes;
    snprintf(b->name, sizeof b->name, "%s", name);
    b->start = inside + inside_bytes - (tight ? 0 : PAGE) - rounded;
    write_guards(b);
  }
  pthread_mutex_unlock(&lock);
  if (!b) {
    munmap(mapping, inside_bytes + 2 * FORBIDDEN);
    errno = ENOMEM;
    return NULL;
  }
  return b->start;
}

void guarded_free(void *start) {
  if (!start) return;
  pthread_mutex_lock(&lock);
  block *b = find(start);
  if (b) {
    munmap(b->inside - FORBIDDEN, b->inside_bytes + 2 * FORBIDDEN);
    b->start = NULL;
  }
  pthread_mutex_unlock(&lock);
}

int64_t guarded_damage(const void *start) {
  pthread_mutex_lock(&lock);
  const block *b = start ? find(start) : NULL;
  int64_t damage = 0;
  if (b) {
    const uint8_t *end = b->start + b->bytes;
    for (const uint8_t *p = b->start; p > b->inside && damage == 0; p--) {
      if (p[-1] != guard_byte(p - 1)) damage = (p - 1) - b->start;
    }
    for (const uint8_t *p = end; p < b->inside + b->inside_bytes && damage == 0; p++) {
      if (*p != guard_byte(p)) damage = p - end + 1;
    }
  }
  pthread_mutex_unlock(&lock);
  return damage;
}

// ---- Crashes. From here on only what a signal handler may call; snprintf of glibc takes no lock for these formats.

static int describe(const uint8_t *address, char *text, size_t size) {
  for (size_t i = 0; i < block_count; i++) {
    const block *b = &blocks[i];
    if (!b->start || address < b->inside - FORBIDDEN || address >= b->inside + b->inside_bytes + FORBIDDEN) continue;
    const uint8_t *end = b->start + b->bytes;
    long long bytes = (long long)b->bytes;
    if (address < b->start) {
      return snprintf(
        text, size, "%lld bytes before the start of %s (%lld bytes)", (long long)(b->start - address), b->name, bytes);
    }
    if (address >= end) {
      return snprintf(
        text, size, "%lld bytes behind the end of %s (%lld bytes)", (long long)(address - end), b->name, bytes);
    }
    return snprintf(text, size, "access to byte %lld of %s (%lld bytes)", (long long)(address - b->start), b->name, bytes);
  }
  if ((uintptr_t)address < PAGE) return snprintf(text, size, "access through a null pointer");
  return snprintf(text, size, "access to address 0x%llx, which is in none of the arrays", (unsigned long long)address);
}

static void on_crash(int number, siginfo_t *info, void *context) {
  (void)context;
  char text[200], line[240];
  describe(info->si_addr, text, sizeof text);
  int length = snprintf(line, sizeof line, "{\"crash\":\"%s\"}\n", text);
  if (length > 0) (void)!write(report_descriptor, line, (size_t)length);
  // The default action ends the process when the access is tried again.
  signal(number, SIG_DFL);
}

void guarded_report_crashes(int descriptor) {
  // A stack of its own: the crash may be the end of the stack.
  static uint8_t stack[1 << 16];
  report_descriptor = descriptor;
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternative, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
}

void guarded_end_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }
