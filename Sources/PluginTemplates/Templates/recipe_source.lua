-- Trains a small network on the pictures of my_plugin.
--
--   workbench run recipe.lua --plugin {file}

local wb = require "workbench"
wb.plugin "my_plugin"

local size = wb.param("size", 48, "height and width of the pictures that the network sees")

local data = wb.data.my_plugin {
  count = wb.param("count", 600, "pictures"),
  size  = size,
  split = { train = 0.7, validation = 0.2, test = 0.1 },
}

local network = wb.sequential {
  wb.input { size, size, 3 },
  wb.conv2d { filters = 16, kernel = 3 }, wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },
  wb.conv2d { filters = 32, kernel = 3 }, wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },
  wb.global_average_pool(), wb.linear { units = #data.classes },
}

local run = wb.train { model = network, data = data, epochs = wb.param("epochs", 20), batch = 16 }
local evaluation = wb.evaluate { model = run.best, data = data }
evaluation:save()
wb.result("test accuracy", evaluation.accuracy)
