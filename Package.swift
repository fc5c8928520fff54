// swift-tools-version: 6.2
import PackageDescription

// The rooms and what each may import: docs/architecture.md. `scripts/check-imports` holds the sources to it.

/// The vector instructions that Kernels is compiled for; `workbench` checks the CPU for them when it starts.
#if arch(x86_64)
  let vectorCFlags = ["-mavx2", "-mfma"]
  let vectorFlags = vectorCFlags.flatMap { ["-Xcc", $0] }
  /// For KernelsAVX512, which Kernels calls only where the CPU has these instructions.
  let wideVectorFlags = vectorFlags + ["f", "vl", "dq", "bw"].flatMap { ["-Xcc", "-mavx512\($0)"] }
#else
  let vectorCFlags: [String] = []
  let vectorFlags: [String] = []
  let wideVectorFlags: [String] = []
#endif

func systemLibrary(_ name: String, _ pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources)
}

func tests(_ room: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: "\(room)Tests", dependencies: [.init(stringLiteral: room), "TestSupport"] + dependencies)
}

/// A plugin as a file of its own, lib<id>.so; unless it is named, its target has the plugin's id as its name.
func plugin(_ id: String, _ target: String? = nil) -> Product {
  .library(name: id, type: .dynamic, targets: [target ?? id])
}

/// The target that holds a plugin's entry, the only symbol that its library shows. Tests load the library instead of
/// linking it: there is one entry in each of them.
func pluginEntry(
  _ name: String, _ dependencies: [Target.Dependency] = [], path: String, cSettings: [CSetting] = []
) -> Target {
  .target(
    name: name, dependencies: ["CWorkbenchPlugin"] + dependencies, path: path, publicHeadersPath: ".",
    cSettings: cSettings,
    linkerSettings: [
      .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/plugins/exports.map"])
    ])
}

