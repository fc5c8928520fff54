-- ConvNeXt of Herbariograph, of which some layers are frozen, for `workbench bench --train`:
--
--   workbench bench benchmarks/transfer/convnext.lua --train --batch 64 --set train_from=output_gap
--   workbench bench benchmarks/transfer/convnext.lua --train --batch 64

local wb = require "workbench"
local convnext = require "lib.convnext"

local from = wb.param("train_from", "rescale", "the first layer that learns")
local data = wb.data.folder { path = wb.param("data", "data", "pictures; any, for the network is what is measured"), size = 96 }
local network = convnext.herbariograph {
  preset = wb.param("preset", "N", "which ConvNeXt"), classes = wb.param("classes", 13, "classes"), size = 96,
}
wb.train { model = network:train_from(from), data = data, batch = 64 }
