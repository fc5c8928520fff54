-- ConvNeXt (Liu et al. 2022, arXiv 2201.03545), as Herbariograph builds it and as its authors do.
--
--   local convnext = require "lib.convnext"
--   local network  = convnext.herbariograph { preset = "N", classes = 17, size = 96 }
--   local other    = convnext.original { preset = "T", classes = 1000, size = 224 }
--
-- The network looks at a picture in four stages, each at half the scale of the one before and with twice the channels.
-- A stage is a row of blocks; a block looks around each place, channel by channel (depthwise convolution), then lets
-- the channels of each place talk to each other (two 1x1 convolutions, wide in between), and adds what it found to what
-- it was given. Every layer has the name that it has in Herbariograph's Keras files, so that numbers can be moved
-- between the two by name. docs/convnext.md says what each option does.

local wb = require "workbench"
local options = require "lib.options"

local convnext = {}

--- Blocks of each stage, channels of the first, and how much wider a block is inside.
convnext.presets = {
  N  = { blocks = { 3, 3, 9, 3 },  filters = 24,  expansion = 2 },
  T  = { blocks = { 3, 3, 9, 3 },  filters = 96,  expansion = 4 },
  S  = { blocks = { 3, 3, 27, 3 }, filters = 96,  expansion = 4 },
  B  = { blocks = { 3, 3, 27, 3 }, filters = 128, expansion = 4 },
  L  = { blocks = { 3, 3, 27, 3 }, filters = 192, expansion = 4 },
  XL = { blocks = { 3, 3, 27, 3 }, filters = 256, expansion = 4 },
}

--- How often the last block is dropped while training: what the authors used for each size.
convnext.stochasticDepth = { N = 0.0, T = 0.1, S = 0.4, B = 0.5, L = 0.5, XL = 0.5 }

local stageCount = 4
local activations = { "gelu", "relu", "elu", "selu", "swish", "gelu_tanh", "sigmoid", "tanh" }

--- The options of both functions; `defaults` are those in which they differ.
local function schema(defaults)
  return {
    { name = "classes", type = "integer", required = true, minimum = 1, maximum = 16777216 },
    { name = "size", type = "integers", count = 2, required = true, minimum = 4, maximum = 16384 },
    { name = "channels", type = "integer", default = 3, minimum = 1, maximum = 1024 },
    { name = "preset", type = "choice", choices = { "N", "T", "S", "B", "L", "XL" }, default = "T" },
    { name = "blocks", type = "integers", count = stageCount, minimum = 0, maximum = 1000 },
    { name = "filters", type = "integer", minimum = 1, maximum = 8192 },
    { name = "expansion", type = "integer", minimum = 1, maximum = 64 },
    { name = "kernel", type = "integers", count = stageCount, default = defaults.kernel, minimum = 1, maximum = 31 },
    { name = "convolution", type = "choice", choices = { "depthwise", "regular" }, default = "depthwise" },
    { name = "activation", type = "choice", choices = activations, default = "gelu" },
    { name = "down_sampler", type = "choice", choices = { "convolution", "maxpool" }, default = "convolution" },
    { name = "padding", type = "choice", choices = { "same", "valid" }, default = defaults.padding },
    { name = "squeeze_excite", type = "choice", choices = { "none", "channels", "spatial", "both" }, default = "none" },
    { name = "ratio", type = "integer", default = 4, minimum = 1 },
    { name = "layer_scale", type = "number_or_no", default = defaults.layerScale },
    { name = "noise", type = "number_or_no", default = false, minimum = 0 },
    { name = "stochastic_depth", type = "number", minimum = 0, maximum = 0.99 },
    { name = "pooling", type = "choice", choices = { "average", "gem" }, default = "average" },
    { name = "polish", type = "integer", default = 0, minimum = 0 },
    { name = "bias", type = "boolean", default = defaults.bias },
    { name = "l2", type = "number", default = defaults.l2, minimum = 0 },
    { name = "epsilon", type = "number", default = defaults.epsilon, minimum = 0, maximum = 1 },
    { name = "rescale", type = "choice", choices = { true, false, "imagenet" }, default = true },
    { name = "random_crop", type = "integers", count = 2, minimum = 4, maximum = 16384 },
    { name = "name", type = "string" },
  }
end

-- The parts. Each takes the options `o`, the node `x` that it goes on from, and the beginning of its layers' names.

