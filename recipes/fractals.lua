-- Learning to see without a photograph: a small network is trained to tell fractals apart.
--
--   Nakamura et al. (2023), Pre-training Vision Transformers with Very Limited Synthesized Images. ICCV, arXiv 2307.14710.
--
-- Each class is one fractal, a cloud of points in space, seen from twelve places around it: plugins/fractals. What a
-- network needs in order to know them again (edges, branches, outlines) is of use for other pictures, too. The model that is
-- left in runs/ is where another training can begin, or what a teacher shows a pupil, without any data set.
--
--   workbench run recipes/fractals.lua
--   workbench run recipes/fractals.lua --set categories=1000 --set epochs=60

local wb = require "workbench"
wb.plugin "fractals"

local categories = wb.param("categories", 100, "how many fractals, 1 to 21,000; each is a class")
local size       = wb.param("size", 64, "height and width of the pictures")
local epochs     = wb.param("epochs", 30, "passes over the training pictures")
local seed       = wb.param("fractals", 1, "which fractals: another number, others")

-- Twelve views of each fractal are twelve samples. It is trained on eight of them, and asked about the others.
local data = wb.data.fractals {
  seed = seed, categories = categories, dimensions = 3, views = 12, instances = 12,
  size       = size,
  split      = { train = 8 / 12, validation = 2 / 12, test = 2 / 12 },
  augment    = { wb.augment.flip_horizontal(), wb.augment.random_resized_crop { area = { 0.5, 1 } } },
  -- Views of one fractal look alike: that is the point.
  duplicates = false,
}

local function stage(filters)
  return wb.sequential {
    wb.conv2d { filters = filters, kernel = 3, padding = "same", bias = false },
    wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },
  }
end

local network = wb.sequential {
  wb.input { size, size, 3 },
  stage(32), stage(64), stage(128), stage(256),
  wb.global_average_pool(), wb.dropout { rate = 0.2 },
  wb.linear { units = #data.classes },
}

local run = wb.train {
  model     = network,
  data      = data,
  batch     = 32,
  epochs    = epochs,
  loss      = wb.loss.ce { label_smoothing = 0.1 },
  optimizer = wb.optimizer.adamw { learning_rate = 2e-3, weight_decay = 0.01 },
  schedule  = wb.schedule.cosine { warmup = 1 },
}

local evaluation = wb.evaluate { model = run.best, data = data, split = "test" }
wb.result("test accuracy", evaluation.accuracy)   -- by chance: one in `categories`
