import Foundation

/// A plugin to begin with: source code that does something, builds with one command, and passes the conformance checks.
///
/// The files are those of `Templates`, with the plugin's name for `my_plugin`; the program carries them with it.
public struct PluginTemplate: Equatable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    case layer, source, codec
  }

  public enum Language: String, CaseIterable, Sendable {
    case c, swift
  }

  /// What recipes ask for: the plugin, and what it brings, are called so.
  public let name: String
  public let kind: Kind
  public let language: Language

  /// - Throws: `PluginTemplateError.name`.
  public init(name: String, kind: Kind, language: Language) throws(PluginTemplateError) {
    guard name.wholeMatch(of: /[a-z][a-z0-9_]{0,62}/) != nil else { throw .name(name) }
    self.name = name
    self.kind = kind
    self.language = language
  }

  /// The command that builds it, within its folder.
  public var buildCommand: String { language == .c ? "make" : "swift build -c release" }

  /// What the command gives, within its folder.
  public var libraryPath: String { language == .c ? "./\(name).so" : ".build/release/lib\(name).so" }

  /// What `workbench plugins check` is given besides the library, beside which it looks for `samples` itself.
  public var checkArguments: String { kind == .codec && language == .swift ? " --sample samples/picture.ff" : "" }

  /// `HerbariumSheetsPlugin`: the Swift module of `herbarium_sheets`, another one for every plugin, so that their types differ.
  private var moduleName: String {
    name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "Plugin"
  }

  private var sourcePath: String { language == .c ? "\(name).c" : "Sources/\(moduleName)/\(name).swift" }

  /// All files, by their paths within the plugin's folder.
  public var files: [String: [UInt8]] {
    typealias R = PackageResources
    var files: [String: [UInt8]] = [".gitignore": R.gitignore_txt]
    let (c, swift, readme, recipe) =
      switch kind {
      case .layer: (R.layer_c, R.layer_swift, R.readme_layer_md, R.recipe_layer_lua)
      case .source: (R.source_c, R.source_swift, R.readme_source_md, R.recipe_source_lua)
      case .codec: (R.codec_c, R.codec_swift, R.readme_codec_md, R.recipe_codec_lua)
      }
    files["README.md"] = readme
    files["recipe.lua"] = recipe
    switch language {
    case .c:
      files[sourcePath] = c
      files["Makefile"] = R.makefile_c_txt
    case .swift:
      files[sourcePath] = swift
      files["Sources/\(moduleName)/support.swift"] = R.support_swift
      files["Sources/CWorkbenchPlugin/module.modulemap"] = R.modulemap_txt
      files["Package.swift"] = R.package_txt
    }
    files = files.mapValues(filledIn)
    files[language == .c ? "workbench_plugin.h" : "Sources/CWorkbenchPlugin/workbench_plugin.h"] = R.workbench_plugin_h
    if kind == .codec { files["samples/picture.ff"] = PluginTemplate.farbfeldSample }
    return files
  }

  private func filledIn(_ template: [UInt8]) -> [UInt8] {
    var text = String(decoding: template, as: UTF8.self)
    for (placeholder, value) in [
      ("my_plugin", name), ("MyPlugin", moduleName), ("{build}", buildCommand), ("{file}", libraryPath),
      ("{source}", sourcePath),
      ("{sample}", checkArguments),
    ] {
      text = text.replacingOccurrences(of: placeholder, with: value)
    }
    return Array(text.utf8)
  }

  /// A picture of 7 x 5: a slope of red and green, and an edge that fades out.
  private static var farbfeldSample: [UInt8] {
    let (width, height) = (7, 5)
    var bytes = Array("farbfeld".utf8)
    func append(_ value: Int, bytes count: Int) {
      for i in (0..<count).reversed() { bytes.append(UInt8(value >> (8 * i) & 255)) }
    }
    append(width, bytes: 4)
    append(height, bytes: 4)
    for y in 0..<height {
      for x in 0..<width {
        for value in [65535 * x / (width - 1), 65535 * y / (height - 1), 9000, x == width - 1 ? 20000 : 65535] {
          append(value, bytes: 2)
        }
      }
    }
    return bytes
  }
}
