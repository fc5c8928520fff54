-- Sixty checkpoints of a ConvNeXt-N, to make a soup of: `soup.lua` beside it is what is timed.
--
--   workbench run benchmarks/soup/checkpoints.lua --set folder=../shared/data --output CHECKPOINTS
--
-- It trains on the small test split, because what the weights are makes no difference to the time.

local wb = require "workbench"
local convnext = require "lib.convnext"

local folder = wb.param("folder", "../shared/data", "where gardens13-96-*.tfr are")
local data = wb.data.tfrecord {
  train = folder .. "/gardens13-96-test.tfr", validation = folder .. "/gardens13-96-validation.tfr",
  classes = folder .. "/gardens13-96-classes.tsv", size = 96, range = { 0, 255 }, duplicates = false,
}
local network = convnext.herbariograph { preset = "N", classes = #data.classes, size = 96 }
wb.train {
  model = network, data = data, epochs = wb.param("epochs", 60), batch = 32,
  loss = wb.loss.ce { label_smoothing = 0.2 },
  optimizer = wb.optimizer.adamw { learning_rate = 1e-3, weight_decay = 0.05 },
  checkpoints = { every_epoch = true },
}
