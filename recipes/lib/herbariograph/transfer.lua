-- Steps 3 to 5 of Herbariograph: what was learnt goes to a network for the target, which learns on in five stages; the
-- soup is the mean of its better epochs.

local wb = require "workbench"
local settings = require "lib.herbariograph.settings"
local target = require "lib.herbariograph.target"
local param, merge, schedule, optimizer, loss = settings.param, settings.merge, settings.schedule, settings.optimizer, settings.loss
local within, among = settings.within, settings.among

local transfer = {}

-- Step 3.

--- A fresh network for the target's classes with the student's numbers, frozen but for the output layers.
--- Saves `tune.safetensors`.
function transfer.transplant(student, data)
  local network = target.network(#data.classes, data.height)
  local model = target.initialize(network, data.classes)
  local except = { "output_layerNormalization", "output_dense" }
  if wb.param("polish", 0) > 0 then table.insert(except, "gap_resolve_dense") end
  model:copy_weights { from = student, except = except, freeze = true }
  model:save("tune.safetensors")
  return model
end

-- Step 4.

--- The changes of training pictures in all stages.
function transfer.augmentations()
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

--- What the stages of the training of `model` are, checked: a mistake in the last one is said before the first.
local function transferOptions(model)
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
  among("class_weights", o.classWeights, { "none", "balanced" })
  within("transfer_batch", o.batch, 1)
  within("transfer_keep", o.kept, 0)
  within("half_cycle", halfCycle, 1)
  for _, layer in ipairs(o.layers) do model:layer(layer) end
  local lists = { transfer_epochs = o.epochs, transfer_patience = o.patience, transfer_rates = o.rates }
  for list, values in pairs(lists) do
    if #values ~= #o.layers then
      error(("%s has %d numbers, but there are %d stages"):format(list, #values, #o.layers), 0)
    end
    for _, value in ipairs(values) do within(list, value, list == "transfer_rates" and 0 or 1) end
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
function transfer.stages(model, data)
  local o = transferOptions(model)
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

-- Step 5.

local function soupOptions()
  local threshold = wb.param("soup_threshold", 0.0, "epochs with at least this macro F1 (original: 0.98); 0: by percentile")
  local percentile = wb.param("soup_percentile", 60.0, "epochs at or above this percentile")
  within("soup_percentile", percentile, 0, 100)
  local o = {
    metric = wb.param("soup_metric", "macro_f1", "what decides"),
    select = threshold > 0 and { threshold = threshold } or { percentile = percentile },
    method = wb.param("soup_method", "greedy", "greedy, or uniform: all of them"),
    update = wb.param("soup_update", "uniform", "uniform: the mean of all; pairwise: the original's running mean"),
    batch = param("soup_batch", 256, 64, "pictures a step"),
  }
  within("soup_batch", o.batch, 1)
  within("soup_threshold", threshold, 0, o.metric ~= "loss" and 1 or nil)
  among("soup_metric", o.metric, { "macro_f1", "accuracy", "aucpr", "loss" })
  among("soup_method", o.method, { "greedy", "uniform" })
  among("soup_update", o.update, { "uniform", "pairwise" })
  return o
end

--- Reads the parameters of these steps, and stops at a mistake in them.
function transfer.checkParameters(model)
  transferOptions(model)
  soupOptions()
end

--- The greedy mean of the better epochs (Wortsman et al. 2022). Saves `soup.safetensors`.
function transfer.soup(candidates, data)
  local soup = wb.soup(merge(soupOptions(), { models = candidates, data = data, split = "validation" }))
  soup.model:save("soup.safetensors")
  return soup.model
end

return transfer
