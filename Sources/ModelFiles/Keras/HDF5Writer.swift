import CHDF5
import Foundation
import Tensors

/// Makes an HDF5 file in memory: groups, float32 arrays and hard links. To be used inside of `HDF5Library.use`.
final class HDF5Writer {
  private let file: HDF5Handle

  init() throws(HDF5Error) {
    let properties = try HDF5Handle(H5Pcreate(workbench_h5_file_access_class()), orElse: "no memory") { H5Pclose($0) }
    guard workbench_h5_stay_in_memory(properties.id, 1 << 20) >= 0 else { throw HDF5Error(reason: "no memory") }
    file = try HDF5Handle(workbench_h5_create("weights", properties.id), orElse: "no memory") { H5Fclose($0) }
  }

  /// Makes a group; the groups above it must be there.
  func makeGroup(_ path: String) throws(HDF5Error) {
    let automatic = workbench_h5_default()
    _ = try HDF5Handle(
      H5Gcreate2(file.id, path, automatic, automatic, automatic), orElse: "the group '\(path)' cannot be made"
    ) { H5Gclose($0) }
  }

  /// Writes an array; its group must be there.
  func write(_ tensor: Tensor, to path: String) throws(HDF5Error) {
    let extents = tensor.shape.dimensions.map { hsize_t($0) }
    let space = try HDF5Handle(
      H5Screate_simple(Int32(extents.count), extents, nil), orElse: "'\(path)' has an impossible shape"
    ) { H5Sclose($0) }
    let properties = try HDF5Handle(
      H5Pcreate(workbench_h5_dataset_creation_class()), orElse: "no memory"
    ) { H5Pclose($0) }
    // Without the time of writing: the same model gives the same bytes.
    guard workbench_h5_without_time(properties.id) >= 0 else { throw HDF5Error(reason: "no memory") }
    let automatic = workbench_h5_default()
    let dataset = try HDF5Handle(
      H5Dcreate2(file.id, path, workbench_h5_float32(), space.id, automatic, properties.id, automatic),
      orElse: "'\(path)' cannot be made"
    ) { H5Dclose($0) }
    let all = workbench_h5_whole_space()
    guard H5Dwrite(dataset.id, workbench_h5_native_float(), all, all, automatic, tensor.pointer) >= 0 else {
      throw HDF5Error(reason: "'\(path)' cannot be written")
    }
  }

  /// Gives a group or array a second name.
  func link(_ path: String, as other: String) throws(HDF5Error) {
    guard workbench_h5_hard_link(file.id, path, file.id, other) >= 0 else {
      throw HDF5Error(reason: "'\(other)' cannot be made")
    }
  }

  /// The bytes of the file.
  func image() throws(HDF5Error) -> Data {
    guard H5Fflush(file.id, H5F_SCOPE_LOCAL) >= 0 else { throw HDF5Error(reason: "no memory") }
    let size = H5Fget_file_image(file.id, nil, 0)
    guard size > 0 else { throw HDF5Error(reason: "no memory") }
    var data = Data(count: size)
    let written = data.withUnsafeMutableBytes { H5Fget_file_image(file.id, $0.baseAddress, $0.count) }
    guard written == size else { throw HDF5Error(reason: "no memory") }
    return data
  }
}
