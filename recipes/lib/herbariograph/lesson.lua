-- Step 2 of Herbariograph: a teacher that knows fractals, and its lesson.

local wb = require "workbench"
local vit = require "lib.vit"
local settings = require "lib.herbariograph.settings"
local target = require "lib.herbariograph.target"
local param, pictures, merge, schedule = settings.param, settings.pictures, settings.merge, settings.schedule
local within, among = settings.within, settings.among

local lesson = {}

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
    dimensions = 3, instances = 12, duplicates = false,
    views = param("views", 12, 96, "sides from which a fractal is drawn; with more than 12, others in each pass"),
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
function lesson.teacher()
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
  local epochs = param("teacher_epochs", 300, 30, "passes of the teacher over the fractals")
  local rate = param("teacher_rate", 1e-3, 3e-3, "the teacher's highest learning rate")
  local batch = param("teacher_batch", 256, 32, "pictures a step of the teacher")
  local kind = param("teacher_kind", "vit", "convolutions", "what learns: vit, or convolutions, which need fewer pictures")
  among("teacher_kind", kind, { "vit", "convolutions" })
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
      within(("%s: line %d: '%s'"):format(log, line + 1, key), row.SETTINGS[key], 0)
    end
    if row.F1 > best.F1 then best = row end
  end
  if best.F1 < 0 then error(log .. ": the log has no rows", 0) end
  if not math.tointeger(2 ^ best.SETTINGS.batch) then
    error(("%s: the best row's 'batch' is %s; it must be a whole number, the exponent of 2"):format(log, best.SETTINGS.batch), 0)
  end
  return best.SETTINGS, true
end

--- The changes of the lesson's pictures, each with how often it is made: what the search found, unless it is set.
local function lessonAugmentations(s, searchedOr)
  local list = {}
  local function pair(a, b) return { math.min(a, b) + 0.0, math.max(a, b) + 0.0 } end
  table.insert(list, wb.augment.random_resized_crop {
    area = wb.param("lesson_crop", searchedOr(pair(s.resizeScaleLow, s.resizeScaleHigh), { 0.35, 1.0 }),
      "least and greatest share of a fractal that the lesson shows"),
    ratio = wb.param("lesson_ratio", pair(s.resizeRatioLow, s.resizeRatioHigh), "flattest and steepest proportion of it"),
  })
  --- What is switched off where its probability is 0.
  local function add(name, found, help, make)
    local probability = within(name, wb.param(name, found + 0.0, "how often a picture of the lesson is " .. help), 0, 1)
    local augmentation = make(probability)
    if probability > 0 then table.insert(list, augmentation) end
  end
  local function amount(name, found, help) return wb.param(name, found + 0.0, help) end
  add("lesson_flips", s.leftRight, "mirrored", function(p) return wb.augment.flip_horizontal { probability = p } end)
  add("lesson_vertical_flips", s.upDown, "turned upside down", function(p)
    return wb.augment.flip_vertical { probability = p }
  end)
  add("lesson_quarter_turns", math.max(s.rotateOne, s.rotateTwo, s.rotateThree), "turned", function(p)
    return wb.augment.quarter_turns { probability = p }
  end)
  add("lesson_shear_x", s.shearX, "slanted sideways", function(p)
    return wb.augment.shear { x = amount("lesson_shear_x_most", s.shearXproportion, "greatest slant"), y = 0, probability = p }
  end)
  add("lesson_shear_y", s.shearY, "slanted upwards", function(p)
    return wb.augment.shear { x = 0, y = amount("lesson_shear_y_most", s.shearYproportion, "greatest slant"), probability = p }
  end)
  add("lesson_translate_x", s.translateX, "moved sideways", function(p)
    local most = amount("lesson_translate_x_most", s.translateXproportion, "greatest share of the width")
    return wb.augment.translate { x = most, y = 0, probability = p }
  end)
  add("lesson_translate_y", s.translateY, "moved upwards", function(p)
    local most = amount("lesson_translate_y_most", s.translateYproportion, "greatest share of the height")
    return wb.augment.translate { x = 0, y = most, probability = p }
  end)
  add("lesson_invert", s.invert, "inverted", function(p) return wb.augment.invert { probability = p } end)
  add("lesson_solarise", s.solarizeAdd, "solarised", function(p)
    return wb.augment.solarise {
      threshold = amount("lesson_solarise_threshold", s.solarizeAddThreshold, "share of the range below which it is added"),
      addition = amount("lesson_solarise_addition", s.solarizeAddition, "what is added, a share of the range"), probability = p,
    }
  end)
  add("lesson_noise", s.GaussianNoise, "made noisy", function(p)
    local most = amount("lesson_noise_most", s.GaussianNoiseSDmax, "greatest deviation of noise, a share of the range")
    return wb.augment.gaussian_noise { deviation = { 0, most }, probability = p }
  end)
  add("lesson_mixup", searchedOr(1.0, 0.0), "mixed with another", function(p)
    return wb.augment.mixup { mode = "uniform", probability = p }
  end)
  return list
