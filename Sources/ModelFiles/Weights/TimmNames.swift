/// The modules of timm (pytorch-image-models) that a layer stands for.
///
/// Vision Transformers of `recipes/lib/vit.lua` call their layers as timm does: `blocks.0.attn`. The layers of
/// `recipes/lib/convnext.lua` have Herbariograph's names:
///
///     convNeXt1_downSample_conv2D      stages.1.downsample.1, or downsample_layers.1.1 of the authors' own files
///     convNeXt1_block0_7x7_dconv2D     stages.1.blocks.0.conv_dw, or stages.1.0.dwconv
enum TimmNames {
  /// In order: the first that a file has is meant.
  static func modules(ofLayer name: String) -> [String] {
    switch name {
    case "output_layerNormalization": return ["head.norm", "norm"]
    case "output_dense": return ["head.fc", "head"]
    default: break
    }
    let words = name.split(separator: "_").map(String.init)
    guard words.count >= 3, let stage = number(words[0], behind: "convNeXt") else { return [name] }
    let kind = words[words.count - 1]
    if words[1] == "downSample", words.count == 3 {
      guard let part = ["layerNormalization", "conv2D"].firstIndex(of: kind) else { return [name] }
      // The stem has its norm behind the convolution.
      let place = stage == 0 ? 1 - part : part
      return [
        stage == 0 ? "stem.\(place)" : "stages.\(stage).downsample.\(place)", "downsample_layers.\(stage).\(place)",
      ]
    }
    guard let block = number(words[1], behind: "block") else { return [name] }
    let parts: (String, String)? =
      switch (kind, words.count) {
      case ("dconv2D", 4): ("conv_dw", "dwconv")
      case ("layerNormalization", 3): ("norm", "norm")
      case ("conv2D", 4) where words[2] == "expand": ("mlp.fc1", "pwconv1")
      case ("conv2D", 4) where words[2] == "smooth": ("mlp.fc2", "pwconv2")
      case ("layerScale", 3): ("", "")
      default: nil
      }
    guard let parts else { return [name] }
    let modules = ["stages.\(stage).blocks.\(block)", "stages.\(stage).\(block)"]
    return parts.0.isEmpty ? modules : ["\(modules[0]).\(parts.0)", "\(modules[1]).\(parts.1)"]
  }

  /// `3` of `block3`.
  private static func number(_ word: String, behind prefix: String) -> Int? {
    word.hasPrefix(prefix) ? Int(word.dropFirst(prefix.count)) : nil
  }
}
