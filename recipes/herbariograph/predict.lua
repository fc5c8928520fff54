-- The classes of unknown pictures: step 7 of Herbariograph.
--
--   workbench run recipes/herbariograph/predict.lua --set model=soup.safetensors --set pictures=unknown
--
-- predicted.tsv goes to the run folder. For a million pictures and more, `workbench predict` can be divided and resumed.

local wb = require "workbench"
local steps = require "lib.herbariograph"

local model = wb.load(wb.param("model", "soup.safetensors", "the model of soup.lua, or any other"))
steps.predict(model, wb.param("pictures", { "unknown" }, "files and folders"))