end

--- How the lesson is held, checked.
local function lessonOptions()
  local s, isRead = searched()
  -- What a log says counts for both settings.
  local function searchedOr(value, small) return settings.isSmall and not isRead and small or value end
  local o = { size = param("lesson_size", 224, 96, "height and width of the pictures of the lesson") }
  o.batch = wb.param("lesson_batch", searchedOr(math.tointeger(2 ^ s.batch), 32), "pictures a step of the lesson")
  o.epochs = param("lesson_epochs", 32, 60, "passes of the student over the fractals")
  o.patience = param("lesson_patience", 16, 60, "passes without a better macro F1 after which the lesson ends")
  o.temperature = wb.param("temperature", searchedOr(s.distillTemperature, 2.0), "what logits are divided by in the lesson")
  o.labelWeight = wb.param("lesson_labels", 0.0, "how much the fractals' own labels count beside the teacher")
  o.augmentations = lessonAugmentations(s, searchedOr)
  local rate = wb.param("lesson_rate", searchedOr(s.learningRate, 2e-3), "highest learning rate of the lesson")
  o.optimizer = wb.optimizer.adamw {
    learning_rate = rate, weight_decay = wb.param("lesson_decay", searchedOr(s.weightDecay, 0.05), "weight decay of the lesson"),
  }
  for name, value in pairs { lesson_batch = o.batch, lesson_epochs = o.epochs, lesson_patience = o.patience } do
    within(name, value, 1)
  end
  within("temperature", o.temperature, 1e-3)
  within("lesson_labels", o.labelWeight, 0)
  local halfCycle = wb.param("lesson_half_cycle", s.clrStep * o.batch, "half a cycle of the lesson's learning rate, in steps")
  o.schedule = schedule(
    param("lesson_schedule", "cyclical", "cosine", "of the lesson's learning rate: cyclical, cosine or constant"),
    rate, halfCycle, o.epochs * 0.1)
  return o
end

--- Reads the parameters of the lesson, and stops at a mistake in them.
function lesson.checkParameters() lessonOptions() end

--- A fresh network learns the teacher's answers to fractals. Saves `distilled.safetensors`.
function lesson.distil(teacher)
  local o = lessonOptions()
  local data = fractals(o.size, o.augmentations)
  local run = wb.train {
    model = target.network(#data.classes, o.size), data = data, batch = o.batch, epochs = o.epochs, drop_last = true,
    distillation = { teacher = teacher, temperature = o.temperature, label_weight = o.labelWeight },
    optimizer = o.optimizer, schedule = o.schedule,
    stop = { monitor = "validation.macro_f1", patience = o.patience },
  }
  run.best:save("distilled.safetensors")
  return run.best
end

return lesson
