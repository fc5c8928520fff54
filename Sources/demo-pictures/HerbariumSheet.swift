import Foundation
import Images
import Tensors

/// Draws a herbarium sheet: a pressed plant on paper with a label, and perhaps the halo that mercury salts, once used
/// against insects, leave on the paper around a specimen.
struct HerbariumSheet {
  let isStained: Bool
  private let key: RandomKey
  private var canvas: Canvas
  private var stream: RandomStream
  /// The longer side, in pixels: lengths are in shares of it.
  private let size: Float

  /// - Parameters:
  ///   - size: the height in pixels; the width is three quarters of it.
  ///   - key: the sheet is determined by it, the size and `isStained`.
  init(size: Int, isStained: Bool, key: RandomKey) {
    self.isStained = isStained
    self.key = key
    self.size = Float(size)
    canvas = Canvas(width: max(1, size * 3 / 4), height: size)
    stream = RandomStream(key)
  }

  func drawn() -> Picture {
    var sheet = self
    sheet.drawPlant()
    let plant = sheet.canvas
    sheet.drawPaper()
    sheet.drawHalo(around: plant.plant)
    sheet.drawShadow(of: plant.plant)
    sheet.lay(plant)
    sheet.drawTapes()
    sheet.drawLabel()
    sheet.addGrain()
    return sheet.canvas.picture
  }

  // MARK: The plant

  private mutating func drawPlant() {
    let dried = Colour(0.33, 0.29, 0.16)
    let green = Colour(0.30, 0.36, 0.17)
    let colour = dried.mixed(with: green, stream.uniform()).scaled(stream.uniform(0.8, 1.25))
    let base = SIMD2(Float(canvas.width) * stream.uniform(0.38, 0.62), size * stream.uniform(0.82, 0.92))
    let shape = Shape(
      leafLength: stream.uniform(0.04, 0.11) * size, leafProportion: stream.uniform(0.14, 0.38),
      branching: stream.uniform(0.25, 0.7), spread: stream.uniform(0.4, 0.95), colour: colour,
      hasFlowers: stream.bool(probability: 0.4),
      flowerColour: [Colour(0.55, 0.35, 0.42), Colour(0.62, 0.52, 0.22), Colour(0.58, 0.52, 0.46)][
        stream.integer(below: 3)])
    for _ in 0..<(1 + stream.integer(below: 3)) {
      grow(
        from: base, angle: stream.uniform(-0.3, 0.3), length: stream.uniform(0.5, 0.72) * size,
        radius: stream.uniform(0.004, 0.008) * size, depth: 0, shape: shape)
    }
  }

  private struct Shape {
    let leafLength: Float
    let leafProportion: Float
    let branching: Float
    let spread: Float
    let colour: Colour
    let hasFlowers: Bool
    let flowerColour: Colour
  }

  /// A shoot in short pieces that bends, with leaves and side shoots.
  ///
  /// - Parameter angle: from upright, in radians.
  private mutating func grow(
    from base: SIMD2<Float>, angle: Float, length: Float, radius: Float, depth: Int, shape: Shape
  ) {
    let pieces = max(3, Int(length / (shape.leafLength * 0.55)))
    let piece = length / Float(pieces)
    var point = base
    var angle = angle
    for number in 0..<pieces {
      let left = 1 - Float(number) / Float(pieces)
      angle += stream.uniform(-0.12, 0.12) - angle * 0.05
      let next = point + SIMD2(sin(angle), -cos(angle)) * piece
      let thickness = (radius * (0.35 + 0.65 * left), radius * (0.35 + 0.65 * (left - 1 / Float(pieces))))
      canvas.line(from: point, to: next, radii: thickness, colour: shape.colour.scaled(0.8))
      point = next
      if number == 0 { continue }
      let side: Float = number % 2 == 0 ? 1 : -1
      if depth < 2, left > 0.25, stream.bool(probability: shape.branching * 0.5) {
        grow(
          from: point, angle: angle + side * stream.uniform(0.5, 1) * shape.spread, length: length * left * 0.55,
          radius: radius * 0.6, depth: depth + 1, shape: shape)
      } else {
        drawLeaf(at: point, angle: angle + side * stream.uniform(0.6, 1.3), left: left, shape: shape)
      }
    }
    if shape.hasFlowers, stream.bool(probability: 0.8) { drawFlower(at: point, shape: shape) }
  }

