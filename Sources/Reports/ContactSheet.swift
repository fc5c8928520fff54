import Images

/// Pictures in rows, each with a caption below it.
struct ContactSheet {
  struct Cell {
    let picture: Picture
    /// Lines.
    let caption: [String]
  }

  struct Section {
    let title: String
    let cells: [Cell]
  }

  private static let gap = 8
  private static let lineHeight = 11
  /// A narrower picture leaves no room for a class's name.
  private static let leastWidth = 96
  /// Larger pictures are shrunk to it.
  private static let mostSide = 256
  /// Smaller pictures are enlarged, by whole numbers, to at most this width.
  private static let enlargedWidth = 128

  private typealias Colour = (red: UInt8, green: UInt8, blue: UInt8)
  private static let paper: Colour = (255, 255, 255)
  private static let ink: Colour = (32, 32, 32)
  private static let faint: Colour = (110, 110, 110)

  let title: String
  let sections: [Section]
  /// Cells in a row.
  let columns: Int

  /// - Precondition: all pictures have the same size.
  func picture() -> Picture {
    let gap = ContactSheet.gap
    guard let first = sections.flatMap(\.cells).first?.picture else {
      return Picture(width: ContactSheet.leastWidth, height: gap, colour: ContactSheet.paper)
    }
    let (shown, scale) = ContactSheet.size(of: first)
    let cellWidth = max(ContactSheet.leastWidth, shown.width * scale)
    let width = gap + columns * (cellWidth + gap)
    var height = gap + 2 * ContactSheet.lineHeight
    for section in sections {
      height += ContactSheet.lineHeight + gap / 2
      for row in rows(of: section) { height += rowHeight(row, shown.height * scale) }
    }

    var sheet = Picture(width: width, height: height, colour: ContactSheet.paper)
    func write(_ text: String, x: Int, y: Int, width: Int, _ colour: Colour) {
      sheet.draw(text: Picture.shortened(text, toWidth: width), x: x, y: y, colour: colour)
    }
    write(title, x: gap, y: gap, width: width - 2 * gap, ContactSheet.ink)
    var y = gap + 2 * ContactSheet.lineHeight
    for section in sections {
      write(section.title, x: gap, y: y, width: width - 2 * gap, ContactSheet.faint)
      y += ContactSheet.lineHeight + gap / 2
      for row in rows(of: section) {
        for (place, cell) in row.enumerated() {
          let x = gap + place * (cellWidth + gap)
          sheet.draw(ContactSheet.shrunk(cell.picture, to: shown), x: x, y: y, scale: scale)
          for (line, text) in cell.caption.enumerated() {
            let top = y + shown.height * scale + 3 + line * ContactSheet.lineHeight
            write(text, x: x, y: top, width: cellWidth, ContactSheet.ink)
          }
        }
        y += rowHeight(row, shown.height * scale)
      }
    }
    return sheet
  }

  private func rows(of section: Section) -> [ArraySlice<Cell>] {
    stride(from: 0, to: section.cells.count, by: columns).map { start in
      section.cells[start..<min(section.cells.count, start + columns)]
    }
  }

  private func rowHeight(_ row: ArraySlice<Cell>, _ pictureHeight: Int) -> Int {
    let lines = row.map(\.caption.count).max() ?? 0
    return pictureHeight + 3 + lines * ContactSheet.lineHeight + ContactSheet.gap
  }

  /// What a picture is shrunk to, and how many pixels wide each of the remaining ones is shown.
  private static func size(of picture: Picture) -> (shown: (width: Int, height: Int), scale: Int) {
    let longest = max(picture.width, picture.height)
    guard longest > mostSide else {
      return ((picture.width, picture.height), max(1, min(enlargedWidth / picture.width, mostSide / longest)))
    }
    return ((max(1, picture.width * mostSide / longest), max(1, picture.height * mostSide / longest)), 1)
  }

  private static func shrunk(_ picture: Picture, to size: (width: Int, height: Int)) -> Picture {
    if picture.width == size.width, picture.height == size.height { return picture }
    let small = Preprocessing(height: size.height, width: size.width)
    var values = [Float](repeating: 0, count: small.count)
    return values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return picture }
      small.resize(picture, into: base)
      return Picture(width: size.width, height: size.height, rounding: base)
    }
  }
}
