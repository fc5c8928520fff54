#pragma once
// What the processor can do, and how much of it this program may use.
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The same number, of which the optimizer does not see that it is the same. Microkernels use it so that an address stays
/// "pointer + index": made into a pointer of its own for each row, the registers would not suffice.
static inline long processor_opaque(long number) {
  __asm__("" : "+r"(number));
  return number;
}

/// Says to the processor that the thread only waits: less power, and more for the core's other thread.
static inline void processor_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// How many processors the calling thread may run on (`taskset`, cpusets, job schedulers); 0 when the system does not say.
static inline int processor_allowed_count(void) {
  uint64_t mask[1024] = {0};
  const long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int count = 0;
  for (long i = 0; i < bytes / 8; i++) count += __builtin_popcountll(mask[i]);
  return count;
}

#if defined(__x86_64__)
#include <cpuid.h>

static inline uint64_t processor_saved_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

/// 1 when all bits of `features` (leaf 7, EBX) and of `state` (XCR0) are set.
static inline int processor_has(uint32_t features, uint64_t state) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_FMA)) return 0;
  if ((processor_saved_state() & state) != state) return 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  return (b & features) == features;
}

/// AVX-512 F, DQ, BW and VL.
static inline int processor_has_avx512(void) {
  return processor_has((1u << 5) | (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31), 0xE6);
}
#else
static inline int processor_has_avx512(void) { return 0; }
#endif
