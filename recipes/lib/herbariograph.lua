-- The training of Herbariograph, step by step. Each function is a step; `recipes/herbariograph` has a recipe for each,
-- and `all.lua` runs them one after another. docs/herbariograph.md lists the original's command lines beside ours.
--
--   local steps = require "lib.herbariograph"
--   local teacher = steps.teacher()
--
-- Every number of the original is a parameter (`--set transfer_epochs=256,256,256,256,512`). Its default is the
-- original's with `--set settings=paper`, and one that suits two cores and a few thousand pictures with
-- `--set settings=small`.

local wb = require "workbench"
local convnext = require "lib.convnext"
local vit = require "lib.vit"

local steps = {}

local settings = wb.param("settings", "paper", "paper: the original's numbers; small: an afternoon's on a small computer")
if settings ~= "paper" and settings ~= "small" then
  error("settings must be paper or small, not '" .. settings .. "'", 0)
end
steps.isSmall = settings == "small"

--- A parameter with a default for each of the two settings.
local function param(name, paper, small, help)
  return wb.param(name, steps.isSmall and small or paper, help)
end

--- An option that is left out where the parameter is 0.
local function unlessZero(value) return value ~= 0 and value or nil end

-- Pictures come as 0 to 255, read as TensorFlow reads them: the layer `rescale` takes them to -1 to 1.
local function pictures(size)
  return {
    size = size, decoder = "tensorflow", dct_scaling = false, resize = "bilinear", rounded = false, range = { 0, 255 },
  }
end

local function merge(...)
  local all = {}
  for _, part in ipairs { ... } do for key, value in pairs(part) do all[key] = value end end
  return all
end

--- A schedule by its name. `steps` is the half-cycle of a cyclical one, in optimizer steps.
local function schedule(kind, rate, halfCycle, warmup)
  if kind == "cyclical" then
    return wb.schedule.cyclical { maximum = rate, minimum = rate / 4, half_cycle = halfCycle }
  elseif kind == "cosine" then
    return wb.schedule.cosine { learning_rate = rate, warmup = warmup }
  elseif kind == "constant" then
    return wb.schedule.constant { learning_rate = rate }
  end
  error("a schedule must be cyclical, cosine or constant, not '" .. kind .. "'", 0)
end

local function optimizer(kind, rate, decay)
  if kind == "adamw" then return wb.optimizer.adamw { learning_rate = rate, weight_decay = decay } end
  if kind == "adam" then return wb.optimizer.adam { learning_rate = rate } end
  if kind == "sgd" then return wb.optimizer.sgd { learning_rate = rate } end
  error("an optimizer must be adamw, adam or sgd, not '" .. kind .. "'", 0)
end

--- One of the fifteen losses, with the original's options.
local function loss(kind, smoothing)
  local alpha = wb.param("loss_alpha", 0.25, "alpha of fce")
  local gamma = wb.param("loss_gamma", kind == "cbf" and 1.0 or 2.0, "gamma of fce (2) and cbf (1)")
  local beta = wb.param("loss_beta", 0.99, "beta of cbf, cbs, cbbs and bel")
  local tau = wb.param("loss_tau", 0.0, "tau of la; 0 switches the adjustment off")
  local weights = wb.param("loss_weights", { 1.0, 1.0, 1.0 }, "of ccm: of its cos, ce and mse")
  local given = {
    ce = { label_smoothing = smoothing }, fce = { alpha = alpha, gamma = gamma, label_smoothing = smoothing },
    ccm = { weights = weights, label_smoothing = smoothing }, cbf = { beta = beta, gamma = gamma },
    cbs = { beta = beta }, cbbs = { beta = beta }, bel = { beta = beta }, la = { tau = tau },
  }
  return wb.loss[kind](given[kind])
end

-- The target: Herbariograph's own records, or any others of that layout (`workbench data pack`).

--- The pictures that the network is for. `augment` is for training.
function steps.target(augment)
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

