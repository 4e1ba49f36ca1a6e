"""The camera of another phone: what a decoder reads in the pixels of something on a page."""

import base64
from typing import Any

import zxingcpp
from playwright.sync_api import Locator

# A PNG as [width, height, one grey byte a pixel in base64].
GREY = """async (png) => {
  const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0))]));
  const { width, height } = picture;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  let grey = "";
  for (let at = 0; at < data.length; at += 4) grey += String.fromCharCode(Math.round((data[at] + data[at + 1] + data[at + 2]) / 3));
  return [width, height, btoa(grey)];
}"""


def read_codes(shown: Locator) -> list[str]:
    """The texts of all QR codes in what is shown, from above to below; only those that are read without a mistake."""
    png = base64.b64encode(shown.screenshot()).decode()
    width, height, grey = shown.page.evaluate(GREY, png)
    pixels: Any = memoryview(base64.b64decode(grey)).cast("B", (height, width))
    found = zxingcpp.read_barcodes(
        pixels, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode), try_invert=False
    )
    return [code.text for code in sorted(found, key=lambda code: code.position.top_left.y)]
