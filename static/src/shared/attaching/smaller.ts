// Photographs of today's telephones are larger than what may be sent: they are made smaller here, before they cost their
// sender the way of ten megabytes. Where the browser can't read one, it is refused as any other file.

/** Longest side, in pixels, tried one after the other: enough to read a receipt, then enough to see what it is. */
const SIDES = [4096, 2560] as const;
const QUALITY = 0.85;

/** A picture as JPEG of at most so many bytes, upright, without what a camera writes into it; null where that can't be. */
export async function smaller(file: File, most: number): Promise<File | null> {
  try {
    const picture = await createImageBitmap(file);
    try {
      for (const side of SIDES) {
        const blob = await drawn(picture, Math.min(1, side / Math.max(picture.width, picture.height)));
        if (blob && blob.size <= most) return new File([blob], file.name.replace(/(\.\w+)?$/, ".jpg"), { type: blob.type });
      }
    } finally {
      picture.close();
    }
  } catch {
    // Not a picture, or none that this browser knows, or too large for this device's memory.
  }
  return null;
}

function drawn(picture: ImageBitmap, scale: number): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  if (!pen) return Promise.resolve(null);
  // JPEG knows nothing of transparency and would show it black.
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}
