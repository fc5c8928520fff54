#include <math.h>

#include "check.h"
#include "random.h"

/* splitmix64 with seed 0: the first outputs of the authors' code. */
static void known_numbers(void) {
  const uint64_t expected[3] = {UINT64_C(0xE220A8397B1DCDAF), UINT64_C(0x6E789E6AA1B965F4),
                                UINT64_C(0x06C45D188009454F)};
  for (uint64_t n = 0; n < 3; n++) {
    CHECK(random_at(0, n) == expected[n], "number %d is %llx", (int)n, (unsigned long long)random_at(0, n));
  }
}

static void signed_range(void) {
  CHECK(random_signed(0) == -1, "0 gives %g", random_signed(0));
  CHECK(random_signed(UINT64_MAX) < 1 && random_signed(UINT64_MAX) > 1 - 1e-15, "all bits do not give just below 1");
  double sum = 0, squares = 0;
  for (uint64_t n = 0; n < 100000; n++) {
    const double x = random_signed(random_at(7, n));
    sum += x;
    squares += x * x;
  }
  CHECK(fabs(sum / 1e5) < 0.01, "mean %g", sum / 1e5);
  CHECK(fabs(squares / 1e5 - 1.0 / 3) < 0.01, "mean square %g, not 1/3", squares / 1e5);
}

static void keys_differ(void) {
  const uint64_t keys[] = {random_key(1, STREAM_MAPS, 0, 0),  random_key(2, STREAM_MAPS, 0, 0),
                           random_key(1, STREAM_ORBIT, 0, 0), random_key(1, STREAM_MAPS, 1, 0),
                           random_key(1, STREAM_MAPS, 0, 1)};
  for (int i = 0; i < 5; i++) {
    for (int j = 0; j < i; j++) CHECK(keys[i] != keys[j], "keys %d and %d are equal", j, i);
  }
}

static void below_is_uniform(void) {
  int counts[6] = {0};
  for (uint64_t n = 0; n < 60000; n++) counts[random_below(random_at(3, n), 6)]++;
  for (int i = 0; i < 6; i++) CHECK(counts[i] > 9600 && counts[i] < 10400, "%d of 60000 are %d", counts[i], i);
}

void random_tests(void) {
  check_test("the generator gives splitmix64's published numbers", known_numbers);
  check_test("signed numbers are uniform in [-1, 1)", signed_range);
  check_test("seed, purpose, category and index each give another stream", keys_differ);
  check_test("integers below a bound are uniform", below_is_uniform);
}
