import CHDF5
import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("weights of Keras")
struct KerasWeightsTests {
  private let sample: KerasSample
  private let shapes: [(String, [Int])] = [
    ("layers/conv2d/vars/0", [3, 3, 3, 2]), ("layers/conv2d/vars/1", [2]), ("layers/dense/vars/0", [2, 2]),
    ("layers/dense/vars/1", [2]),
  ]
  private let groups = ["layers", "layers/conv2d", "layers/conv2d/vars", "layers/dense", "layers/dense/vars"]

  init() throws { sample = try KerasSample() }

  /// Weights of Keras 3's layout; `write` may take over an array by returning true.
  private func weights(_ write: (hid_t, String, [Float], [Int]) throws(HDF5Error) -> Bool) throws -> Data {
    try HDF5Maker(sample.folder).bytes(groups: groups) { file throws(HDF5Error) in
      for (index, (name, shape)) in shapes.enumerated() {
        let values = randomValues(shape.reduce(1, *), seed: 50 + index).map { ($0 * 64).rounded() / 64 }
        if try write(file, name, values, shape) { continue }
        try HDF5Maker.write(values, shape, to: name, in: file)
      }
    }
  }

  private func archive(_ weights: Data) throws -> ZipFile {
    var archive = try sample.archive()
    archive["model.weights.h5"] = weights
    return archive
  }

  private func expectPlain(_ weights: Data, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let plain = try self.weights { _, _, _, _ throws(HDF5Error) in false }
    let models = try [plain, weights].map { try Model.load(from: sample.write(archive($0)), pool: sample.pool) }
    expectSameModel(models[1], models[0], sourceLocation: sourceLocation)
    #expect(models[1].parameters.entries.allSatisfy { $0.tensor.values.contains { $0 != 0 } })
  }

  @Test("chunks, packed in any of the ways that h5py has, give the same numbers", arguments: 0..<5)
  func chunks(way: Int) throws {
    try expectPlain(
      weights { file, name, values, shape throws(HDF5Error) in
        try HDF5Maker.write(values, shape, to: name, in: file) { properties in
          // Chunks that do not divide the shape.
          H5Pset_chunk(properties, Int32(shape.count), shape.map { hsize_t(max(1, $0 - 1)) })
          if way == 1 || way == 3 { H5Pset_shuffle(properties) }
          if way == 2 || way == 3 { H5Pset_deflate(properties, 4) }
          if way >= 3 { H5Pset_fletcher32(properties) }
        }
        return true
      })
  }

  @Test("float64, float16 and small arrays in the header give the same numbers")
  func types() throws {
    try expectPlain(
      weights { file, name, values, shape throws(HDF5Error) in
        try HDF5Maker.write(values, shape, to: name, in: file, type: workbench_h5_float64())
        return true
      })
    try expectPlain(
      weights { file, name, values, shape throws(HDF5Error) in
        let type = HDF5Maker.half()
        defer { H5Tclose(type) }
        try HDF5Maker.write(values, shape, to: name, in: file, type: type)
        return true
      })
    try expectPlain(
      weights { file, name, values, shape throws(HDF5Error) in
        try HDF5Maker.write(values, shape, to: name, in: file) { H5Pset_layout($0, H5D_COMPACT) }
        return true
      })
  }

  @Test("a shape that contradicts the config names the parameter and both shapes")
  func shape() throws {
    let weights = try weights { file, name, values, shape throws(HDF5Error) in
      guard name == "layers/dense/vars/0" else { return false }
      try HDF5Maker.write([1, 2, 3], [3], to: name, in: file)
      return true
    }
    let sentence = try sample.sentence(archive(weights))
    #expect(sentence.hasPrefix("dense.kernel: the network wants [2, 2], "), "\(sentence)")
    #expect(sentence.hasSuffix(" holds [3]."), "\(sentence)")
  }

  @Test("a dataset of 2^40 numbers is refused by its shape, without their memory")
  func hugeDataset() throws {
    for isChunked in [false, true] {
      let weights = try weights { file, name, _, _ throws(HDF5Error) in
        guard name == "layers/conv2d/vars/0" else { return false }
        try HDF5Maker.write([], [1 << 20, 1 << 20], to: name, in: file) {
          if isChunked { H5Pset_chunk($0, 2, [1 << 10, 1 << 10]) }
        }
        return true
      }
      let sentence = try sample.sentence(archive(weights))
      #expect(sentence.hasPrefix("conv.kernel: the network wants [3, 3, 3, 2], "), "\(sentence)")
    }
  }