local function convolution(o, x, name, layer)
  layer.name = name .. "_conv2D"
  if layer.bias == nil then layer.bias = o.bias end
  layer.l2 = o.l2
  return wb.conv2d(layer)(x)
end

local function normalize(o, x, name)
  return wb.layer_norm { name = name .. "_layerNormalization", epsilon = o.epsilon } (x)
end

--- Looks around each place: one filter a channel, or, for `convolution = "regular"`, all channels at once.
local function look(o, x, name, kernel)
  name = ("%s_%dx%d"):format(name, kernel, kernel)
  if o.convolution == "regular" then
    return convolution(o, x, name, { filters = x.channels, kernel = kernel, padding = "same" })
  end
  return wb.depthwise_conv2d {
    name = name .. "_dconv2D", kernel = kernel, padding = "same", bias = o.bias, l2 = o.l2,
  } (x)
end

--- One block. `drop` is how often it is left out for a picture while training.
local function block(o, x, name, kernel, drop)
  local y = look(o, x, name, kernel)
  y = normalize(o, y, name)
  y = convolution(o, y, name .. "_expand", {
    filters = x.channels * o.expansion, kernel = 1, padding = "same", activation = o.activation,
  })
  y = convolution(o, y, name .. "_smooth", { filters = x.channels, kernel = 1, padding = "same" })
  if o.layer_scale then y = wb.layer_scale { name = name .. "_layerScale", initial = o.layer_scale } (y) end
  if o.noise then
    -- Keras numbers these itself, from the second on.
    local number = o.noiseLayers > 0 and "_" .. o.noiseLayers or ""
    y = wb.gaussian_noise { name = "gaussian_noise" .. number, deviation = o.noise } (y)
    o.noiseLayers = o.noiseLayers + 1
  end
  if drop > 0 then y = wb.stochastic_depth { name = name .. "_stochasticDepth", rate = drop } (y) end
  return y + x
end

--- Half the scale, twice the channels.
local function downSample(o, x, name)
  local filters = 2 * x.channels
  if o.down_sampler == "maxpool" then
    x = wb.max_pool { name = name .. "_maxpool2D", window = 2, stride = 2, padding = o.padding } (x)
    x = normalize(o, x, name .. "_downSample")
    return convolution(o, x, name .. "_expandConvNeXt", { filters = filters, kernel = 1, padding = "same" })
  end
  x = normalize(o, x, name .. "_downSample")
  return convolution(o, x, name .. "_downSample", { filters = filters, kernel = 2, stride = 2, padding = o.padding })
end

--- Weighs each channel by what the whole picture shows (Hu et al. 2018).
local function weighChannels(o, x, name)
  local y = wb.global_average_pool { name = name .. "_squeezeExcite_gap" } (x)
  y = wb.linear {
    name = name .. "_squeeze_dense", units = x.channels // o.ratio, bias = false, activation = o.activation,
  } (y)
  y = wb.linear { name = name .. "_excite_dense", units = x.channels, bias = false, activation = "sigmoid" } (y)
  return x * y
end

--- Weighs each place by what its channels show (Roy et al. 2018).
local function weighPlaces(o, x, name)
  local weights = convolution(o, x, name .. "_fuse", {
    filters = 1, kernel = 1, padding = "same", bias = false, activation = "sigmoid",
  })
  return x * weights
end

---@type table<string, fun(o: table, x: workbench.Node, name: string): workbench.Node>
local squeezeExcite = {
  none = function(_, x) return x end,
  channels = weighChannels,
  spatial = weighPlaces,
  both = function(o, x, name)
    local y = weighPlaces(o, x, name) + x
    return weighChannels(o, y, name) + x
  end,
}

--- From the last stage's picture to one number a channel.
local pool = {
  average = function(x) return wb.global_average_pool { name = "output_gap" } (x) end,
  gem = function(x)
    wb.plugin "gem_pooling"
    return wb.gem_pooling { name = "output_gem" } (x)
  end,
}

--- As the authors' networks, and timm's, are given their pixels: less the mean of ImageNet's, by their deviation.
local function imagenet(x)
  local mean, deviation = { 0.485, 0.456, 0.406 }, { 0.229, 0.224, 0.225 }
  local scale, offset = {}, {}
  for c = 1, 3 do
    scale[c] = 1 / (255 * deviation[c])
    offset[c] = -mean[c] / deviation[c]
  end
  return wb.rescale { name = "rescale", scale = scale, offset = offset } (x)
