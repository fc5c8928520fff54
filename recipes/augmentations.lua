-- What augmentations do to your own pictures, to look at before a training:
--
--   workbench preview recipes/augmentations.lua --set data=FOLDER --set show=shear,mixup
--
-- writes augmentations-preview.png: a row of pictures as they are, then two batches as a network would be shown them.
-- `workbench preview` does the same with any recipe of yours. docs/augmentations.md explains each one.

local wb = require "workbench"

local folder      = wb.param("data", "specimens", "folder with one sub-folder a class, or with a labels.tsv")
local show        = wb.param("show", { "random_resized_crop", "mixup" }, "augmentations, in this order")
local probability = wb.param("probability", -1.0, "how often each changes a picture; below 0: its own default")
local size        = wb.param("size", 96, "height and width of the pictures that the network sees")
local batch       = wb.param("batch", 32, "pictures a step: mixup, cutmix and remix mix within these")
local epochs      = wb.param("epochs", 5, "passes over the training pictures, when it is run")

local augment = {}
for i, name in ipairs(show) do
  local options = {}
  if probability >= 0 then options.probability = probability end
  augment[i] = wb.augment[name](options)
end

local data = wb.data.folder {
  path = folder, size = size, augment = augment,
  split = { train = 0.8, validation = 0.1, test = 0.1 },
}

-- Small enough to be trained in a minute, should you want to know what an augmentation does to the learning.
local network = wb.sequential {
  wb.input { size, size, 3 },
  wb.conv2d { filters = 16, kernel = 3, stride = 2 }, wb.batch_norm(), wb.relu(),
  wb.conv2d { filters = 32, kernel = 3, stride = 2 }, wb.batch_norm(), wb.relu(),
  wb.global_average_pool(), wb.linear { units = #data.classes },
}

local run = wb.train {
  model = network, data = data, batch = batch, epochs = epochs,
  optimizer = wb.optimizer.adam { learning_rate = 2e-3 },
}

local evaluation = wb.evaluate { model = run.best, data = data, split = "test" }
evaluation:save()
wb.result("test accuracy", evaluation.accuracy)
