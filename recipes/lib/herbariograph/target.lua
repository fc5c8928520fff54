-- The pictures that the network is for (Herbariograph's own records, or any others of that layout: `workbench data pack`),
-- and the network: step 1.

local wb = require "workbench"
local convnext = require "lib.convnext"
local settings = require "lib.herbariograph.settings"
local param, pictures, merge = settings.param, settings.pictures, settings.merge

local target = {}

--- The pictures that the network is for. `augment` is for training.
function target.data(augment)
  local data = wb.param("data", "herbariograph-96", "the beginning of the records' names: NAME-train.tfr and so on")
  local remap = wb.param("remap", "", "a TSV that replaces labels, old id and new id")
  return wb.data.tfrecord(merge(pictures(param("size", 96, 96, "height and width of the pictures")), {
    train      = wb.param("train", data .. "-train.tfr", "the training records"),
    validation = wb.param("validation", data .. "-validation.tfr", "the validation records"),
    test       = wb.param("test", data .. "-test.tfr", "the test records"),
    classes    = wb.param("classes", data .. "-classes.tsv", "the table of classes, or a text file with a name a line"),
    remap      = remap ~= "" and remap or nil,
    augment    = augment,
  }))
end

--- A ConvNeXt with `classes` outputs for pictures of `size`, as all steps need it.
function target.network(classes, size)
  local preset = param("preset", "T", "N", "N, T, S, B, L or XL: blocks, filters and expansion")
  local shape = convnext.presets[preset] or convnext.presets.T
  local noise = wb.param("noise", 0.0, "deviation of noise in each block while training; 0: none")
  local scale = wb.param("layer_scale", 0.0, "where LayerScale starts; 0: none")
  return convnext.herbariograph {
    preset         = preset,
    classes        = classes,
    size           = size,
    blocks         = wb.param("blocks", shape.blocks, "blocks of the four stages"),
    filters        = wb.param("filters", shape.filters, "channels of the first stage"),
    expansion      = wb.param("expansion", shape.expansion, "how much wider a block is inside"),
    activation     = wb.param("activation", "gelu", "gelu, relu, elu, selu or swish"),
    convolution    = wb.param("convolution", "depthwise", "of the blocks: depthwise or regular"),
    down_sampler   = wb.param("down_sampler", "convolution", "between stages: convolution or maxpool"),
    squeeze_excite = wb.param("squeeze_excite", "none", "none, channels, spatial or both"),
    polish         = wb.param("polish", 0, "units of a layer before the last one; 0: none"),
    l2             = wb.param("l2", 1e-4, "factor of the squares of all convolutions' kernels in the loss"),
    noise          = noise ~= 0 and noise,
    layer_scale    = scale ~= 0 and scale,
  }
end

--- First, random numbers for a network, which reads pictures as TensorFlow does.
function target.initialize(network, classes)
  local options = pictures(nil)
  options.model, options.classes = network, classes
  return wb.initialize(options)
end

return target