  private mutating func drawLeaf(at point: SIMD2<Float>, angle: Float, left: Float, shape: Shape) {
    let length = shape.leafLength * (0.5 + 0.7 * left) * stream.uniform(0.75, 1.2)
    canvas.leaf(
      at: point, direction: SIMD2(sin(angle), -cos(angle)), length: length, width: length * shape.leafProportion,
      colour: shape.colour.scaled(stream.uniform(0.8, 1.3)))
  }

  private mutating func drawFlower(at point: SIMD2<Float>, shape: Shape) {
    let petals = 4 + stream.integer(below: 4)
    let turn = stream.uniform(0, 6.28)
    for petal in 0..<petals {
      let angle = turn + Float(petal) / Float(petals) * 2 * Float.pi
      canvas.leaf(
        at: point, direction: SIMD2(sin(angle), -cos(angle)), length: size * 0.025, width: size * 0.009,
        colour: shape.flowerColour.scaled(stream.uniform(0.85, 1.15)))
    }
  }

  // MARK: The paper

  private mutating func drawPaper() {
    let white = Colour(0.93, 0.91, 0.86)
    let yellowed = Colour(0.86, 0.78, 0.62)
    let paper = white.mixed(with: yellowed, stream.uniform()).scaled(stream.uniform(0.9, 1.05))
    let broad = ValueNoise(key: key.deriving("paper"), scale: size * 0.4)
    let light = SIMD2(stream.uniform(-0.08, 0.08), stream.uniform(-0.08, 0.08))
    forEachPixel { sheet, x, y, index in
      let shade =
        0.97 + 0.05 * broad.value(x: x, y: y) + light.x * (x / sheet.size - 0.4) + light.y * (y / sheet.size - 0.5)
      sheet.canvas.pixels[index] = paper.rgb * shade
    }
    // Foxing, on stained and unstained sheets alike.
    for _ in 0..<stream.integer(below: 14) {
      let spot = SIMD2(stream.uniform(0, Float(canvas.width)), stream.uniform(0, size))
      let radius = stream.uniform(0.002, 0.006) * size
      canvas.line(
        from: spot, to: spot, radii: (radius, radius), colour: paper.mixed(with: Colour(0.55, 0.38, 0.2), 0.35),
        isPlant: false)
    }
    if stream.bool(probability: 0.3) { drawBlot(on: paper) }
  }

  /// An old water mark: a pale brown edge somewhere, which is not what makes a sheet a stained one.
  private mutating func drawBlot(on paper: Colour) {
    let centre = SIMD2(stream.uniform(0, Float(canvas.width)), stream.uniform(0, size))
    let radius = stream.uniform(0.08, 0.2) * size
    let strength = stream.uniform(0.05, 0.16)
    let edge = ValueNoise(key: key.deriving("blot"), scale: size * 0.06)
    forEachPixel { sheet, x, y, index in
      let offset = SIMD2(x, y) - centre
      let distance = (offset * offset).sum().squareRoot() / radius + 0.35 * (edge.value(x: x, y: y) - 0.5)
      let ring = max(0, 1 - abs(distance - 1) * 9) + (distance < 1 ? 0.3 : 0)
      sheet.canvas.pixels[index] *= SIMD3(repeating: 1) - SIMD3(0.5, 0.75, 1.1) * (strength * ring)
    }
  }

