/// What the camera or the scanner makes of the sheet: blur, exposure, colour cast, fall-off of light, dust and noise.
struct Scanner {
  private let blur: Float
  private let gain: SIMD4<Float>
  private let contrast: Float
  private let vignette: Float
  private let lightCentre: Point
  private let noise: Float
  private let banding: Float
  private let dust: Int
  private var random: RandomSource
  private let key: UInt64

  init(_ collection: Collection, _ random: inout RandomSource) {
    blur = random.chance(0.5) ? random.uniform(0, 0.0006) : random.uniform(0, 0.0013) * (1.3 - collection.sharpness)
    let exposure = 1 + random.bell() * 0.055
    let warmth = collection.warmth + random.bell() * 0.01
    let green = random.bell() * 0.006
    gain = SIMD4(exposure * (1 + warmth), exposure * (1 + green), exposure * (1 - warmth), 1)
    contrast = random.uniform(0.86, 1.1)
    vignette = random.chance(0.6) ? random.uniform(0, 0.22) : 0
    lightCentre = Point(0.5 + random.bell() * 0.08, 0.5 + random.bell() * 0.08)
    noise = random.uniform(0.004, 0.02)
    banding = random.chance(0.2) ? random.uniform(0.002, 0.008) : 0
    dust = random.integer(0...7)
    key = random.next()
    self.random = random.fork()
  }

  /// Develops the canvas into bytes: red, green, blue, row by row.
  ///
  /// - Parameter scratch: as large as the canvas; its contents are lost.
  func develop(_ canvas: Canvas, _ scratch: Canvas, into bytes: UnsafeMutablePointer<UInt8>) {
    drawDust(on: canvas)
    soften(canvas, scratch)
    let (width, height) = (canvas.width, canvas.height)
    let middle = SIMD4<Float>(repeating: 0.5 * (1 - contrast))
    let slope = gain * contrast
    let (lightCentre, vignette, noise, key, banding) = (lightCentre, vignette, noise, key, banding)
    for row in 0..<height {
      let y = (Float(row) + 0.5) / Float(height) - lightCentre.y
      let line = canvas.pixels + row * width
      var out = bytes + row * width * 3
      let bits = RandomSource.mix(key &+ UInt64(row))
      let band = banding * (Float(bits >> 40) * 0x1p-23 - 1)
      for column in 0..<width {
        let x = (Float(column) + 0.5) / Float(width) - lightCentre.x
        let light = 1 - vignette * (x * x + y * y) * 1.6
        // Four 16-bit numbers: one for all channels together, one for each.
        let dice = RandomSource.mix(bits &+ UInt64(column) &* 0x9E37_79B9_7F4A_7C15)
        let numbers = SIMD4<Float>(
          Float(Int32(truncatingIfNeeded: dice & 0xFFFF)), Float(Int32(truncatingIfNeeded: dice >> 16 & 0xFFFF)),
          Float(Int32(truncatingIfNeeded: dice >> 32 & 0xFFFF)), Float(Int32(truncatingIfNeeded: dice >> 48)))
        let grain = ((numbers + numbers.w * 1.4) * 0x1p-16 - 1.2) * noise
        var value = (line[column] * slope * light + middle + grain + band) * 255
        value.replace(with: SIMD4<Float>(repeating: 0), where: value .< 0)
        value.replace(with: SIMD4<Float>(repeating: 255), where: value .> 255)
        // Adding 1.5 * 2^23 rounds, and leaves the whole number in the last bits.
        let whole = unsafeBitCast(value + 12582912, to: SIMD4<UInt32>.self)
        out[0] = UInt8(truncatingIfNeeded: whole.x)
        out[1] = UInt8(truncatingIfNeeded: whole.y)
        out[2] = UInt8(truncatingIfNeeded: whole.z)
        out += 3
      }
    }
  }

  /// Specks and a hair on the glass.
  private func drawDust(on canvas: Canvas) {
    var random = random
    for _ in 0..<dust {
      let place = Point(random.unit(), random.unit())
      let tone = random.chance(0.5) ? Colour(0.25, 0.24, 0.23) : Colour(0.97, 0.97, 0.96)
      canvas.disc(place, random.uniform(0.0004, 0.001), .paint(tone, opacity: random.uniform(0.3, 0.8)))
    }
    guard random.chance(0.1) else { return }
    var place = Point(random.unit(), random.unit())
    var angle = random.uniform(0, 6.28)
    let bend = random.bell() * 0.16
    for _ in 0..<random.integer(6...22) {
      let next = place + direction(angle) * 0.004
      canvas.stroke(
        from: place, to: next, (0.0004, 0.0004), .paint(Colour(0.3, 0.28, 0.26), opacity: 0.6), isFlat: true)
      place = next
      angle += bend + random.bell() * 0.1
    }
  }

  /// Blurs by `blur` sheet heights, first along the rows, then down the columns.
  private func soften(_ canvas: Canvas, _ scratch: Canvas) {
    let deviation = blur * canvas.frame.scale
    guard deviation > 0.2 else { return }
    // The bell is a squared parabola, which ends somewhere; its deviation is 0.378 of its reach.
    let reach = deviation / 0.378
    let radius = min(24, Int(reach))
    guard radius > 0 else { return }
    var weights = (-radius...radius).map { offset in
      let t = Float(offset) / (reach + 0.001)
      let w = max(0, 1 - t * t)
      return w * w
    }
    let sum = weights.reduce(0, +)
    for i in weights.indices { weights[i] /= sum }
    let (width, height) = (canvas.width, canvas.height)
    weights.withUnsafeBufferPointer { weights in
      for row in 0..<height {
        let line = canvas.pixels + row * width
        let out = scratch.pixels + row * width
        for column in 0..<width {
          var value = SIMD4<Float>.zero
          for tap in -radius...radius { value += line[min(width - 1, max(0, column + tap))] * weights[tap + radius] }
          out[column] = value
        }
      }
      for row in 0..<height {
        let out = canvas.pixels + row * width
        for column in 0..<width { out[column] = .zero }
        for tap in -radius...radius {
          let line = scratch.pixels + min(height - 1, max(0, row + tap)) * width
          let weight = weights[tap + radius]
          for column in 0..<width { out[column] += line[column] * weight }
        }
      }
    }
  }
}
