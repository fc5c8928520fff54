-- A greedy soup of all checkpoints in a folder, judged on gardens13's validation split: what docs/performance.md times.
--
--   /usr/bin/time -v workbench run benchmarks/soup/soup.lua --set folder=../shared/data --set models=CHECKPOINTS/stage-1 --output SOUP

local wb = require "workbench"

local folder = wb.param("folder", "../shared/data", "where gardens13-96-*.tfr are")
local data = wb.data.tfrecord {
  train = folder .. "/gardens13-96-train.tfr", validation = folder .. "/gardens13-96-validation.tfr",
  classes = folder .. "/gardens13-96-classes.tsv", size = 96, range = { 0, 255 },
}
local soup = wb.soup {
  models = wb.param("models", "", "the folder with the checkpoints"), data = data,
  select = { percentile = wb.param("percentile", 0.0, "those at or above it are ingredients; 0: all") },
  cache = wb.param("cache", 1024, "megabytes for decoded pictures"), batch = wb.param("batch", 32, "pictures a step"),
}
wb.result("macro F1", soup.value)
wb.result("ingredients", #soup.ingredients)
