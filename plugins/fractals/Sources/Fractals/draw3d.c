#include <float.h>
#include <math.h>

#include "draw.h"
#include "orbit.h"
#include "palette.h"
#include "random.h"

#define CAMERA_DISTANCE 4.0
#define CAMERA_NEAR 1.0
#define CAMERA_COTANGENT 2.41421356237309504880 /* of half the field of view, 22.5 degrees: 1 + sqrt(2) */
#define PI 3.14159265358979323846

/* What the pixel of a point needs: with q = scale (point - centre),
 * depth = distance + cosine q.x - sine q.z, right = sine q.x + cosine q.z, up = q.y. */
struct camera {
  double centre[3], scale, sine, cosine, half;
};

static struct camera camera_make(const fractals_options *options, const fractals_system *system, uint32_t category,
                                 uint32_t view) {
  double low = system->low[0], high = system->high[0];
  for (int i = 1; i < 3; i++) {
    low = system->low[i] < low ? system->low[i] : low;
    high = system->high[i] > high ? system->high[i] : high;
  }
  const double turn = random_signed(random_at(random_key(options->seed, STREAM_CAMERA, category, view), 0));
  const double angle = 2 * PI * view / options->views + PI / 6 + turn * PI * PI / 180;
  return (struct camera){.centre = {system->centre[0], system->centre[1], system->centre[2]},
                         .scale = 2 / (high - low),
                         .sine = sin(angle),
                         .cosine = cos(angle),
                         .half = 0.5 * options->canvas};
}

void draw_points_3d(const struct canvas *canvas, const fractals_options *options, const fractals_system *system,
                    uint32_t category, uint32_t view) {
  struct orbit3d orbit;
  struct block3d block;
  uint32_t palette[PALETTE_COLOURS];
  palette_build(palette);
  const struct camera camera = camera_make(options, system, category, view);
  const size_t size = canvas->size;
  const double edge = canvas->size;
  if (canvas->depth != NULL) {
    for (size_t i = 0; i < size * size; i++) canvas->depth[i] = FLT_MAX;
  }
  orbit3d_start(&orbit, system, options->seed, category);
  for (uint32_t done = 0; done < options->iterations; done += ORBIT_BLOCK) {
    const uint32_t left = options->iterations - done;
    const int count = left < ORBIT_BLOCK ? (int)left : ORBIT_BLOCK;
    orbit3d_next(&orbit, &block);
    for (int n = 0; n < count; n++) {
      const double x = (block.x[n] - camera.centre[0]) * camera.scale;
      const double y = (block.y[n] - camera.centre[1]) * camera.scale;
      const double z = (block.z[n] - camera.centre[2]) * camera.scale;
      const double depth = CAMERA_DISTANCE + camera.cosine * x - camera.sine * z;
      if (!(depth > CAMERA_NEAR)) continue;
      const double zoom = camera.half * CAMERA_COTANGENT / depth;
      const double column = camera.half + zoom * (camera.sine * x + camera.cosine * z);
      const double row = camera.half - zoom * y;
      if (!(column >= 0 && column < edge && row >= 0 && row < edge)) continue;
      const size_t at = (size_t)row * size + (size_t)column;
      if (canvas->channels == 1) {
        canvas->gray[at] = PALETTE_WHITE_3D;
      } else if ((float)depth < canvas->depth[at]) {
        canvas->depth[at] = (float)depth;
        canvas->colour[at] = palette[n % PALETTE_COLOURS];
      }
    }
  }
}