-- Step 1: create.

--- A ConvNeXt with `classes` outputs for pictures of `size`, as all steps need it.
function steps.network(classes, size)
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
local function initialize(network, classes)
  local options = pictures(nil)
  options.model, options.classes = network, classes
  return wb.initialize(options)
end

-- Step 2: a teacher, and its lesson.

--- Fractals in space (Nakamura et al. 2023), drawn while they are needed, or records of them.
local function fractals(size, augment)
  local records = wb.param("fractals", "", "the beginning of the fractal records' names; without, fractals are drawn")
  if records ~= "" then
    return wb.data.tfrecord(merge(pictures(size), {
      train      = wb.param("fractals_train", records .. "-train.tfr", "records that the lesson is made of"),
      validation = wb.param("fractals_test", records .. "-test.tfr", "records that it is examined with"),
      augment    = augment, duplicates = false,
    }))
  end
  wb.plugin "fractals"
  return wb.data.fractals(merge(pictures(size), {
    seed = wb.param("fractal_seed", 1, "which fractals: another number, others"),
    categories = param("categories", 21000, 100, "how many fractals, each a class"),
    dimensions = 3, views = 12, instances = 12, duplicates = false,
    split = { train = 10 / 12, validation = 2 / 12 },
    augment = augment,
  }))
end

--- A small network of convolutions, which learns from few pictures.
local function convolutions(classes, size)
  local function stage(filters)
    return wb.sequential {
      wb.conv2d { filters = filters, kernel = 3, padding = "same", bias = false },
      wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },
    }
  end
  return wb.sequential {
    wb.input { size, size, 3 }, wb.rescale { scale = 1 / 127.5, offset = -1 },
    stage(16), stage(32), stage(64), stage(128), wb.global_average_pool(), wb.linear { units = classes },
  }
end

--- The DeiT of Nakamura et al., read from its file; or a small teacher, trained here.
function steps.teacher()
  local size = param("lesson_size", 224, 96, "height and width of the pictures of the lesson")
  local file = wb.param("teacher", "", "the teacher: a model file, or a .pth of timm's DeiT; without, one is trained")
  if file:find("%.pth$") or file:find("%.pth%.tar$") then
    local network = vit.deit {
      preset = "B", size = size, normalize = "none",
      classes = wb.param("teacher_classes", 21000, "outputs of a .pth"),
    }
    -- The original's teacher takes pictures of 0 to 1.
    return network:load_weights { path = file, range = { 0, 1 } }
  elseif file ~= "" then
    return wb.load(file)
  end
  local data = fractals(size, { wb.augment.flip_horizontal(), wb.augment.random_resized_crop { area = { 0.5, 1 } } })
  local epochs = param("teacher_epochs", 300, 20, "passes of the teacher over the fractals")
  local rate = param("teacher_rate", 1e-3, 3e-3, "the teacher's highest learning rate")
  local batch = param("teacher_batch", 256, 32, "pictures a step of the teacher")
  local kind = param("teacher_kind", "vit", "convolutions", "what learns: vit, or convolutions, which need fewer pictures")
  if kind ~= "vit" and kind ~= "convolutions" then
    error("teacher_kind must be vit or convolutions, not '" .. kind .. "'", 0)
  end
  local network = kind == "convolutions" and convolutions(#data.classes, size) or vit.deit {
    preset = "Ti", size = size, classes = #data.classes, normalize = "half", stochastic_depth = 0,
    width = wb.param("teacher_width", 192, "channels of the teacher's tokens"),
    depth = wb.param("teacher_depth", 12, "the teacher's blocks"),
    heads = wb.param("teacher_heads", 3, "heads of the teacher's attention"),
    patch = wb.param("teacher_patch", 16, "side of the teacher's patches"),
  }
  local run = wb.train {
    model = network, data = data, batch = batch, epochs = epochs, drop_last = true,
    loss = wb.loss.ce { label_smoothing = 0.1 },
    optimizer = wb.optimizer.adamw { learning_rate = rate, weight_decay = 0.05 },
    schedule = wb.schedule.cosine { warmup = epochs * 0.1 },
    stop = { monitor = "validation.accuracy" },
  }
  run.best:save("teacher.safetensors")
  return run.best
