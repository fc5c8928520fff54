/// A picture of 8-bit sRGB pixels.
public struct Picture: Equatable, Sendable {
  public let width: Int
  public let height: Int
  /// `[height, width, 3]`: red, green, blue; `height * width * 3` bytes.
  public var pixels: [UInt8]

  /// - Precondition: `pixels` holds `width * height * 3` bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height * 3, "a picture needs 3 bytes a pixel")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// One colour all over.
  public init(width: Int, height: Int, colour: (red: UInt8, green: UInt8, blue: UInt8)) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    self.width = width
    self.height = height
    pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      count = width * height * 3
      for i in 0..<width * height {
        buffer[3 * i] = colour.red
        buffer[3 * i + 1] = colour.green
        buffer[3 * i + 2] = colour.blue
      }
    }
  }

  /// Pixels of 0 to 255 as floats, `[height, width, 3]`, rounded to the nearest and clamped.
  public init(width: Int, height: Int, rounding values: UnsafePointer<Float>) {
    self.init(
      width: width, height: height,
      pixels: [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
        count = width * height * 3
        for i in 0..<count { buffer[i] = UInt8(min(255, max(0, values[i])) + 0.5) }
      })
  }

  /// The colour at column `x`, row `y`.
  public subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    get {
      let i = (y * width + x) * 3
      return (pixels[i], pixels[i + 1], pixels[i + 2])
    }
    set {
      let i = (y * width + x) * 3
      (pixels[i], pixels[i + 1], pixels[i + 2]) = newValue
    }
  }
}
