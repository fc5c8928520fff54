import Datasets
import Foundation
import Images
import Synchronization

/// A provider for tests: flat pictures whose red is the sample's number, whose green is the epoch, and whose blue and
/// size are what was asked for.
final class Painter: PictureProvider {
  let name = "painter"
  let origin: String
  let count: Int
  let classes: [String]
  let variesByEpoch: Bool
  private let isEncoded: Bool
  private let failing: Set<Int>
  private let sample: @Sendable (Int) -> ProvidedSample
  private let readings = Mutex<[String]>([])

  init(
    count: Int = 12, classes: [String] = ["a", "b"], origin: String = "painter 1", varies: Bool = false,
    encoded: Bool = false, failing: Set<Int> = [],
    sample: @escaping @Sendable (Int) -> ProvidedSample = { ProvidedSample(label: $0 % 2) }
  ) {
    self.count = count
    self.classes = classes
    self.origin = origin
    variesByEpoch = varies
    isEncoded = encoded
    self.failing = failing
    self.sample = sample
  }

  /// `SAMPLE@EPOCH` of each picture that was handed out, sorted; forgets them.
  func takeReadings() -> [String] {
    readings.withLock { readings in
      defer { readings = [] }
      return readings.sorted()
    }
  }

  func describe(_ index: Int) -> ProvidedSample { sample(index) }

  func withPicture(
    _ sample: Int, epoch: Int, width: Int, height: Int, _ body: (ProvidedContents) throws(ImageError) -> Void
  ) throws(ImageError) {
    readings.withLock { $0.append("\(sample)@\(epoch)") }
    if failing.contains(sample) { throw .plugin(.corrupt, reason: "the paint is dry") }
    let colour = (red: UInt8(sample), green: UInt8(variesByEpoch ? epoch : 0), blue: UInt8(width * 10 + height))
    let picture = Picture(width: width, height: height, colour: colour)
    let result: Result<Void, ImageError> =
      if isEncoded {
        picture.bmp.withUnsafeBytes { bytes in
          Result { () throws(ImageError) in try body(.encoded(bytes)) }
        }
      } else {
        picture.pixels.withUnsafeBufferPointer { pixels in
          Result { () throws(ImageError) in try body(.pixels(pixels.baseAddress!, width: width, height: height)) }
        }
      }
    try result.get()
  }
}

extension Picture {
  /// A BMP file of 32 bits a pixel, from the bottom up.
  fileprivate var bmp: [UInt8] {
    func little(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(number >> (8 * $0) & 255) } }
    let size = 54 + width * height * 4
    var bytes = Array("BM".utf8) + little(size) + little(0) + little(54) + little(40) + little(width) + little(height)
    bytes += [1, 0, 32, 0] + [UInt8](repeating: 0, count: 24)
    for y in (0..<height).reversed() {
      for x in 0..<width { bytes += [self[x, y].blue, self[x, y].green, self[x, y].red, 0] }
    }
    return bytes
  }
}