  @Test("a dataset of the right shape without numbers is refused, in chunks or not")
  func emptyDataset() throws {
    let empty = try weights { file, name, _, shape throws(HDF5Error) in
      guard name == "layers/conv2d/vars/0" else { return false }
      try HDF5Maker.write([], shape, to: name, in: file)
      return true
    }
    #expect(
      try sample.sentence(archive(empty))
        == "model.weights.h5: the numbers of 'layers/conv2d/vars/0' are not all in the file")
    let chunks = try weights { file, name, values, shape throws(HDF5Error) in
      guard name == "layers/conv2d/vars/0" else { return false }
      let space = H5Screate_simple(4, shape.map { hsize_t($0) }, [hsize_t](repeating: hsize_t.max, count: 4))
      let properties = H5Pcreate(workbench_h5_dataset_creation_class())
      H5Pset_chunk(properties, 4, [64, 64, 64, 64])
      let automatic = workbench_h5_default()
      H5Dclose(H5Dcreate2(file, name, workbench_h5_float32(), space, automatic, properties, automatic))
      H5Pclose(properties)
      H5Sclose(space)
      return true
    }
    #expect(
      try sample.sentence(archive(chunks))
        == "model.weights.h5: the numbers of 'layers/conv2d/vars/0' are not all in the file")
  }

  @Test("numbers that are not finite are refused with the parameter's name", arguments: [Float.nan, .infinity])
  func notFinite(value: Float) throws {
    let weights = try weights { file, name, values, shape throws(HDF5Error) in
      guard name == "layers/dense/vars/1" else { return false }
      try HDF5Maker.write(values.map { _ in value }, shape, to: name, in: file)
      return true
    }
    #expect(
      try sample.sentence(archive(weights))
        == "model.weights.h5: dense.bias has numbers that are not finite: its training went wrong")
  }

  @Test("missing and additional arrays are named with the layer and the group")
  func counts() throws {
    let missing = try weights { _, name, _, _ throws(HDF5Error) in name == "layers/dense/vars/1" }
    #expect(
      try sample.sentence(archive(missing))
        == "layer dense has 2 arrays, but model.weights.h5 holds 1 in 'layers/dense/vars'")
    let more = try weights { file, name, _, _ throws(HDF5Error) in
      if name == "layers/dense/vars/1" { try HDF5Maker.write([1], [1], to: "layers/dense/vars/2", in: file) }
      return false
    }
    #expect(
      try sample.sentence(archive(more))
        == "layer dense has 2 arrays, but model.weights.h5 holds 3 in 'layers/dense/vars'")
  }

  @Test("links to other places and files, and numbers in other files, are refused: nothing else is read")
  func otherFiles() throws {
    let secret = try sample.folder.write(Data(count: 4096), "secret")
    let external = try weights { file, name, _, shape throws(HDF5Error) in
      guard name == "layers/dense/vars/1" else { return false }
      try HDF5Maker.write([], shape, to: name, in: file) { H5Pset_external($0, secret, 0, 8) }
      return true
    }
    #expect(
      try sample.sentence(archive(external))
        == "model.weights.h5: the numbers of 'layers/dense/vars/1' lie in another file, which is not read")
    let other = try weights { _, _, _, _ throws(HDF5Error) in false }
    let path = try sample.folder.write(other, "other.h5")
    for kind in ["external", "soft"] {
      let linked = try weights { file, name, _, _ throws(HDF5Error) in
        guard name == "layers/dense/vars/1" else { return false }
        let automatic = workbench_h5_default()
        if kind == "soft" {
          H5Lcreate_soft("/layers/conv2d/vars/1", file, name, automatic, automatic)
        } else {
          H5Lcreate_external(path, "/layers/dense/vars/1", file, name, automatic, automatic)
        }
        return true
      }
      #expect(
        try sample.sentence(archive(linked))
          == "model.weights.h5: 'layers/dense/vars/1' is a link to another place or file, which is not followed")
    }
  }

  @Test("numbers that are no floating point numbers are refused")
  func integers() throws {
    let weights = try weights { file, name, values, shape throws(HDF5Error) in
      guard name == "layers/dense/vars/1" else { return false }
      let type = H5Tcreate(H5T_OPAQUE, 2)
      defer { H5Tclose(type) }
      try HDF5Maker.write([], shape, to: name, in: file, type: type)
      return true
    }
    #expect(
      try sample.sentence(archive(weights))
        == "model.weights.h5: 'layers/dense/vars/1' does not hold floating point numbers")
  }

  @Test("weights cut short or with flipped bytes, under a right checksum of the archive, never trap")
  func damage() throws {
    let packed = try weights { file, name, values, shape throws(HDF5Error) in
      try HDF5Maker.write(values, shape, to: name, in: file) {
        H5Pset_chunk($0, Int32(shape.count), shape.map { hsize_t($0) })
        H5Pset_deflate($0, 4)
      }
      return true
    }
    // On some of these the HDF5 library divides by zero or reads outside of its memory.
    var archive = try sample.archive()
    for whole in [archive["model.weights.h5"], packed] {
      for length in stride(from: 0, to: whole.count, by: 1009) {
        archive["model.weights.h5"] = whole.prefix(length)
        #expect(try sample.failure(archive) != nil, "\(length) bytes")
      }
      for place in stride(from: 0, to: whole.count, by: 97) {
        var bytes = whole
        bytes[place] ^= UInt8(1 << (place % 8))
        archive["model.weights.h5"] = bytes
        _ = try sample.failure(archive)
      }
    }
  }
}
