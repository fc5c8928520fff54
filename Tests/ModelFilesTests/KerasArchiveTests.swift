import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("archives of Keras")
struct KerasArchiveTests {
  private let sample: KerasSample

  init() throws { sample = try KerasSample() }

  @Test("a file that is no zip archive is refused with a sentence", arguments: ["", "PK", "hello, hello, hello"])
  func noArchive(text: String) throws {
    let path = try sample.folder.write(Data(text.utf8), "a.keras")
    do {
      _ = try Model.load(from: path, pool: sample.pool)
      Issue.record("it was loaded")
    } catch {
      #expect("\(error)".hasPrefix("\(path): a .keras file is a zip archive, but this is none, or it is damaged: "))
    }
  }

  @Test("a file that is not there, and a folder, are no damaged archives")
  func noFile() throws {
    let missing = sample.folder.file("missing.keras")
    let folder = sample.folder.file("folder.keras")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    for (path, reason) in [(missing, "No such file or directory"), (folder, "it is not a regular file")] {
      do {
        _ = try Model.load(from: path, pool: sample.pool)
        Issue.record("it was loaded")
      } catch {
        #expect("\(error)" == "\(path): cannot be read: \(reason)")
      }
    }
  }

  @Test("which format a file has, its first bytes tell, not its name")
  func content() throws {
    let path = sample.folder.file("a.keras")
    try sample.model().save(to: path, pool: sample.pool)
    let other = try sample.folder.write(sample.folder.data("a.keras"), "renamed.safetensors")
    #expect(try Model.load(from: other, pool: sample.pool).network.nodes.count == 4)
  }

  @Test("an archive that lacks a member names it", arguments: ["metadata.json", "config.json", "model.weights.h5"])
  func missingMember(name: String) throws {
    var archive = try sample.archive()
    archive.members.removeAll { $0.name == name }
    #expect(try sample.sentence(archive) == "the archive has no '\(name)', so it is no Keras model")
  }

  @Test("compressed members are read, to the same bits")
  func compressed() throws {
    let stored = try sample.archive()
    var packed = stored
    packed.members = stored.members.map { $0.deflated() }
    #expect(packed.data.count < stored.data.count)
    let models = try [stored, packed].map { try Model.load(from: sample.write($0), pool: sample.pool) }
    expectSameModel(models[1], models[0])
  }

  @Test("a zip bomb is refused by what it declares, and by what it holds")
  func bomb() throws {
    var declared = try sample.archive()
    let index = try #require(declared.members.firstIndex { $0.name == "model.weights.h5" })
    declared.members[index].declaredSize = 4_000_000_000
    #expect(try sample.sentence(declared).contains("'model.weights.h5' in the archive: it declares 4000000000 bytes"))
    var real = try sample.archive()
    real.members[index] = ZipFile.Member("model.weights.h5", Data(count: 1 << 26)).deflated()
    real.members[index].declaredSize = 1000
    #expect(try sample.failure(real) != nil)
    var text = try sample.archive()
    text["config.json"] = Data(count: 9 << 20)
    text.members = text.members.map { $0.name == "config.json" ? $0.deflated() : $0 }
    #expect(try sample.sentence(text).contains("more than the 8388608 that can be right"))
  }

  @Test("an archive cut short, or with a flipped byte, is refused or gives the same model, and never traps")
  func damage() throws {
    let whole = try sample.archive().data
    let path = try sample.folder.write(whole, "whole.keras")
    let expected = try Model.load(from: path, pool: sample.pool)
    for length in stride(from: 0, to: whole.count, by: 211) {
      let cut = try sample.folder.write(whole.prefix(length), "cut.keras")
      #expect(throws: ModelFileError.self, "\(length) bytes") { try Model.load(from: cut, pool: sample.pool) }
    }
    for place in stride(from: 0, to: whole.count, by: 37) {
      var bytes = whole
      bytes[place] ^= UInt8(1 << (place % 8))
      let flipped = try sample.folder.write(bytes, "flipped.keras")
      // Dates and flags of the archive mean nothing to the model.
      if let model = try? Model.load(from: flipped, pool: sample.pool) {
        #expect(model.parameters.entries.map(\.tensor.values) == expected.parameters.entries.map(\.tensor.values))
      }
    }
  }

  @Test("a file that cannot be written leaves the old one, and nothing else")
  func unwritable() throws {
    let path = sample.folder.file("a.keras")
    try sample.model().save(to: path, pool: sample.pool)
    let before = try sample.folder.data("a.keras")
    #expect(throws: ModelFileError.self) {
      try sample.model().save(to: sample.folder.file("no/such/folder/a.keras"), pool: sample.pool)
    }
    #expect(try sample.folder.data("a.keras") == before)
    #expect(sample.folder.names == ["a.keras"])
  }

  @Test("the same model gives the same bytes, whatever was there before")
  func deterministic() throws {
    for name in ["a.keras", "b.keras", "a.keras"] {
      try sample.model(classes: ["x", "y"]).save(to: sample.folder.file(name), pool: sample.pool)
    }
    #expect(try sample.folder.data("a.keras") == sample.folder.data("b.keras"))
    let loaded = try Model.load(from: sample.folder.file("a.keras"), pool: sample.pool)
    #expect(loaded.classes == ["x", "y"])
    #expect(loaded.hasClassNames)
  }
}
