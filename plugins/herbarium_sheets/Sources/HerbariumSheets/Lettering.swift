/// Letters made of strokes, and words of a Latin that nobody speaks.
enum Lettering {
  enum Style { case print, typewriter, hand }

  /// A line of text from its left end, along an angle.
  ///
  /// - Parameters:
  ///   - place: the left end of the line's base line.
  ///   - size: the height of capitals.
  ///   - width: what the line may take; longer text is cut.
  static func line(
    _ text: String, at place: Point, size: Float, width: Float, angle: Float = 0, _ style: Style, _ ink: Ink,
    on canvas: Canvas, _ random: inout RandomSource
  ) {
    let unit = size / 6
    let advance = unit * (style == .typewriter ? 6 : (style == .hand ? 4.6 : 5.3))
    let along = direction(angle)
    var x: Float = 0
    // Letters too small to be seen as such are drawn as grey bars, a word each.
    if size * canvas.frame.scale < 3.2 {
      for word in text.split(separator: " ") {
        let extent = Float(word.utf8.count) * advance
        if x + extent > width { break }
        let low = place + along * x + across(along) * (-size * 0.33)
        canvas.stroke(
          from: low, to: low + along * (extent - unit), (size * 0.27, size * 0.27), ink.faded(0.42), isFlat: true)
        x += extent + advance
      }
      return
    }
    var pen: Point?
    for code in text.utf8 {
      if x + advance > width { break }
      let ends = glyph(code, at: place + along * x, unit: unit, along: along, style, ink, on: canvas, &random)
      // A hand joins small letters without lifting the pen.
      if style == .hand, code >= 97, let pen, let ends {
        canvas.stroke(from: pen, to: ends.first, (unit * 0.2, unit * 0.2), ink)
      }
      pen = code >= 97 ? ends?.last : nil
      x += advance * (style == .hand ? random.uniform(0.88, 1.1) : 1)
    }
  }

  /// Text around a circle, its middle at the top.
  static func ring(
    _ text: String, centre: Point, radius: Float, squash: Float, size: Float, angle: Float, _ ink: Ink,
    on canvas: Canvas, _ random: inout RandomSource
  ) {
    let unit = size / 6
    let step = unit * 5.6 / radius
    var turn = degrees(-90) - step * Float(text.utf8.count) * 0.5
    let axis = direction(angle)
    for code in text.utf8 {
      let ray = direction(turn)
      let flat = Point(ray.x * radius, ray.y * radius * squash)
      let along = direction(turn + degrees(90) + angle)
      let place = centre + Point(flat.x * axis.x - flat.y * axis.y, flat.x * axis.y + flat.y * axis.x)
      glyph(code, at: place, unit: unit, along: along, .print, ink, on: canvas, &random)
      turn += step
    }
  }

  /// - Returns: where the pen was put down and lifted, for the letter's main stroke.
  @discardableResult
  private static func glyph(
    _ code: UInt8, at place: Point, unit: Float, along: Point, _ style: Style, _ ink: Ink, on canvas: Canvas,
    _ random: inout RandomSource
  ) -> (first: Point, last: Point)? {
    guard code < 128 else { return nil }
    var ends: (first: Point, last: Point)?
    let down = across(along)
    let isHand = style == .hand
    let slant: Float = isHand ? 0.3 : 0
    let shake = isHand ? unit * 0.32 : 0
    let lift = isHand ? random.bell() * unit * 0.25 : 0
    let stretch: Float = isHand ? 0.86 : 1
    for (number, stroke) in glyphs[Int(code)].enumerated() {
      var last: Point?
      for corner in stroke {
        var x = corner.x * stretch + (6 - corner.y) * slant
        var y = corner.y - 6
        if isHand {
          x += random.bell() * 0.18
          y *= 0.94
        }
        let point = place + along * (x * unit) + down * (y * unit + lift + random.bell() * shake * 0.5)
        if let last {
          let delta = point - last
          // Printed and pen-written letters have thick downstrokes.
          let isUpright = abs(dot(delta, down)) > abs(dot(delta, along))
          let weight: Float = style == .typewriter ? 0.42 : (isUpright ? 0.46 : 0.27)
          canvas.stroke(from: last, to: point, (unit * weight, unit * weight), ink)
        }
        last = point
        if number == 0 { ends = (ends?.first ?? point, point) }
      }
    }
    return ends
  }

