-- The classes of unknown pictures: step 7 of Herbariograph.
--
--   workbench run recipes/herbariograph/predict.lua --set model=soup.safetensors --set pictures=unknown
--
-- predicted.tsv goes to the run folder. For a million pictures and more, `workbench predict` can be divided and resumed.

local wb = require "workbench"
local steps = require "lib.herbariograph"

local path   = wb.param("model", "soup.safetensors", "the model of soup.lua, or any other")
local labels = wb.param("labels", { "" }, "the classes of a .keras file, in the order of its outputs")
local size   = wb.param("size", 96, "height and width of the pictures, for a .keras file")

local model = path:find("%.keras$")
  and wb.load { path = path, size = size, labels = labels[1] ~= "" and labels or nil } or wb.load(path)
steps.predict(model, wb.param("pictures", { "unknown" }, "files and folders"))
