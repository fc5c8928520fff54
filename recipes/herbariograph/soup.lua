-- The mean of the better epochs: step 5 of Herbariograph.
--
--   workbench run recipes/herbariograph/soup.lua --set models=runs/transfer-.../stage-5/checkpoints --set data=herbariograph-96
--
-- Leaves soup.safetensors in the run folder, and soup.tsv, which has each decision.

local wb = require "workbench"
local steps = require "lib.herbariograph"

local models = wb.param("models", "checkpoints", "the folder of checkpoints of transfer.lua's last stage")
steps.soup(models, steps.target())
