import Foundation
import Images
import Testing

@Suite(.serialized) struct PreviewTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.drawPictures(count: 10)
    try place.writeRecipe()
  }

  @Test("preview writes a sheet of the first batches, the same for any number of threads")
  func sheet() throws {
    let result = try place.workbench("preview", "tiny.lua", "--threads", "1")
    #expect(result.status == 0 && result.output == "tiny-preview.png\n", "\(result.errors)")
    let one = try place.bytes("tiny-preview.png")
    let picture = try PictureDecoder.decode(one)
    #expect(picture.width == 8 + 4 * 136)
    #expect(try place.workbench("preview", "tiny.lua", "--threads", "3", "--output", "b.png").status == 0)
    #expect(try place.bytes("b.png") == one)
    #expect(
      try place.workbench("preview", "tiny.lua", "--seed", "2", "--output", "c.JPG", "--batches", "1").status == 0)
    #expect(try place.bytes("c.JPG").starts(with: [0xff, 0xd8]))
    #expect(!place.exists("runs"))
  }

  @Test("requests that cannot be met")
  func mistakes() throws {
    try place.write("none.lua", "local wb = require \"workbench\"\n")
    for (arguments, message) in [
      (["tiny.lua", "--output", "x.gif"], "--output x.gif: must end in .png, .jpg or .jpeg"),
      (["tiny.lua", "--batches", "0"], "--batches 0: must be from 1 to 16"),
      (["tiny.lua", "--pictures", "65"], "--pictures 65: must be from 1 to 64"),
      (["tiny.lua", "--stage", "2"], "--stage 2: the recipe has 1 training"),
      (["none.lua"], "none.lua: the recipe trains no network"),
      (["tiny.lua", "--output", "nowhere/x.png"], "nowhere: no such folder"),
      (["tiny.lua", "--set", "data=nothing"], "nothing: no such file or folder"),
    ] {
      let result = try Program.run(["preview"] + arguments, in: place.folder)
      #expect(result.status == 2, "\(arguments)")
      #expect(result.errors.contains(message), "\(result.errors)")
    }
    #expect(!place.listing().contains { $0.hasSuffix("-preview.png") || $0.hasSuffix("x.gif") })
  }
}