end

--- The best row of a search's log (columns ITERATION, SETTINGS, F1), or the published one's numbers.
local function searched()
  local log = wb.param("search_log", "", "a log of the search for the lesson's settings (ITERATION, SETTINGS, F1)")
  local published = {
    batch = 5, clrStep = 4, learningRate = 0.005, distillTemperature = 12.5, weightDecay = 1e-5,
    GaussianNoise = 0, GaussianNoiseSDmax = 0.1, invert = 0, leftRight = 0, upDown = 0, rotateOne = 0, rotateTwo = 0,
    rotateThree = 0, shearX = 0, shearXproportion = 0.1, shearY = 0, shearYproportion = 0.1, solarizeAdd = 0,
    solarizeAddition = 0.1, solarizeAddThreshold = 0.1, translateX = 0, translateXproportion = 0.1, translateY = 0,
    translateYproportion = 0.1, resizeRatioLow = 0.75, resizeRatioHigh = 1.33, resizeScaleLow = 0.08,
    resizeScaleHigh = 1 }
  if log == "" then return published, false end
  local best = { F1 = -1 }
  for line, row in ipairs(wb.read_table(log)) do
    if type(row.SETTINGS) ~= "table" or type(row.F1) ~= "number" then
      error(("%s: line %d: SETTINGS must be a JSON object and F1 a number"):format(log, line + 1), 0)
    end
    for key in pairs(published) do
      if type(row.SETTINGS[key]) ~= "number" then
        error(("%s: line %d: SETTINGS has no number '%s'"):format(log, line + 1, key), 0)
      end
    end
    if row.F1 > best.F1 then best = row end
  end
  if best.F1 < 0 then error(log .. ": the log has no rows", 0) end
  return best.SETTINGS, true
end

--- The changes of the lesson's pictures, each with the probability that the search found.
local function lessonAugmentations(s)
  local list = {}
  local function add(probability, make) if (probability or 0) > 0 then table.insert(list, make(probability)) end end
  local function pair(a, b) return { math.min(a, b), math.max(a, b) } end
  table.insert(list, wb.augment.random_resized_crop {
    area = pair(s.resizeScaleLow, s.resizeScaleHigh), ratio = pair(s.resizeRatioLow, s.resizeRatioHigh),
  })
  add(s.leftRight, function(p) return wb.augment.flip_horizontal { probability = p } end)
  add(s.upDown, function(p) return wb.augment.flip_vertical { probability = p } end)
  add(math.max(s.rotateOne, s.rotateTwo, s.rotateThree), function(p) return wb.augment.quarter_turns { probability = p } end)
  add(s.shearX, function(p) return wb.augment.shear { x = s.shearXproportion, y = 0, probability = p } end)
  add(s.shearY, function(p) return wb.augment.shear { x = 0, y = s.shearYproportion, probability = p } end)
  add(s.translateX, function(p) return wb.augment.translate { x = s.translateXproportion, y = 0, probability = p } end)
  add(s.translateY, function(p) return wb.augment.translate { x = 0, y = s.translateYproportion, probability = p } end)
  add(s.invert, function(p) return wb.augment.invert { probability = p } end)
  add(s.solarizeAdd, function(p)
    return wb.augment.solarise { threshold = s.solarizeAddThreshold, addition = s.solarizeAddition, probability = p }
  end)
  add(s.GaussianNoise, function(p)
    return wb.augment.gaussian_noise { deviation = { 0, s.GaussianNoiseSDmax }, probability = p }
  end)
  local mixed = wb.param("lesson_mixup", 1.0, "how often a picture of the lesson is mixed with another")
  add(mixed, function(p) return wb.augment.mixup { mode = "uniform", probability = p } end)
  return list
