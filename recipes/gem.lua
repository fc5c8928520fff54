-- A ConvNeXt that learns how to pool.
--
-- At the end of a ConvNeXt each channel of the last picture becomes one number: its mean. Generalized-mean pooling
-- (Radenović, Tolias and Chum 2019) takes (mean of x^p)^(1/p) instead and learns the exponent p: 1 is the mean, a large p
-- listens to the strongest answer alone, wherever on the sheet it is. The layer is a plugin: plugins/gem_pooling.
--
--   workbench run recipes/gem.lua                          on sheets that are drawn for the purpose
--   workbench run recipes/gem.lua --set data=FOLDER        on pictures, one sub-folder a class
--   workbench run recipes/gem.lua --set pooling=average    the same with the mean, to compare

local wb = require "workbench"
local convnext = require "lib.convnext"

local folder  = wb.param("data", "", "folder with one sub-folder a class, or with a labels.tsv; without, sheets are drawn")
local sheets  = wb.param("sheets", 1000, "how many herbarium sheets are drawn where there is no folder")
local size    = wb.param("size", 96, "height and width of the pictures that the network sees")
local epochs  = wb.param("epochs", 30, "passes over the training pictures")
local pooling = wb.param("pooling", "gem", "gem or average")
local repeats = wb.param("repeats", 1, "how often all is done anew, with seed, seed + 1, ...")

wb.repeats(repeats, function()
  local pictures = {
    size    = size,
    range   = { 0, 255 },   -- the network's first layer takes them to -1 ... 1
    split   = { train = 0.7, validation = 0.2, test = 0.1 },
    augment = { wb.augment.flip_horizontal(), wb.augment.random_resized_crop { area = { 0.5, 1 } } },
  }
  local data
  if folder ~= "" then
    pictures.path = folder
    data = wb.data.folder(pictures)
  else
    wb.plugin "herbarium_sheets"
    pictures.task, pictures.sheets = "stained", sheets
    data = wb.data.herbarium_sheets(pictures)
  end

  local run = wb.train {
    model     = convnext.herbariograph { preset = "N", classes = #data.classes, size = size, pooling = pooling },
    data      = data,
    batch     = 32,
    epochs    = epochs,
    loss      = wb.loss.ce { label_smoothing = 0.1 },
    optimizer = wb.optimizer.adamw { learning_rate = 1e-3, weight_decay = 0.05 },
    schedule  = wb.schedule.cosine { warmup = 1 },
  }

  local evaluation = wb.evaluate { model = run.best, data = data, split = "test" }
  evaluation:save()
  wb.result("test accuracy", evaluation.accuracy)
end)
