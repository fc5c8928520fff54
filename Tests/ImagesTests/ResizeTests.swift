import Foundation
import Images
import TestSupport
import Testing

extension Preprocessing {
  func resized(_ picture: Picture) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      resize(picture, into: buffer.baseAddress!)
      filled = count
    }
  }
}

@Suite("Resizing") struct ResizeTests {
  @Test("bilinear is TensorFlow's", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func golden() throws {
    let golden = try Golden.load("training/image_resize")
    let image = Picture(width: 53, height: 37, pixels: golden.values("image").map { UInt8($0) })
    for (height, width) in [(16, 24), (37, 53), (96, 96)] {
      let found = Preprocessing.tensorflow(height: height, width: width).resized(image)
      expectClose(found, golden.values("resize_bilinear_\(height)x\(width)"), tolerance: 1e-6)
    }
  }

  @Test("TensorFlow's mode gives TensorFlow's pixels", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func goldenFiles() throws {
    let golden = try Golden.load("training/herbariograph_n_logits")
    let folder = try #require(Golden.sharedFolder).appendingPathComponent("data/herb_kinds")
    let files = try JSONDecoder().decode([String].self, from: Data(try #require(golden.metadata["files"]).utf8))
    let preprocessing = Preprocessing.tensorflow(height: 96, width: 96)
    let expected = golden.values("pixels")
    for i in 0..<8 {
      var pixels = [Float](repeating: -1, count: preprocessing.count)
      try preprocessing.read(file: folder.appendingPathComponent(files[i]).path, into: &pixels)
      let slice = Array(expected[i * preprocessing.count..<(i + 1) * preprocessing.count])
      expectClose(pixels, slice, tolerance: 1e-5, files[i])
    }
  }

  @Test("crop is Keras' smart_resize", .enabled(if: Golden.isAvailable, "\(Golden.absent)"))
  func goldenCrop() throws {
    let golden = try Golden.load("training/image_random_crop_inference")
    for i in 0..<4 {
      let shape = golden.shape("image_\(i)")
      let values = golden.values("image_\(i)")
      guard values.allSatisfy({ $0 == $0.rounded() }) else { continue }
      var preprocessing = Preprocessing.tensorflow(height: 16, width: 16)
      preprocessing.fit = .crop
      let picture = Picture(width: shape[1], height: shape[0], pixels: values.map { UInt8($0) })
      expectClose(preprocessing.resized(picture), golden.values("output_\(i)"), tolerance: 1e-5)
    }
  }

  /// The definition, in doubles: a triangle of half-width max(1, scale) around each target pixel's centre.
  static func area(_ picture: Picture, width: Int, height: Int) -> [Float] {
    func weights(_ size: Int, _ target: Int) -> [[Double]] {
      let scale = Double(size) / Double(target)
      return (0..<target).map { i in
        let centre = (Double(i) + 0.5) * scale
        let raw = (0..<size).map { max(0, 1 - abs(Double($0) + 0.5 - centre) / max(1, scale)) }
        let sum = raw.reduce(0, +)
        return raw.map { $0 / sum }
      }
    }
    let columns = weights(picture.width, width)
    let rows = weights(picture.height, height)
    var result: [Float] = []
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<3 {
          var sum = 0.0
          for v in 0..<picture.height where rows[y][v] > 0 {
            for u in 0..<picture.width where columns[x][u] > 0 {
              sum += rows[y][v] * columns[x][u] * Double(picture.pixels[(v * picture.width + u) * 3 + c])
            }
          }
          result.append(Float(sum))
        }
      }
    }
    return result
  }

  @Test(
    "area follows its definition at awkward sizes",
    arguments: [(1, 1, 3, 2), (7, 13, 4, 5), (127, 31, 13, 7), (5, 9, 11, 20), (64, 3, 1, 1), (40, 40, 39, 41)])
  func area(width: Int, height: Int, targetWidth: Int, targetHeight: Int) {
    let picture = Samples.noise(width, height, seed: width)
    let preprocessing = Preprocessing(height: targetHeight, width: targetWidth, rounded: false)
    expectClose(
      preprocessing.resized(picture), ResizeTests.area(picture, width: targetWidth, height: targetHeight),
      tolerance: 2e-5)
  }

  @Test("one flat colour stays that colour, whatever the sizes", arguments: Preprocessing.ResizeMode.allCases)
  func flat(mode: Preprocessing.ResizeMode) {
    for (width, height) in [(1, 1), (2, 300), (513, 17), (8, 8)] {
      let picture = Picture(width: width, height: height, colour: (7, 130, 255))
      for (targetWidth, targetHeight) in [(1, 1), (3, 5), (8, 8), (97, 31)] {
        let found = Preprocessing(height: targetHeight, width: targetWidth, resize: mode).resized(picture)
        #expect(found == filled(targetWidth, targetHeight) { _, _ in [7, 130, 255] })
      }
    }
  }

  @Test("pad keeps the proportion, in the middle of the pad colour")
  func pad() {
    let preprocessing = Preprocessing(height: 10, width: 20, fit: .pad, padColour: [1, 2, 3])
    let tall = preprocessing.resized(Picture(width: 30, height: 60, colour: (200, 100, 50)))
    func pixel(_ values: [Float], _ x: Int, _ y: Int) -> [Float] {
      Array(values[(y * 20 + x) * 3..<(y * 20 + x) * 3 + 3])
    }
    // 5 of 20 columns, from column 7 on.
    for y in [0, 9] {
      #expect(pixel(tall, 6, y) == [1, 2, 3])
      #expect(pixel(tall, 7, y) == [200, 100, 50])
      #expect(pixel(tall, 11, y) == [200, 100, 50])
      #expect(pixel(tall, 12, y) == [1, 2, 3])
    }
    let wide = preprocessing.resized(Picture(width: 4000, height: 1, colour: (200, 100, 50)))
    #expect(pixel(wide, 0, 4) == [200, 100, 50])
    #expect(pixel(wide, 19, 3) == [1, 2, 3])
    #expect(wide.allSatisfy { $0 > 0 })
  }

  @Test("crop takes the middle")
  func crop() {
    // Columns 0-9 red, 10-19 green, 20-29 blue.
    var picture = Picture(width: 30, height: 10, colour: (0, 0, 0))
    for y in 0..<10 {
      for x in 0..<30 { picture[x, y] = x < 10 ? (255, 0, 0) : (x < 20 ? (0, 255, 0) : (0, 0, 255)) }
    }
    let found = Preprocessing(height: 4, width: 4, fit: .crop).resized(picture)
    #expect(found == filled(4, 4) { _, _ in [0, 255, 0] })
  }

  @Test("rounded pixels are whole, within 0 to 255, and the same as bytes")
  func rounded() throws {
    let data = Samples.jpeg(Samples.noise(50, 40, seed: 4))
    let preprocessing = Preprocessing(height: 31, width: 33)
    var floats = [Float](repeating: -1, count: preprocessing.count)
    var bytes = [UInt8](repeating: 0, count: preprocessing.count)
    try data.withUnsafeBytes {
      try preprocessing.read(bytes: $0, into: &floats)
      try preprocessing.read(bytes: $0, intoBytes: &bytes)
    }
    #expect(floats == bytes.map { Float($0) })
    var expanded = [Float](repeating: -1, count: preprocessing.count)
    Preprocessing.expand(bytes, into: &expanded, count: bytes.count)
    #expect(expanded == floats)
    var unrounded = preprocessing
    unrounded.rounded = false
    var exact = [Float](repeating: -1, count: preprocessing.count)
    try data.withUnsafeBytes { try unrounded.read(bytes: $0, into: &exact) }
    #expect(zip(exact, floats).allSatisfy { abs($0 - $1) <= 0.5 })
    #expect(exact != floats)
  }

  @Test("a JPEG decoded at a fraction of its size looks the same after resizing")
  func dctScaling() throws {
    let data = Samples.jpeg(Samples.gradient(800, 600))
    for (width, height) in [(60, 40), (120, 90), (33, 100)] {
      var scaled = Preprocessing(height: height, width: width)
      scaled.fit = .crop
      var full = scaled
      full.dctScaling = false
      var a = [Float](repeating: 0, count: scaled.count)
      var b = a
      try data.withUnsafeBytes {
        try scaled.read(bytes: $0, into: &a)
        try full.read(bytes: $0, into: &b)
      }
      #expect(zip(a, b).map { abs($0 - $1) }.max() ?? 0 <= 3)
    }
  }

  @Test("a picture smaller than the target is not decoded at a fraction, and TensorFlow's mode never is")
  func noScaling() throws {
    let data = Samples.jpeg(Samples.gradient(400, 300))
    let settings = PictureDecoder.Settings(dctScaling: true)
    #expect(try PictureDecoder.decode(data, settings: settings, target: (300, 300)).width == 400)
    #expect(try PictureDecoder.decode(data, settings: settings, target: (64, 48)).width == 100)
    #expect(try PictureDecoder.decode(data, settings: settings).width == 400)
    #expect(try PictureDecoder.decode(data, settings: .init(), target: (8, 8)).width == 400)
    let tensorflow = PictureDecoder.Settings(mode: .tensorflow, dctScaling: true)
    #expect(try PictureDecoder.decode(data, settings: tensorflow, target: (8, 8)).width == 400)
  }

  @Test("normalise maps black and white to the range")
  func normalise() {
    var values: [Float] = [0, 255, 127.5]
    Preprocessing(height: 1, width: 1, range: [-1, 1]).normalise(&values, count: 3)
    expectClose(values, [-1, 1, 0])
  }

  @Test("a picture's 64 difference bits survive resizing and compression, and tell pictures apart")
  func differenceHashes() throws {
    let picture = Samples.noise(9, 8, seed: 5)
    var large = Picture(width: 180, height: 160, colour: (0, 0, 0))
    for y in 0..<160 { for x in 0..<180 { large[x, y] = picture[x / 20, y / 20] } }
    let hash = differenceHash(large)
    #expect(
      try hammingDistance(hash, differenceHash(PictureDecoder.decode(PictureEncoder.jpeg(large, quality: 60)))) <= 2)
    #expect(hammingDistance(hash, differenceHash(Samples.noise(90, 80, seed: 6))) > 10)
    // By hand: brighter to the right everywhere, then nowhere.
    var ramp = Picture(width: 9, height: 8, colour: (0, 0, 0))
    for y in 0..<8 { for x in 0..<9 { ramp[x, y] = (UInt8(10 * x), UInt8(10 * x), UInt8(10 * x)) } }
    #expect(differenceHash(ramp) == .max)
    for x in 0..<9 { ramp[x, 0] = (9, 9, 9) }
    #expect(differenceHash(ramp) == .max >> 8)
    #expect(hammingDistance(.max, .max >> 8) == 8)
  }
}