  /// The stain: gray-brown, strongest at the plant, fading outwards, in patches.
  private mutating func drawHalo(around plant: [Float]) {
    // Drawn for every sheet, so that both classes go on with the same random numbers.
    let severity = stream.uniform(0.32, 0.8)
    let radius = max(1, Int(size * stream.uniform(0.014, 0.038)))
    let tint = Colour(0.42, 0.40, 0.38).mixed(with: Colour(0.45, 0.33, 0.22), stream.uniform())
    let share = stream.uniform(0.5, 0.95)
    if !isStained { return }
    let halo = blurred(plant, width: canvas.width, height: canvas.height, radius: radius)
    let patches = ValueNoise(key: key.deriving("halo"), scale: size * 0.18)
    forEachPixel { sheet, x, y, index in
      let patch = min(1, max(0, (patches.value(x: x, y: y) - (0.75 - share)) * 3))
      let strength = severity * patch * min(1, halo[index] * 3.6)
      sheet.canvas.pixels[index] +=
        (tint.rgb * sheet.canvas.pixels[index] * 1.4 - sheet.canvas.pixels[index]) * strength
    }
  }

  /// The scanner's soft shadow beside the plant, on all sheets: a halo of a kind, and no stain.
  private mutating func drawShadow(of plant: [Float]) {
    let strength = stream.uniform(0, 0.35)
    let (dx, dy) = (Int(size * stream.uniform(-0.012, 0.012)), Int(size * 0.006))
    let shadow = blurred(plant, width: canvas.width, height: canvas.height, radius: max(1, Int(size * 0.005)))
    let (width, height) = (canvas.width, canvas.height)
    forEachPixel { sheet, x, y, index in
      let column = min(width - 1, max(0, Int(x) - dx))
      let row = min(height - 1, max(0, Int(y) - dy))
      sheet.canvas.pixels[index] *= 1 - strength * shadow[row * width + column]
    }
  }

  private mutating func lay(_ plant: Canvas) {
    forEachPixel { sheet, _, _, index in
      let cover = plant.plant[index]
      if cover > 0 { sheet.canvas.pixels[index] += (plant.pixels[index] - sheet.canvas.pixels[index]) * cover }
    }
  }

  // MARK: What the collectors added

  private mutating func drawTapes() {
    for _ in 0..<stream.integer(below: 4) {
      let middle = SIMD2(Float(canvas.width) * stream.uniform(0.3, 0.7), size * stream.uniform(0.3, 0.85))
      let half = SIMD2(size * stream.uniform(0.02, 0.05), size * 0.006)
      canvas.rectangle(from: middle - half, to: middle + half, colour: Colour(0.9, 0.88, 0.82), opacity: 0.85)
    }
  }

  private mutating func drawLabel() {
    let extent = SIMD2(stream.uniform(0.2, 0.3), stream.uniform(0.1, 0.16)) * size
    let corner = SIMD2(Float(canvas.width), size) - extent - size * stream.uniform(0.01, 0.04)
    canvas.rectangle(
      from: corner, to: corner + extent, colour: Colour(0.95, 0.94, 0.9).scaled(stream.uniform(0.92, 1.03)))
    let ink = Colour(0.2, 0.2, 0.24)
    let lines = 4 + stream.integer(below: 4)
    for line in 0..<lines {
      let y = corner.y + extent.y * (Float(line) + 0.7) / (Float(lines) + 0.5)
      var x = corner.x + extent.x * 0.06
      let end = corner.x + extent.x * stream.uniform(0.5, 0.95)
      while x < end {
        let word = extent.x * stream.uniform(0.04, 0.16)
        let half = extent.y * 0.018
        canvas.rectangle(
          from: SIMD2(x, y - half), to: SIMD2(min(end, x + word), y + half), colour: ink, opacity: 0.75)
        x += word + extent.x * 0.03
      }
    }
  }

  private mutating func addGrain() {
    var grain = RandomStream(key.deriving("grain"))
    let strength = stream.uniform(0.004, 0.014)
    for index in canvas.pixels.indices {
      canvas.pixels[index] += SIMD3(repeating: strength * (grain.uniform() + grain.uniform() - 1) * 2)
    }
  }

  private mutating func forEachPixel(_ body: (inout HerbariumSheet, Float, Float, Int) -> Void) {
    for y in 0..<canvas.height {
      for x in 0..<canvas.width { body(&self, Float(x) + 0.5, Float(y) + 0.5, y * canvas.width + x) }
    }
  }
}
