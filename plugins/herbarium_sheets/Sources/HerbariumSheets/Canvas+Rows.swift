/// Calls `row` for every row of pixels with its place in shares of the picture's height, and what that gives for every
/// pixel of the row with its place in shares of the width; only within a box, if one is given.
@inline(__always) func eachPixel<Row>(
  _ canvas: Canvas, within box: (low: Point, high: Point) = (Point(0, 0), Point(1, 1)), _ row: (Float) -> Row,
  _ body: (Row, Float, Float, Int, UnsafeMutablePointer<SIMD4<Float>>) -> Void
) {
  let (width, height) = (Float(canvas.width), Float(canvas.height))
  let columns = Int(clamp(box.low.x * width, 0, width))..<Int(clamp(box.high.x * width + 1, 0, width))
  let rows = Int(clamp(box.low.y * height, 0, height))..<Int(clamp(box.high.y * height + 1, 0, height))
  let dx = 1 / width
  let dy = 1 / height
  for number in rows {
    let y = (Float(number) + 0.5) * dy
    let prepared = row(y)
    let start = number * canvas.width
    for column in columns {
      body(prepared, (Float(column) + 0.5) * dx, y, start + column, canvas.pixels + (start + column))
    }
  }
}
