-- Vision Transformers (Dosovitskiy et al. 2021, arXiv 2010.11929) and DeiT (Touvron et al. 2021, arXiv 2012.12877).
--
--   local vit     = require "lib.vit"
--   local network = vit.deit { preset = "B", classes = 1000, size = 224 }
--   local teacher = network:load_weights { path = "deit_base_patch16_224.pth", range = { 0, 255 } }
--
-- The network cuts a picture into patches and makes a token of each, puts a learnt token in front, and adds to each a
-- vector that stands for its place. Then every block lets each token gather from all others (attention) and think about
-- what it found (two layers, wide in between). The token in front is what the picture is classified by. Every layer has
-- the name that it has in timm, so that the numbers of published networks can be read. docs/vit.md says what each option
-- does.

local wb = require "workbench"
local options = require "lib.options"

local vit = {}

--- Channels of a token, blocks, and heads of each attention.
vit.presets = {
  Ti = { width = 192,  depth = 12, heads = 3 },
  S  = { width = 384,  depth = 12, heads = 6 },
  B  = { width = 768,  depth = 12, heads = 12 },
  L  = { width = 1024, depth = 24, heads = 16 },
}

--- What a network does to pixels of 0 to 255 first: mean and deviation of each channel, of pixels of 0 to 1.
vit.normalizations = {
  imagenet = { mean = { 0.485, 0.456, 0.406 }, deviation = { 0.229, 0.224, 0.225 } },
  half     = { mean = { 0.5, 0.5, 0.5 },       deviation = { 0.5, 0.5, 0.5 } },
}

--- The options of both functions; `defaults` are those in which they differ.
local function schema(defaults)
  return {
    { name = "classes", type = "integer", required = true, minimum = 1, maximum = 16777216 },
    { name = "size", type = "integers", count = 2, required = true, minimum = 1, maximum = 16384 },
    { name = "channels", type = "integer", default = 3, minimum = 1, maximum = 1024 },
    { name = "preset", type = "choice", choices = { "Ti", "S", "B", "L" }, default = "B" },
    { name = "patch", type = "integers", count = 2, default = { 16, 16 }, minimum = 1, maximum = 1024 },
    { name = "width", type = "integer", minimum = 1, maximum = 8192 },
    { name = "depth", type = "integer", minimum = 0, maximum = 1000 },
    { name = "heads", type = "integer", minimum = 1, maximum = 8192 },
    { name = "expansion", type = "integer", default = 4, minimum = 1, maximum = 64 },
    { name = "distilled", type = "boolean", default = false },
    { name = "layer_scale", type = "number_or_no", default = false },
    { name = "dropout", type = "number", default = 0, minimum = 0, maximum = 0.99 },
    { name = "stochastic_depth", type = "number", default = defaults.stochastic_depth, minimum = 0, maximum = 0.99 },
    { name = "epsilon", type = "number", default = 1e-6, minimum = 0, maximum = 1 },
    { name = "l2", type = "number", default = 0, minimum = 0 },
    { name = "normalize", type = "choice", choices = { "imagenet", "half", "none" }, default = defaults.normalize },
    { name = "name", type = "string" },
  }
end

-- The parts. Each takes the options `o`, the node `x` that it goes on from, and the beginning of its layers' names.

local function normalize(o, x)
  local numbers = vit.normalizations[o.normalize]
  if not numbers then return x end
  local scale, offset = {}, {}
  for c = 1, 3 do
    scale[c] = 1 / (255 * numbers.deviation[c])
    offset[c] = -numbers.mean[c] / numbers.deviation[c]
  end
  return wb.rescale { name = "normalize", scale = scale, offset = offset } (x)
end

local function norm(o, x, name) return wb.layer_norm { name = name, epsilon = o.epsilon } (x) end

local function linear(o, x, name, units, activation)
  return wb.linear { name = name, units = units, activation = activation, initializer = "normal", l2 = o.l2 } (x)
end

local function drop(o, x, name)
  if o.dropout > 0 then return wb.dropout { name = name, rate = o.dropout } (x) end
  return x
end

--- What is added to the tokens: `number` is 1 for attention and 2 for the wide layers, as in timm's names.
local function branch(o, x, name, number, rate)
  if o.layer_scale then x = wb.layer_scale { name = ("%s.ls%d"):format(name, number), initial = o.layer_scale } (x) end
  if rate > 0 then x = wb.stochastic_depth { name = ("%s.drop_path%d"):format(name, number), rate = rate } (x) end
  return x
