-- Makes a ConvNeXt with its first, random numbers, and saves it: step 1 of Herbariograph.
--
--   workbench run recipes/herbariograph/create.lua --set classes=17 --set size=96 --output made
--   workbench run recipes/herbariograph/create.lua --set preset=N --set size=96 --set output=ConvNeXt-N.keras
--   workbench check recipes/herbariograph/create.lua --set classes=21000 --set size=224
--
-- The numbers follow from --seed. The file's ending decides its format: .safetensors is the workbench's own, .keras is
-- Keras'. `wb.train { model = wb.load(path), ... }` goes on from it. docs/convnext.md explains the options.

local wb = require "workbench"
local convnext = require "lib.convnext"

-- What is made, and where it goes.
local kind   = wb.param("network", "herbariograph", "herbariograph, or original: that of Liu et al. 2022")
local preset = wb.param("preset", "T", "N, T, S, B, L or XL: blocks, filters and expansion")
local output = wb.param("output", "ConvNeXt-" .. preset .. ".safetensors", "the file; a relative path is in the run folder")

local make = convnext[kind == "original" and "original" or "herbariograph"]
if kind ~= "original" and kind ~= "herbariograph" then
  error("network must be herbariograph or original, not '" .. kind .. "'", 0)
end
-- An unknown preset is refused below, by name.
local size = convnext.presets[preset] or convnext.presets.T
local isOriginal = kind == "original"

-- The defaults are those of Herbariograph's own script, or of Liu et al.
local options = {
  preset         = preset,
  classes        = wb.param("classes", 17, "outputs of the network"),
  size           = wb.param("size", 256, "height and width of the pictures"),
  blocks         = wb.param("blocks", size.blocks, "blocks of the four stages"),
  filters        = wb.param("filters", size.filters, "channels of the first stage; each further one doubles them"),
  expansion      = wb.param("expansion", size.expansion, "how much wider a block is inside"),
  kernel         = wb.param("kernel", isOriginal and 7 or 5, "side of the blocks' window"),
  convolution    = wb.param("convolution", "depthwise", "of the blocks: depthwise or regular"),
  activation     = wb.param("activation", "gelu", "gelu, relu, elu, selu or swish"),
  down_sampler   = wb.param("down_sampler", "convolution", "between stages: convolution, or maxpool and a 1x1 convolution"),
  squeeze_excite = wb.param("squeeze_excite", "none", "behind each down-sampler: none, channels, spatial or both"),
  polish         = wb.param("polish", 0, "units of a layer before the last one; 0: none"),
}
local scale = wb.param("layer_scale", isOriginal and 1e-6 or 0.0, "where LayerScale starts (Herbariograph: 1); 0: none")
local noise = wb.param("noise", 0.0, "deviation of noise in each block while training (Herbariograph: 0.1); 0: none")
local drop  = wb.param("stochastic_depth", isOriginal and convnext.stochasticDepth[preset] or 0.0,
                       "how often the last block is dropped while training")
options.layer_scale = scale ~= 0 and scale
options.noise = noise ~= 0 and noise
options.stochastic_depth = drop
local crop = wb.param("random_crop", 0, "side of a random crop while training, as in the published file; 0: none")
if crop ~= 0 then options.random_crop = crop end

local network = make(options)

-- Pictures are read as TensorFlow reads them, and come as 0 to 255: the layer `rescale` takes them to -1 to 1.
local model = wb.initialize {
  model = network,
  decoder = "tensorflow", dct_scaling = false, resize = "bilinear", rounded = false, range = { 0, 255 },
}
print(("%s: %d parameters, %d trainable"):format(model.name, model.parameters, model.trainable))
model:save(output)
