/**
 * OpenSeadragon as we use it: its options, and the places where it forgets that a view is mirrored.
 * Its drawer mirrors the finished picture about the middle; what counts in viewer px must follow.
 */
import OpenSeadragon from 'openseadragon';

/** Screen px of one level-0 px beyond which zooming in shows nothing new. */
const MAX_SCREEN_PX_PER_PX = 8;

/** Decoded tiles that the main view keeps; further panes keep fewer, so that memory is shared. */
const TILES = 400;

/** `navigator` null: no map of the whole slide. `tiles`: how many decoded ones are kept at most. */
export function createOsd(
  element: HTMLElement,
  navigator: HTMLElement | null,
  tiles = TILES,
): OpenSeadragon.Viewer {
  const touch = { clickToZoom: false, dblClickToZoom: true, pinchToZoom: true, pinchRotate: false };
  const osd = new OpenSeadragon.Viewer({
    element,
    // The WebGL drawer is slower without a GPU and gains little on one with few tiles.
    drawer: 'canvas',
    showNavigationControl: false,
    showNavigator: navigator !== null,
    navigatorElement: navigator ?? undefined,
    navigatorBackground: '#f4f3f4',
    navigatorBorderColor: 'transparent',
    navigatorDisplayRegionColor: '#d33a2c',
    navigatorOpacity: 1,
    // The map shows the slide as it lies on the glass; the frame on it turns.
    navigatorRotate: false,
    maxZoomPixelRatio: MAX_SCREEN_PX_PER_PX,
    minZoomImageRatio: 0.8,
    visibilityRatio: 0.3,
    // A larger screen, or a pane beside, shows more or less at the same magnification.
    preserveImageSizeOnResize: true,
    animationTime: 0.4,
    springStiffness: 9,
    zoomPerScroll: 1.3,
    imageLoaderLimit: 8,
    maxImageCacheCount: tiles,
    // Failing tiles are tried again by our tile source, with growing pauses.
    tileRetryMax: 0,
    timeout: 60_000,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    gestureSettingsTouch: touch,
    gestureSettingsPen: { clickToZoom: false, dblClickToZoom: true },
  } as OpenSeadragon.Options);
  // Our tiles bring their own overlap (tile-source.ts); stretching them would shift the tissue.
  Object.assign(osd.drawer, { minimumOverlapRequired: () => false });
  osd.addHandler('canvas-key', (event) => {
    // The app has its own keys; two sets would move the view twice.
    event.preventDefaultAction = true;
  });
  mindMirroring(osd);
  return osd;
}

/** A place of the viewer's element where OpenSeadragon's own, unmirrored, place is; and back. */
export function mirrored(osd: OpenSeadragon.Viewer, x: number): number {
  return osd.viewport.getFlip() ? osd.viewport.getContainerSize().x - x : x;
}

/** The points in these events are what OpenSeadragon goes on with, so that they are put right. */
function mindMirroring(osd: OpenSeadragon.Viewer): void {
  const flip = (point: OpenSeadragon.Point) => {
    point.x = mirrored(osd, point.x);
  };
  osd.addHandler('canvas-double-click', ({ position }) => flip(position));
  osd.addHandler('canvas-pinch', ({ center, lastCenter }) => {
    flip(center);
    flip(lastCenter);
  });
  osd.addHandler('canvas-drag-end', (event) => {
    if (!osd.viewport.getFlip()) return;
    // Its flick would go the other way.
    event.preventDefaultAction = true;
    osd.viewport.applyConstraints();
  });
  const { navigator } = osd;
  if (!navigator) return;
  // The map is not mirrored, but its clicks and drags would be.
  navigator.setFlip = () => navigator;
  osd.addHandler('navigator-click', ({ position }) => {
    if (!osd.viewport.getFlip()) return;
    position.x = navigator.viewport.getContainerSize().x - position.x;
  });
  osd.addHandler('navigator-drag', ({ delta }) => {
    if (osd.viewport.getFlip()) delta.x = -delta.x;
  });
}
