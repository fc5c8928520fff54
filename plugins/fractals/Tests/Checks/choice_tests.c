#include <math.h>

#include "check.h"
#include "choice.h"
#include "random.h"

/* The probability of `thing` by the table itself: the cuts of its entries. */
static double tabled(const struct choice *choice, uint32_t thing) {
  double sum = 0;
  for (int slot = 0; slot < CHOICE_SLOTS; slot++) {
    const double cut = choice->cut[slot] / 0x1p29;
    if (choice->thing[2 * slot] == thing) sum += cut;
    if (choice->thing[2 * slot + 1] == thing) sum += 1 - cut;
  }
  return sum / CHOICE_SLOTS;
}

static void table_keeps_probabilities(void) {
  const double cases[][8] = {{1},
                             {0.5, 0.5},
                             {0.9999999, 0.0000001},
                             {0.7, 0.1, 0.1, 0.05, 0.03, 0.015, 0.005},
                             {0.0, 1.0, 0.0},
                             {1.0 / 7, 1.0 / 7, 1.0 / 7, 1.0 / 7, 1.0 / 7, 1.0 / 7, 1.0 / 7},
                             {0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125}};
  const uint32_t counts[] = {1, 2, 2, 7, 3, 7, 8};
  for (int i = 0; i < 7; i++) {
    struct choice choice;
    choice_build(cases[i], counts[i], &choice);
    for (uint32_t thing = 0; thing < 8; thing++) {
      const double expected = thing < counts[i] ? cases[i][thing] : 0, found = tabled(&choice, thing);
      CHECK(fabs(found - expected) < 1e-8, "case %d: thing %u has %.10f, not %.10f", i, (unsigned)thing, found,
            expected);
      CHECK(thing < counts[i] || found == 0, "case %d chooses thing %u, which does not exist", i, (unsigned)thing);
    }
  }
}

/* Rounding can leave a slot without a donor: it must still name a map that exists. */
static void random_tables(void) {
  uint64_t counter = 0;
  for (int round = 0; round < 20000; round++) {
    const uint32_t count = 2 + random_below(random_at(11, counter++), 6);
    double probability[8] = {0}, sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += probability[i] = fabs(random_signed(random_at(11, counter++)));
    for (uint32_t i = 0; i < count; i++) probability[i] /= sum;
    struct choice choice;
    choice_build(probability, count, &choice);
    for (int entry = 0; entry < CHOICE_ENTRIES; entry++) {
      CHECK(choice.thing[entry] < count, "round %d: entry %d names map %d of %u", round, entry, choice.thing[entry],
            (unsigned)count);
    }
    for (uint32_t i = 0; i < count; i++) {
      CHECK(fabs(tabled(&choice, i) - probability[i]) < 1e-8, "round %d: map %u", round, (unsigned)i);
    }
  }
}

static void entries_follow_bits(void) {
  const uint32_t cut[8] = {1u << 29, 0, 5, 0, 0, 0, 0, 0};
  CHECK(choice_entry(cut, 0xFFFFFFF8) == 0, "a full slot goes to its second thing");
  CHECK(choice_entry(cut, 1) == 3, "an empty slot goes to its first thing");
  CHECK(choice_entry(cut, 4 << 3 | 2) == 4 && choice_entry(cut, 5 << 3 | 2) == 5, "the cut is not where it should be");
}

void choice_tests(void) {
  check_test("the alias table keeps all probabilities and invents no map", table_keeps_probabilities);
  check_test("20,000 random tables name only maps that exist", random_tables);
  check_test("the entry is the slot's first thing below the cut", entries_follow_bits);
}