end

--- From checked options to the model.
local function build(o)
  local input = wb.input { o.size[1], o.size[2], o.channels, name = "input" }
  local x = input
  if o.random_crop then
    x = wb.random_crop { name = "random_crop", height = o.random_crop[1], width = o.random_crop[2] } (x)
  end
  if o.rescale == true then x = wb.rescale { name = "rescale", scale = 1 / 127.5, offset = -1 } (x) end
  if o.rescale == "imagenet" then x = imagenet(x) end
  x = convolution(o, x, "convNeXt0_downSample", { filters = o.filters, kernel = 4, stride = 4, padding = "valid" })
  x = normalize(o, x, "convNeXt0_downSample")

  local total, done = 0, 0
  for _, count in ipairs(o.blocks) do total = total + count end
  for k, count in ipairs(o.blocks) do
    -- Names count from 0.
    local stage = "convNeXt" .. (k - 1)
    if k > 1 then
      x = downSample(o, x, stage)
      x = squeezeExcite[o.squeeze_excite](o, x, stage)
    end
    for j = 1, count do
      -- The deeper a block, the more often it is dropped.
      local drop = total > 1 and o.stochastic_depth * done / (total - 1) or 0
      x = block(o, x, ("%s_block%d"):format(stage, j - 1), o.kernel[k], drop)
      done = done + 1
    end
  end

  x = pool[o.pooling](x)
  x = normalize(o, x, "output")
  if o.polish > 0 then
    x = wb.linear { name = "gap_resolve_dense", units = o.polish, bias = false, activation = o.activation } (x)
  end
  local logits = wb.linear { name = "output_dense", units = o.classes } (x)
  return wb.model { input = input, output = logits, name = o.name }
end

--- Fills in what the preset says, and refuses what does not go together. `level` as for `error`.
local function complete(owner, o, level)
  local preset = convnext.presets[o.preset]
  for name, value in pairs(preset) do if o[name] == nil then o[name] = value end end
  o.name = o.name or "ConvNeXt-" .. o.preset
  o.noiseLayers = 0
  local function refuse(text, ...) error(owner .. ": " .. text:format(...), level + 1) end

  local seen = o.random_crop or o.size
  -- Without padding, three halvings must leave a pixel.
  local least = o.padding == "valid" and 32 or 4
  if math.min(seen[1], seen[2]) < least then
    refuse("a picture of %dx%d is too small: with padding = \"%s\" it must be %dx%d or more",
      seen[1], seen[2], o.padding, least, least)
  end
  if 8 * o.filters * o.expansion > 65536 then
    refuse("option 'filters' is %d and 'expansion' %d: the last stage would be %d channels wide, of 65536 at most",
      o.filters, o.expansion, 8 * o.filters * o.expansion)
  end
  if o.rescale == "imagenet" and o.channels ~= 3 then
    refuse("option 'rescale' is 'imagenet', which is for three channels, not %d", o.channels)
  end
  local squeezes = o.squeeze_excite == "channels" or o.squeeze_excite == "both"
  if squeezes and 2 * o.filters < o.ratio then
    refuse("option 'ratio' is %d, but the second stage has only %d channels", o.ratio, 2 * o.filters)
  end
  return o
end

--- The network of Herbariograph: 5x5 kernels, no biases but the last layer's, L2 on every convolution.
function convnext.herbariograph(given)
  local o = options.check("convnext.herbariograph", schema {
    kernel = { 5, 5, 5, 5 }, padding = "same", layerScale = false, bias = false, l2 = 1e-4, epsilon = 1e-5,
  }, given, 3)
  o.stochastic_depth = o.stochastic_depth or 0
  local model = build(complete("convnext.herbariograph", o, 3))
  return model
end

--- The network of Liu et al. 2022: 7x7 kernels, biases, LayerScale from 1e-6, stochastic depth.
function convnext.original(given)
  local o = options.check("convnext.original", schema {
    kernel = { 7, 7, 7, 7 }, padding = "valid", layerScale = 1e-6, bias = true, l2 = 0, epsilon = 1e-6,
  }, given, 3)
  o.stochastic_depth = o.stochastic_depth or convnext.stochasticDepth[o.preset]
  local model = build(complete("convnext.original", o, 3))
  return model
end

return convnext