let package = Package(
  name: "workbench",
  products: [
    .executable(name: "workbench", targets: ["workbench"]),
    plugin("herbarium_sheets", "HerbariumSheetsPlugin"),
    plugin("gem_pooling", "GemPoolingPlugin"),
    plugin("fractals", "FractalsPlugin"),
    plugin("test_pictures"),
    plugin("test_layers"),
    plugin("test_faults"),
    plugin("broken_plugins"),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    systemLibrary("CLua", "lua5.4", apt: "liblua5.4-dev"),
    systemLibrary("COpenBLAS", "openblas", apt: "libopenblas-dev"),
    systemLibrary("CTurboJPEG", "libturbojpeg", apt: "libturbojpeg0-dev"),
    systemLibrary("CPNG", "libpng", apt: "libpng-dev"),
    systemLibrary("CTIFF", "libtiff-4", apt: "libtiff-dev"),
    systemLibrary("CWebP", "libwebp", apt: "libwebp-dev"),
    systemLibrary("CHDF5", "hdf5", apt: "libhdf5-dev"),
    systemLibrary("CZip", "libzip", apt: "libzip-dev"),
    systemLibrary("CZlib", "zlib", apt: "zlib1g-dev"),
    systemLibrary("CISAL", "libisal", apt: "libisal-dev"),
    .target(name: "CLuaBridge", dependencies: ["CLua"]),
    .target(name: "CHDF5Reader", dependencies: ["CHDF5"]),
    .target(name: "CPictureCodecs", dependencies: ["CPNG", "CTIFF"]),
    .target(name: "CWorkbenchPlugin"),

    room("Schemas"),
    room("Files"),
    .systemLibrary(name: "CProcessor"),
    .systemLibrary(name: "CExtendedAttributes"),
    .target(
      name: "Kernels", dependencies: ["COpenBLAS", "CProcessor", "KernelsAVX512"],
      swiftSettings: [.unsafeFlags(["-Ounchecked"] + vectorFlags)]),
    .target(
      name: "KernelsAVX512", dependencies: ["CProcessor"],
      swiftSettings: [.unsafeFlags(["-Ounchecked"] + wideVectorFlags)]),
    room("Tensors", ["Kernels", "CProcessor"]),
    room("Layers", ["Tensors", "Schemas"]),
    room("Networks", ["Layers"]),
    room("Images", ["Tensors", "Schemas", "CTurboJPEG", "CWebP", "CPictureCodecs"]),
    .target(
      name: "Records", dependencies: ["Files", "CISAL", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["example.proto"]),
    room("Datasets", ["Images", "Records"]),
    room("PluginHost", ["Networks", "Datasets", "CWorkbenchPlugin"]),
    .target(name: "CGuardedMemory"),
    room("PluginChecks", ["PluginHost", "CGuardedMemory"]),
    room("ModelFiles", ["Files", "PluginHost", "Networks", "Images", "CHDF5", "CHDF5Reader", "CZip"]),
    room("Metrics", ["Tensors"]),
    room("Training", ["Inference"]),
    room("Inference", ["Datasets", "ModelFiles", "Metrics", "CExtendedAttributes"]),
    room("Reports", ["Training", "Inference"]),
    room("Recipes", ["Reports", "CLuaBridge", "PluginHost"]),
    room("PluginTemplates", resources: [.embedInCode("Templates")]),
    .executableTarget(
      name: "workbench",
      dependencies: [
        "Recipes", "PluginChecks", "PluginTemplates",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(name: "HerbariumSheets", path: "plugins/herbarium_sheets/Sources/HerbariumSheets"),
    pluginEntry(
      "HerbariumSheetsPlugin", ["HerbariumSheets"], path: "plugins/herbarium_sheets/Sources/HerbariumSheetsPlugin"),
    .executableTarget(
      name: "sheet-gallery", dependencies: ["HerbariumSheets", "Images"],
      path: "plugins/herbarium_sheets/Sources/sheet-gallery"),
    .target(name: "CGemPower", path: "plugins/gem_pooling/Sources/Power"),
    pluginEntry(
      "GemPoolingPlugin", ["CGemPower"], path: "plugins/gem_pooling/Sources/GemPooling",
      cSettings: [.unsafeFlags(vectorCFlags)]),
    .target(name: "Fractals", path: "plugins/fractals/Sources/Fractals"),
    pluginEntry("FractalsPlugin", ["Fractals"], path: "plugins/fractals/Sources/FractalsPlugin"),

    .executableTarget(
      name: "kernel-bench", dependencies: ["Kernels", "KernelsAVX512", "Layers", "COpenBLAS"],
      path: "benchmarks/kernels"),

    .executableTarget(
      name: "picture-bench", dependencies: ["Images"], path: "benchmarks/pictures", exclude: ["pillow.py"]),

    .executableTarget(name: "plugin-bench", dependencies: ["PluginHost"], path: "benchmarks/plugins"),

    .executableTarget(name: "model-logits", dependencies: ["ModelFiles"], path: "benchmarks/logits"),

    .target(name: "test_pictures", dependencies: ["CWorkbenchPlugin"], path: "Tests/Plugins/test_pictures"),
    .target(name: "test_layers", dependencies: ["CWorkbenchPlugin"], path: "Tests/Plugins/test_layers"),
    .target(name: "test_faults", dependencies: ["CWorkbenchPlugin"], path: "Tests/Plugins/test_faults"),

    .target(name: "TestSupport", dependencies: ["Layers"], path: "Tests/TestSupport"),
    tests("Kernels", ["COpenBLAS"]),
    tests("Tensors"),
    tests("Schemas"),
    tests("Files"),
    tests("Layers"),
    tests("Networks"),
    tests("Images", ["CTurboJPEG", "CWebP"]),
    tests("Records"),
    tests("Datasets"),
    tests("PluginHost"),
    // Wrong in one of many ways, as the environment says; and the program that tries it.
    .target(name: "broken_plugins", dependencies: ["CWorkbenchPlugin"], path: "Tests/BrokenPlugins"),
    .executableTarget(name: "plugin-check-child", dependencies: ["PluginChecks"], path: "Tests/PluginCheckChild"),
    tests("PluginChecks", ["plugin-check-child"]),
    tests("ModelFiles", ["CHDF5", "CZlib"]),
    tests("Metrics"),
    tests("Training"),
    tests("Inference"),
    tests("Reports"),
    tests("Recipes"),
    tests("PluginTemplates", ["PluginHost"]),
    .target(name: "PluginTestSupport", dependencies: ["CWorkbenchPlugin", "TestSupport"], path: "plugins/TestSupport"),
    .testTarget(
      name: "HerbariumSheetsTests", dependencies: ["HerbariumSheets", "PluginTestSupport"],
      path: "plugins/herbarium_sheets/Tests"),
    .testTarget(
      name: "GemPoolingTests", dependencies: ["CGemPower", "PluginTestSupport"], path: "plugins/gem_pooling/Tests"),
    .target(
      name: "FractalsChecks", dependencies: ["Fractals"], path: "plugins/fractals/Tests/Checks",
      cSettings: [.headerSearchPath("../../Sources/Fractals")]),
    .testTarget(
      name: "FractalsTests", dependencies: ["FractalsChecks", "PluginTestSupport"],
      path: "plugins/fractals/Tests/FractalsTests"),
    .testTarget(name: "EndToEndTests", dependencies: ["TestSupport", "Images", "Records", "HerbariumSheets"]),
  ],
  swiftLanguageModes: [.v6]
)
