import { describe, expect, test } from 'vitest';
import { colorMapOf, typeColor } from './style.ts';

describe('colours', () => {
  test('contribution diverges, attention does not', () => {
    expect(colorMapOf({ value: 'contribution', sequential: 'cividis' })).toBe('vik');
    expect(colorMapOf({ value: 'attention' })).toBe('viridis');
    expect(colorMapOf({ value: 'attention', sequential: 'batlow' })).toBe('batlow');
  });

  test('a type has one colour on the slide and in panels', () => {
    expect(typeColor(0, ['lymphocyte'])).toBe(typeColor(1, ['epithelial', 'inflammatory']));
  });
});
