/// Which rectangle of the picture goes to which rectangle of the network's input.
struct Fitting: Equatable {
  var sourceX = 0
  var sourceY = 0
  var sourceWidth: Int
  var sourceHeight: Int
  var targetX = 0
  var targetY = 0
  var targetWidth: Int
  var targetHeight: Int

  init(_ preprocessing: Preprocessing, width: Int, height: Int) {
    sourceWidth = width
    sourceHeight = height
    targetWidth = preprocessing.width
    targetHeight = preprocessing.height
    switch preprocessing.fit {
    case .stretch: break
    case .crop:
      // As Keras' smart_resize: whole pixels, rounded down, the odd one at the end.
      sourceWidth = max(1, min(width, height * targetWidth / targetHeight))
      sourceHeight = max(1, min(height, width * targetHeight / targetWidth))
      sourceX = (width - sourceWidth) / 2
      sourceY = (height - sourceHeight) / 2
    case .pad:
      let scale = min(Double(targetWidth) / Double(width), Double(targetHeight) / Double(height))
      let fittedWidth = max(1, min(targetWidth, Int((Double(width) * scale).rounded())))
      let fittedHeight = max(1, min(targetHeight, Int((Double(height) * scale).rounded())))
      targetX = (targetWidth - fittedWidth) / 2
      targetY = (targetHeight - fittedHeight) / 2
      targetWidth = fittedWidth
      targetHeight = fittedHeight
    }
  }
}
