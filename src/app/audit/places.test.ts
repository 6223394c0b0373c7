import { describe, expect, it } from 'vitest';
import { createAnnotation } from '../../annotation/annotation.ts';
import { placesIn } from './places.ts';

const marked = (name: string, mpp: number) => ({
  ...{ name, mpp, scanner: null },
  source: { kind: 'url', url: name } as const,
  areas: [
    createAnnotation(
      { kind: 'rectangle', x: 0, y: 0, w: 1000, h: 500 },
      { classification: { name: 'Tumour', colour: '#d55e00' } },
    ),
    createAnnotation(
      { kind: 'ellipse', x: 0, y: 0, w: 1000, h: 1000 },
      { classification: { name: 'Stroma', colour: '#56b4e9' } },
    ),
  ],
});

describe('places in annotated areas', () => {
  it('fills rectangles with fields, at the scale of each slide', () => {
    const places = placesIn([marked('a', 0.5), marked('b', 1)], ['AT2', 'GT450'], 125);
    const of = (slide: number, biology: string) =>
      places.filter((p) => p.slide === slide && p.labels.biology === biology);
    expect(of(0, 'Tumour')).toHaveLength(8);
    expect(of(1, 'Tumour')).toHaveLength(32);
    expect(of(0, 'Tumour')[0].middle).toEqual({ x: 125, y: 125 });
    expect(of(1, 'Stroma')[0].labels).toEqual({ biology: 'Stroma', centre: 'GT450', group: 'b' });
  });

  it('leaves out fields whose middle lies outside of a shape', () => {
    const round = placesIn([marked('a', 0.5)], ['AT2'], 125).filter(
      ({ labels }) => labels.biology === 'Stroma',
    );
    expect(round.length).toBe(12);
  });
});
