-- Five stages of training with ever more of the network learning: step 4 of Herbariograph.
--
--   workbench run recipes/herbariograph/transfer.lua --set model=tune.safetensors --set data=herbariograph-96
--
-- Leaves transferred.safetensors in the run folder, and every epoch of the last stage in its folder of checkpoints, for
-- soup.lua.

local wb = require "workbench"
local steps = require "lib.herbariograph"

local model = wb.load(wb.param("model", "tune.safetensors", "the model of transplant.lua"))
steps.transfer(model, steps.target(steps.transferAugmentations()))
