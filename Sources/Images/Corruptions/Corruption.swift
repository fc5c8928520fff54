import Tensors

/// A fault of digitised pictures, simulated: the six kinds of Herbariograph's class "Corrupted".
public enum Corruption: String, CaseIterable, Sendable {
  /// Red and blue exchanged, after saturation (times 2 to 5) and value (times 2 to 8) of HSV overflowed their 8 bits.
  case overflow
  /// A box blur with a side of 16 to 48 pixels.
  case blur
  /// Two opaque rectangles over the full width down to the bottom, from heights of their own.
  case doubleMask = "double_mask"
  /// Encoded as JPEG 2 to 16 times, with qualities of 8 to 64.
  case artifacts
  /// One opaque rectangle over the full width down to the bottom.
  case mask
  /// Darkened by 8 to 32 % from about two fifths of the height down.
  case translucentMask = "translucent_mask"

  /// Of opaque rectangles, with how many of 45 real failures showed it: black, mid-gray, and four others.
  private static let colours: [(count: Int, colour: (red: UInt8, green: UInt8, blue: UInt8))] = [
    (22, (0, 0, 0)), (19, (128, 128, 128)), (1, (240, 214, 189)), (1, (224, 211, 195)),
    (1, (68, 52, 39)),
    (1, (0, 135, 0)),
  ]

  /// The picture with this fault; how bad it is, the stream decides.
  ///
  /// - Throws: `ImageError` when a picture is too large for JPEG.
  public func applied(to picture: Picture, stream: inout RandomStream) throws(ImageError) -> Picture {
    var result = picture
    switch self {
    case .overflow:
      let saturation = stream.uniform(2, 5)
      result.overflow(saturation: saturation, value: stream.uniform(2, 8))
    case .blur: result = result.boxBlurred(side: 16 + stream.integer(below: 33))
    case .doubleMask:
      for _ in 0..<2 { result.mask(&stream) }
    case .artifacts:
      for _ in 0..<2 + stream.integer(below: 15) {
        let data = try PictureEncoder.jpeg(result, quality: 8 + stream.integer(below: 57))
        result = try PictureDecoder.decode(data)
      }
    case .mask: result.mask(&stream)
    case .translucentMask:
      let top = Corruption.row(mean: 0.409, deviation: 0.035, height: picture.height, &stream)
      result.darken(from: top, share: stream.uniform(0.08, 0.32))
    }
    return result
  }

  /// A row from the top, at a normally distributed share of the height.
  fileprivate static func row(
    mean: Float, deviation: Float, height: Int, _ stream: inout RandomStream
  ) -> Int {
    min(height, Int(max(0, mean + deviation * stream.normal()) * Float(height)))
  }

  fileprivate static func colour(_ stream: inout RandomStream) -> (
    red: UInt8, green: UInt8, blue: UInt8
  ) {
    var place = stream.integer(below: colours.reduce(0) { $0 + $1.count })
    for (count, colour) in colours {
      if place < count { return colour }
      place -= count
    }
    return colours[0].colour
  }
}

extension Picture {
  fileprivate mutating func mask(_ stream: inout RandomStream) {
    let colour = Corruption.colour(&stream)
    let top = Corruption.row(mean: 0.148, deviation: 0.199, height: height, &stream)
    fill(x: 0..<width, y: top..<height, colour: colour)
  }

  fileprivate mutating func darken(from top: Int, share: Float) {
    let table = (0..<256).map { UInt8((Float($0) * (1 - share)).rounded()) }
    for i in top * width * 3..<pixels.count { pixels[i] = table[Int(pixels[i])] }
  }

  /// Saturation and value multiplied as 8-bit numbers, of which what is beyond 255 is lost; then red and blue exchanged.
  fileprivate mutating func overflow(saturation: Float, value: Float) {
    for i in stride(from: 0, to: pixels.count, by: 3) {
      let (r, g, b) = (Float(pixels[i]), Float(pixels[i + 1]), Float(pixels[i + 2]))
      let most = max(r, g, b)
      let chroma = most - min(r, g, b)
      // How far each colour is below the value, in shares of the chroma: what the hue keeps.
      let below =
        chroma > 0 ? [(most - r) / chroma, (most - g) / chroma, (most - b) / chroma] : [0, 0, 0]
      let s = most > 0 ? 255 * chroma / most : 0
      let newS = Float(UInt8(truncatingIfNeeded: Int(s.rounded() * saturation)))
      let newV = Float(UInt8(truncatingIfNeeded: Int(most * value)))
      let newChroma = newV * newS / 255
      for c in 0..<3 { pixels[i + 2 - c] = UInt8((newV - below[c] * newChroma).rounded()) }
    }
  }

  /// Each pixel the mean of the square around it; beyond the edge the picture is mirrored without its edge pixel.
  fileprivate func boxBlurred(side: Int) -> Picture {
    func mirrored(_ position: Int, _ size: Int) -> Int {
      if size == 1 { return 0 }
      let period = 2 * (size - 1)
      let place = ((position % period) + period) % period
      return place < size ? place : period - place
    }
    /// Sums of `side` neighbours, by adding the next and taking away the first.
    func sums(_ values: [Int32], lines: Int, count: Int, lineStep: Int, step: Int) -> [Int32] {
      var result = [Int32](repeating: 0, count: values.count)
      for line in 0..<lines {
        for c in 0..<3 {
          let start = line * lineStep + c
          func value(_ position: Int) -> Int32 { values[start + mirrored(position, count) * step] }
          var sum = (-(side / 2)..<side - side / 2).reduce(Int32(0)) { $0 + value($1) }
          for position in 0..<count {
            result[start + position * step] = sum
            sum += value(position + side - side / 2) - value(position - side / 2)
          }
        }
      }
      return result
    }
    let along = sums(
      pixels.map { Int32($0) }, lines: height, count: width, lineStep: width * 3, step: 3)
    let both = sums(along, lines: width, count: height, lineStep: 3, step: width * 3)
    let area = Int32(side * side)
    return Picture(width: width, height: height, pixels: both.map { UInt8(($0 + area / 2) / area) })
  }
}
