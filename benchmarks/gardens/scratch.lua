-- A ConvNeXt-N from random numbers on the records of 13 views of trees: the settings of shared/peers/torch_train.py, so
-- that the two can be compared. benchmarks/gardens/compare runs both.
--
--   workbench run benchmarks/gardens/scratch.lua --trust --set data=/work/shared/data/gardens13-96

local wb = require "workbench"
local convnext = require "lib.convnext"

local records = wb.param("data", "gardens13-96", "the beginning of the records' names")
local epochs  = wb.param("epochs", 30, "passes over the training records")

local data = wb.data.tfrecord {
  train = records .. "-train.tfr", validation = records .. "-validation.tfr", test = records .. "-test.tfr",
  classes = records .. "-classes.tsv", size = 96, range = { 0, 255 },
  augment = { wb.augment.random_resized_crop { area = { 0.35, 1 } }, wb.augment.flip_horizontal() },
}

local run = wb.train {
  model     = convnext.herbariograph { preset = "N", classes = #data.classes, size = 96, l2 = 0 },
  data      = data, batch = 64, epochs = epochs, drop_last = true,
  loss      = wb.loss.ce { label_smoothing = 0.1 },
  optimizer = wb.optimizer.adamw { learning_rate = 2e-3, weight_decay = 0.05 },
  schedule  = wb.schedule.cosine { warmup = 0.1 * epochs },
}

-- The last weights, as the peer's.
local evaluation = wb.evaluate { model = run.last, data = data, split = "test" }
wb.result("test accuracy", evaluation.accuracy)
wb.result("test macro F1", evaluation.macro_f1)
local seconds = 0
for _, epoch in ipairs(run.history) do seconds = seconds + epoch.seconds end
wb.result("seconds of training and validation", seconds)
