// A photo made small on the phone: at most 1280 px a side, JPEG, and by that without where it was taken.

const SIDE_PX = 1280;
const QUALITY = 0.72;

export async function shrink(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, SIDE_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
}

// Where the phone is, if it says so soon; nothing where it does not.
export function place() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve({});
    const round = (degrees) => Math.round(degrees * 1e5) / 1e5;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: round(coords.latitude), lon: round(coords.longitude) }),
      () => resolve({}),
      { timeout: 2000, maximumAge: 60_000 },
    );
    setTimeout(() => resolve({}), 2500);
  });
}
