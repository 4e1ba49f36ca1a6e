// A sealed item as part of an address, so that the camera of another phone can take it in: which form it has, in bytes, is
// 1, the item's id (16), the number of the server's key (2), the point (65), the iv (12), the rest is what was sealed.
import { base64, bytesOf } from "./item.js";

export function packed({ item, sealed: { key, point, iv, text } }) {
  const id = item.replaceAll("-", "").match(/../g).map((pair) => parseInt(pair, 16));
  const bytes = [1, ...id, key >> 8, key & 255, ...bytesOf(point), ...bytesOf(iv), ...bytesOf(text)];
  return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// Null for an address that is none of ours.
export function unpacked(text) {
  try {
    const bytes = bytesOf(text.replaceAll("-", "+").replaceAll("_", "/"));
    if (bytes[0] !== 1 || bytes.length < 96 + 16) return null;
    const hex = Array.from(bytes.subarray(1, 17), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const item = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    const part = (from, to) => base64(bytes.subarray(from, to));
    return { item, sealed: { key: bytes[17] * 256 + bytes[18], point: part(19, 84), iv: part(84, 96), text: part(96) } };
  } catch {
    return null;
  }
}
