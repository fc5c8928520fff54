#include "orbit.h"
#include "search.h"

const struct search_stage search_stages_3d[SEARCH_STAGES_3D] = {
    {.points = 512, .least = 0.030},
    {.points = 2048, .least = 0.040},
};

/* Running sums of one axis. */
struct axis {
  double low, high, sum, squares;
};

/* Adds the first `count` values. Returns false if any of them has left for infinity. */
static bool add(struct axis *axis, const double *values, int count) {
  double low = axis->low, high = axis->high, sum = axis->sum, squares = axis->squares;
  for (int n = 0; n < count; n++) {
    const double value = values[n];
    low = value < low ? value : low;
    high = value > high ? value : high;
    sum += value;
    squares += value * value;
  }
  *axis = (struct axis){low, high, sum, squares};
  return low > -ORBIT_LIMIT && high < ORBIT_LIMIT;
}

/* Variances after p -> 2 (p - low) / (high - low) - 1, where low and high are taken over all three axes:
 * var = (E[p^2] - E[p]^2) * (2 / (high - low))^2. Moving the cloud to its centre does not change them. */
static double least_variance(const struct axis axes[3], double count, double variance[3]) {
  double low = axes[0].low, high = axes[0].high;
  for (int i = 1; i < 3; i++) {
    low = axes[i].low < low ? axes[i].low : low;
    high = axes[i].high > high ? axes[i].high : high;
  }
  const double scale = high - low > 1e-9 ? 2 / (high - low) : 0;
  double least = 4;
  for (int i = 0; i < 3; i++) {
    const double mean = axes[i].sum / count;
    variance[i] = (axes[i].squares / count - mean * mean) * scale * scale;
    least = variance[i] < least ? variance[i] : least;
  }
  return least;
}

/* Whether the orbit may go on after `points` points. */
static bool passes_stage(const struct axis axes[3], int points, struct search_trace *trace) {
  for (int i = 0; i < SEARCH_STAGES_3D; i++) {
    if (points != search_stages_3d[i].points) continue;
    double variance[3];
    const double shown = least_variance(axes, points, variance);
    if (trace == NULL) return shown >= search_stages_3d[i].least;
    trace->shown[trace->stages++] = shown;
  }
  return true;
}

bool search_accepts_3d(fractals_system *system, uint64_t seed, uint32_t category, struct search_trace *trace) {
  struct orbit3d orbit;
  struct block3d block;
  struct axis axes[3];
  for (int i = 0; i < 3; i++) axes[i] = (struct axis){.low = ORBIT_LIMIT, .high = -ORBIT_LIMIT};
  if (trace != NULL) trace->stages = 0;

  orbit3d_start(&orbit, system, seed, category);
  for (int done = 0; done < SEARCH_POINTS_3D; done += ORBIT_BLOCK) {
    const int left = SEARCH_POINTS_3D - done;
    const int count = left < ORBIT_BLOCK ? left : ORBIT_BLOCK;
    orbit3d_next(&orbit, &block);
    const bool x = add(&axes[0], block.x, count), y = add(&axes[1], block.y, count), z = add(&axes[2], block.z, count);
    if (!x || !y || !z || !passes_stage(axes, done + count, trace)) return false;
  }
  for (int i = 0; i < 3; i++) {
    system->low[i] = axes[i].low;
    system->high[i] = axes[i].high;
    system->centre[i] = axes[i].sum / (double)SEARCH_POINTS_3D;
  }
  return least_variance(axes, SEARCH_POINTS_3D, system->measure) > SEARCH_VARIANCE;
}
