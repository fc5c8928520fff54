import Foundation
import Images
import Tensors

/// Copies of all pictures of a folder with simulated faults: examples for a class of corrupted pictures.
///
/// The pictures are shuffled, and the k-th of n kinds of faults goes to the k-th, (n + k)-th, ... of them, so that each
/// kind is as frequent. Everything follows from the seed and the names.
public struct CorruptedCopies: Sendable {
  public struct Copy: Sendable {
    /// Relative to the folder.
    public let name: String
    /// Of the JPEG file, relative to the folder of the copies.
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
    copies = scan.pictures.indices.map { place in
      let name = scan.pictures[place]
      let isJPEG = [".jpg", ".jpeg", ".jpe"].contains { name.lowercased().hasSuffix($0) }
      return Copy(
        name: name, outputName: isJPEG ? name : name + ".jpg", corruption: kindOf[place],
        key: key.deriving(name))
    }
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