  // MARK: Words

  /// A word with a capital letter.
  static func word(_ random: inout RandomSource) -> String {
    let first = [
      "Al", "Bra", "Cor", "Du", "E", "Fla", "Gri", "Ha", "Il", "Ju", "Ka", "Lo", "Mi", "No", "O", "Pe", "Ru",
      "Sal", "Te", "Ul", "Ve", "Wal", "Zi",
    ]
    let middle = ["ba", "ci", "do", "le", "mo", "na", "ri", "sto", "tu", "vi", "go", "pha", "len", "ra"]
    let last = ["dia", "nus", "ta", "rum", "lis", "ni", "sa", "cum", "berg", "mann", "ton", "ensis"]
    var word = random.pick(first, or: "A")
    for _ in 0..<random.integer(0...1) { word += random.pick(middle, or: "la") }
    return word + random.pick(last, or: "us")
  }

  /// A line of a label: words, perhaps a number.
  static func phrase(_ random: inout RandomSource, words: ClosedRange<Int>) -> String {
    var parts: [String] = []
    for number in 0..<random.integer(words) {
      if random.chance(0.12) {
        parts.append("\(random.integer(2...980)) m")
      } else {
        let next = word(&random)
        parts.append(number > 0 && random.chance(0.7) ? next.lowercased() : next)
      }
    }
    return parts.joined(separator: " ")
  }

  static func date(_ random: inout RandomSource) -> String {
    let months = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
    return "\(random.integer(1...28)). \(random.pick(months, or: "V")). \(random.integer(1838...1978))"
  }

  // MARK: Letters

  /// The strokes of each ASCII character on a grid 4 wide and 8 high: capitals from row 0, small letters from row 2,
  /// the base line at row 6.
  private static let glyphs: [[[Point]]] = {
    var table = [[[Point]]](repeating: [], count: 128)
    for entry in alphabet.split(separator: "\n") {
      let parts = entry.split(separator: " ")
      guard let code = parts.first?.utf8.first, code < 128 else { continue }
      table[Int(code)] = parts.dropFirst().map { stroke in
        let digits = stroke.utf8.map { Float($0) - 48 }
        return stride(from: 0, to: digits.count - 1, by: 2).map { Point(digits[$0], digits[$0 + 1]) }
      }
    }
    return table
  }()

  private static let alphabet = """
    a 0312324346 4416050414 4434
    b 0006364543321203
    c 42120305163645
    d 4046160503124243
    e 04444332120305163645
    f 41302126 0242
    g 42120305164542 42473808
    h 0006 0312324346
    i 2226 2030
    j 32372818 3040
    k 0006 4204 1446
    l 20253646
    m 0206 03122326 23324346
    n 0206 0312324346
    o 123243453616050312
    p 0208 0312324345361605
    q 4248 42120305163645
    r 0206 04133242
    s 42120313344536160506
    t 20253645 0242
    u 0205163645 4246
    v 022642
    w 0216233642
    x 0246 4206
    y 0226 422618
    z 02420646
    A 062046 1434
    B 000636454433 0030414233 0333
    C 41301001051636 3645
    D 000626444220 2000
    E 40000646 0333
    F 400006 0333
    G 413010010516364543 4323
    H 0006 4046 0343
    I 2026 1030 1636
    J 4045361605
    K 0006 4003 0346
    L 000646
    M 0600234046
    N 06004640
    O 103041453616050110
    P 060030414233 3303
    Q 103041453616050110 2446
    R 060030414233 3303 2346
    S 41301001021333444536160605
    T 0040 2026
    U 000516364540
    V 002640
    W 0016223640
    X 0046 4006
    Y 0023 4023 2326
    Z 00400646
    0 103041453616050110
    1 112026
    2 0110304142 420646
    3 0040223243453616 1605
    4 300444 3036
    5 400002324345361605
    6 3011051636454433 3304
    7 004016
    8 130201103041423313 130405163645443313
    9 4313020110304145 4536
    . 2526
    , 2527
    - 1434
    """
}

extension Ink {
  func faded(_ share: Float) -> Ink { Ink(cover: cover * share, add: add * share) }
}
