#include "source.h"

#define OPTION(...) (&(const workbench_option){.struct_size = sizeof(workbench_option), __VA_ARGS__})
#define INTEGER(low, high) .kind = WORKBENCH_INTEGER, .minimum = low, .maximum = high
#define BEGINS_AT(number) .presence = WORKBENCH_DEFAULT, .default_integer = number

static const char *const styles[] = {"points", "patches"};

const workbench_option *const source_options[OPTION_COUNT] = {
    [OPTION_SEED] = OPTION(.name = "seed", .help = "another number, other fractals", INTEGER(0, 0x1p53), BEGINS_AT(1)),
    [OPTION_CATEGORIES] = OPTION(.name = "categories", .help = "how many fractals; each is a class",
                                 INTEGER(1, FRACTALS_CATEGORIES_MAX), BEGINS_AT(1000)),
    [OPTION_INSTANCES] = OPTION(.name = "instances",
                                .help = "samples of each category: other views of it (3D), other patches (2D)",
                                INTEGER(1, 10000), BEGINS_AT(1)),
    [OPTION_DIMENSIONS] = OPTION(.name = "dimensions", .help = "2: flat fractals; 3: clouds of points seen from around",
                                 INTEGER(2, 3), BEGINS_AT(2)),
    [OPTION_STYLE] = OPTION(.name = "style",
                            .help = "a point is one pixel, or (2D only, and the default there) a 3 x 3 random patch",
                            .kind = WORKBENCH_CHOICE, .choice_count = 2, .choices = styles),
    [OPTION_DRAWN_SIZE] = OPTION(.name = "drawn_size",
                                 .help = "pixels that a picture is high and wide; left out: what the network wants",
                                 INTEGER(8, FRACTALS_SIZE_MAX)),
    [OPTION_VIEWS] = OPTION(.name = "views", .help = "cameras around a cloud (3D), one drawn at random in each epoch",
                            INTEGER(1, 360), BEGINS_AT(12)),
    [OPTION_COLOUR] = OPTION(.name = "colour", .help = "points in hues that go round; else grey (2D), white (3D)",
                             .kind = WORKBENCH_BOOLEAN, BEGINS_AT(0)),
    [OPTION_FLIPS] = OPTION(.name = "flips", .help = "mirror pictures at random, both ways, anew in each epoch",
                            .kind = WORKBENCH_BOOLEAN, BEGINS_AT(0)),
    [OPTION_REDRAW] = OPTION(.name = "redraw_patches", .help = "new random patches in each epoch",
                             .kind = WORKBENCH_BOOLEAN, BEGINS_AT(0)),
    [OPTION_POINTS] = OPTION(.name = "points", .help = "points in a picture; left out: 100,000 (2D), 10,000 (3D)",
                             INTEGER(1000, 10000000)),
};
