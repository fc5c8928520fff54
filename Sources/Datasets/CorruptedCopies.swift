import Foundation
import Images
import Synchronization
import Tensors

/// Copies of all pictures of a folder with simulated faults: examples for a class of corrupted pictures.
///
/// The pictures are shuffled, and the k-th of n kinds of faults goes to the k-th, (n + k)-th, ... of them, so that each
/// kind is as frequent. Everything follows from the seed and the names.
public struct CorruptedCopies: Sendable {
  public struct Copy: Sendable {
    /// Relative to the folder.
    public let name: String
    /// Of the JPEG file, relative to the folder of the copies; no two are the same, in whatever letter case.
    public let outputName: String
    public let corruption: Corruption
    fileprivate let key: RandomKey
  }

  public let folder: String
  /// Sorted by the bytes of the names.
  public let copies: [Copy]

  /// Lists the pictures; opens none.
  ///
  /// - Parameter kinds: one or more.
  /// - Throws: `DatasetError` when the path is no folder, cannot be read, or holds no pictures.
  public init(of folder: String, kinds: [Corruption] = Corruption.allCases, seed: Int)
    throws(DatasetError)
  {
    precondition(!kinds.isEmpty, "no kind of corruption")
    let scan = try FolderScan(root: folder)
    if scan.pictures.isEmpty { throw .noPictures(path: folder, otherFiles: scan.otherFiles) }
    let key = RandomKey(seed: seed).deriving("corruption")
    var stream = RandomStream(key)
    let order = scan.pictures.indices.shuffled(using: &stream)
    var kindOf = [Corruption](repeating: kinds[0], count: order.count)
    for (k, place) in order.enumerated() { kindOf[place] = kinds[k % kinds.count] }
    self.folder = folder
    let names = scan.pictures
    let outputNames = CorruptedCopies.outputNames(names)
    copies = names.indices.map { place in
      Copy(
        name: names[place], outputName: outputNames[place], corruption: kindOf[place], key: key.deriving(names[place]))
    }
  }

  /// JPEGs keep their names, others get `.jpg` behind theirs; a number where that is taken: `x.png-2.jpg`.
  private static func outputNames(_ names: [String]) -> [String] {
    func isJPEG(_ name: String) -> Bool { [".jpg", ".jpeg", ".jpe"].contains { name.lowercased().hasSuffix($0) } }
    // Folders are names, too.
    var taken: Set<String> = []
    for name in names {
      var folder = name.lowercased()[...]
      while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        if !taken.insert(String(folder)).inserted { break }
      }
    }
    var result = names
    for place in names.indices.filter({ isJPEG(names[$0]) }) + names.indices.filter({ !isJPEG(names[$0]) }) {
      let name = names[place]
      let dot = isJPEG(name) ? name.lastIndex(of: ".") ?? name.endIndex : name.endIndex
      let (stem, ending) = (name[..<dot], dot == name.endIndex ? ".jpg" : name[dot...])
      var number = 1
      repeat {
        result[place] = number == 1 ? "\(stem)\(ending)" : "\(stem)-\(number)\(ending)"
        number += 1
      } while !taken.insert(result[place].lowercased()).inserted
    }
    return result
  }

  /// Makes all copies and hands them out, on any thread and in any order.
  ///
  /// - Parameter write: what it throws ends the pass: no further picture is begun.
  /// - Returns: why pictures could not be read, by their places in `copies`.
  /// - Throws: `DataPreparationError.interrupted`, and what `write` throws.
  public func forEach(
    quality: Int, pass: PicturePass, write: (Copy, Data) throws -> Void
  ) throws -> [Int: ImageError] {
    let failure = Mutex<(any Error)?>(nil)
    var unreadable: [Int: ImageError] = [:]
    try pass.run(count: copies.count) { place -> Result<Void, any Error> in
      if let error = failure.withLock({ $0 }) { return .failure(error) }
      let data: Data
      do throws(ImageError) { data = try encoded(copies[place], quality: quality) } catch { return .failure(error) }
      do {
        return .success(try write(copies[place], data))
      } catch {
        failure.withLock { $0 = error }
        return .failure(error)
      }
    } take: { place, result in
      guard case .failure(let error) = result else { return }
      guard let error = error as? ImageError else { throw error }
      unreadable[place] = error
    }
    return unreadable
  }

  /// The picture with its fault, as a JPEG.
  ///
  /// Callable from any thread.
  /// - Throws: `ImageError` of a picture that cannot be read.
  public func encoded(_ copy: Copy, quality: Int) throws(ImageError) -> Data {
    let picture = try PictureDecoder.decode(file: joinedPath(folder, copy.name))
    var stream = RandomStream(copy.key)
    return try PictureEncoder.jpeg(
      try copy.corruption.applied(to: picture, stream: &stream), quality: quality)
  }
}