end

--- One block. `rate` is how often each of its two branches is left out for a picture while training.
local function block(o, x, name, rate)
  local y = norm(o, x, name .. ".norm1")
  y = wb.attention { name = name .. ".attn", heads = o.heads, initializer = "normal", l2 = o.l2 } (y)
  x = x + branch(o, drop(o, y, name .. ".attn.proj_drop"), name, 1, rate)
  y = norm(o, x, name .. ".norm2")
  y = linear(o, y, name .. ".mlp.fc1", o.width * o.expansion, "gelu")
  y = drop(o, y, name .. ".mlp.drop1")
  y = linear(o, y, name .. ".mlp.fc2", o.width)
  return x + branch(o, drop(o, y, name .. ".mlp.drop2"), name, 2, rate)
end

--- The logits from the token `index`.
local function head(o, x, name, index)
  local y = wb.take_token { name = name .. ".token", index = index } (x)
  return linear(o, y, name, o.classes)
end

--- From checked options to the model.
local function build(o)
  local input = wb.input { o.size[1], o.size[2], o.channels, name = "input" }
  local x = normalize(o, input)
  x = wb.conv2d {
    name = "patch_embed.proj", filters = o.width, kernel = o.patch, stride = o.patch, initializer = "normal", l2 = o.l2,
  } (x)
  local grid = { x.height, x.width }
  x = wb.tokens { name = "patch_embed" } (x)
  if o.distilled then x = wb.class_token { name = "dist_token" } (x) end
  x = wb.class_token { name = "cls_token" } (x)
  x = wb.position_embedding { name = "pos_embed", grid = grid } (x)
  x = drop(o, x, "pos_drop")
  for k = 0, o.depth - 1 do
    -- The deeper a block, the more often it is dropped. Names count from 0.
    local rate = o.depth > 1 and o.stochastic_depth * k / (o.depth - 1) or 0
    x = block(o, x, "blocks." .. k, rate)
  end
  x = norm(o, x, "norm")
  local logits = head(o, x, "head", 0)
  if o.distilled then
    -- The teacher's token has a say of its own; the answer is the mean of both.
    logits = wb.rescale { name = "mean", scale = 0.5 } (logits + head(o, x, "head_dist", 1))
  end
  return wb.model { input = input, output = logits, name = o.name }
end

--- Fills in what the preset says, and refuses what does not go together. `level` as for `error`.
local function complete(owner, o, kind, level)
  -- A network of other measures is none of those that have a letter.
  local is_preset = true
  for name, value in pairs(vit.presets[o.preset]) do
    if o[name] == nil then o[name] = value end
    is_preset = is_preset and o[name] == value
  end
  o.name = o.name or (is_preset and ("%s-%s"):format(kind, o.preset) or kind)
  local function refuse(text, ...) error(owner .. ": " .. text:format(...), level + 1) end
  for axis = 1, 2 do
    if o.size[axis] % o.patch[axis] ~= 0 then
      refuse("option 'size' is %dx%d, which cannot be divided into patches of %dx%d", o.size[1], o.size[2], o.patch[1],
        o.patch[2])
    end
  end
  if o.width % o.heads ~= 0 then
    refuse("option 'width' is %d, which cannot be divided by the %d of 'heads'", o.width, o.heads)
  end
  if o.normalize ~= "none" and o.channels ~= 3 then
    refuse("option 'normalize' is '%s', which is for three channels; for %d it must be 'none'", o.normalize, o.channels)
  end
  return o
end

--- The network of Dosovitskiy et al. 2021; pixels become -1 to 1.
function vit.original(given)
  local o = options.check("vit.original", schema { stochastic_depth = 0, normalize = "half" }, given, 3)
  local model = build(complete("vit.original", o, "ViT", 3))
  return model
end

--- The same as Touvron et al. 2021 train it: ImageNet's normalization, stochastic depth, and, with `distilled`, a token
--- and a head for what a teacher says.
function vit.deit(given)
  local o = options.check("vit.deit", schema { stochastic_depth = 0.1, normalize = "imagenet" }, given, 3)
  local model = build(complete("vit.deit", o, "DeiT", 3))
  return model
end

return vit