end

--- A fresh network learns the teacher's answers to fractals. Saves `distilled.safetensors`.
function steps.distil(teacher)
  local s, isRead = searched()
  -- What a log says counts for both settings.
  local function searchedOr(value, small) return steps.isSmall and not isRead and small or value end
  local size = param("lesson_size", 224, 96, "height and width of the pictures of the lesson")
  local batch = wb.param("lesson_batch", searchedOr(math.tointeger(2 ^ s.batch), 64), "pictures a step of the lesson")
  local rate = wb.param("lesson_rate", searchedOr(s.learningRate, 2e-3), "highest learning rate of the lesson")
  local epochs = param("lesson_epochs", 32, 12, "passes of the student over the fractals")
  local data = fractals(size, lessonAugmentations(s))
  local run = wb.train {
    model = steps.network(#data.classes, size), data = data, batch = batch, epochs = epochs, drop_last = true,
    distillation = {
      teacher = teacher,
      temperature = wb.param("temperature", s.distillTemperature, "what logits are divided by in the lesson"),
      label_weight = wb.param("lesson_labels", 0.0, "how much the fractals' own labels count beside the teacher"),
    },
    optimizer = wb.optimizer.adamw {
      learning_rate = rate, weight_decay = wb.param("lesson_decay", searchedOr(s.weightDecay, 0.05), "weight decay of the lesson"),
    },
    schedule = schedule(
      param("lesson_schedule", "cyclical", "cosine", "of the lesson's learning rate: cyclical, cosine or constant"),
      rate, s.clrStep * batch, epochs * 0.1),
    stop = {
      monitor = "validation.macro_f1",
      patience = wb.param("lesson_patience", 16, "passes without a better macro F1 after which the lesson ends"),
    },
  }
  run.best:save("distilled.safetensors")
  return run.best
end

-- Step 3: transplant.

--- A fresh network for the target's classes with the student's numbers, frozen but for the output layers.
--- Saves `tune.safetensors`.
function steps.transplant(student, data)
  local network = steps.network(#data.classes, data.height)
  local model = initialize(network, data.classes)
  local except = { "output_layerNormalization", "output_dense" }
  if wb.param("polish", 0) > 0 then table.insert(except, "gap_resolve_dense") end
  model:copy_weights { from = student, except = except, freeze = true }
  model:save("tune.safetensors")
  return model
end

-- Step 4: transfer.

--- The changes of training pictures in all stages.
function steps.transferAugmentations()
  local list = { wb.augment.random_resized_crop {
    area = param("crop_area", { 0.08, 1.0 }, { 0.35, 1.0 }, "least and greatest share of the picture"),
    ratio = wb.param("crop_ratio", { 3 / 4, 4 / 3 }, "flattest and steepest proportion of the part"),
  } }
  --- What is switched off where its probability is 0.
  local function add(name, paper, small, help, make)
    local probability = param(name, paper, small, "how often a picture is " .. help)
    local augmentation = make(probability)
    if probability > 0 then table.insert(list, augmentation) end
  end
  add("flips", 0.0, 0.5, "mirrored", function(p) return wb.augment.flip_horizontal { probability = p } end)
  add("vertical_flips", 0.0, 0.0, "turned upside down", function(p)
    return wb.augment.flip_vertical { probability = p }
  end)
  add("quarter_turns", 0.0, 0.0, "turned", function(p) return wb.augment.quarter_turns { probability = p } end)
  add("colour_jitter", 0.0, 0.0, "changed in its colours", function(p)
    return wb.augment.colour_jitter {
      brightness = wb.param("jitter_brightness", 0.4, "most that is added, as a share of the range"),
      contrast = wb.param("jitter_contrast", 0.4, "most change of contrast"),
      saturation = wb.param("jitter_saturation", 0.2, "most change of saturation"),
      hue = wb.param("jitter_hue", 0.1, "most turn of the hue"), probability = p,
    }
  end)
  add("blur", 0.0, 0.0, "blurred", function(p)
    return wb.augment.gaussian_blur {
      sigma = wb.param("blur_sigma", { 0.1, 2.0 }, "least and greatest width of a blur"), probability = p,
    }
  end)
  add("grayscale", 0.0, 0.0, "made gray (original: 0.25)", function(p) return wb.augment.grayscale { probability = p } end)
  local mode = wb.param("mixup_mode", "uniform", "how shares are drawn: uniform, or beta")
  local alpha = wb.param("mixup_alpha", 0.2, "of beta shares")
  add("mixup", 1.0, 0.0, "mixed with another", function(p)
    return wb.augment.mixup { mode = mode, alpha = alpha, probability = p }
  end)
  -- The original's kappa 1 and tau 0 make it a mixup.
  add("remix", 0.0, 0.0, "mixed in favour of rare classes", function(p)
    return wb.augment.remix {
      mode = mode, alpha = alpha, probability = p,
      variant = wb.param("remix_variant", "paper", "paper: that of the article; herbariograph: the original's"),
      kappa = wb.param("remix_kappa", 3.0, "how many times more frequent a class must be (original: 1)"),
      tau = wb.param("remix_tau", 0.5, "share below which it gives way (original: 0)"),
      counts = wb.param("remix_counts", "train", "classes are counted in the train split, or in each batch"),
    }
  end)
  return list
end

--- What the stages are, checked.
local function transferOptions()
  local o = { layers = wb.param("stages", {
    "output_gap", "convNeXt3_downSample_layerNormalization", "convNeXt2_downSample_layerNormalization",
    "convNeXt1_downSample_layerNormalization", "rescale",
  }, "the layers from which on each stage learns") }
  o.epochs = param("transfer_epochs", { 4096, 4096, 4096, 4096, 4096 }, { 1, 1, 1, 2, 25 }, "passes of each stage")
  o.patience = wb.param("transfer_patience", { 256, 256, 256, 256, 4096 },
    "passes without a better macro F1 after which each stage ends")
  o.rates = param("transfer_rates", { 5e-5, 5e-5, 5e-5, 5e-5, 5e-5 }, { 2e-3, 2e-3, 1e-3, 1e-3, 2e-3 },
    "highest learning rate of each stage")
  o.batch = param("transfer_batch", 256, 64, "pictures a step")
  o.loss = loss(
    wb.param("transfer_loss", "ce", "one of ce fce cbf cbs cbbs bel ccm cos la lab lw lwb mae mse nis"),
    param("transfer_smoothing", 0.2, 0.1, "label smoothing of ce, fce and ccm"))
  o.classWeights = wb.param("class_weights", "none", "none or balanced")
  o.kept = param("transfer_keep", 100, 0,
    "epochs of the last stage to keep for the soup, the best ones; 0: all, as the original does")
  local decay = param("transfer_decay", 5e-5, 0.05, "weight decay")
  local kind = param("transfer_schedule", "cyclical", "cosine", "of the learning rate: cyclical, cosine or constant")
  local name = wb.param("transfer_optimizer", "adamw", "adamw, adam or sgd")
  local halfCycle = wb.param("half_cycle", 4 * o.batch, "half a cycle of the learning rate, in steps")
  for list, values in pairs { transfer_epochs = o.epochs, transfer_patience = o.patience, transfer_rates = o.rates } do
    if #values ~= #o.layers then
      error(("%s has %d numbers, but there are %d stages"):format(list, #values, #o.layers), 0)
    end
  end
  o.optimizers, o.schedules = {}, {}
  for stage, rate in ipairs(o.rates) do
    o.optimizers[stage] = optimizer(name, rate, decay)
    o.schedules[stage] = schedule(kind, rate, halfCycle, o.epochs[stage] * 0.1)
  end
  return o
end

--- Five stages, each from the best model of the one before, with ever more of the network learning.
--- Saves `transferred.safetensors`; the last stage keeps its epochs.
function steps.transfer(model, data)
  local o = transferOptions()
  local run
  for stage, layer in ipairs(o.layers) do
    if not wb.checking then print(("stage %d of %d: from %s on"):format(stage, #o.layers, layer)) end
    model:train_from(layer)
    run = wb.train {
      model = model, data = data, batch = o.batch, epochs = o.epochs[stage], drop_last = true,
      loss = o.loss, class_weights = o.classWeights, optimizer = o.optimizers[stage], schedule = o.schedules[stage],
      stop = { monitor = "validation.macro_f1", patience = o.patience[stage] },
      checkpoints = stage == #o.layers
        and (o.kept == 0 and { every_epoch = true } or { best = { metric = "validation.macro_f1", count = o.kept } })
        or nil,
    }
    model = run.best
  end
  run.best:save("transferred.safetensors")
  return run
end

-- Step 5: soup.

local function soupOptions()
  local threshold = wb.param("soup_threshold", 0.0, "epochs with at least this macro F1 (original: 0.98); 0: by percentile")
  local percentile = wb.param("soup_percentile", 60.0, "epochs at or above this percentile")
  local o = {
    metric = wb.param("soup_metric", "macro_f1", "what decides"),
    select = threshold > 0 and { threshold = threshold } or { percentile = percentile },
    method = wb.param("soup_method", "greedy", "greedy, or uniform: all of them"),
    update = wb.param("soup_update", "uniform", "uniform: the mean of all; pairwise: the original's running mean"),
    batch = param("soup_batch", 256, 64, "pictures a step"),
  }
  local function among(name, value, words)
    for _, word in ipairs(words) do if value == word then return end end
    error(("%s must be one of %s, not '%s'"):format(name, table.concat(words, ", "), value), 0)
  end
  among("soup_metric", o.metric, { "macro_f1", "accuracy", "aucpr", "loss" })
  among("soup_method", o.method, { "greedy", "uniform" })
  among("soup_update", o.update, { "uniform", "pairwise" })
  return o
end

--- Reads the parameters of all later steps: a mistake in them is said before hours of training.
function steps.checkParameters(model)
  local o = transferOptions()
  soupOptions()
  for _, layer in ipairs(o.layers) do model:layer(layer) end
end

--- The greedy mean of the better epochs (Wortsman et al. 2022). Saves `soup.safetensors`.
function steps.soup(candidates, data)
  local soup = wb.soup(merge(soupOptions(), { models = candidates, data = data, split = "validation" }))
  soup.model:save("soup.safetensors")
  return soup.model
end

-- Step 6 and 7: evaluate, predict.

--- Loss, accuracy, AUCPR and macro F1 on the test records, with all tables and the report.
function steps.evaluate(model, data)
  local evaluation = wb.evaluate {
    model = model, data = data, split = "test", batch = param("evaluate_batch", 256, 64, "pictures a step"),
    label_smoothing = wb.param("evaluate_smoothing", 0.1, "label smoothing of the loss that is shown"),
  }
  evaluation:save()
  wb.result("test loss", evaluation.loss)
  wb.result("test accuracy", evaluation.accuracy)
  wb.result("test AUCPR", evaluation.aucpr)
  wb.result("test macro F1", evaluation.macro_f1)
  return evaluation
end

--- A table of unknown pictures.
function steps.predict(model, files)
  return wb.predict {
    model = model, files = files,
    output = wb.param("table", "predicted.tsv", "the table's name, in the run folder"),
    top = wb.param("top", 3, "classes a row"),
    reject = unlessZero(wb.param("reject", 0.0, "a picture whose highest probability is below this is unknown")),
    format = wb.param("format", "table", "table, or herbariograph: MODEL, FILE and PREDICTION"),
    batch = wb.param("predict_batch", 1024, "pictures a step"),
  }
end

return steps
