import Foundation
import Testing

/// Each request that cannot be met ends with the exit code 2 (1 for a job that fails on its way) and a message that
/// names what is wrong; nothing traps, and nothing is written.
@Suite(.serialized) struct BadInputTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures(count: 5)
    try place.writeRecipe()
  }

  private func expect(
    _ arguments: [String], status: Int32 = 2, _ fragments: String..., location: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Program.run(arguments, in: place.folder)
    #expect(result.status == status, "\(result.errors)", sourceLocation: location)
    for fragment in fragments {
      #expect(result.errors.contains(fragment), "\(result.errors)", sourceLocation: location)
    }
    #expect(result.output.isEmpty, sourceLocation: location)
  }

  // MARK: Arguments

  @Test("unknown commands, options and missing arguments")
  func arguments() throws {
    try expect(["train"], "Unexpected argument 'train'")
    try expect(["run"], "Missing expected argument '<recipe>'")
    try expect(["run", "tiny.lua", "--outptu", "x"], "Unknown option '--outptu'", "--output")
    try expect(["run", "tiny.lua", "--threads", "0"], "--threads 0: must be from 1 to 1024")
    try expect(["run", "tiny.lua", "--set", "epochs"], "--set epochs: must be KEY=VALUE")
    try expect(["run", "tiny.lua", "--set", "epochs=1", "--set", "epochs=2"], "--set epochs: given twice")
    try expect(["predict", "m.safetensors", "--output", "p.tsv"], "give at least one picture or folder")
    try expect(
      ["predict", "m.safetensors", "x", "--output", "p.tsv", "--reject", "2"], "--reject 2.0: must be from 0 to 1")
  }

  // MARK: Data

  @Test("a wrong path")
  func wrongPath() throws {
    try expect(["run", "nothing.lua"], "nothing.lua", "No such file")
    try expect(["run", "tiny.lua", "--set", "data=nothing"], "tiny.lua:2", "nothing", "no such file or folder")
    try expect(["describe", "nothing.safetensors"], "nothing.safetensors", "No such file")
    try expect(["evaluate", "nothing.safetensors", "--data", "nothing"], "nothing: no such file or folder")
    #expect(!place.exists("runs"))
  }

  @Test("an empty folder, a folder of one class, and pictures without class folders")
  func folders() throws {
    try FileManager.default.createDirectory(at: place.url("empty"), withIntermediateDirectories: true)
    try expect(["run", "tiny.lua", "--set", "data=empty"], "empty: no pictures found")
    try place.write("one/unstained/1.jpg", Workplace.jpeg(stained: false, number: 1))
    try expect(["run", "tiny.lua", "--set", "data=one"], "all pictures are of the one class 'unstained'")
    try place.write("flat/1.jpg", Workplace.jpeg(stained: false, number: 1))
    try expect(["run", "tiny.lua", "--set", "data=flat"], "holds 1 picture but no sub-folders")
  }

  // MARK: Recipes

  @Test("an unknown option names file, line, layer and the nearest right one")
  func unknownOption() throws {
    try place.write("r.lua", "local wb = require 'workbench'\nlocal layer = wb.conv2d { filter = 3, kernel = 3 }\n")
    try expect(["check", "r.lua"], "r.lua:2: conv2d: unknown option 'filter' (did you mean 'filters'?)")
  }

  @Test("an option of the wrong type")
  func wrongType() throws {
    try place.write("r.lua", "local wb = require 'workbench'\n\nwb.conv2d { filters = 'many', kernel = 3 }\n")
    try expect(["check", "r.lua"], "r.lua:3: conv2d: option 'filters' must be an integer, not the string \"many\"")
  }

  @Test("a kernel larger than what it slides over")
  func impossibleShape() throws {
    try place.writeRecipe(layers: "wb.conv2d { filters = 4, kernel = 50 }, wb.flatten(), wb.linear { units = 2 }")
    try expect(["check", "tiny.lua"], "tiny.lua:", "conv2d_1", "50", "32x32x3")
  }

  @Test("--set of an unknown parameter, and of a value of the wrong type")
  func unknownParameter() throws {
    try expect(["run", "tiny.lua", "--set", "epoch=2"], "--set epoch", "did you mean 'epochs'?")
    try expect(["run", "tiny.lua", "--set", "epochs=many"], "--set epochs=many", "must be an integer")
    #expect(!place.exists("runs"))
  }

  @Test("a syntax error names its line")
  func syntaxError() throws {
    try place.write("r.lua", "local wb = require 'workbench'\nlocal = 3\n")
    try expect(["run", "r.lua"], "r.lua:2:")
  }

  @Test("a call to os.execute is refused")
  func sandbox() throws {
    try place.write("r.lua", "os.execute('touch pwned')\n")
    try expect(["run", "r.lua"], "r.lua:1:", "os")
    #expect(!place.exists("pwned"))
  }

  // MARK: Output

  @Test("an output file that no folder can take, or without a name")
  func outputFile() throws {
    try expect(["convert", "m.safetensors", "nodir/x.safetensors"], "nodir: no such folder")
    try expect(["predict", "m.safetensors", "pictures", "--output", "nodir/p.tsv"], "nodir: no such folder")
    try expect(["predict", "m.safetensors", "pictures", "--output", ""], "the name of the file to write is empty")
    try expect(["predict", "m.safetensors", "pictures", "--output", "."], ".: is a folder")
    #expect(!place.exists("nodir"))
  }

  @Test("an output folder that cannot be made or written to")
  func output() throws {
    try place.write("file", "x")
    try expect(["run", "tiny.lua", "--output", "file/out"], "file/out", "Not a directory")
    try expect(["run", "tiny.lua", "--output", "/proc/workbench-out"], "/proc/workbench-out", "No such file")
  }
}
