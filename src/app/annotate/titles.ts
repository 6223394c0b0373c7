/** What a shape is called where it has no name of its own. */
import type { Annotation } from '../../annotation/annotation.ts';

export function titleOf({ name, geometry, kind }: Annotation): string {
  if (name) return name;
  switch (geometry.kind) {
    case 'points':
      return geometry.points.length > 2 || kind === 'measurement' ? 'Count' : 'Point';
    case 'line':
      return kind === 'measurement' ? 'Length' : 'Line';
    case 'angle':
      return 'Angle';
    case 'rectangle':
      return 'Rectangle';
    case 'ellipse':
      return 'Ellipse';
    case 'polygons':
      return geometry.polygons.length > 1 ? `Area of ${geometry.polygons.length} parts` : 'Area';
  }
}
