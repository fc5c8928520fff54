import Datasets
import Foundation
import Images
import PluginHost
import Schemas
import TestSupport

/// The plugin of Tests/Plugins/test_pictures, loaded once for the process, its codecs registered.
enum TestPictures {
  static let library: Result<PluginLibrary, any Error> = Result {
    try PluginHost.shared.load(file: BuiltPlugin.path("test_pictures"))
  }

  static func open(_ options: [String: OptionValue] = [:], folder: String = "/nowhere") throws -> PluginSource {
    let library = try library.get()
    guard let type = library.sources.first else { throw PluginError.notThere(path: library.path) }
    return try PluginSource(type, of: library, options: Options(options, schema: type.schema), folder: folder)
  }

  /// How many sources were opened and not closed.
  static func openCount() throws -> Int {
    typealias Count = @convention(c) () -> Int32
    let handle = dlopen(try library.get().path, RTLD_NOW | RTLD_NOLOAD)
    return dlsym(handle, "test_pictures_open_count").map { Int(unsafeBitCast($0, to: Count.self)()) } ?? -1
  }

  /// A file in the plugin's format.
  static func testfeld(_ picture: Picture, orientation: UInt8 = 1, opacity: UInt8 = 255) -> Data {
    var data = Data("testfeld".utf8) + [orientation]
    for side in [picture.width, picture.height] { data += (0..<4).map { UInt8(side >> (24 - 8 * $0) & 255) } }
    for place in 0..<picture.width * picture.height { data += picture.pixels[3 * place..<3 * place + 3] + [opacity] }
    return data
  }
}
