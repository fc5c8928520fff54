import Datasets
import Foundation
import Testing

@Suite("a folder as a data set")
struct FolderSourceTests {
  @Test("sub-folders are classes, sorted by bytes, with pictures at any depth and in any letter case")
  func classesAndFiles() throws {
    let folder = try TemporaryFolder()
    for name in ["beech/2.JPG", "beech/deep/er/1.jpeg", "Oak/x.PnG", "ash/é.tiff", "ash/z.webp", "ash/a.bmp"] {
      try folder.write(name)
    }
    let dataset = try FolderSource(path: folder.path).read()
    #expect(dataset.classes == ["Oak", "ash", "beech"])
    #expect(
      dataset.samples.map(\.name)
        == ["Oak/x.PnG", "ash/a.bmp", "ash/z.webp", "ash/é.tiff", "beech/2.JPG", "beech/deep/er/1.jpeg"])
    #expect(dataset.samples.map(\.label) == [0, 1, 1, 1, 2, 2])
    #expect(dataset.samples.map(\.id) == Array(0..<6))
    #expect(dataset.samples[0].path == folder.path("Oak/x.PnG"))
    #expect(dataset.samples.allSatisfy { $0.split == nil })
    #expect(dataset.notes == [])
  }

  @Test("files that are no pictures are counted, hidden ones are not, and pictures outside the classes are named")
  func otherFiles() throws {
    let folder = try TemporaryFolder()
    for name in ["a/1.jpg", "b/1.jpg", "a/notes.txt", "b/Thumbs.db", "a/.2.jpg", ".git/x.jpg", "loose.jpg", "c/x.pdf"] {
      try folder.write(name)
    }
    let dataset = try FolderSource(path: folder.path).read()
    #expect(dataset.samples.map(\.name) == ["a/1.jpg", "b/1.jpg"])
    #expect(
      dataset.notes == [
        "\(folder.path): 3 files that are not pictures by their names left out, such as a/notes.txt, b/Thumbs.db, c/x.pdf",
        "\(folder.path): 1 picture outside the sub-folders left out",
        "\(folder.path): no pictures in 'c', left out",
      ])
  }

  @Test("links are followed, but not round in a circle; a link that leads nowhere stays, to be named as unreadable")
  func links() throws {
    let folder = try TemporaryFolder()
    let elsewhere = try TemporaryFolder()
    try elsewhere.write("1.jpg")
    try folder.write("a/2.jpg")
    try folder.link("b", to: elsewhere.path)
    try folder.link("a/loop", to: folder.path)
    try folder.link("a/gone.jpg", to: "nowhere")
    let dataset = try FolderSource(path: folder.path).read()
    #expect(dataset.samples.map(\.name) == ["a/2.jpg", "a/gone.jpg", "b/1.jpg"])
  }

  @Test("a folder called x.jpg is a folder")
  func folderWithPictureName() throws {
    let folder = try TemporaryFolder()
    try folder.write("a/x.jpg/1.jpg")
    try folder.write("b/1.jpg")
    #expect(try FolderSource(path: folder.path).read().samples.map(\.name) == ["a/x.jpg/1.jpg", "b/1.jpg"])
  }

  @Test("folders with the names of splits hold the classes")
  func splitFolders() throws {
    let folder = try TemporaryFolder()
    for name in ["train/oak/1.jpg", "train/ash/1.jpg", "val/oak/2.jpg", "test/ash/3.jpg"] { try folder.write(name) }
    let dataset = try DatasetSource(path: folder.path).load(seed: 1)
    #expect(dataset.classes == ["ash", "oak"])
    #expect(dataset.indices(of: .validation).map { dataset.samples[$0].name } == ["val/oak/2.jpg"])
    #expect(dataset.indices(of: .train).count == 2)
    #expect(dataset.notes.contains("the test split has no picture of 'oak'"))
  }

  @Test("folders with the names of splits beside others, or without classes, are refused rather than taken for classes")
  func unclearSplits() throws {
    let folder = try TemporaryFolder()
    for name in ["train/oak/1.jpg", "test/oak/2.jpg", "extra/3.jpg"] { try folder.write(name) }
    let error = #expect(throws: DatasetError.self) { try FolderSource(path: folder.path).read() }
    #expect(
      error?.description
        == "\(folder.path): the sub-folders 'test', 'train' have names of splits, but 'extra' has not; "
        + "move one kind elsewhere, or list the pictures in a manifest")
    let flat = try TemporaryFolder()
    for name in ["train/1.jpg", "test/2.jpg"] { try flat.write(name) }
    #expect(
      throws: DatasetError.splitsWithoutClasses(path: flat.path, splits: ["test", "train"], example: "test/2.jpg")
    ) { try FolderSource(path: flat.path).read() }
    let single = try TemporaryFolder()
    for name in ["test/1.jpg", "oak/2.jpg"] { try single.write(name) }
    #expect(try FolderSource(path: single.path).read().classes == ["oak", "test"])
  }

  @Test("a path that does not lead to pictures is refused in a sentence")
  func wrongPaths() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DatasetError.notFound(path: folder.path("nix"))) {
      try FolderSource(path: folder.path("nix")).read()
    }
    #expect(throws: DatasetError.noPictures(path: folder.path, otherFiles: 0)) {
      try FolderSource(path: folder.path).read()
    }
    try folder.write("readme.txt")
    #expect(throws: DatasetError.wrongKind(path: folder.path("readme.txt"), wanted: "a folder")) {
      try FolderSource(path: folder.path("readme.txt")).read()
    }
    try folder.write("1.jpg")
    #expect(throws: DatasetError.noClassFolders(path: folder.path, pictures: 1)) {
      try FolderSource(path: folder.path).read()
    }
    try folder.write("only/1.jpg")
    let fractions = try SplitFractions(train: 0.7, validation: 0.2, test: 0.1)
    #expect(throws: DatasetError.oneClass(path: folder.path, name: "only")) {
      try DatasetSource(path: folder.path, fractions: fractions).load(seed: 1)
    }
    #expect(try FolderSource(path: folder.path).read().classes == ["only"])
  }

  @Test("names that Swift takes for equal, but are different bytes, stay different files")
  func composedNames() throws {
    let folder = try TemporaryFolder()
    try folder.write("a/\u{e9}.jpg")
    try folder.write("a/e\u{301}.jpg")
    try folder.write("b/1.jpg")
    #expect(try FolderSource(path: folder.path).read().samples.count == 3)
  }
}
