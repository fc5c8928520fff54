// Moves of whole pixels `[height, width, 3]`.

/// Mirrors each row of pixels, in place.
public func flip_columns_rgb(_ pixels: UnsafeMutablePointer<Float>, width: Int, height: Int) {
  for y in 0..<height {
    var left = pixels + y * width * 3
    var right = left + (width - 1) * 3
    while left < right {
      let (a, b, c) = (left[0], left[1], left[2])
      left[0] = right[0]
      left[1] = right[1]
      left[2] = right[2]
      right[0] = a
      right[1] = b
      right[2] = c
      left += 3
      right -= 3
    }
  }
}

/// Exchanges the rows, in place, so that the last is first.
public func flip_rows_rgb(_ pixels: UnsafeMutablePointer<Float>, width: Int, height: Int) {
  let count = width * 3
  for y in 0..<height / 2 {
    let top = pixels + y * count
    let bottom = pixels + (height - 1 - y) * count
    for i in 0..<count {
      let value = top[i]
      top[i] = bottom[i]
      bottom[i] = value
    }
  }
}

/// Reorders pixels: output pixel (x, y) is the one at `origin + x * stepX + y * stepY`, counted in pixels from
/// `source`. Output: `[height, width, 3]`.
public func reorder_pixels_rgb(
  _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<Float>, width: Int, height: Int, origin: Int,
  stepX: Int, stepY: Int
) {
  for y in 0..<height {
    var from = source + 3 * (origin + y * stepY)
    var to = destination + 3 * y * width
    for _ in 0..<width {
      to[0] = from[0]
      to[1] = from[1]
      to[2] = from[2]
      to += 3
      from += 3 * stepX
    }
  }
}

/// Fills a rectangle with one colour.
public func fill_rectangle_rgb(
  _ pixels: UnsafeMutablePointer<Float>, width: Int, x: Range<Int>, y: Range<Int>, _ red: Float, _ green: Float,
  _ blue: Float
) {
  for row in y {
    for column in x {
      let p = pixels + (row * width + column) * 3
      p[0] = red
      p[1] = green
      p[2] = blue
    }
  }
}
