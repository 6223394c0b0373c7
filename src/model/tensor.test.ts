import { describe, expect, it } from 'vitest';
import { cropShrink, rgbToImage, toTensor } from './tensor.ts';

describe('pixels to tensors', () => {
  it('normalises and puts channels first', () => {
    const image = rgbToImage(Uint8Array.of(255, 0, 51, 0, 255, 102), 2, 1);
    const { dims, data } = toTensor(image, [0, 0, 0.2], [1, 0.5, 0.1]);
    expect(dims).toEqual([1, 3, 1, 2]);
    const expected = [1, 0, 0, 2, 0, 2];
    expected.forEach((value, i) => {
      expect(data[i]).toBeCloseTo(value, 5);
    });
  });

  it('the encoder sees the centre of what the segmenter sees, averaged', () => {
    const side = 8;
    const rgb = new Uint8Array(side * side * 3);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) rgb.set([x * 10, y * 10, 7], (y * side + x) * 3);
    }
    const small = cropShrink(rgbToImage(rgb, side, side), 2, 2);
    expect([small.width, small.height]).toEqual([2, 2]);
    // Columns 2 and 3 average to 25, 4 and 5 to 45.
    expect([...small.data]).toEqual([
      25, 25, 7, 255, 45, 25, 7, 255, 25, 45, 7, 255, 45, 45, 7, 255,
    ]);
  });
});
